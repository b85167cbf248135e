"""Findings → groups of those that say the same of several services, or lack the same things, each told once. Unaware of
how it is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.finding import Finding

UNSET = "unset-variable"  # of `rules/wiring.py`: a finding a variable
_SEEN = re.compile(r" \([^()` ]+:\d+\)")  # a line that shows it: ` (api/settings.py:12)`


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Groups in the order of their first findings. An error is a group of its own, since each must be repaired where it
    stands.
    """
    found: dict[tuple[str, ...], list[Finding]] = {}
    held = [*findings]
    lacking: dict[tuple[str, str], list[str]] = {}
    for item in held:
        if item.rule == UNSET:
            lacking.setdefault((service(item), item.environment), []).append(variable(item))
    for number, item in enumerate(held):
        key: tuple[str, ...] = (str(number),) if item.level == "error" else (item.rule, item.level, *_said(item))
        if item.rule == UNSET and item.level != "error":
            key = (item.rule, item.level, item.environment, *sorted({*lacking[service(item), item.environment]}))
        found.setdefault(key, []).append(item)
    return [tuple(group) for group in found.values()]


def variable(item: Finding) -> str:
    """The variable that a finding of `unset-variable` names first."""
    return item.message.split("`")[1]


def told(group: Sequence[Finding]) -> Finding:
    """The finding that stands for a group: of several variables that nothing sets, one with their names."""
    first = group[0]
    names = [*dict.fromkeys(map(variable, group))] if first.rule == UNSET else []
    if len(names) < 2:
        return first
    others = ", ".join(f"`{name}`" for name in names[1:])
    message = first.message.replace(", and it is not set", f", {others}, and they are not set")
    return replace(first, message=message, hint=first.hint.replace("set it ", "set them ", 1))


def service(item: Finding) -> str:
    """The name of what a finding is about: the service, else `web` of `Deployment/web`, else its file."""
    return item.service or item.object.partition("/")[2] or item.file


def names(group: Iterable[Finding]) -> list[str]:
    """What a group is about, each name once, in order."""
    return sorted({service(item) for item in group})


def _said(item: Finding) -> tuple[str, str, str]:
    """Message, hint and environment without what tells one service from another."""
    own = service(item)
    texts = (_SEEN.sub("", text).replace(f"`{own}`", "`…`") for text in (item.message, item.hint))
    message, hint = (re.sub(rf"services\.{re.escape(own)}\b", "services.…", text) for text in texts)
    return message, hint, item.environment

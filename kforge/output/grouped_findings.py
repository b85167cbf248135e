"""Findings → groups of those that say the same of several services, each told once. Unaware of how it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.finding import Finding

_SEEN = re.compile(r" \([^()` ]+:\d+\)")  # a line that shows it: ` (api/settings.py:12)`


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Groups in the order of their first findings. An error is a group of its own, since each must be repaired where it
    stands.
    """
    found: dict[tuple[str, ...], list[Finding]] = {}
    for number, item in enumerate(findings):
        key = (str(number),) if item.level == "error" else (item.rule, item.level, *_said(item))
        found.setdefault(key, []).append(item)
    return [tuple(group) for group in found.values()]


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

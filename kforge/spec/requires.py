"""`requires` and `apiVersion` → whether this kforge may build the spec. A small part of PEP 440: releases, a, b, rc.

`packaging` would do it, at 20 ms of import for a dozen comparisons:
https://peps.python.org/pep-0440/#version-specifiers
"""

from __future__ import annotations

import re
from typing import Any

from kforge.domain.spec.patterns import REQUIRES
from kforge.spec.tolerant import Wrong, text

_VERSION = re.compile(r"([0-9]+(?:\.[0-9]+)*)(?:(a|b|rc)([0-9]+))?(?:\.?dev([0-9]+))?")
_PART = re.compile(r"(>=|<=|==|!=|~=|>|<)\s*+([^,\s]++)")
_API = re.compile(r"kforge\.dev/v([0-9]{1,9})")
VersionKey = tuple[tuple[int, ...], tuple[int, ...]]


def too_new(data: dict[str, Any], version: str) -> Wrong | None:
    """Why this kforge must not read the spec at all; None when it may. What else is wrong with it is then unknowable."""
    api = _API.fullmatch(text(data, "apiVersion"))
    if api and int(api.group(1)) > 1:
        hint = "upgrade kforge, or write `apiVersion: kforge.dev/v1`"
        return Wrong(("apiVersion",), f"`apiVersion` is `{api.group()}`, which kforge {version} does not know", hint)
    requires = text(data, "requires")
    if re.fullmatch(REQUIRES, requires) and not satisfies(version, requires):
        hint = "install a version that fits: https://github.com/kforge-dev/kforge/releases"  # never by a name that others own
        return Wrong(("requires",), f"`requires` is `{requires}`, and this is kforge {version}", hint)
    return None


def satisfies(version: str, requires: str) -> bool:
    """Whether a version meets every part of `>=0.1,<2`. Both have the forms that the spec's patterns allow."""
    return all(_meets(_key(version), operator, bound) for operator, bound in _PART.findall(requires))


def _meets(version: VersionKey, operator: str, bound: str) -> bool:
    if bound.endswith(".*"):
        prefix = _release(bound.removesuffix(".*"), trim=False)
        same = (*version[0], *(0,) * len(prefix))[: len(prefix)] == prefix
        return same if operator == "==" else not same if operator == "!=" else _meets(version, operator, bound[:-2])
    other = _key(bound)
    if operator == "~=":
        parent = bound.rpartition(".")[0]
        return version >= other and (not parent or _meets(version, "==", f"{parent}.*"))
    return {
        ">=": version >= other,
        "<=": version <= other,
        ">": version > other,
        "<": version < other,
        "==": version == other,
        "!=": version != other,
    }[operator]


def _key(version: str) -> VersionKey:
    """A version in the order of PEP 440: 1.0.dev1 < 1.0a1 < 1.0rc1 < 1.0."""
    match = _VERSION.match(version)
    if match is None:
        return ((), ())
    release, phase, number, dev = match.groups()
    rank = {"a": 1, "b": 2, "rc": 3}.get(phase or "", 0 if dev else 4)
    return _release(release), (rank, int(number or 0), 0 if dev else 1, int(dev or 0))


def _release(text: str, trim: bool = True) -> tuple[int, ...]:
    numbers = [int(part) for part in text.split(".")]
    while trim and len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)

"""A range of Node.js versions → the major to build with, as npm reads ranges. Unaware of where the range stands.

https://github.com/npm/node-semver#ranges, https://github.com/nvm-sh/nvm#nvmrc
"""

from __future__ import annotations

import re
from typing import NamedTuple

# long-term releases that have official images, newest first: https://nodejs.org/en/about/previous-releases
MAJORS = (24, 22, 20, 18)
# others that have images, the newest first: taken where no long-term one fits
OTHERS = (26, 25, 23, 21, 19, 17, 16, 15, 14, 13, 12, 11, 10)
_CODENAMES = {
    "krypton": 24, "jod": 22, "iron": 20, "hydrogen": 18, "gallium": 16, "fermium": 14, "erbium": 12, "dubnium": 10,
}  # fmt: skip
_CURRENT = ("node", "stable", "latest", "current", "lts", "*", "")
_LONGEST = 200  # characters of a range of versions
_END = (10**9, 0, 0)
_START = (0, 0, 0)
_PARTIAL = r"v?(?P<major>\d{1,9}|[x*])(?:\.(?P<minor>\d{1,9}|[x*]))?(?:\.(?P<patch>\d{1,9}|[x*]))?[-+.\w]{0,60}"
_COMPARATOR = re.compile(rf"(?P<sign>>=|<=|~>|[<>=^~])?\s*+=?\s*+{_PARTIAL}(?=[\s,&]|$)[\s,&]*+")
_HYPHEN = re.compile(r"(\S{1,60})\s++-\s++(\S{1,60})")

Version = tuple[int, int, int]
Span = tuple[Version, Version]  # from the first up to, and without, the second


class FittingNode(NamedTuple):
    """A major that fits, "" for none; `usual`: a long-term one; `understood`: the text is a range."""

    major: str
    usual: bool = True
    understood: bool = True


def fitting(spec: str) -> FittingNode:
    """The newest long-term major that a range allows, else the newest other one: `>=18 <21` → `20`, `>=21 <22` → `21`."""
    text = spec.strip().strip("\"'").lower() if len(spec) <= _LONGEST else "?"
    if text in _CURRENT or text in ("lts/*", "lts-*"):
        return FittingNode(str(MAJORS[0]))
    if text.startswith(("lts/", "lts-")):
        return _long_term(text[4:])
    spans = [_span(choice.strip()) for choice in text.split("||")]
    if None in spans:
        return FittingNode("", understood=False)
    for major in (*MAJORS, *OTHERS):
        here = ((major, 0, 0), (major + 1, 0, 0))
        if any(span and _common(span, here) for span in spans):
            return FittingNode(str(major), usual=major in MAJORS)
    return FittingNode("")


def majors(spec: str) -> list[int]:
    """Every major that a range allows: long-term ones, those that were (they are even), others; of each the newest first."""
    spans = [_span(choice.strip()) for choice in spec.strip().strip("\"'").lower().split("||")]
    if len(spec) > _LONGEST or None in spans:
        return [int(found)] if (found := fitting(spec).major) else []
    here = {major: ((major, 0, 0), (major + 1, 0, 0)) for major in (*MAJORS, *sorted(OTHERS, key=_odd))}
    return [major for major, span in here.items() if any(one and _common(one, span) for one in spans)]


def _odd(major: int) -> tuple[bool, int]:
    return major % 2 == 1 or major > MAJORS[0], -major


def _long_term(name: str) -> FittingNode:
    """`iron`, or `-1` for the long-term release before the newest."""
    back = re.fullmatch(r"-(\d{1,2})", name)
    major = MAJORS[int(back[1])] if back and int(back[1]) < len(MAJORS) else _CODENAMES.get(name, 0)
    return FittingNode(str(major), usual=major in MAJORS) if major else FittingNode("", understood=False)


def _span(choice: str) -> Span | None:
    """The versions that all comparators of one alternative allow, an empty span for none; None for no range."""
    if found := _HYPHEN.fullmatch(choice):
        low, high = _comparator(">=", found[1]), _comparator("<=", found[2])
        return (low[0], high[1]) if low and high else None
    span: Span = (_START, _END)
    position = 0
    while position < len(choice):
        comparator = _COMPARATOR.match(choice, position)
        if not comparator:
            return None
        both = _common(span, _bounds(comparator["sign"] or "", comparator))
        span = both or (_START, _START)
        position = comparator.end()
    return span


def _comparator(sign: str, text: str) -> Span | None:
    found = re.fullmatch(_PARTIAL, text)
    return _bounds(sign, found) if found else None


def _bounds(sign: str, found: re.Match[str]) -> Span:
    """What one comparator allows. A part that is missing or `x` stands for all of its values."""
    numbers = [int(part) for part in _known(found)]
    if not numbers:
        return (_START, _START) if sign in ("<", ">") else (_START, _END)
    low = _padded(numbers)
    above = _padded([*numbers[:-1], numbers[-1] + 1])  # the first version that the text does not stand for
    match sign:
        case ">=":
            return low, _END
        case ">":
            return above, _END
        case "<":
            return _START, low
        case "<=":
            return _START, above
        case "^":
            # the first part that is not 0 stays: ^0.2.3 has no 0.3
            fixed = next((count for count, number in enumerate(numbers, 1) if number), len(numbers))
            return low, _padded([*numbers[: fixed - 1], numbers[fixed - 1] + 1])
        case "~" | "~>":
            return low, _padded([*numbers[:1], numbers[1] + 1]) if len(numbers) > 1 else above
    return low, above


def _known(found: re.Match[str]) -> list[str]:
    parts: list[str] = []
    for part in (found["major"], found["minor"], found["patch"]):
        if part is None or not part.isdigit():
            break
        parts.append(part)
    return parts


def _padded(numbers: list[int]) -> Version:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return major, minor, patch


def _common(one: Span, other: Span) -> Span | None:
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low < high else None


def allows(spec: str, version: str) -> bool | None:
    """Whether a range allows a version of any package; None where either is not understood, or is a preview."""
    exact = re.fullmatch(r"v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})", version)
    spans = [_span(choice.strip()) for choice in spec.split("||")] if len(spec) <= _LONGEST else [None]
    if not exact or None in spans or "-" in spec.replace(" - ", ""):
        return None
    number = (int(exact[1]), int(exact[2]), int(exact[3]))
    return any(span is not None and span[0] <= number < span[1] for span in spans)

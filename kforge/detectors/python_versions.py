"""A range of Python versions → the release to build with. Unaware of where the range stands."""

from __future__ import annotations

import re

NEWEST, OLDEST = 14, 9  # minors of Python 3 that have official images: https://hub.docker.com/_/python
_CLAUSE = re.compile(r"(===?|!=|>=|<=|~=|[<>^~])?\s*+v?(\d{1,9})(?:\.(\d{1,9}|\*))?(?:\.(\d{1,9}|\*))?\S*+")
_LONGEST = 200  # characters of a range of versions


def fitting(spec: str) -> str:
    """The newest minor from 3.9 to 3.14 that a range allows: `>=3.10,<3.13` → `3.12`; "" when none does."""
    return next((f"3.{minor}" for minor in range(NEWEST, OLDEST - 1, -1) if admits(spec, minor)), "")


def unsupported(version: str) -> int:
    """The minor of a single version of Python 3 that gets no fixes any more and has images; 0 for others."""
    found = re.fullmatch(r"3\.([678])(?:\.\d{1,3})?", version.strip())
    return int(found[1]) if found else 0


def admits(spec: str, minor: int) -> bool:
    """Whether a range allows some release of a minor of Python 3."""
    return len(spec) <= _LONGEST and any(
        all(_allows(part, minor) for part in re.split(r"(?<![,\s])[,\s]++(?=[<>=!~^\d])", choice.strip()))
        for choice in spec.split("||")
    )


def _allows(part: str, minor: int) -> bool:
    """Whether one clause allows some release of a minor."""
    found = _CLAUSE.fullmatch(part.strip().rstrip(","))
    if not found:
        return part.strip() in ("", "*")
    operator, major, second, patch = found.group(1) or "==", int(found.group(2)), found.group(3), found.group(4)
    if second in (None, "*"):
        return {">=": major <= 3, ">": major <= 3, "<": major > 3, "<=": major > 3, "!=": major != 3}.get(
            operator, major == 3
        )
    wanted = (major, int(second or 0))
    here = (3, minor)
    exact = patch not in (None, "*")
    if operator == "~=" and not exact:
        return here >= wanted and major == 3
    return {
        ">=": here >= wanted,
        ">": here >= wanted if exact else here > wanted,
        "<": here <= wanted if exact and patch != "0" else here < wanted,
        "<=": here <= wanted,
        "!=": exact or here != wanted,
        "^": here >= wanted and major == 3,
    }.get(operator, here == wanted)

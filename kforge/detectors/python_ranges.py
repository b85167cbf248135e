"""A range of a package's versions → the newest that it may mean. Unaware of packages.

https://packaging.python.org/en/latest/specifications/version-specifiers/, https://python-poetry.org/docs/dependency-specification/
"""

from __future__ import annotations

import re

ANY = 10**9  # stands for every number of a part that a range leaves open
_CLAUSE = re.compile(r"(===?|!=|>=|<=|~=|[<>^~])?\s*+v?(\d{1,9}(?:\.\d{1,9}){0,5})(\.\*)?\S{0,40}")
_LONGEST = 200  # characters of a range


def release(version: str) -> tuple[int, ...]:
    numbers = re.match(r"\d{1,9}(?:\.\d{1,9}){0,5}", version)
    return tuple(int(part) for part in numbers[0].split(".")) if numbers else (0,)


def newest(spec: str) -> tuple[int, ...] | None:
    """`1.4.2` → (1, 4, 2), `>=4.2,<5` → (4, ANY), `~=1.4.2` → (1, 4, ANY); None where nothing bounds it."""
    text = spec.strip()
    if not text or len(text) > _LONGEST:
        return None
    choices = [_bounded(choice) for choice in text.split("||")]
    return None if None in choices else max(choice for choice in choices if choice)


def _bounded(choice: str) -> tuple[int, ...] | None:
    bounds = [bound for part in choice.split(",") if (bound := _bound(part.strip()))]
    return min(bounds) if bounds else None


def _bound(clause: str) -> tuple[int, ...] | None:
    found = _CLAUSE.fullmatch(clause)
    if not found:
        return None
    version = release(found[2])
    match found[1]:
        case None | "==" | "===" | "<=":
            return (*version, ANY) if found[3] else version
        case "<":
            return _below(version)
        case "~=":
            return (*version[:-1], ANY) if len(version) > 1 else version
        case "~":
            return (*version[:2], ANY)
        case "^":
            fixed = next((count for count, number in enumerate(version, 1) if number), len(version))
            return (*version[:fixed], ANY)
    return None


def _below(version: tuple[int, ...]) -> tuple[int, ...] | None:
    """The newest before a version: (4, ANY) before 5.0, (2, 0, 30, ANY) before 2.0.31."""
    parts = list(version)
    while parts and parts[-1] == 0:
        parts.pop()
    return (*parts[:-1], parts[-1] - 1, ANY) if parts else None

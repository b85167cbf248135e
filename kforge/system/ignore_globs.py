"""A line's glob of a .gitignore → a regex, and what matching with it may cost. Unaware of `!`, of files and of the disk.

A pull request may write both globs and names, so no glob backtracks: the earliest place where a fixed chunk fits is
always good enough for a glob, so stars become atomic groups, and what follows the last star is looked for at the end.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Steps of ten nanoseconds, measured on CPython 3.11: a regex that fails at once, a character of it to compile, and a
# class beyond Latin-1, for which `re` fills a table of 64 KiB.
FAILURE, COMPILED, TABLE = 5, 1000, 100_000
_NONE, _ANY = "(?!)", "[^/]"


class Glob(NamedTuple):
    """A regex of names, or of paths from the folder of the .gitignore, and the steps that it may take.

    `fixed` are those of any text, `growth` those of each character of it, `made` those of compiling the regex, where
    `tables` of its classes go beyond Latin-1.
    """

    regex: str
    of_path: bool
    fixed: int
    growth: int
    made: int
    tables: int


class _Chunk(NamedTuple):
    """What lies between two stars: a regex of so many characters, how many of them are wild, and classes with tables."""

    regex: str = ""
    width: int = 0
    wild: int = 0
    tables: int = 0

    def followed_by(self, other: _Chunk) -> _Chunk:
        return _Chunk(
            self.regex + other.regex, self.width + other.width, self.wild + other.wild, self.tables + other.tables
        )


def glob(line: str) -> Glob:
    """A line without `!` and without slashes at its end."""
    segments = [segment for segment in line.split("/") if segment]
    if "/" not in line:
        segments = ["*"] if line == "**" else segments
    parts = [None if segment == "**" and "/" in line else _chunks(segment) for segment in segments]
    chunks = [chunk for part in parts if part for chunk in part]
    again = [chunk for part in parts if part for chunk in part[1:-1]]  # looked for at one place after the other
    tables = sum(chunk.tables for chunk in chunks)
    return Glob(
        regex=_path(parts),
        of_path="/" in line,
        fixed=FAILURE + sum(chunk.width for chunk in chunks) // 8,
        growth=_deepest(parts) * (1 + max((chunk.width + 4 * chunk.wild for chunk in again), default=0) // 8),
        made=COMPILED * (len(line) + 1) + TABLE * tables,
        tables=tables,
    )


def _deepest(parts: list[list[_Chunk] | None]) -> int:
    """The most segments in a row that are tried from one folder after the other, because `**` stands before them."""
    longest = number = 1
    for part in parts[parts.index(None) if None in parts else len(parts) :]:
        number = 0 if part is None else number + 1
        longest = max(longest, number)
    return longest


def _path(parts: list[list[_Chunk] | None]) -> str:
    """Regex of a path. Between two `**` lies a fixed number of segments, so the first fit is good enough."""
    inner = parts[-1] is None and len(parts) > 1  # `a/**` is what lies inside, not `a`
    rows: list[list[str]] = [[]]
    for part in parts[:-1] if inner else parts:
        if part is None:
            rows.append([])
        else:
            rows[-1].append(_segment(part))
    made = "/".join(rows[0])
    for number, row in enumerate(rows[1:], 1):
        made += "/" if made and number == 1 else ""
        last = number == len(rows) - 1
        if row:
            body = rf"(?:[^/]+/)*?{'/'.join(row)}"
            made += body if last else f"(?>{body}/)"
        elif last:
            made += ".+"
    return made + "/.+" if inner else made


def _segment(chunks: list[_Chunk]) -> str:
    first, last = chunks[0], chunks[-1]
    if len(chunks) == 1:
        return first.regex
    between = "".join(f"(?>[^/]*?{chunk.regex})" for chunk in chunks[1:-1] if chunk.width)
    # Read to the end at once and look back: trying the last chunk at every place would compare all of it at each.
    tail = f"(?=[^/]{{{last.width}}})[^/]*+(?<={last.regex})" if last.width else "[^/]*"
    return f"{first.regex}{between}{tail}"


def _chunks(segment: str) -> list[_Chunk]:
    """A segment, taken apart at its stars."""
    found, position = [_Chunk()], 0
    while position < len(segment):
        char = segment[position]
        position += 1
        if char == "*":
            found.append(_Chunk())
            continue
        one = _Chunk(re.escape(char), 1)
        if char == "?":
            one = _Chunk(_ANY, 1, 1)
        elif char == "[" and (end := _class_end(segment, position)):
            one = _Chunk(_class(segment[position:end]), 1, 1, not segment[position:end].isascii())
            position = end + 1
        elif char == "\\" and position < len(segment):
            one, position = _Chunk(re.escape(segment[position]), 1), position + 1
        found[-1] = found[-1].followed_by(one)
    return found


def _class_end(text: str, start: int) -> int:
    end = text.find("]", start + (2 if text[start : start + 1] in ("!", "^") else 1))
    return max(end, 0)


def _class(inside: str) -> str:
    """Regex of one character of a class, which is never a slash. A reversed range has no characters, as in git."""
    negated = inside[:1] in ("!", "^")
    held, made, position = inside[negated:], "", 0
    while position < len(held):
        first = last = held[position]
        position += 1
        if held[position : position + 1] == "-" and position + 1 < len(held):
            last, position = held[position + 1], position + 2
        if first <= last:
            made += re.escape(first) if first == last else f"{re.escape(first)}-{re.escape(last)}"
    if negated:
        return f"[^/{made}]"
    return f"(?!/)[{made}]" if made else _NONE

"""Text of a YAML file that kforge writes, or of a chart's template → which path each line is about. Unaware of meanings.

Templates are no YAML, and a file may have been changed by hand: lines are read one by one, by their indentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

LinePath = tuple[str | int, ...]
_KEY = re.compile(r'("(?:[^"\\]|\\.)*"|[^\s"#{\[][^\n]*?):(?:\s+(.*)|$)')
_BLOCK = re.compile(r"[|>][0-9+-]*")
_COMMENT = re.compile(r"\s#.*$")


class _Open(NamedTuple):
    """What a line opened: a key or a list item."""

    indent: int
    path: LinePath
    is_item: bool
    is_empty: bool  # a key whose value is in the lines below


@dataclass(slots=True, weakref_slot=True)
class _Scan:
    """What is known while lines are read in order."""

    lines: list[LinePath | None] = field(default_factory=list)
    scalars: dict[LinePath, str] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    counts: dict[LinePath, int] = field(default_factory=dict)
    block: tuple[int, LinePath] | None = None  # a text of several lines: the indentation of its key, and its path


@dataclass(frozen=True)
class LinePaths:
    """The path of every line, None for comments and empty lines, and the text of every value that stands in one line."""

    lines: tuple[LinePath | None, ...]
    scalars: Mapping[LinePath, str]

    @cached_property
    def _first(self) -> Mapping[LinePath, int]:
        return {path: number for number, path in reversed([*enumerate(self.lines, 1)]) if path is not None}

    def line_of(self, path: LinePath) -> int:
        """The first line of a path or of what is nearest above it, 0 where there is none."""
        return next((self._first[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._first), 0)

    def nearest(self, line: int) -> LinePath:
        """The path of a line."""
        return (self.lines[line - 1] if 0 < line <= len(self.lines) else None) or ()


def line_paths(text: str) -> LinePaths:
    """The paths of all lines of a text."""
    scan = _Scan()
    for line in text.split("\n"):
        scan.lines.append(_path(scan, line))
    return LinePaths(tuple(scan.lines), scan.scalars)


def _path(scan: _Scan, line: str) -> LinePath | None:
    said = line.lstrip(" ")
    indent = len(line) - len(said)
    if scan.block is not None:
        if not said or indent > scan.block[0]:
            return scan.block[1]
        scan.block = None
    if not said.strip() or said.startswith("#"):
        return None
    if said.startswith("{{"):
        return _around(scan, indent)
    while said == "-" or said.startswith("- "):
        _item(scan, indent)
        rest = said[1:].lstrip(" ")
        indent, said = indent + len(said) - len(rest), rest
    found = _KEY.match(said)
    if found is None:
        return _scalar(scan, indent, said)
    return _key(scan, indent, found)


def _around(scan: _Scan, indent: int) -> LinePath:
    """What an action of a template stands in."""
    last = scan.open[-1] if scan.open else None
    if last and last.is_empty and last.indent <= indent:
        return last.path
    return next((each.path for each in reversed(scan.open) if each.indent < indent), ())


def _item(scan: _Scan, indent: int) -> None:
    while scan.open and (scan.open[-1].indent > indent or (scan.open[-1].indent == indent and scan.open[-1].is_item)):
        scan.open.pop()
    above = scan.open[-1].path if scan.open else ()
    number = scan.counts[above] = scan.counts.get(above, -1) + 1
    scan.open.append(_Open(indent, (*above, number), True, False))


def _key(scan: _Scan, indent: int, found: re.Match[str]) -> LinePath:
    while scan.open and scan.open[-1].indent >= indent:
        scan.open.pop()
    above = scan.open[-1].path if scan.open else ()
    path = (*above, _plain(found[1]))
    value = (found[2] or "").strip()
    scan.open.append(_Open(indent, path, False, not value))
    _held(scan, indent, path, value)
    return path


def _scalar(scan: _Scan, indent: int, said: str) -> LinePath:
    """A line without a key: an item, or what goes on from the line above."""
    path = scan.open[-1].path if scan.open else ()
    if scan.open and scan.open[-1].is_item:
        _held(scan, scan.open[-1].indent, path, said.strip())
    return path


def _held(scan: _Scan, indent: int, path: LinePath, value: str) -> None:
    if _BLOCK.fullmatch(value):
        scan.block = (indent, path)
    elif value:
        scan.scalars[path] = _plain(value)


def _plain(value: str) -> str:
    """The text that a scalar stands for; flow collections and actions stay as they are written."""
    if value.startswith('"'):
        try:
            held, _ = json.JSONDecoder().raw_decode(value)
        except ValueError:
            return value
        return str(held)
    return value if value.startswith(("{", "[")) else _COMMENT.sub("", value)


def aligned(read: LinePaths, path: LinePath, data: Any) -> tuple[LinePath, LinePath]:
    """The path in data that a path of a text means, and the rest of it that the data do not have.

    Items of a list are told by what they say (`name: web`), since a patch and a template have fewer than the object.
    """
    here, found = data, list[str | int]()
    for depth, part in enumerate(path):
        step = part if isinstance(part, str) else _alike(read, path[: depth + 1], here)
        if not _has(here, step):
            return tuple(found), path[depth:]
        here = here[step]
        found.append(step)
    return tuple(found), ()


def _alike(read: LinePaths, path: LinePath, items: Any) -> int:
    """The number of the item that is most like the one of the text, the same number where none is like it."""
    number = path[-1]
    if not isinstance(items, (list, tuple)) or not isinstance(number, int):
        return -1
    said = {each[len(path) :]: text for each, text in read.scalars.items() if each[: len(path)] == path}
    scores = [sum(_says(item, below, text) for below, text in said.items()) for item in items]
    best = max(scores, default=0)
    if not best:
        return number
    return number if number < len(scores) and scores[number] == best else scores.index(best)


def _has(data: Any, part: str | int) -> bool:
    if isinstance(data, Mapping):
        return part in data
    return isinstance(data, (list, tuple)) and isinstance(part, int) and 0 <= part < len(data)


def _says(item: Any, below: LinePath, text: str) -> int:
    """Whether an item has a value there; what names it counts for more."""
    for part in below:
        if not _has(item, part):
            return 0
        item = item[part]
    value = json.dumps(item) if item is None or isinstance(item, bool) else str(item)
    return (5 if below in (("name",), ()) else 1) if value == text else 0

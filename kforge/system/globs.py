"""Patterns of paths → the regular files below a folder that they name. Knows no content.

One walk serves all patterns: in every folder it holds the positions that each of them may have come to, so a pattern
costs what the tree costs, however many `**` it has. `*`, `?` and `[…]` match within one name, hidden ones too, as in
pathlib. A link is neither followed nor matched, so nothing outside of the folder is ever named.
"""

from __future__ import annotations

import fnmatch
import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from kforge.domain.own_files import STATE_FOLDER
from kforge.system.beneath import Beneath

SKIPPED = frozenset((".git", STATE_FOLDER, "node_modules"))  # never entered, even where a pattern names them
LENGTH = 1024  # characters of a pattern
DEPTH = 64  # folders above a file


class Wild(NamedTuple):
    """A part with wildcards: what matches a name, and what a comparison counts for."""

    name: re.Pattern[str]
    cost: int


GlobPart = str | Wild | None  # a name as it is, one with wildcards, or `**`: any number of folders
Position = tuple[int, int]  # number of a pattern, and of its part that comes next


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a tree is looked at: enough for a large repository, a second or two at the most."""

    folders: int = 20_000
    comparisons: int = 1_000_000  # of a name with a part; a part counts once for every wildcard in it


BOUNDS = Bounds()


class TooMuchError(Exception):
    """A pattern for which more would have to be looked at than the bounds allow; `pattern` is its number."""

    def __init__(self, pattern: int) -> None:
        super().__init__(pattern)
        self.pattern = pattern


@dataclass(frozen=True, slots=True)
class Matches:
    """What a walk found. Paths are POSIX, relative to the folder it began in."""

    files: tuple[tuple[str, ...], ...]  # by pattern, each sorted
    folders: tuple[
        str, ...
    ]  # where another name, or another sort of thing, could be another match; "" is the first one


def fault(pattern: str) -> str:
    """What is wrong with a pattern, in words that follow it; "" where nothing is."""
    parts = pattern.split("/")
    if not pattern.strip("./"):
        return "names no file" if pattern else "is empty"
    if len(pattern) > LENGTH:
        return f"is longer than {LENGTH} characters"
    if pattern.startswith("/") or ".." in parts:
        return "leaves the spec's folder"
    if any("**" in part and part != "**" for part in parts):
        return "has `**` next to other characters"
    if parts[-1] in ("**", "", "."):
        return "names folders, not files"
    try:
        _parts(pattern)
    except re.error:
        return "has a `[…]` that cannot be read"
    return ""


def _parts(pattern: str) -> tuple[GlobPart, ...]:
    found: list[GlobPart] = []
    for part in pattern.split("/"):
        if part in ("", ".") or (part == "**" and found and found[-1] is None):
            continue
        wild = any(character in part for character in "*?[")
        found.append(
            None if part == "**" else Wild(re.compile(fnmatch.translate(part)), 1 + part.count("*")) if wild else part
        )
    return tuple(found)


def matches(root: Path, base: Path, patterns: Sequence[str], bounds: Bounds = BOUNDS) -> Matches:
    """Files below `base` by pattern; `base` lies at or below `root`, through no link. `fault` finds none of them wrong.

    Raises TooMuchError where the tree is too large, InputError where a folder becomes a link meanwhile.
    """
    walk = _Walk(tuple(map(_parts, patterns)), bounds)
    with Beneath(root, base) as ways:
        walk.run(ways)
    return Matches(tuple(tuple(sorted(found)) for found in walk.found), tuple(sorted(walk.folders)))


class _Walk:
    """Folders one after the other, each with the positions that are open in it."""

    def __init__(self, patterns: tuple[tuple[GlobPart, ...], ...], bounds: Bounds) -> None:
        self.patterns, self.bounds = patterns, bounds
        self.found: list[list[str]] = [[] for _ in patterns]
        self.folders: set[str] = set()
        self._folders = self._comparisons = 0

    def run(self, ways: Beneath) -> None:
        waiting = [("", self._open((number, 0) for number in range(len(self.patterns))))] if self.patterns else []
        while waiting:
            path, positions = waiting.pop()
            self._count_folder(path, positions)
            below = dict(self._entered(ways, path, positions))
            # In reverse, so that folders of one parent follow each other and its handle stays open.
            waiting += ((f"{path}{name}/", below[name]) for name in sorted(below, reverse=True))

    def _count_folder(self, path: str, positions: Sequence[Position]) -> None:
        self._folders += 1
        if self._folders > self.bounds.folders or path.count("/") > DEPTH:
            raise TooMuchError(positions[0][0])

    def _entered(
        self, ways: Beneath, path: str, positions: Sequence[Position]
    ) -> Iterator[tuple[str, tuple[Position, ...]]]:
        """Folders to enter, with the positions that are open there; files that match go to `found`."""
        for name, folder in self._names(ways, path, positions):
            if name.casefold() in SKIPPED:
                continue
            after = self._after(name, positions)
            if folder:
                inner = {*after, *(each for each in positions if self._part(each) is None)}
                if opened := self._open(each for each in inner if each[1] < len(self.patterns[each[0]])):
                    yield name, opened
                else:  # a file would be a match
                    self._depends(path)
            elif ended := {number for number, part in after if part == len(self.patterns[number])}:
                for number in ended:
                    self.found[number].append(path + name)
            else:  # a folder would be entered
                self._depends(path)

    def _names(self, ways: Beneath, path: str, positions: Sequence[Position]) -> Iterator[tuple[str, bool]]:
        """Names of regular files and folders in a folder, and which of them are folders."""
        try:
            handle = ways.folder(path)
            exact = {part for each in positions if isinstance(part := self._part(each), str)}
            if len(exact) == len({self._part(each) for each in positions}):
                yield from self._named(handle, path, sorted(exact))
                return
            self._depends(path)
            with os.scandir(handle) as entries:
                yield from [
                    (entry.name, entry.is_dir(follow_symlinks=False))
                    for entry in entries
                    if entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)
                ]
        except OSError:  # gone meanwhile, or not ours to read: as pathlib has it, there is nothing
            self._depends(path)

    def _named(self, handle: int, path: str, names: Iterable[str]) -> Iterator[tuple[str, bool]]:
        """The same where every part is a name: the folder, which may be large, need not be listed."""
        for name in names:
            try:
                mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
            except (OSError, ValueError):  # ValueError: half a character
                mode = 0
            if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
                yield name, stat.S_ISDIR(mode)
            else:
                self._depends(path)

    def _depends(self, path: str) -> None:
        """What lies in a folder decides: what is missing, a link or of another sort there may be a match one day."""
        self.folders.add(path.rstrip("/"))

    def _after(self, name: str, positions: Sequence[Position]) -> list[Position]:
        """Positions behind a name that the parts before them match."""
        found: list[Position] = []
        for number, index in positions:
            part = self.patterns[number][index]
            if part is None:
                continue
            self._comparisons += 1 if isinstance(part, str) else part.cost
            if self._comparisons > self.bounds.comparisons:
                raise TooMuchError(number)
            if part == name if isinstance(part, str) else part.name.match(name):
                found.append((number, index + 1))
        return found

    def _open(self, positions: Iterable[Position]) -> tuple[Position, ...]:
        """The positions, and those behind a `**` that stands for no folder."""
        found = {*positions}
        found |= {(number, index + 1) for number, index in found if self.patterns[number][index] is None}
        return tuple(sorted(found))

    def _part(self, position: Position) -> GlobPart:
        return self.patterns[position[0]][position[1]]

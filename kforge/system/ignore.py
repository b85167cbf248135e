""".gitignore text → a matcher, and the steps that matching may take. Unaware of the disk, of nesting, and of git's index.

The grammar is git's (https://git-scm.com/docs/gitignore). What most lines are, plain names and paths, `*.log` and
`name*`, is looked up; only the rest is tried one after the other, and counted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from kforge.system.ignore_globs import Glob, glob

MAX_PATTERNS = 2000
MAX_LENGTH = 512
MAX_TABLES = 100  # classes beyond Latin-1 in a file, each a millisecond
# A second and a half: 400,000 names against twenty lines such as people write.
STEPS = 150_000_000
_ASKED, _LOOKED_UP, _TRIED = 10, 20, 30  # steps, as in `ignore_globs`
TOO_MANY_LINES = "too many lines in .gitignore files for so many names"
SHORTER = "shorten the .gitignore files: plain names, `*.end` and `start*` are cheap, other wildcards are not"
_WILD = re.compile(r"[*?\[\\]")
_NEVER = -1


class MatchBudget:
    """Steps of ten nanoseconds that matching may still take, in all the folders that share it."""

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> bool:
        """Whether there were that many steps left."""
        self.left -= steps
        return self.left >= 0


class _Try(NamedTuple):
    """The globs of a block's lines in one regex, of a path or of a name."""

    block: int
    of_path: bool
    regex: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines by what they ask of a path, each with its block: lines without one of the other sign between them."""

    names: Mapping[str, int]
    paths: Mapping[str, int]
    ends: Mapping[str, int]
    starts: Mapping[str, int]
    end_lengths: tuple[int, ...]
    start_lengths: tuple[int, ...]
    tries: tuple[_Try, ...]  # the last block first
    fixed: int  # steps of any path
    of_name: int  # steps of each character of a name
    of_path: int  # and of each of a path

    def last(self, path: str, name: str) -> int:
        """The last block with a line that fits."""
        found = max(self.names.get(name, _NEVER), self.paths.get(path, _NEVER))
        for length in self.end_lengths:
            found = max(found, self.ends.get(name[-length:], _NEVER))
        for length in self.start_lengths:
            found = max(found, self.starts.get(name[:length], _NEVER))
        for block, of_path, regex in self.tries:
            if block <= found:
                break
            if regex.fullmatch(path if of_path else name):
                return block
        return found

    def steps(self, path: str, name: str) -> int:
        return self.fixed + self.of_name * len(name) + self.of_path * len(path)


@dataclass(frozen=True, slots=True)
class Ignore:
    """A .gitignore file. Blocks of lines that ignore have even numbers, those of lines that keep have odd ones."""

    anything: _Lines
    folders: _Lines
    made: int  # steps of compiling it

    def verdict(self, path: str, name: str, folder: bool) -> bool | None:
        """True: ignored, False: kept by `!`, None: not mentioned. `path` is relative to the file's folder."""
        block = self.anything.last(path, name)
        if folder:
            block = max(block, self.folders.last(path, name))
        return None if block == _NEVER else block % 2 == 0

    def steps(self, path: str, name: str, folder: bool) -> int:
        """What `verdict` may take at most, for a `MatchBudget`."""
        return self.anything.steps(path, name) + (self.folders.steps(path, name) if folder else 0)


class _Line(NamedTuple):
    """A line that is looked up by a text in one of the tables, or tried as a glob."""

    block: int
    table: str
    text: str
    glob: Glob | None


@lru_cache(maxsize=256)
def parse(text: str) -> Ignore:
    """The matcher of a file's text. Overlong lines and lines past a limit are left out."""
    lines = [line for line in map(_stripped, text.splitlines()) if line and len(line) <= MAX_LENGTH][:MAX_PATTERNS]
    anything: list[_Line] = []
    folders: list[_Line] = []
    block, tables = 0, MAX_TABLES
    for line in lines:
        if not line.strip("!/"):
            continue
        keeps = line.startswith("!")
        block += keeps != block % 2
        read = _line(block, line[keeps:].rstrip("/"))
        if read.glob:
            tables -= read.glob.tables
        if not (read.glob and read.glob.tables and tables < 0):
            (folders if line.endswith("/") else anything).append(read)
    made = sum(line.glob.made for line in (*anything, *folders) if line.glob)
    return Ignore(_lines(anything), _lines(folders), made)


def _line(block: int, line: str) -> _Line:
    """A line without `!`, and without the slash at its end that stands for folders."""
    if line.startswith("**/") and "/" not in line[3:] and line[3:] != "**":  # a name at any depth, as without `**/`
        line = line[3:]
    if "/" in line:
        plain = not _WILD.search(line)
        return _Line(block, "paths", line.strip("/"), None) if plain and "//" not in line else _tried(block, line)
    for table, rest in (("names", line), ("ends", line.removeprefix("*")), ("starts", line.removesuffix("*"))):
        if rest and (table == "names" or rest != line) and not _WILD.search(rest):
            return _Line(block, table, rest, None)
    return _tried(block, line)


def _tried(block: int, line: str) -> _Line:
    return _Line(block, "", "", glob(line))


def _lines(lines: Iterable[_Line]) -> _Lines:
    tables: dict[str, dict[str, int]] = defaultdict(dict)
    globs: dict[tuple[int, bool], list[Glob]] = defaultdict(list)
    for line in lines:  # in order: of two lines with one text the later one counts
        if line.glob:
            globs[line.block, line.glob.of_path].append(line.glob)
        else:
            tables[line.table][line.text] = line.block
    tries = [
        _Try(block, of_path, re.compile("|".join(f"(?:{one.regex})" for one in several), re.DOTALL))
        for (block, of_path), several in sorted(globs.items(), reverse=True)
    ]
    ends, starts = ({len(text) for text in tables[name]} for name in ("ends", "starts"))
    every = [one for several in globs.values() for one in several]
    return _Lines(
        **{name: tables[name] for name in ("names", "paths", "ends", "starts")},
        end_lengths=tuple(sorted(ends)),
        start_lengths=tuple(sorted(starts)),
        tries=tuple(tries),
        fixed=_ASKED + _LOOKED_UP * (len(ends) + len(starts)) + _TRIED * len(tries) + sum(one.fixed for one in every),
        of_name=sum(one.growth for one in every if not one.of_path),
        of_path=sum(one.growth for one in every if one.of_path),
    )


def _stripped(line: str) -> str:
    line = line.lstrip("\ufeff")
    if line.startswith("#"):
        return ""
    while line.endswith((" ", "\t")) and not line.endswith("\\ "):
        line = line[:-1]
    return line


NOTHING_IGNORED = parse("")

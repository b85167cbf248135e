"""The values that stand in a line of a source: sizes, times and counts as people and programs write them, folders, packages.

A model says what each of them is and writes none itself, so an invented value has no way into a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kforge.domain.system_packages import WORDS, known
from kforge.domain.wishes.amounts import amounts
from kforge.llm.line_clues import LineValue

_SHIFTED = re.compile(r"(?<![\w.])([0-9]{1,5}) ?<< ?(20|30)(?![0-9])")  # 700 << 20
_POWERS = re.compile(r"(?<![\w.])([0-9]{1,5}) ?\* ?(?:1024 ?\* ?1024 ?(\* ?1024)?|1_?000_?000_?(000)?)(?![\w ]*\*)")
_OPTION_SIZE = re.compile(r"(?:-xm[sx]|mem_?limit\w{0,20}[\"']?[ :=]{1,4}[\"']?|--memory[ =])([0-9]{1,6})([kmg])")
_GO_TIME = re.compile(r"(?:([0-9]{1,5}) ?\* ?)?time\.(second|minute|hour)\b")
_PARTS = re.compile(r"\b(seconds|minutes|hours)=([0-9]{1,5})\b")
_NAMED = re.compile(r"(?<![\w.-])([\w.-]{1,60})[\"']?\)? ?[:=(,]{1,2} ?[\"']?([0-9][0-9_]{0,9})(?![\w.])")
_LASTING = re.compile(r"time_?out|grace|drain|wait|delay|farewell|deadline|duration|stop\w{0,10}secs|interval")
_AFTER = re.compile(r"\bsettimeout\(.{0,120}, ?([0-9][0-9_]{0,9})\)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_MILLISECONDS = re.compile(r"ms\b|_ms|milli")
_COUNTED = re.compile(
    r"(?:pool|executor|workers|threads|processes|n_jobs|gomaxprocs|max_workers|procs|num_threads)[\"']?[\w.]{0,20} ?[(:=]{1,2} ?(?:max_workers ?= ?|processes ?= ?)?([0-9]{1,2})(?![\w.])"
)
_FOLDER = re.compile(r"(?<![\w/.:$}~*<-])(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,40}){1,6}/?(?![\w/:*{<(-])")
_NAME = re.compile(r"(?<![\w./+-])[a-z0-9][a-z0-9+.-]{1,39}(?![\w/])")
_QUOTED = re.compile(r"[\"'`\[]|\b(?:apt|apk|dnf|yum|brew)\b")
_LEAST, _MOST = Fraction(32 << 20), Fraction(1 << 40)  # bytes of a size that may be memory or scratch space


@dataclass(frozen=True, slots=True)
class LineValueFound:
    """A value of a line: bytes, seconds or a number as a Fraction, a folder or name as a text. `words` are what the line
    has of it, and nothing that its author chose freely: they stand outside of the marks of a prompt.
    """

    kind: LineValue
    value: Any
    words: str


def values(row: str, kind: LineValue) -> tuple[LineValueFound, ...]:
    """The values of one kind in a line, each once; of a range its end alone."""
    found = {one.value: one for one in _OF_KIND[kind](row)}
    return tuple(found.values())


def _sizes(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    for one in amounts(low):
        if one.kind == "size" and _LEAST <= one.value <= _MOST:
            yield LineValueFound("size", one.value, row[one.start : one.end])
    for match in _OPTION_SIZE.finditer(low):
        factor = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[match[2]]
        if Fraction(int(match[1]) * factor) >= _LEAST:
            yield LineValueFound("size", Fraction(int(match[1]) * factor), f"{match[1]}{match[2]}")
    for match in _SHIFTED.finditer(low):
        if (size := Fraction(int(match[1]) << int(match[2]))) >= _LEAST:
            yield LineValueFound("size", size, match[0])
    for match in _POWERS.finditer(low):
        size = Fraction(int(match[1]) << (30 if match[2] or match[3] else 20))
        if size >= _LEAST:
            yield LineValueFound("size", size, match[0])


def _times(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    said = [one for one in amounts(low) if one.kind == "time" and one.value >= 1]
    for one in said:
        yield LineValueFound("time", one.value, row[one.start : one.end])
    for match in _GO_TIME.finditer(low):
        yield LineValueFound("time", Fraction(_SECONDS[match[2]] * int(match[1] or 1)), match[0])
    for match in _PARTS.finditer(low):
        yield LineValueFound("time", Fraction(_SECONDS[match[1].removesuffix("s")] * int(match[2])), match[0])
    for match in _NAMED.finditer(low):
        if not _LASTING.search(match[1]):
            continue
        number = Fraction(int(match[2].replace("_", "")))
        seconds = number / 1000 if _MILLISECONDS.search(match[1]) or number >= 10_000 else number
        if seconds >= 1 and not any(one.start < match.end() and match.start() < one.end for one in said):
            yield LineValueFound("time", seconds, match[2])
    for match in _AFTER.finditer(low):
        if (seconds := Fraction(int(match[1].replace("_", "")), 1000)) >= 1:
            yield LineValueFound("time", seconds, match[1])


def _counts(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    for one in amounts(low):
        if one.kind == "cpu" and one.value.denominator == 1 and 1 < one.value <= 64:
            yield LineValueFound("count", one.value, row[one.start : one.end])
    for match in _COUNTED.finditer(low):
        if 1 < int(match[1]) <= 64:
            yield LineValueFound("count", Fraction(int(match[1])), match[1])


def _folders(row: str) -> Iterator[LineValueFound]:
    for match in _FOLDER.finditer(row):
        if "." not in match[0].rpartition("/")[2]:  # a file
            yield LineValueFound("folder", match[0].rstrip("/"), "")


def _packages(row: str) -> Iterator[LineValueFound]:
    for match in _NAME.finditer(row):
        name = match[0].rstrip(".")
        if name in WORDS and not _QUOTED.search(row):
            continue
        if name in known("debian") or name in known("alpine"):
            yield LineValueFound("package", name, name)


_OF_KIND = {"size": _sizes, "time": _times, "count": _counts, "folder": _folders, "package": _packages}

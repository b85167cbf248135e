"""The values that stand in a line of a source: sizes, times and counts as people and programs write them, folders, packages.

A model says what each of them is and writes none itself, so an invented value has no way into a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kforge.domain.system_packages import WORDS, brings, brings_library
from kforge.domain.wishes.amounts import amounts
from kforge.llm.line_clues import LineValue

_SHIFTED = re.compile(r"(?<![\w.])([0-9]{1,5}) ?<< ?(20|30)(?![0-9])")  # 700 << 20
_POWERS = re.compile(r"(?<![\w.])([0-9]{1,5}) ?\* ?(?:1024 ?\* ?1024 ?(\* ?1024)?|1_?000_?000_?(000)?)(?![\w ]*\*)")
_RAISED = re.compile(
    r"(?<![\w.])([0-9]{1,5}) ?\* ?(?:1024|1_?000|2) ?(?:\*\*|\^) ?(2|3|20|30)(?![0-9])"
)  # 3 * 1024 ** 3
_NAMED_SIZE = re.compile(
    r"(?<![\w.])([0-9]{1,5}) ?\* ?(?:\w{1,20}(?:\.|::))?(mi?b|gi?b|mega|giga|mebi|gibi)(?:bytes?|s)?(?!\w)"
)
_CALLED_SIZE = re.compile(
    r"\b(megabytes?|gigabytes?|mebibytes?|gibibytes?|of_?mega_?bytes|of_?giga_?bytes)\(([0-9]{1,5})\)"
)
_OPTION_SIZE = re.compile(
    r"(?:-xm[sx]|--memory(?:-reservation)?[ =]|max_?memory\w{0,20}[ =:]{1,3}|(?:^|[\s\"'{,_-])(?:mem|memory)_?-?(?:limit|max|high|size|reservation|request)?s?[\"']?[ :=]{1,4}[\"']?)([0-9]{1,6})([kmgt])i?b?(?![a-z0-9])"
)
_KEYED_SIZE = re.compile(
    r"(?:mem|memory|heap|ram|cache|space)_?\w{0,12}_(mi?b|gi?b)[\"']?\)? ?[:=,]{1,2} ?[\"']?([0-9]{1,6})(?![\w.])"
)
_OLD_SPACE = re.compile(r"max[-_]old[-_]space[-_]size[= ]([0-9]{2,6})")
_LITERAL_SIZE = re.compile(r"(?<![\w.])([0-9]{1,3}(?:_[0-9]{3}){2,3}|[0-9]{8,12})(?![\w.])")
_GO_TIME = re.compile(r"(?:([0-9]{1,5}) ?\* ?)?time\.(second|minute|hour)\b")
_SPAN = re.compile(
    r"\b(?:of|from|total)?_?(seconds|minutes|hours|secs|mins)(?:\(|=|: ?)([0-9]{1,5})\b"
)  # ofSeconds(90), minutes=2
_RUBY_TIME = re.compile(r"(?<![\w.])([0-9]{1,5})\.(second|minute|hour)s?\b")
_TIMES_UNIT = re.compile(
    r"(?<![\w.])([0-9]{1,5}) ?\* ?(?:\w{1,20}\.)?(1000|1_000|second|sec|minute|min|hour)s?(?:_?ms)?\b"
)
_MINUTES = re.compile(r"(?<![\w.])([0-9]{1,4}) ?\* ?60(?: ?\* ?(60))?(?: ?\* ?1_?000)?(?![\w.])")
_NAMED = re.compile(r"(?<![\w.-])([\w.-]{1,60})[\"']?\)? ?[:=(,]{1,2} ?[\"']?([0-9][0-9_]{0,9})(?![\w.])")
_LASTING = re.compile(
    r"time_?out|grace|drain|wait|delay|farewell|deadline|duration|stop\w{0,10}secs|interval|startsecs"
)
_BY_UNIT = re.compile(r"(?:^|[_.-])(seconds?|secs?|minutes?|mins?|hours?|hrs?|ms|millis\w{0,7})$")  # expected_hours: 10
_PAUSE = re.compile(r"\b(?:sleep |(?:sleep|wait|delay|pause)\w{0,8}\()([0-9][0-9_]{0,8})(?![\w.]| ?\*)")
_CLOCKED = re.compile(r"(?:time|now|monotonic|perf_counter|clock)\(\) ?\+ ?([0-9][0-9_]{0,8})(?![\w.]| ?\*)")
_FLAG = re.compile(r"--([a-z-]{1,40})[ =][\"']?([0-9]{1,7})(?![\w.])")
_AFTER = re.compile(r"\bsettimeout\(.{0,120}, ?([0-9][0-9_]{0,9})\)")
_UNIT = {"s": 1, "m": 60, "h": 3600}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_MILLISECONDS = re.compile(r"ms\b|_ms|milli")
_COUNTED = re.compile(
    r"(?:pool|executor|workers|threads|processes|n_jobs|gomaxprocs|max_workers|procs|num_threads|concurrency|parallelism|jobs|cpus?|cores|cpuset)[\"']?[\w.]{0,20} ?[(:=]{1,2} ?[\"']?(?:max_workers ?= ?|processes ?= ?)?([0-9]{1,2}(?:\.[0-9]{1,3})?)(?![\w.])"
)
_MILLICORES = re.compile(r"\bcpus?[\"']?\s?[:=]\s?[\"']?([0-9]{2,5})m\b")
# Four of something that computes: a loop around a fork, a list of processes.
_LOOPED = re.compile(r"(?:\brange\(|< ?|<= ?|\.\.=? ?|\btimes ?\* ?)([0-9]{1,2})\b|\b([0-9]{1,2})\.times\b")
_STARTED = re.compile(r"fork\(|worker\(|process\(|spawn|\bgo \w|thread")
_FOLDER = re.compile(r"(?<![\w/.:$}~*<-])(?:/[A-Za-z0-9_][A-Za-z0-9._-]{0,40}){1,6}/?(?![\w/:*{<(-])")
_NAME = re.compile(r"(?<![\w./+-])(?:/usr/(?:local/)?bin/)?([a-z0-9][a-z0-9+._-]{1,39})(?![\w/])")
_SHARED = re.compile(r"\b(lib[a-z0-9+_-]{1,30})\.so\.([0-9]{1,3})\b")
_OPENED = re.compile(
    r"(?:cdll|dlopen|find_library|loadlibrary|ffi|library)\w{0,12}\(\s?[\"'](?:lib)?([a-z0-9+-]{2,30})(?:\.so)?[\"']",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?:[\"'`]|\b(?:which|command -v|exec) )$")
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
    found: dict[Any, LineValueFound] = {}
    for one in _OF_KIND[kind](row):
        found.setdefault(one.value, one)
    return tuple(found.values())


def _sizes(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    for one in amounts(low):
        if one.kind == "size":
            yield from _size(one.value, row[one.start : one.end])
    for match in _OPTION_SIZE.finditer(low):
        factor = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}[match[2]]
        yield from _size(int(match[1]) * factor, f"{match[1]}{match[2]}")
    for match in _KEYED_SIZE.finditer(low):
        yield from _size(int(match[2]) << (30 if match[1][0] == "g" else 20), match[2])
    for match in _OLD_SPACE.finditer(low):
        yield from _size(int(match[1]) << 20, match[1])
    for match in _SHIFTED.finditer(low):
        yield from _size(int(match[1]) << int(match[2]), match[0])
    for match in _POWERS.finditer(low):
        yield from _size(int(match[1]) << (30 if match[2] or match[3] else 20), match[0])
    for match in _RAISED.finditer(low):
        yield from _size(int(match[1]) << (30 if match[2] in ("3", "30") else 20), match[0])
    for match in _NAMED_SIZE.finditer(low):
        yield from _size(int(match[1]) << (30 if match[2][0] == "g" else 20), match[1])
    for match in _CALLED_SIZE.finditer(low):
        yield from _size(int(match[2]) << (30 if "g" in match[1][:5] and "meg" not in match[1] else 20), match[2])
    for match in _LITERAL_SIZE.finditer(low):
        if _ALLOCATED.search(low):
            yield from _size(int(match[1].replace("_", "")), match[1])


_ALLOCATED = re.compile(r"alloc|bytearray|bytebuffer|new byte|with_capacity|mmap|vec!\[|make\(\[\]|bytes\b|memory|mem_")


def _size(size: Fraction | int, words: str) -> Iterator[LineValueFound]:
    if _LEAST <= size <= _MOST:
        yield LineValueFound("size", Fraction(size), words)


def _times(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    said = [one for one in amounts(low) if one.kind == "time" and one.value >= 1]
    for one in said:
        yield LineValueFound("time", one.value, row[one.start : one.end])
    for match, seconds, number in _timed(low):
        if seconds >= 1 and not any(one.start < match.end() and match.start() < one.end for one in said):
            yield LineValueFound("time", seconds, number)


def _timed(low: str) -> Iterator[tuple[re.Match[str], Fraction, str]]:
    """Times as programs write them: where, seconds, the number as it stands."""
    for match in _GO_TIME.finditer(low):
        yield match, Fraction(_SECONDS[match[2]] * int(match[1] or 1)), match[0]
    for match in _SPAN.finditer(low):
        yield match, Fraction(_UNIT[match[1][0]] * int(match[2])), match[0]
    for match in (*_RUBY_TIME.finditer(low), *_TIMES_UNIT.finditer(low)):
        yield match, Fraction(_UNIT.get(match[2][0], 1) * int(match[1])), match[1]
    for match in _MINUTES.finditer(low):
        yield match, Fraction(int(match[1]) * (3600 if match[2] else 60)), match[0]
    for match in _NAMED.finditer(low):
        if (seconds := _lasting(match[1], match[2])) is not None:
            yield match, seconds, match[2]
    for match in _FLAG.finditer(low):
        if _LASTING.search(match[1]):
            yield match, Fraction(int(match[2])), match[2]
    for match in (*_PAUSE.finditer(low), *_CLOCKED.finditer(low)):
        number = Fraction(int(match[1].replace("_", "")))
        yield match, number / 1000 if number >= 1000 else number, match[1]
    for match in _AFTER.finditer(low):
        yield match, Fraction(int(match[1].replace("_", "")), 1000), match[1]


def _lasting(name: str, digits: str) -> Fraction | None:
    """Seconds of a number that a name says is a time: `expected_hours = 10`, `drain_ms: 60000`."""
    number, unit = Fraction(int(digits.replace("_", ""))), _BY_UNIT.search(name)
    if unit and unit[1].startswith(("mi", "h")) and not unit[1].startswith("mill"):
        return number * _UNIT[unit[1][0]]
    if not unit and not _LASTING.search(name):
        return None
    return number / 1000 if _MILLISECONDS.search(name) or number >= 10_000 else number


def _counts(row: str) -> Iterator[LineValueFound]:
    low = row.lower()
    for one in amounts(low):
        if one.kind == "cpu" and one.value.denominator == 1 and 1 < one.value <= 64:
            yield LineValueFound("count", one.value, row[one.start : one.end])
    for match in _MILLICORES.finditer(low):
        yield LineValueFound("count", Fraction(int(match[1]), 1000), f"{match[1]}m")
    for match in _COUNTED.finditer(low):
        if 1 < Fraction(match[1]) <= 64:
            yield LineValueFound("count", Fraction(match[1]), match[1])
    if _STARTED.search(low):
        for match in _LOOPED.finditer(low):
            if 1 < int(match[1] or match[2]) <= 64:
                yield LineValueFound("count", Fraction(int(match[1] or match[2])), match[1] or match[2])


def _folders(row: str) -> Iterator[LineValueFound]:
    for match in _FOLDER.finditer(row):
        if "." not in match[0].rpartition("/")[2]:  # a file
            yield LineValueFound("folder", match[0].rstrip("/"), "")


def _packages(row: str) -> Iterator[LineValueFound]:
    for match in _NAME.finditer(row):
        name = match[1].rstrip("._-")
        package = brings(name)
        if name in WORDS and not _QUOTED.search(row):
            continue  # a word of a sentence
        if package != name and not (
            _CALLED.search(row[max(0, match.start(1) - 12) : match.start(1)]) or row[match.start()] == "/"
        ):
            continue  # `dot` and `convert` are words as well; a program is called by a text or looked up
        if package:
            yield LineValueFound("package", package, name)
    for match in _SHARED.finditer(row):
        if package := brings_library(match[1], match[2]):
            yield LineValueFound("package", package, match[0])
    for match in _OPENED.finditer(row):
        if package := brings_library(f"lib{match[1].lower()}", ""):
            yield LineValueFound("package", package, match[1])


_OF_KIND = {"size": _sizes, "time": _times, "count": _counts, "folder": _folders, "package": _packages}

"""Question → the lines of the source that may tell something which no detector reads, by the clues of its topic.

Nothing is an input here: as with the places of facts, a line that moves or a comment that changes asks nothing again.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.read_command import read
from kforge.domain.document import MARK
from kforge.domain.kubernetes import names
from kforge.domain.topic_names import PROBES
from kforge.llm.answer_schema import asked_fields, starts
from kforge.llm.line_clues import Clue, clues
from kforge.llm.line_values import values
from kforge.llm.prompt_context import is_made

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_FILES, _ROWS, _WIDTH = 400, 2000, 400  # files, lines of a file, characters of a line that are looked at
_HANDLER = 8  # lines behind a route
_MOST = 40  # of a source
_NEAR = 4
# Who reads a repository reads these first; tests and what a tool wrote tell nothing of how a program runs.
_PROSE = re.compile(r"(?:^|/)(?:readme|install|deploy\w*|operations|running)[^/]*$", re.IGNORECASE)
_TEST = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|testdata|fixtures|examples?|docs?|vendor|node_modules|migrations)/|(?:^|/)(?:test_[^/]*|[^/]*[._]test\.[^/]*|[^/]*\.spec\.[^/]*|conftest\.py|changelog[^/]*|license[^/]*|history[^/]*)$",
    re.IGNORECASE,
)
_READ = re.compile(
    r"(?:^|/)(?:dockerfile[^/]*|containerfile|makefile|procfile[^/]*|vagrantfile|\.env[^/]*)$|\.(?:md|rst|txt|adoc|ya?ml|toml|ini|cfg|conf|json|properties|sh|bash|py|js|mjs|cjs|ts|mts|go|java|kt|rb|php|rs|ex|cs|service)$",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"(?:^|/)(?:requirements[^/]*\.txt|package\.json|go\.(?:mod|sum|work)|[^/]*-lock\.[^/]*|tsconfig[^/]*)$"
)
_COMMENT = re.compile(r"^\s*(?:#|//|\*|/\*|<!--|;|--)|[\"']{3}")
_BESIDE = re.compile(r"\s(?:#|//) ")  # a comment behind code
_SETTINGS = re.compile(r"(?:\.(?:ya?ml|toml|ini|cfg|conf|json|properties)|(?:^|/)\.env[^/]*)$", re.IGNORECASE)
_ROUTE = re.compile(
    r"\.(?:handle(?:func)?|get|post|put|delete|patch|route|use)\(\s*[\"'`]/|(?:path|url)\s*={2,3}", re.IGNORECASE
)
_NEXT = re.compile(r"\s*@|func |\}|(?:async )?def |\w+\.(?:get|post|put|delete|use|listen)\(")  # where another begins
# What a handler that asks something else calls or names.
_ASKS = re.compile(
    r"(?:connect|execute|query|\bselect\b|\bping|fetch|requests\.|\bsession|cursor|client|listdir|readdir|axios|prisma|redis|mongo|\bdb\b|database|queue|broker|upstream)|http\.(?:get|head|do)",
    re.IGNORECASE,
)
_DEFINED = "(?:def|func|function|const|async) "


@dataclass(frozen=True, slots=True)
class TellingLine:
    """A line that may tell something: where it stands, the value in it and its words, phrases for what it may mean, each
    with its effect, and the lines around it that are shown.
    """

    kind: str  # of its value, else the name of its clue
    file: str
    number: int
    value: Any
    words: str
    choices: Mapping[str, str]
    first: int  # the first line that is shown, from 1
    rows: tuple[str, ...]
    rank: int  # 0: prose and comments, 1: code
    sure: bool  # whether its clue says alone what there is to choose
    ask: str

    @property
    def text(self) -> str:
        """The line itself."""
        return self.rows[self.number - self.first].strip()


def lines(question: Question) -> tuple[TellingLine, ...]:
    """Telling lines, a value once, in the order in which people look: comments and prose before code."""
    open_clues = [clue for clue in clues(question.topic.name) if _applies(clue, question)]
    if not open_clues:
        return ()
    found = [one for file, rows in _files(question) for one in _of_file(open_clues, question, file, rows)]
    best: dict[tuple[str, Any], TellingLine] = {}
    for one in sorted(found, key=lambda each: each.rank):
        first = best.setdefault((one.kind, one.value), one)
        if (first.file, first.number) == (one.file, one.number) and not first.sure:  # one line by two clues
            both = one if one.sure else replace(first, choices={**first.choices, **one.choices})
            best[one.kind, one.value] = both
    return tuple(list(best.values())[:_MOST])


def _applies(clue: Clue, question: Question) -> bool:
    """Whether the decision has a place for what a clue may tell."""
    job = names.is_job(question.view.again())  # which clues there are is no input
    if clue.only and (clue.only == "job") != job:
        return False
    if clue.value == "start":
        return len(starts(question)) > 1
    return bool(asked_fields(question))


def _files(question: Question) -> Iterator[tuple[str, Sequence[str]]]:
    """Files that may be shown with their lines, those nearer to the source's root first."""
    listed = [
        each for each in question.readable if _READ.search(each) and not _TEST.search(each) and not _LISTS.search(each)
    ]
    listed = [each for each in listed if not is_made(question, each)]
    for file in sorted(listed, key=lambda each: (each.count("/"), each))[:_FILES]:
        rows = [row[:_WIDTH] for row in question.excerpt(file, 1, _ROWS).split("\n")]
        if any(row.strip() for row in rows) and not any(MARK in row for row in rows[:5]):  # kforge's own files
            yield file, rows


def _of_file(open_clues: Sequence[Clue], question: Question, file: str, rows: Sequence[str]) -> Iterator[TellingLine]:
    low = [row.lower() for row in rows]
    text = "\n".join(low)
    for clue in open_clues:
        if clue.is_handler:
            yield from _handlers(clue, question, file, rows)
        elif clue.value == "start":
            yield from _starts(clue, question, file, rows)
        elif clue.words is not None and clue.file is not None and clue.file.search(text):
            yield from _worded(clue, clue.words, file, rows, low)


def _worded(
    clue: Clue, words: re.Pattern[str], file: str, rows: Sequence[str], low: Sequence[str]
) -> Iterator[TellingLine]:
    """Lines with a value of the clue's kind beside its words; without a kind, lines with its words in a text for people."""
    told = [at for at, each in enumerate(low) if words.search(each)]
    if clue.near and told:
        told = [at for at in told if _beside(clue.near, low, at, _NEAR + clue.around)]
    quoted = _quoted(rows) if told and not clue.value else frozenset[int]()
    around = sorted({each for at in told for each in range(at - clue.around, at + clue.around + 1)})
    for at in around if clue.value else told:
        if not 0 <= at < len(rows) or (clue.near and not _beside(clue.near, low, at, _NEAR)):
            continue
        row = rows[at]
        if not clue.value:
            if _COMMENT.search(row) or _PROSE.search(file) or at in quoted:
                yield _line(clue, file, rows, at, None, "")
        elif _placed(clue, file, row) and not (clue.unless and _beside(clue.unless, low, at, clue.around)):
            for one in values(row, clue.value) if not _ROUTE.search(row) else ():
                yield _line(clue, file, rows, at, one.value, one.words, clue.around + 1)


def _beside(pattern: re.Pattern[str], low: Sequence[str], at: int, around: int) -> bool:
    """Whether a line or one so many lines away has a match."""
    return any(map(pattern.search, low[max(0, at - around) : at + around + 1]))


def _placed(clue: Clue, file: str, row: str) -> bool:
    """Whether a line stands where a clue's may."""
    if clue.place == "settings":
        return bool(_SETTINGS.search(file))
    return clue.place != "text" or bool(_COMMENT.search(row) or _BESIDE.search(row) or _PROSE.search(file))


def _quoted(rows: Sequence[str]) -> frozenset[int]:
    """The lines that stand within a text of three quotes, from 0."""
    found, marks = set[int](), 0
    for at, row in enumerate(rows):
        if marks % 2:
            found.add(at)
        marks += row.count('"""') + row.count("'''")
    return frozenset(found)


def _line(clue: Clue, file: str, rows: Sequence[str], at: int, value: Any, words: str, after: int = 2) -> TellingLine:
    first, last = max(0, at - 1), min(len(rows), at + after)
    while first < at and not rows[first].strip():
        first += 1
    rank = 0 if _PROSE.search(file) or _COMMENT.search(rows[at]) else 1
    shown = tuple(rows[first:last])
    return TellingLine(
        clue.value or clue.name, file, at + 1, value, words, clue.choices, first + 1, shown, rank, clue.sure, clue.ask
    )


def _handlers(clue: Clue, question: Question, file: str, rows: Sequence[str]) -> Iterator[TellingLine]:
    """What answers a route that the usual liveness asks: the lines behind the route, or the function that it names."""
    probe = question.baseline.value.get("liveness") or {}
    path = str(probe.get("path") or "")
    if question.topic.name != PROBES or not path:
        return
    literal = re.compile(rf"[\"'`]{re.escape(path)}/?[\"'`]")
    for at, row in enumerate(rows):
        match = literal.search(row)
        if not match:
            continue
        named = re.search(r",\s{0,9}(?:\w{1,60}\.)?(\w{1,60})\s{0,9}\)?[,;]?\s{0,9}$", row[match.end() :])
        begin = at
        if named:
            defined = re.compile(rf"{_DEFINED}(?:\([^)]{{0,60}}\) ?)?{re.escape(named[1])}\b")
            begin = next((index for index, each in enumerate(rows) if defined.search(each)), at)
        body = rows[begin + 1 : begin + _HANDLER]
        end = next((index for index, each in enumerate(body) if index and _NEXT.match(each)), len(body))
        if not any(_ASKS.search(each) for each in body[:end] if not _COMMENT.search(each)):
            return
        shown = tuple(rows[begin : begin + 1 + end])
        yield TellingLine(clue.name, file, begin + 1, path, "", clue.choices, begin + 1, shown, 1, clue.sure, clue.ask)
        return


def _starts(clue: Clue, question: Question, file: str, rows: Sequence[str]) -> Iterator[TellingLine]:
    """Lines that name the file of a known start of the program."""
    known = {name: command for command in reversed(starts(question)) if (name := read(command).file)}
    for at, row in enumerate(rows):
        for name, command in known.items():
            if re.search(rf"(?<![\w.-]){re.escape(posixpath.basename(name))}(?!\w)", row):
                yield _line(clue, file, rows, at, tuple(command), "")

"""What answers the routes that the usual probes ask: the lines behind a route, the function that it names, and the functions
that those call, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kforge.llm.line_values import values
from kforge.llm.telling_line import COMMENT, SourceRows, TellingLine

if TYPE_CHECKING:
    from kforge.llm.line_clues import Clue

_HANDLER = 12  # lines behind a route
_ROUTER = 20  # of a router's file
_CALLED = 4  # functions of one handler that are looked up
_HANDLERS, _SIGNALS = 16, 16  # of a source, that are looked at: each is looked up in all of it
_NEXT = re.compile(r"\s*@|func |\}|(?:async )?def |\w+\.(?:get|post|put|delete|use|listen)\(")  # where another begins
# What a handler that asks something else calls or names.
_ASKS = re.compile(
    r"(?:connect|execute|query|\bselect\b|\bping|fetch|requests\.|httpx|urlopen|\bsession|cursor|client|listdir|readdir|axios|prisma|redis|mongo|\bdb\b|database|queue|broker|upstream|objects\.|\.count\(|findone|\bdial|smtp|ldap|kafka|amqp|\bnats\b|\bs3\b|bucket|vault|memcache|urllib|\brpc\b|/mnt/|\brepo\b)|http\.(?:get|head|do)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"[,:]\s{0,9}(?:view_func=)?(?:[\w.]{1,60}\.)?(\w{1,60})(?:\.as_view)?(?:\([\w, .*&]{0,60}\))?\s{0,9}\)?[,;]?\s{0,9}$"
)
_MODULE = re.compile(r"(?:require\(|from )[\"'](?:\./)?([\w./-]{1,80}?)(?:\.[cm]?[jt]s)?[\"']")
_CALLS = re.compile(r"(?<!\w)(\w{3,60})\(")
_WORD = re.compile(r"(?<![\w\"'])[A-Za-z_]\w{2,60}")
# Words of any code, which name no helper. One of them is a topic's name as well.
_CODE = """
func function async await json jsonify send sendstatus status response write writeheader fprint fprintln print
end text signal sigterm sigint process server syscall notify make chan os once on add loop asyncio get post
handlefunc handle route string int dict bool len error context res req not return if catch then
"""
_PLAIN = frozenset(_CODE.split())


@dataclass(frozen=True, slots=True)
class Handler:
    """The lines of a function, from 0, in their file."""

    file: SourceRows
    begin: int
    end: int

    @property
    def rows(self) -> Sequence[str]:
        """The lines themselves."""
        return self.file.rows[self.begin : self.end]

    @property
    def asks(self) -> bool:
        """Whether it calls something that looks like another service."""
        return any(_ASKS.search(row) for row in self.rows[1:] or self.rows if not COMMENT.search(row)) or (
            bool(self.rows) and _is_whole(self.rows[0]) and bool(_ASKS.search(_behind(self.rows[0])))
        )


def asking(clue: Clue, path: str, files: Sequence[SourceRows]) -> Iterator[TellingLine]:
    """The handler of a route if it asks something else, or the function that asks for it."""
    for handler in islice(handlers(path, files), _HANDLERS):
        told = [handler] if handler.asks else [one for one in _called(handler, files) if one.asks][:1]
        for one in told:
            yield TellingLine(
                kind=clue.ask,
                file=one.file.name,
                number=one.begin + 1,
                value=path,
                words="",
                choices=clue.choices,
                first=one.begin + 1,
                rows=tuple(one.rows),
                rank=1,
                sure=clue.is_sure,
                ask=clue.ask,
            )
            return


def waiting(clue: Clue, path: str, files: Sequence[SourceRows]) -> Iterator[tuple[SourceRows, int, object, str]]:
    """Times that stand in the handler of a route, in what it calls, or in the comment above either."""
    for handler in handlers(path, files):
        for one in (handler, *_called(handler, files)):
            above = one.begin
            while above and one.begin - above < 3 and COMMENT.search(one.file.rows[above - 1]):
                above -= 1
            for at in range(above, one.end):
                if clue.unless and clue.unless.search(one.file.low[at]):
                    continue
                for value in values(one.file.rows[at], "time"):
                    yield one.file, at, value.value, value.words
        return


def stopping(clue: Clue, files: Sequence[SourceRows]) -> Iterator[tuple[SourceRows, int, object, str]]:
    """Times that stand in what a program does when it is told to end, where a line names it."""
    told = (
        row
        for file in files
        if not (file.is_prose or file.is_settings) and "sigterm" in file.text
        for row, low in zip(file.rows, file.low, strict=True)
        if "sigterm" in low and not COMMENT.search(row)
    )
    for row in islice(told, _SIGNALS):
        names = [match[0] for match in _WORD.finditer(row) if match[0].lower() not in _PLAIN]
        found = [one for name in names[:8] for one in islice(_defined(name, files), 1)]
        for one in (*found, *(each for handler in found[:2] for each in _called(handler, files))):
            for line in range(one.begin, one.end):
                if not (clue.unless and clue.unless.search(one.file.low[line])):
                    yield from (
                        (one.file, line, value.value, value.words) for value in values(one.file.rows[line], "time")
                    )


def handlers(path: str, files: Sequence[SourceRows]) -> Iterator[Handler]:
    """What answers a route: by all of its path, else by the last part, below a prefix."""
    found = list(islice(_routed(path, files), _HANDLERS))
    yield from found or (_routed(f"/{path.rstrip('/').rpartition('/')[2]}", files) if path.count("/") > 1 else ())


def _routed(path: str, files: Sequence[SourceRows]) -> Iterator[Handler]:
    literal = re.compile(rf"[\"'`](?:[A-Z]{{3,7}} |\^)?/?{re.escape(path.strip('/'))}/?\$?[\"'`]")
    for file in files:
        if path.strip("/").lower() not in file.text or file.is_prose or file.is_settings:
            continue
        for at, row in enumerate(file.rows):
            if match := literal.search(row):
                named = _NAMED.search(row[match.end() :])
                found = list(islice(_defined(named[1], files), 1)) if named else []
                yield from _module(found[0].rows[0] if found else row, files) or found or [_body(file, at)]


def _module(row: str, files: Sequence[SourceRows]) -> list[Handler]:
    """The file of the source that a line takes in: a router of its own."""
    match = _MODULE.search(row)
    name = match[1].lstrip("./") if match else ""
    held = [file for file in files if name and file.name.rpartition(".")[0].endswith((name, f"{name}/index"))]
    return [Handler(file, 0, min(len(file.rows), _ROUTER)) for file in held[:1]]


def _called(handler: Handler, files: Sequence[SourceRows]) -> list[Handler]:
    """The functions of the source that a function calls."""
    names = dict.fromkeys(
        match[1] for row in handler.rows for match in _CALLS.finditer(row) if match[1].lower() not in _PLAIN
    )
    found = [one for name in list(names)[: 2 * _CALLED] for one in islice(_defined(name, files), 1)]
    return [one for one in found if (one.file.name, one.begin) != (handler.file.name, handler.begin)][:_CALLED]


def _defined(name: str, files: Sequence[SourceRows]) -> Iterator[Handler]:
    """Where a function is defined, in the languages of the source."""
    word = re.escape(name)
    defined = re.compile(
        rf"(?:\b(?:def|func|function|class|fn|fun|sub)\s(?:\([^)]{{0,60}}\) ?)?|\b(?:const|let|var|val)\s|\bexports\.|^\s{{0,9}}(?:(?:public|private|protected|static|async|export|suspend)\s){{0,4}}(?:[\w<>\[\]]{{1,40}}\s)?){word}\s?(?:\(|=|:)"
    )
    for file in files:
        if name.lower() not in file.text or file.is_prose or file.is_settings:
            continue
        for at, row in enumerate(file.rows):
            if name in row and defined.search(row) and not re.search(rf"(?:return|await|if|=)\s\(?{word}\(", row):
                if re.match(rf"\s{{0,20}}{word}\(", row) and not row.rstrip().endswith("{"):
                    continue  # a call
                yield _body(file, at)


def _body(file: SourceRows, begin: int) -> Handler:
    body = file.rows[begin + 1 : begin + _HANDLER]
    end = next((index for index, each in enumerate(body) if index and _NEXT.match(each)), len(body))
    if _is_whole(file.rows[begin]):
        end = 0
    return Handler(file, begin, begin + 1 + end)


def _is_whole(row: str) -> bool:
    """Whether a function begins and ends in one line."""
    begun, end = re.search(r"=>|\{", row), row.rstrip()
    return bool(
        begun
        and end.endswith((")", "}", ";"))
        and len(end) > begun.end() + 2
        and row.count("{") == row.count("}")
        and row.count("(") == row.count(")")
    )


def _behind(row: str) -> str:
    """What a function of one line does."""
    return re.split(r"=>|\{", row, maxsplit=1)[-1]

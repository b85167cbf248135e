"""Code of a language without a grammar here → the ports and health routes that its lines name. A line is plain text: one
port in all of the code is taken, and of several none is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kforge.domain.facts import Evidence
from kforge.domain.known_images import table

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_ABOUT = re.compile(r"port|listen|bind|serve|addr|host", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])(?<![\w.]-)([1-9][0-9]{1,4})(?![\w.%])")
_VARIABLE = re.compile(r"[\"'](PORT|HTTP_PORT|SERVER_PORT|APP_PORT)[\"']")
_ROUTE = re.compile(r"[\"'](/(?:healthz?|readyz?|livez|ping|up))[\"']")
_LOOPBACK = re.compile(r"[\"'](?:127\.0\.0\.1|localhost)[:\"']")
_TIMES = re.compile(r"time_?out|backlog|max|limit|buffer|retry|retries|sleep|size", re.IGNORECASE)
# An address of another program; one at which all of the pod's addresses answer is its own: `http://0.0.0.0:5000`.
_ELSEWHERE = re.compile(r"://(?!(?:0\.0\.0\.0|\[::\]|[*+])(?::|$))")
_CALLS = re.compile(
    r"(?<![A-Za-z])(?:connect|client)(?![a-z])|(?:Connect|Client)(?![a-z])|(?<![A-Z])(?:CONNECT|CLIENT)(?![A-Z])"
)
_LISTENS = re.compile(r"listen|bind", re.IGNORECASE)
_UNDRAFTED = ("elasticsearch", "opensearch", "kafka", "zookeeper")  # rows that keep data of others and are no `store`
_COMMENTS = ("#", "//", "--", ";", "%", "/*", "*")
_WIDTH, _LINES = 300, 2_000  # characters of a line and lines of a file that are read


class PortLine(NamedTuple):
    """A line that may say where the program listens."""

    number: int
    at: Evidence
    text: str


class ListeningLines(NamedTuple):
    """What lines of code say of where a program listens."""

    ports: tuple[PortLine, ...]  # candidates, each line once a number
    variable: str  # that tells the number, "" where no line reads one
    variable_at: Evidence | None
    routes: tuple[tuple[str, Evidence], ...]
    loopback: PortLine | None  # a line that listens on the pod's own address alone
    speaks_http: bool

    @property
    def numbers(self) -> list[int]:
        return list(dict.fromkeys(one.number for one in self.ports))


def listening(tree: Tree, paths: Sequence[str]) -> ListeningLines:
    """What the code in some files says."""
    ports: list[PortLine] = []
    routes: dict[str, Evidence] = {}
    variable, variable_at, http = "", None, False
    for path in paths:
        for number, line in _lines(tree.text(path)):
            at = Evidence(path, number)
            http = http or "http" in line.lower()
            ports += [PortLine(each, at, line.strip()) for each in port_numbers(line)]
            for match in _ROUTE.finditer(line):
                routes.setdefault(match[1], at)
            if not variable and (read := _VARIABLE.search(line)):
                variable, variable_at = read[1], at
    local = next((one for one in ports if _LOOPBACK.search(one.text)), None)
    return ListeningLines(tuple(ports), variable, variable_at, tuple(routes.items()), local, http)


def port_numbers(line: str) -> list[int]:
    """Numbers of a line that may be a port: it speaks of one, and of no time, no size and no other program. That of a
    store is one only where the line listens.
    """
    if not _ABOUT.search(line) or _TIMES.search(line) or _calls(line):
        return []
    found = (int(match[1]) for match in _NUMBER.finditer(line))
    ports = [number for number in found if number in (80, 443) or 1024 <= number < 65536]
    if not ports or _LISTENS.search(line):
        return ports
    return [number for number in ports if number not in _store_ports()]


def _calls(line: str) -> bool:
    """Whether a line reaches out to another program. What a comment behind it names does not count."""
    code = line.partition(" // ")[0].partition(" # ")[0]
    return bool(_ELSEWHERE.search(code) or _CALLS.search(code))


@cache
def _store_ports() -> frozenset[int]:
    """The main ports of programs that keep what others ask them for."""
    rows = [row for key, row in table().items() if row.runs and (row.store or key in _UNDRAFTED)]
    return frozenset(row.runs.open_ports()[0].number for row in rows if row.runs)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n")[:_LINES], 1):
        if not line.lstrip().startswith(_COMMENTS):
            yield number, line[:_WIDTH]

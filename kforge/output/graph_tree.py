"""The graph of services → a tree for a terminal: ways in first, what is called beneath, stores last.

A service that stands elsewhere already is a line with `…`. Words fold at WIDTH, and no branch goes deeper than DEEPEST:
what is called there has a tree of its own further down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kforge.domain.service_graph import CRON, JOB, STORE, ServiceGraph, Shown
from kforge.output.graph_words import detail_words, way_in
from kforge.output.layout import Line, Span

WIDTH, DEEPEST = 79, 8
AGAIN, BETWEEN = "…", " · "
_LAST, _MORE, _BAR, _GAP = "└─ ", "├─ ", "│  ", "   "
_LEAST = 30  # columns that words get however deep they stand


@dataclass(frozen=True, slots=True)
class _Branch:
    """Something called: a service, or a place outside. `notes` stand behind its own words."""

    name: str
    service: bool = True
    notes: tuple[str, ...] = ()


class _Tree:
    def __init__(self, graph: ServiceGraph, place: Callable[[Shown], str] | None) -> None:
        self.graph, self.place = graph, place
        self.called: dict[str, list[_Branch]] = {node.name: [] for node in graph.services}
        self.done: set[str] = set()
        self.waiting: list[str] = []  # of trees that begin where another one ended
        for edge in graph.calls:
            self.called[edge.origin].append(_Branch(edge.target, notes=self._why(edge.shown)))
        for each in graph.exits:
            self.called[each.service].append(_Branch(each.name, False, self._why(each.shown)))
        for held in self.called.values():
            held.sort(key=lambda one: (not one.service, self._stored(one.name), one.name))

    def _why(self, shown: Shown) -> tuple[str, ...]:
        return (self.place(shown),) if self.place else ()

    def _stored(self, name: str) -> bool:
        return name in self.graph.named and self.graph.named[name].kind == STORE

    def lines(self) -> Iterator[Line]:
        for way, branches in self._ways():
            yield from self._head(way)
            for number, branch in enumerate(branches):
                yield from self._below(branch, "", number == len(branches) - 1, 1)
            yield from self._rest()
        for name in self._roots():
            if name not in self.done:
                yield from self._root(name)
                yield from self._rest()

    def _ways(self) -> list[tuple[tuple[str, str], list[_Branch]]]:
        """Hosts, then other namespaces, each with the services that it leads to."""
        ways: dict[tuple[str, str], list[_Branch]] = {}
        for each in self.graph.entrances:
            notes = (f"port {each.port}",) if each.port else ()
            ways.setdefault((way_in(each), each.by), []).append(_Branch(each.service, notes=notes))
        return [*ways.items()]

    def _roots(self) -> list[str]:
        """What no service calls, programs before jobs and stores; then the rest, of which each is in a circle."""
        callees = {edge.target for edge in self.graph.calls}
        order = {CRON: 1, JOB: 2, STORE: 3}
        by = sorted(self.graph.services, key=lambda node: (node.name in callees, order.get(node.kind, 0), node.name))
        return [node.name for node in by]

    def _rest(self) -> Iterator[Line]:
        while self.waiting:
            name = self.waiting.pop(0)
            if name not in self.done:
                yield from self._root(name)

    def _head(self, way: tuple[str, str]) -> Iterator[Line]:
        name, by = way
        yield Line((Span(name, "bold"), Span(f"  {by}" if by else "", "dim")))

    def _root(self, name: str) -> Iterator[Line]:
        yield from self._words(_Branch(name), "", "│  " if self.called[name] else "   ")
        yield from self._children(name, "", 1)

    def _below(self, branch: _Branch, above: str, last: bool, depth: int) -> Iterator[Line]:
        prefix, inside = above + (_LAST if last else _MORE), above + (_GAP if last else _BAR)
        known = branch.name in self.done
        children = branch.service and not known and bool(self.called[branch.name])
        if children and depth >= DEEPEST:
            self.waiting.append(branch.name)
            known, children = True, False
        yield from self._words(branch, prefix, inside + (_BAR if children else _GAP), known)
        if children:
            yield from self._children(branch.name, inside, depth + 1)

    def _children(self, name: str, above: str, depth: int) -> Iterator[Line]:
        branches = self.called[name]
        for number, branch in enumerate(branches):
            yield from self._below(branch, above, number == len(branches) - 1, depth)

    def _words(self, branch: _Branch, prefix: str, inside: str, known: bool = False) -> Iterator[Line]:
        """One service; words that do not fit stand on lines of their own below it."""
        words = ["outside"] if not branch.service else []
        if branch.service and not known:
            self.done.add(branch.name)
            words = detail_words(self.graph, self.graph.named[branch.name])
        head = branch.name + (f" {AGAIN}" if known else "")
        style = "name" if branch.service else "bold"
        said = [*(Span(word) for word in words), *(Span(note, "dim") for note in branch.notes)]
        first, *rest = _folded(said, len(prefix) + len(head) + 2, len(inside))
        gap = (Span("  "),) if first else ()
        yield Line((Span(prefix, "dim"), Span(head, style), *gap, *first), hang=len(inside))
        for row in rest:
            yield Line((Span(inside, "dim"), *row), hang=len(inside))


def _folded(words: Sequence[Span], first: int, rest: int) -> list[list[Span]]:
    """Words with points between them, as rows that end before WIDTH; `first` and `rest` are columns that are taken
    already.
    """
    rows: list[list[Span]] = [[]]
    begin = taken = first
    for word in words:
        between = len(BETWEEN) if rows[-1] else 0
        end = taken + between + len(word.text)
        if end < max(begin + _LEAST, WIDTH) or (not between and begin == rest):
            rows[-1] += [Span(BETWEEN), word] if between else [word]
            taken = end
        else:
            rows.append([word])
            begin, taken = rest, rest + len(word.text)
    return rows


def tree(graph: ServiceGraph, place: Callable[[Shown], str] | None = None) -> tuple[Line, ...]:
    """Lines of the whole graph. `place` gives what shows an edge in words, where that is to be seen."""
    head = (Span(graph.title, "bold"), Span(f"  namespace {graph.namespace}" if graph.namespace else "", "dim"))
    return (Line(head), Line(), *_Tree(graph, place).lines())

"""The graph of services → cards and the edges between them: what a picture has to place, before anything is placed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from kforge.domain.service_graph import CRON, JOB, SERVICE, STORE, WEB, WORKER, ServiceEdge, ServiceGraph, ServiceNode
from kforge.output.graph_places import Box
from kforge.output.graph_words import claim_words, kind_words, port_words, replica_words, way_in
from kforge.output.text_widths import cut, text_width

NAME, SMALL, TAG = 15, 12, 11  # sizes of a card's name, of its lines, and of the word above them
LEADING = {NAME: 20, SMALL: 17, TAG: 16}
PADDING, LID = 12, 9  # LID: half the height of a store's round end
LEAST, MOST = 124, 236  # width of a card
IN, OUT = "in", "outside"
CLASSES = {
    WEB: "web",
    SERVICE: "service",
    WORKER: "worker",
    JOB: "job",
    CRON: "job",
    STORE: "store",
    IN: "in",
    OUT: "out",
}


@dataclass(frozen=True, slots=True)
class Card:
    """`form` is a kind of service, IN or OUT; `rows` are size and text of each line; `told` is all of it, in words."""

    key: str
    form: str
    rows: tuple[tuple[int, str], ...]
    told: str
    service: str = ""

    @property
    def box(self) -> Box:
        lid = LID if self.form == STORE else 0
        wide = max(text_width(text, size, size != SMALL) for size, text in self.rows)
        width = min(MOST, max(LEAST, wide + 2 * PADDING))
        return Box(ceil(width), 2 * PADDING + 2 * lid + sum(LEADING[size] for size, _ in self.rows) - 4)

    def fitting(self, width: float) -> list[tuple[int, str]]:
        """Its lines, each cut where it is wider than the card."""
        return [(size, cut(text, width - 2 * PADDING, size, size != SMALL)) for size, text in self.rows]


@dataclass(frozen=True, slots=True)
class CardEdge:
    origin: str
    target: str
    told: str  # `web calls catalog: env CATALOG_URL`
    waits: bool = False


def cards(graph: ServiceGraph) -> tuple[Mapping[str, Card], Sequence[CardEdge]]:
    """Cards by key, ways in first, and the edges between them."""
    made: dict[str, Card] = {}
    edges: list[CardEdge] = []
    keys: dict[tuple[str, ...], str] = {}  # of what has no name that is its own
    for way in graph.entrances:
        key = keys.setdefault((IN, way_in(way), way.by, way.port), f"in:{len(keys) + 1}")
        where = ((SMALL, f"port {way.port}"),) if way.port else ()
        rows = ((TAG, way.by or "other namespace"), (NAME, way_in(way).removeprefix("namespace ")), *where)
        made.setdefault(key, Card(key, IN, rows, ", ".join(filter(None, (way_in(way), way.by)))))
        edges.append(CardEdge(key, way.service, f"{way_in(way)} leads to {way.service}"))
    for node in graph.services:
        made[node.name] = _card(graph, node)
    edges += [CardEdge(each.origin, each.target, _told(each), each.waits) for each in graph.edges]
    for out in graph.exits:
        key = keys.setdefault((OUT, out.name), f"outside:{len(keys) + 1}")
        made.setdefault(key, Card(key, OUT, ((TAG, "outside"), (NAME, out.name)), f"{out.name}, outside"))
        edges.append(CardEdge(out.service, key, f"{out.service} connects to {out.name}: {out.shown.why}"))
    return made, tuple({(edge.origin, edge.target, edge.waits): edge for edge in edges}.values())


def _card(graph: ServiceGraph, node: ServiceNode) -> Card:
    ports = [port_words(port) for port in node.ports]
    shown = ports if len(ports) <= 2 else [*ports[:1], f"{len(ports) - 1} more ports"]
    claims = claim_words(node)
    kept = claims if len(claims) <= 1 else [f"{len(claims)} claims"]
    lines = [node.what, " · ".join(shown), " · ".join(filter(None, (replica_words(node), *kept)))]
    rows = ((TAG, kind_words(node)), (NAME, node.name), *((SMALL, line) for line in lines if line))
    told = ", ".join(filter(None, (kind_words(node), node.what, *ports, replica_words(node), *claims)))
    return Card(node.name, node.kind, rows, f"{node.name}: {told}", node.name)


def _told(edge: ServiceEdge) -> str:
    if edge.waits:
        return f"{edge.origin} is done before {edge.target} starts"
    return f"{edge.origin} calls {edge.target}: {edge.shown.why}"

"""Graphs of services that tests draw: one with all there is, some made by a rule, one whose every text is hostile."""

from __future__ import annotations

from collections.abc import Iterable

from kforge.domain.port import Port
from kforge.domain.service_graph import (
    CRON,
    JOB,
    STORE,
    WEB,
    ClaimedVolume,
    Entrance,
    Exit,
    ServiceEdge,
    ServiceGraph,
    ServiceNode,
    Shown,
)

HOSTILE = (
    '</text></title></style></desc><script>alert(1)</script>"\' onload="x" ]]>&<!-- `#34; \\ \u202e\x07\n::error::x'
    " ##[error] 日本 %% --> end"
)


def node(name: str, kind: str = WEB, *ports: Port) -> ServiceNode:
    return ServiceNode(name, kind, "Python", f"ghcr.io/acme/{name}:1", ports)


def graph(*names: str, calls: Iterable[str] = ()) -> ServiceGraph:
    """`calls` are pairs: `web catalog`."""
    pairs = [each.split() for each in calls]
    edges = tuple(ServiceEdge(one, other, Shown("needs")) for one, other in pairs)
    return ServiceGraph("app", "", "", "", tuple(map(node, names)), edges, (), ())


def hostile() -> ServiceGraph:
    """Every text is the same, as far as texts may be."""
    evil = HOSTILE
    services = (
        ServiceNode(evil, STORE, evil, evil, (Port(evil, 1, evil, evil),), 1, 3, "", (ClaimedVolume(evil, evil, evil),), evil, evil),
        ServiceNode("end", JOB, evil, evil),
        ServiceNode("graph", CRON, evil, evil, schedule=evil),
    )  # fmt: skip
    shown = Shown(evil, evil)
    edges = (ServiceEdge(evil, "end", shown), ServiceEdge("end", evil, shown), ServiceEdge("end", "graph", shown, True))
    return ServiceGraph(
        evil, evil, evil, evil, services, edges, (Entrance(evil, evil, evil, evil, evil),), (Exit(evil, "end", shown),)
    )


def layers_of(width: int, depth: int) -> ServiceGraph:
    """Each service calls two of the next layer, and one of the layer after it."""
    names = [f"s{number}" for number in range(width * depth)]
    calls = [
        f"s{layer * width + place} s{(layer + step) * width + (place * turn + step) % width}"
        for layer in range(depth)
        for place in range(width)
        for step, turn in ((1, 1), (1, 3), (2, 5))
        if layer + step < depth
    ]
    return graph(*names, calls=dict.fromkeys(calls))

"""A service of the graph → the few words that stand with it in a terminal, a picture and a page."""

from __future__ import annotations

from kforge.domain.port import Port
from kforge.domain.service_graph import CRON, STORE, Entrance, ServiceGraph, ServiceNode
from kforge.output.text import count


def port_words(port: Port) -> str:
    """`8000 http`, `9090 http metrics`: number, what it speaks, and its name where that says more."""
    words = [str(port.number), *dict.fromkeys((port.protocol, port.name))]
    return " ".join(words[:2] if port.protocol == "tcp" and not _telling(port) else words).replace(" tcp ", " ")


def _telling(port: Port) -> bool:
    return port.name not in ("tcp", "main")


def replica_words(node: ServiceNode) -> str:
    """`2–10 replicas`; "" for the one that is usual."""
    if node.most > node.fewest:
        return f"{node.fewest}–{node.most} replicas"
    return count(node.fewest, "replica") if node.fewest > 1 else ""


def claim_words(node: ServiceNode) -> list[str]:
    """`20Gi at /var/lib/postgresql`."""
    return [f"{one.size} at {one.path}{', shared' if one.shared else ''}" for one in node.claims]


def kind_words(node: ServiceNode) -> str:
    """`cron job 0 3 * * *`, `web service`."""
    return f"{node.kind} {node.schedule}" if node.kind == CRON else node.kind


def detail_words(graph: ServiceGraph, node: ServiceNode) -> list[str]:
    """All of it, in the order in which a reader asks: what it is, where it listens, how many, what it keeps."""
    waiting = graph.before(node.name)
    kind = "" if node.kind == STORE else kind_words(node)
    before = f"before {', '.join(waiting)}" if waiting else ""
    found = [kind, node.what, *map(port_words, node.ports), replica_words(node), *claim_words(node), before]
    return [*filter(None, found), *([f"like {node.like}"] if node.like else [])]


def way_in(each: Entrance) -> str:
    """`shop.example.com/api`, `namespace monitoring`."""
    return f"{each.name}{each.path}"

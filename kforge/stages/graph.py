"""What was read → the graph of decisions and artifacts: every edge is a recorded reading, none is declared by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kforge.domain.decision import Decision
from kforge.stages.assemble import Assembled


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in order (decisions first) and edges (from what is read to who reads it), both as names: `web/probes`."""

    decisions: tuple[str, ...]
    artifacts: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]


def graph(decisions: Mapping[tuple[str, str], Decision], assembled: Assembled) -> Graph:
    """The graph of the base; an environment reads the same decisions."""
    questions = {f"{service}/{topic}": decision for (service, topic), decision in sorted(decisions.items())}
    edges: set[tuple[str, str]] = set()
    for name, decision in questions.items():
        edges.update((read, name) for read in _decisions(decision.service, decision.inputs) if read in questions)
    artifacts: list[str] = []
    for node, names in sorted(assembled.reads.items(), key=lambda item: (item[0].service, item[0].artifact)):
        if node.environment or not assembled.made[node]:
            continue
        name = f"{node.service or 'app'}:{node.artifact}"
        artifacts.append(name)
        edges.update((read, name) for read in _decisions(node.service, names) if read in questions)
    return Graph(tuple(questions), tuple(artifacts), tuple(sorted(edges)))


def _decisions(service: str, names: Iterable[str]) -> Iterable[str]:
    """Decisions among recorded names: `decisions.process.ports`, `services.catalog.decisions.process.ports`."""
    for name in names:
        parts = name.split(".")
        owner = service
        while parts[0] == "services" and len(parts) > 2:
            owner, parts = parts[1], parts[2:]
        if parts[0] == "decisions":
            yield f"{owner}/{parts[1]}"

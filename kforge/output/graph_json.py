"""The graph of services → JSON for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kforge.domain.service_graph import ServiceGraph, ServiceNode


def as_json(graph: ServiceGraph) -> dict[str, Any]:
    return {
        "generator": "kforge graph",
        "app": graph.app,
        "environment": graph.environment or None,
        "namespace": graph.namespace or None,
        "services": [_service(node) for node in graph.services],
        "calls": [
            {"from": edge.origin, "to": edge.target, "shown": edge.shown.why, "where": edge.shown.place or None}
            for edge in graph.calls
        ],
        "before": [{"job": edge.origin, "service": edge.target} for edge in graph.edges if edge.waits],
        "entrances": [
            {
                "host" if each.host else "namespace": each.name if each.host else each.name.removeprefix("namespace "),
                "path": (each.path or "/") if each.host else None,
                "by": each.by or None,
                "service": each.service,
                "port": each.port or None,
            }
            for each in graph.entrances
        ],
        "outside": [
            {"from": each.service, "to": each.name, "shown": each.shown.why, "where": each.shown.place or None}
            for each in graph.exits
        ],
    }


def _service(node: ServiceNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "kind": node.kind,
        "what": node.what,
        "image": node.image,
        "source": node.source or None,
        "like": node.like or None,
        "schedule": node.schedule or None,
        "replicas": {"min": node.fewest, "max": node.most},
        "ports": [{"name": port.name, "port": port.number, "protocol": port.protocol} for port in node.ports],
        "volumes": [asdict(one) for one in node.claims],
    }

"""Ingresses lead to a Service that is there, and no two claim the same path.

Two that do are merged or dropped as the controller likes, and it may change its mind with each restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import items, mapping, text


def _paths(ingress: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(field path, host, path entry) of every rule."""
    for at, rule in items(mapping(ingress.data, "spec"), "rules", "spec"):
        for path, entry in items(mapping(rule, "http"), "paths", f"{at}.http"):
            yield path, text(rule, "host"), entry


def _backend(documents: Documents) -> Iterator[Hit]:
    services = {service.name: service for service in documents.objects("Service")}
    for ingress in documents.objects("Ingress"):
        backends = [(f"{path}.backend", mapping(entry, "backend")) for path, _, entry in _paths(ingress)]
        backends.append(("spec.defaultBackend", mapping(ingress.data, "spec", "defaultBackend")))
        for path, backend in backends:
            named = mapping(backend, "service")
            name = text(named, "name")
            if not name:
                continue
            if name not in services:
                if f"Service/{name}" not in documents.external:
                    yield Hit(ingress, f"{path}.service.name", f"Service `{name}` is not there")
                continue
            port = mapping(named, "port")
            if not _has(services[name], port):
                said = port.get("name") or port.get("number")
                yield Hit(ingress, f"{path}.service.port", f"Service `{name}` has no port `{said}`")


def _has(service: Document, port: Mapping[str, Any]) -> bool:
    ports = [entry for _, entry in items(mapping(service.data, "spec"), "ports")]
    if name := text(port, "name"):
        return any(entry.get("name") == name for entry in ports)
    return any(entry.get("port") == port.get("number") for entry in ports)


def _conflict(documents: Documents) -> Iterator[Hit]:
    taken: dict[tuple[str, str, str, str], str] = {}
    for ingress in documents.objects("Ingress"):
        group = text(mapping(ingress.data, "spec"), "ingressClassName")
        for at, host, entry in _paths(ingress):
            path = text(entry, "path") or "/"
            claim = (group, host, path, text(entry, "pathType"))
            if claim in taken:
                yield Hit(ingress, f"{at}.path", f"`{host}{path}` already belongs to `{taken[claim]}`")
            taken.setdefault(claim, ingress.target)


RULES = (
    Rule("ingress-backend", "error", "name a Service and a port that it has", _backend),
    Rule("route-conflict", "error", "give one of them another host or path", _conflict),
)

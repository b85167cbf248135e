"""Ingresses lead to a Service that is there, and no two claim the same path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, text

_PAGE = "https://kubernetes.io/docs/concepts/services-networking/ingress/"


def _paths(ingress: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(field path, host, path entry) of every rule."""
    for at, entry in items(mapping(ingress.data, "spec"), "rules", "spec"):
        for path, below in items(mapping(entry, "http"), "paths", f"{at}.http"):
            yield path, text(entry, "host"), below


@rule(
    "ingress-backend",
    "error",
    "name a Service and a port that it has",
    kinds=("Ingress",),
    sources=(f"{_PAGE}#ingress-rules",),
)
def ingress_backend(documents: Documents) -> Iterator[Hit]:
    """The Service that an Ingress leads to is there, with the port that is named.

    A controller answers 503 for a backend that it does not find, and says so in its own log alone.

    Wrong:
        kind: Ingress
        spec: {defaultBackend: {service: {name: web, port: {number: 8080}}}}
    Right:
        kind: Ingress
        spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
    """
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


@rule(
    "route-conflict",
    "error",
    "give one of them another host or path",
    kinds=("Ingress",),
    sources=(f"{_PAGE}#multiple-matches",),
)
def route_conflict(documents: Documents) -> Iterator[Hit]:
    """No two Ingresses of one class claim the same host and path.

    Two that do are merged or dropped as the controller likes, and it may change its mind with each restart.

    Wrong:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix}]}}]}
        ---
        kind: Ingress
        metadata: {name: admin}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix}]}}]}
    Right:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix}]}}]}
        ---
        kind: Ingress
        metadata: {name: admin}
        spec: {rules: [{host: admin.example.com, http: {paths: [{path: /, pathType: Prefix}]}}]}
    """
    taken: dict[tuple[str, str, str, str], str] = {}
    for ingress in documents.objects("Ingress"):
        group = text(mapping(ingress.data, "spec"), "ingressClassName")
        for at, host, entry in _paths(ingress):
            path = text(entry, "path") or "/"
            claim = (group, host, path, text(entry, "pathType"))
            if claim in taken:
                yield Hit(ingress, f"{at}.path", f"`{host}{path}` already belongs to `{taken[claim]}`")
            taken.setdefault(claim, ingress.target)


RULES = (ingress_backend, route_conflict)

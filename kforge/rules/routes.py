"""Ingresses have hosts and paths that match something, lead to a Service that is there, and no two claim one path."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.spec.patterns import HOST

_SHOWN = 80  # characters of a value
_HOST = re.compile(HOST)
_PATTERN = re.compile(r"[*?(){}\[\]\\^|$#\s]")
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
                    yield Hit(ingress, f"{path}.service.name", f"Service `{name}` does not exist")
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


@rule(
    "ingress-host",
    "error",
    "name the host by its DNS name: `shop.example.com`, `*.example.com`",
    kinds=("Ingress",),
    sources=(f"{_PAGE}#ingress-rules",),
    waivable=False,
)
def ingress_host(documents: Documents) -> Iterator[Hit]:
    """The host of an Ingress is a DNS name.

    In lower case, with `*.` before it or not, and no address: certificates and virtual hosts go by names, and the API
    server refuses an address.

    Wrong:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: 10.0.0.1, http: {paths: [{path: /, pathType: Prefix}]}}]}
    Right:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: /, pathType: Prefix}]}}]}
    """
    for ingress in documents.objects("Ingress"):
        for at, entry in items(mapping(ingress.data, "spec"), "rules", "spec"):
            if said := _misnamed(text(entry, "host")):
                yield Hit(ingress, f"{at}.host", said)


def _misnamed(host: str) -> str:
    """Why a host cannot be one, "" where it can."""
    if not host or (_HOST.fullmatch(host) and len(host) <= 253 and not _address(host)):
        return ""
    why = "is an IP address, and an Ingress needs a name" if _address(host) else "is not a DNS name"
    return f"the host `{host[:_SHOWN]}` {why}"


def _address(host: str) -> bool:
    """Whether the API server reads it as an address; it takes leading zeros, `010.0.0.1`, for none."""
    parts = [part.lstrip("0") or "0" if part.isdecimal() else part for part in host.split(".")]
    try:
        ipaddress.ip_address(".".join(parts))
    except ValueError:
        return False
    return True


@rule(
    "route-pattern",
    "warning",
    "write the common prefix; for patterns set `pathType: ImplementationSpecific` in a fragment",
    kinds=("Ingress",),
    sources=(f"{_PAGE}#path-types",),
)
def route_pattern(documents: Documents) -> Iterator[Hit]:
    """Paths of an Ingress are no patterns.

    `Prefix` and `Exact` compare characters: `/api/*` matches a path with a star in it, `/(.*)` one with brackets, and no
    request has them. What follows `?` is no part of a path at all. `Prefix` with `/api` is what `/api/*` is meant to be.

    Wrong:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: "/api/*", pathType: Prefix}]}}]}
    Right:
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: shop.example.com, http: {paths: [{path: /api, pathType: Prefix}]}}]}
    """
    for ingress in documents.objects("Ingress"):
        for at, _, entry in _paths(ingress):
            path = text(entry, "path")
            if text(entry, "pathType") in ("Exact", "Prefix") and (found := _PATTERN.search(path)):
                said = f"`{path[:_SHOWN]}` is compared literally, and no request has its `{found[0]}`"
                yield Hit(ingress, f"{at}.path", said)


RULES = (ingress_backend, route_conflict, ingress_host, route_pattern)

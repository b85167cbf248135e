"""Routes of the Gateway API attach to something, have hosts that match, and no two claim one request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.routing import GROUP, ROUTES

_PAGE = "https://gateway-api.sigs.k8s.io/api-types"
_MOST = 64  # routes at one host that are held against each other
_ADDRESS = re.compile(r"[0-9.]+")
_INGRESS = re.compile(r"(^|\.)ingress\.|^kubernetes\.io/ingress")  # of annotations that controllers of Ingresses read
Claim = tuple[str, ...]  # parent, host


def routes(documents: Documents, *kinds: str) -> Iterator[Document]:
    """Routes of the Gateway API; service meshes have kinds of these names as well."""
    for document in documents.objects(*(kinds or ROUTES)):
        if text(document.data, "apiVersion").startswith(f"{GROUP}/"):
            yield document


def parents(route: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return items(mapping(route.data, "spec"), "parentRefs", "spec")


def hosts(route: Document) -> list[str]:
    """The host names of a route; "" for one that takes all."""
    found = mapping(route.data, "spec").get("hostnames")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) and found else [""]


def _named(route: Document, parent: Mapping[str, Any]) -> Claim:
    """What tells parents apart: kind, namespace, name, listener."""
    home = text(mapping(route.data, "metadata"), "namespace")
    kind = text(parent, "kind") or "Gateway"
    return kind, text(parent, "namespace") or home, text(parent, "name"), text(parent, "sectionName")


@rule(
    "route-parent",
    "error",
    "name a Gateway in `parentRefs`; in a spec, `routing: {gateway: NAMESPACE/NAME}`",
    kinds=ROUTES,
    sources=(f"{_PAGE}/httproute/#attaching-to-gateways",),
    waivable=False,
)
def route_parent(documents: Documents) -> Iterator[Hit]:
    """A route names what it attaches to.

    The API server takes a route without a Gateway, and no request ever follows it. No controller says so, since none is
    named.

    Wrong:
        kind: HTTPRoute
        spec: {parentRefs: []}
    Right:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared, namespace: infra}]}
    """
    for route in routes(documents):
        if not any(text(parent, "name") for _, parent in parents(route)):
            yield Hit(route, "spec.parentRefs", f"`{route.target}` has no Gateway, so it never routes anything")


@rule(
    "route-listener",
    "error",
    "name a listener that it has, or leave `sectionName` out",
    kinds=ROUTES,
    sources=(f"{_PAGE}/gateway/",),
)
def route_listener(documents: Documents) -> Iterator[Hit]:
    """The listener that a route names is one of its Gateway.

    Gateways and ListenerSets that are among the included manifests are looked at; of others the cluster knows. A route
    that names a listener which is not there is not accepted, which its status alone says.

    Wrong:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared, sectionName: htps}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: shared}
        spec: {gatewayClassName: public, listeners: [{name: https, port: 443, protocol: HTTPS}]}
    Right:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared, sectionName: https}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: shared}
        spec: {gatewayClassName: public, listeners: [{name: https, port: 443, protocol: HTTPS}]}
    """
    for route in routes(documents):
        for at, parent in parents(route):
            kind, namespace, name, section = _named(route, parent)
            held = documents.get(kind, name) if kind in ("Gateway", "ListenerSet") else None
            if held is None or not section or text(mapping(held.data, "metadata"), "namespace") != namespace:
                continue
            names = sorted(text(each, "name") for _, each in items(mapping(held.data, "spec"), "listeners"))
            if section not in names:
                there = ", ".join(f"`{each}`" for each in names)
                yield Hit(route, f"{at}.sectionName", f"`{held.target}` has no listener `{section}`; it has {there}")


@rule(
    "route-mixed",
    "error",
    "give gRPC a host of its own",
    kinds=("GRPCRoute",),
    sources=(f"{_PAGE}/grpcroute/#cross-serving",),
)
def route_mixed(documents: Documents) -> Iterator[Hit]:
    """A GRPCRoute has a host of its own.

    Where an HTTPRoute has the same host at the same listener, a Gateway may take one of the two and reject the other, as
    it likes: the standard has it so.

    Wrong:
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: rpc}
        spec: {parentRefs: [{name: shared, namespace: infra}], hostnames: [api.example.com]}
        ---
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared, namespace: infra}], hostnames: [api.example.com]}
    Right:
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: rpc}
        spec: {parentRefs: [{name: shared, namespace: infra}], hostnames: [rpc.example.com]}
        ---
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared, namespace: infra}], hostnames: [api.example.com]}
    """
    taken = {(claim[:3], host): route for route in routes(documents, "HTTPRoute") for claim, host in _claims(route)}
    for route in routes(documents, "GRPCRoute"):
        for claim, host in dict.fromkeys((claim[:3], host) for claim, host in _claims(route)):
            if other := taken.get((claim, host)):
                said = f"`{host or 'every host'}` is also the host of `{other.target}`, and a Gateway may use only one of the two"
                yield Hit(route, "spec.hostnames", said)


def _claims(route: Document) -> Iterator[tuple[Claim, str]]:
    for _, parent in parents(route):
        for host in hosts(route):
            yield _named(route, parent), host


@rule(
    "route-overlap",
    "error",
    "give one of them another host or path",
    kinds=("HTTPRoute", "GRPCRoute"),
    sources=(f"{_PAGE}/httproute/#matches",),
)
def route_overlap(documents: Documents) -> Iterator[Hit]:
    """No two routes of one Gateway claim the same host and the same match.

    Of two that do, the older one gets all requests: which that is depends on the order in which they came into the
    cluster, and the other service gets none.

    Wrong:
        kind: HTTPRoute
        metadata: {name: web}
        spec: {hostnames: [a.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /}}]}]}
        ---
        kind: HTTPRoute
        metadata: {name: admin}
        spec: {hostnames: [a.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /}}]}]}
    Right:
        kind: HTTPRoute
        metadata: {name: web}
        spec: {hostnames: [a.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /}}]}]}
        ---
        kind: HTTPRoute
        metadata: {name: admin}
        spec: {hostnames: [a.example.com], rules: [{matches: [{path: {type: PathPrefix, value: /admin}}]}]}
    """
    taken: dict[tuple[str, Claim, str, str], str] = {}
    for route in routes(documents, "HTTPRoute", "GRPCRoute"):
        claims = [*_claims(route)][:_MOST]
        for at, match in _matches(route):
            for claim, host in claims:
                key = (route.kind, claim, host, match)
                if taken.setdefault(key, route.target) != route.target:
                    yield Hit(
                        route, at, f"the same match at `{host or 'every host'}` already belongs to `{taken[key]}`"
                    )
                    break


def _matches(route: Document) -> Iterator[tuple[str, str]]:
    """Field path of every match of a route, and its text with the defaults."""
    for at, entry in items(mapping(route.data, "spec"), "rules", "spec"):
        found = [*items(entry, "matches", at)]
        for field, match in found or [(at, {})]:
            whole = dict(match)
            if route.kind == "HTTPRoute":
                path = {"type": "PathPrefix", "value": "/", **mapping(match, "path")}
                whole["path"] = {**path, "value": str(path["value"]).rstrip("/") or "/"}
            yield field, repr(sorted(whole.items(), key=lambda each: each[0]))


@rule(
    "route-host",
    "error",
    "name the host by its DNS name: `shop.example.com`, `*.example.com`",
    kinds=("HTTPRoute", "GRPCRoute", "TLSRoute"),
    sources=("https://gateway-api.sigs.k8s.io/reference/spec/#hostname",),
)
def route_host(documents: Documents) -> Iterator[Hit]:
    """The host of a route is a name, and no address.

    The standard allows no address there; the CRD's pattern takes one, and no request is routed by it.

    Wrong:
        kind: HTTPRoute
        spec: {hostnames: [10.0.0.1]}
    Right:
        kind: HTTPRoute
        spec: {hostnames: [shop.example.com]}
    """
    for route in routes(documents, "HTTPRoute", "GRPCRoute", "TLSRoute"):
        for index, host in enumerate(hosts(route)):
            if _ADDRESS.fullmatch(host):
                yield Hit(
                    route, f"spec.hostnames[{index}]", f"the host `{host}` is an IP address, and a route needs a name"
                )


@rule(
    "route-annotation",
    "warning",
    "leave it out: with a Gateway use a field of the route, or a policy of the Gateway's own",
    kinds=("HTTPRoute", "GRPCRoute"),
    sources=("https://gateway-api.sigs.k8s.io/guides/getting-started/migrating-from-ingress/",),
)
def route_annotation(documents: Documents) -> Iterator[Hit]:
    """A route has no annotations of Ingress controllers.

    They are read off Ingresses alone: on a route they do nothing, and what they meant (a limit, a rewrite, a timeout) is
    gone without a word.

    Wrong:
        kind: HTTPRoute
        metadata: {name: web, annotations: {nginx.ingress.kubernetes.io/proxy-body-size: 8m}}
    Right:
        kind: HTTPRoute
        metadata: {name: web, annotations: {external-dns.alpha.kubernetes.io/ttl: "60"}}
    """
    for route in routes(documents, "HTTPRoute", "GRPCRoute"):
        for key in mapping(route.data, "metadata", "annotations"):
            if isinstance(key, str) and _INGRESS.search(key):
                yield Hit(route, "metadata.annotations", f"annotation `{key}` does nothing on a route")


RULES = (route_parent, route_listener, route_mixed, route_overlap, route_host, route_annotation)

"""What routes of the Gateway API lead to: a Service that is there, spoken to as it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.routing import ROUTES, UNTOLD
from kforge.rules.gateway_routes import routes

_TRUST = "https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/"


def _backends(route: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Field path and reference of every Service in the route's own namespace that it leads to."""
    home = text(mapping(route.data, "metadata"), "namespace")
    for at, entry in items(mapping(route.data, "spec"), "rules", "spec"):
        for field, backend in items(entry, "backendRefs", at):
            of_core = (text(backend, "kind") or "Service") == "Service" and not text(backend, "group")
            if of_core and text(backend, "namespace") in ("", home):
                yield field, backend


def _port(service: Document, number: Any) -> Mapping[str, Any] | None:
    ports = (entry for _, entry in items(mapping(service.data, "spec"), "ports"))
    return next((entry for entry in ports if entry.get("port") == number), None)


@rule(
    "route-backend",
    "error",
    "name a Service and the number of a port that it has",
    kinds=ROUTES,
    sources=("https://gateway-api.sigs.k8s.io/api-types/httproute/#backendrefs-optional",),
)
def route_backend(documents: Documents) -> Iterator[Hit]:
    """The Service that a route leads to is there, with the port that is named.

    A Gateway answers 500 for a backend that it does not find. Services of other namespaces are not looked at.

    Wrong:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], rules: [{backendRefs: [{name: web, port: 8080}]}]}
    Right:
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], rules: [{backendRefs: [{name: web, port: 80}]}]}
    """
    for route in routes(documents):
        for at, backend in _backends(route):
            name = text(backend, "name")
            service = documents.get("Service", name)
            if service is None:
                if name and f"Service/{name}" not in documents.external:
                    yield Hit(route, f"{at}.name", f"Service `{name}` does not exist")
            elif _port(service, backend.get("port")) is None:
                yield Hit(route, f"{at}.port", f"Service `{name}` has no port `{backend.get('port')}`")


@rule(
    "route-https",
    "warning",
    "add a BackendTLSPolicy for the Service, which kforge writes for services that it exposes",
    kinds=("HTTPRoute",),
    sources=(_TRUST,),
)
def route_https(documents: Documents) -> Iterator[Hit]:
    """A Gateway knows that the service behind a route speaks TLS.

    It speaks plain HTTP to a Service unless a BackendTLSPolicy says otherwise, and what speaks TLS answers `400` or closes.

    Wrong:
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
        ---
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], rules: [{backendRefs: [{name: web, port: 8443}]}]}
    Right:
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
        ---
        kind: HTTPRoute
        spec: {parentRefs: [{name: shared}], rules: [{backendRefs: [{name: web, port: 8443}]}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: web}
        spec: {targetRefs: [{group: "", kind: Service, name: web}]}
    """
    told = {
        text(target, "name")
        for policy in documents.objects("BackendTLSPolicy")
        for _, target in items(mapping(policy.data, "spec"), "targetRefs")
    }
    for route in routes(documents, "HTTPRoute"):
        for at, backend in _backends(route):
            name = text(backend, "name")
            service = documents.get("Service", name)
            port = _port(service, backend.get("port")) if service else None
            if name not in told and port is not None and text(port, "appProtocol").lower() == "https":
                yield Hit(route, f"{at}.port", f"`{name}` speaks HTTPS, but no BackendTLSPolicy tells the Gateway")


@rule(
    "backend-trust",
    "warning",
    "write `expose: {verify: {ca: NAME, host: …}}` with a ConfigMap that has `ca.crt`, or `verify: {}` if a public authority signed it",
    kinds=("BackendTLSPolicy",),
    sources=(_TRUST,),
)
def backend_trust(documents: Documents) -> Iterator[Hit]:
    """The spec says who signed the certificate of a service that speaks HTTPS behind a Gateway.

    A Gateway checks that certificate, and answers 502 or 503 where it does not trust it. Where the spec says nothing, the
    authorities of the Gateway's system are asked, for the public host; inside of a cluster a certificate is mostly signed
    by one of its own, for the Service's name. This finding is about what kforge wrote; a policy of yours says what it
    says.
    """
    for policy in documents.objects("BackendTLSPolicy"):
        if policy.origins.get("spec.validation.wellKnownCACertificates") == UNTOLD:
            said = f"it is not known who signed the certificate of `{policy.service}`: a Gateway would trust public authorities only"
            yield Hit(policy, "spec.validation.wellKnownCACertificates", said)


RULES = (route_backend, route_https, backend_trust)

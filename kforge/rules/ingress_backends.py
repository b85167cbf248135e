"""What an Ingress leads to is spoken to as it speaks: each class' controller is told in its own way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.ingress_classes import reads, tells
from kforge.domain.kubernetes.objects import items, mapping, text

_HTTPS = re.compile(r"backend-?protocol|serversscheme|server-ssl|ssl-services|upstream-protocol|app-protocols|secure-backends|/protocol$|termination$")  # fmt: skip
_GRPC = re.compile(r"backend-?protocol|serversscheme|server-proto|grpc|upstream-protocol|app-protocols|/protocols?$")
_ITSELF = ("traefik",)  # controllers that go by the name of the Service's port, `https`
_SPOKEN = {"https": ("https",), "grpc": ("kubernetes.io/h2c", "h2c", "grpc")}  # by protocol, values of `appProtocol`
Led = tuple[Document, Document, str]  # an Ingress, the Service that it leads to, and the field that says its port


@rule(
    "backend-https",
    "warning",
    "name the class (`routing.ingressClass`, `expose.class`), or set an annotation in `expose.annotations`",
    kinds=("Ingress",),
    sources=(
        "https://kubernetes.io/docs/concepts/services-networking/ingress/#tls",
        "https://haproxy-ingress.github.io/docs/configuration/keys/#backend-protocol",
    ),
)
def backend_https(documents: Documents) -> Iterator[Hit]:
    """An Ingress knows that the service behind it speaks TLS.

    Controllers end TLS and speak plain HTTP to what is behind them, which answers `400` or closes. Each is told otherwise
    in its own way. kforge writes it for the classes that it knows by their names: F5's nginx, Traefik, HAProxy, Contour, Kong,
    AWS (`alb`), Google (`gce`), Azure's gateway, OpenShift.

    Wrong:
        kind: Ingress
        metadata: {name: web}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: https}}}}]}}]}
        ---
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
    Right:
        kind: Ingress
        metadata: {name: web, annotations: {haproxy-ingress.github.io/backend-protocol: h1-ssl}}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {name: https}}}}]}}]}
        ---
        kind: Service
        metadata: {name: web}
        spec: {ports: [{name: https, port: 8443, appProtocol: https}]}
    """
    for ingress, service, field in _led(documents, "https"):
        class_ = _class(ingress)
        known = reads(class_, "https") or any(name in class_ for name in _ITSELF)
        if not known and not _told(ingress, service, "https", _HTTPS):
            said = f"`{service.name}` speaks HTTPS, but the Ingress {_of(class_)} does not say so: its controller would speak plain HTTP"
            yield Hit(ingress, field, said, _hint(class_, "https"))


@rule(
    "backend-grpc",
    "warning",
    "route it through a Gateway, `routing: {gateway: NAMESPACE/NAME}`; name the class, or set an annotation in `expose.annotations`",
    kinds=("Ingress",),
    sources=(
        "https://doc.traefik.io/traefik/routing/providers/kubernetes-ingress/#on-service",
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#backend-protocol-version",
    ),
)
def backend_grpc(documents: Documents) -> Iterator[Hit]:
    """An Ingress knows that the service behind it speaks gRPC.

    gRPC is HTTP/2, and controllers speak HTTP/1 to what is behind them: every call fails. Each is told otherwise in its own
    way. kforge writes it for F5's nginx, Traefik, HAProxy, Contour, Kong and AWS (`alb`); OpenShift's router reads it off
    the Service. Through a Gateway nothing of it is needed: a GRPCRoute says what it is.

    Wrong:
        kind: Ingress
        metadata: {name: rpc}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: rpc, port: {name: grpc}}}}]}}]}
        ---
        kind: Service
        metadata: {name: rpc}
        spec: {ports: [{name: grpc, port: 50051, appProtocol: kubernetes.io/h2c}]}
    Right:
        kind: Ingress
        metadata: {name: rpc, annotations: {haproxy-ingress.github.io/backend-protocol: h2}}
        spec: {ingressClassName: own, rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: rpc, port: {name: grpc}}}}]}}]}
        ---
        kind: Service
        metadata: {name: rpc}
        spec: {ports: [{name: grpc, port: 50051, appProtocol: kubernetes.io/h2c}]}
    """
    for ingress, service, field in _led(documents, "grpc"):
        class_ = _class(ingress)
        if not _told(ingress, service, "grpc", _GRPC) and not reads(class_ or documents.platform, "grpc"):
            said = f"`{service.name}` speaks gRPC, but the Ingress {_of(class_)} does not say so: its controller would speak HTTP/1"
            yield Hit(ingress, field, said, _hint(class_, "grpc"))


def _led(documents: Documents, protocol: str) -> Iterator[Led]:
    """What Ingresses lead to that speaks a protocol."""
    services = {service.name: service for service in documents.objects("Service")}
    for ingress in documents.objects("Ingress"):
        for at, entry in items(mapping(ingress.data, "spec"), "rules", "spec"):
            for path, below in items(mapping(entry, "http"), "paths", f"{at}.http"):
                named = mapping(below, "backend", "service")
                service = services.get(text(named, "name"))
                if service is not None and _spoken(service, mapping(named, "port")) in _SPOKEN[protocol]:
                    yield ingress, service, f"{path}.backend.service.port"


def _spoken(service: Document, port: Mapping[str, Any]) -> str:
    """What a port of a Service says that it speaks."""
    for _, entry in items(mapping(service.data, "spec"), "ports"):
        if text(port, "name") == text(entry, "name") or (port.get("number") or 0) == entry.get("port"):
            return text(entry, "appProtocol").lower()
    return ""


def _class(ingress: Document) -> str:
    return text(mapping(ingress.data, "spec"), "ingressClassName")


def _told(ingress: Document, service: Document, protocol: str, words: re.Pattern[str]) -> bool:
    """Whether an annotation of either says what the Service speaks, in the class' own words or in another's."""
    noted = {**mapping(ingress.data, "metadata", "annotations"), **mapping(service.data, "metadata", "annotations")}
    known = tells(_class(ingress), protocol)
    return not known.isdisjoint(noted) or any(words.search(str(key)) for key in noted)


def _of(class_: str) -> str:
    return f"of class `{class_}`" if class_ else "without a class"


def _hint(class_: str, protocol: str) -> str:
    known = tells(class_, protocol)
    return f"add `{min(known)}` to its annotations" if known else ""


RULES = (backend_https, backend_grpc)

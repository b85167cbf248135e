"""Route: a service that the world reaches through a Gateway, by a host name: HTTPRoute, or GRPCRoute for gRPC.

TLS and the way from HTTP to HTTPS are the Gateway's own, which others look after. A path of gRPC is a service and a
method, `/shop.Orders/Get`: it is matched as these.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.routing import DEFAULT, gateway, parent
from kforge.domain.origin import sourced
from kforge.domain.port import Port
from kforge.domain.view import View

_PATH = "spec.expose.path"


def build(view: View) -> Document | None:
    if not wanted(view) or names.is_job(view):
        return None
    expose, ports = view.spec("expose"), names.ports(view)
    held = gateway(view) if expose is not None and ports else None
    if held is None:
        return None
    port = names.exposed(expose, ports)
    matches = _method(expose.path) if port.protocol == "grpc" else [_path(expose.path)]
    spec = {
        "parentRefs": [parent(held, view.app("app"))],
        "hostnames": [sourced(expose.host, "spec.expose.host")],
        "rules": [{"matches": matches, "backendRefs": [_backend(view, port)]}],
    }
    noted = {key: sourced(value, "spec.expose.annotations") for key, value in expose.annotations.items()}
    kind = "GRPCRoute" if port.protocol == "grpc" else "HTTPRoute"
    return manifest(view, ARTIFACT.name, kind, {"spec": spec}, annotations=noted)


def _path(path: str) -> dict[str, Any]:
    kind = sourced("PathPrefix", "kforge: whole path elements, alike on every controller")
    return {"path": sourced({"type": kind, "value": sourced(path, _PATH)}, _PATH)}


def _method(path: str) -> list[dict[str, Any]] | None:
    """The match of a gRPC service and perhaps its method; None for all of them."""
    service, _, method = path.strip("/").partition("/")
    if not service:
        return None
    named = {"service": sourced(service, _PATH), "method": sourced(method, _PATH) if method else None}
    return [{"method": sourced({"type": sourced("Exact", DEFAULT), **named}, _PATH)}]


def _backend(view: View, port: Port) -> dict[str, Any]:
    return {
        "group": sourced("", DEFAULT),
        "kind": sourced("Service", DEFAULT),
        "name": view.service,
        "port": sourced(port.number, "process.ports"),
        "weight": sourced(1, DEFAULT),
    }


ARTIFACT = Artifact(name="route", revision=1, output="kubernetes", build=build)

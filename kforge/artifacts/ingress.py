"""Ingress: a service that the world reaches by a host name, where `routing` names no Gateway. TLS ends there, with a Secret made elsewhere; a service that
speaks TLS itself is spoken to by another, of which the Ingress class is told.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.ingress_classes import told
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.routing import gateway, ingress_class
from kforge.domain.origin import sourced
from kforge.domain.port import Port
from kforge.domain.view import View

_TOLD = "kforge: the controller speaks plain HTTP/1 to a backend unless it is told"


def build(view: View) -> Document | None:
    if not wanted(view) or names.is_job(view):
        return None
    expose, ports = view.spec("expose"), names.ports(view)
    if expose is None or not ports:
        return None
    if gateway(view) is not None:
        return None
    port, class_ = names.exposed(expose, ports), ingress_class(view, expose)
    backend = {"service": {"name": view.service, "port": {"name": sourced(port.name, "process.ports")}}}
    path = {
        "path": sourced(expose.path, "spec.expose.path"),
        "pathType": sourced("Prefix", "kforge: whole path elements, alike on every controller"),
        "backend": backend,
    }
    spec = {
        "ingressClassName": sourced(*class_) if class_ else None,
        "rules": [{"host": sourced(expose.host, "spec.expose.host"), "http": {"paths": [path]}}],
        "tls": [_tls(view, expose)] if expose.tls else None,
    }
    return manifest(
        view,
        ARTIFACT.name,
        "Ingress",
        {"spec": spec},
        annotations=_annotations(view, expose, port, class_[0] if class_ else None),
    )


def _tls(view: View, expose: Any) -> dict[str, Any]:
    shared = view.certificate()  # a controller shows one certificate a host
    secret = expose.tls if isinstance(expose.tls, str) else shared or f"{view.service}-tls"
    return {"hosts": [sourced(expose.host, "spec.expose.host")], "secretName": sourced(secret, "spec.expose.tls")}


def _annotations(view: View, expose: Any, port: Port, class_: str | None) -> dict[str, Any]:
    told_ = told(class_, "ingress", view.service, port)
    noted = {key: sourced(value, _TOLD) for key, value in told_.items()}
    return noted | {key: sourced(value, "spec.expose.annotations") for key, value in expose.annotations.items()}


ARTIFACT = Artifact(name="ingress", revision=1, output="kubernetes", build=build)

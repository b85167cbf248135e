"""BackendTLSPolicy: a Gateway speaks TLS to a service that speaks HTTPS itself, and knows its certificate.

Without one the Gateway speaks plain HTTP, which such a service does not answer. `expose.verify` says who signed the
certificate and for which name; otherwise the authorities of the Gateway's system are asked for the public host.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.routing import UNTOLD, gateway
from kforge.domain.origin import sourced
from kforge.domain.view import View


def build(view: View) -> Document | None:
    if not wanted(view) or names.is_job(view):
        return None
    expose, ports = view.spec("expose"), names.ports(view)
    if expose is None or not ports or gateway(view) is None:
        return None
    port = names.exposed(expose, ports)
    if port.protocol != "https":
        return None
    target = {
        "group": "",
        "kind": "Service",
        "name": view.service,
        "sectionName": sourced(port.name, "process.ports"),
    }
    spec = {"targetRefs": [target], "validation": _validation(expose)}
    return manifest(view, ARTIFACT.name, "BackendTLSPolicy", {"spec": spec})


def _validation(expose: Any) -> dict[str, Any]:
    said = expose.verify
    if said is not None and said.host:
        host = sourced(said.host, "spec.expose.verify.host")
    else:
        host = sourced(expose.host, "spec.expose.host")
    if said is not None and said.ca:
        held = {"group": "", "kind": "ConfigMap", "name": sourced(said.ca, "spec.expose.verify.ca")}
        return {"hostname": host, "caCertificateRefs": [held]}
    origin = UNTOLD if said is None else "spec.expose.verify"
    return {"hostname": host, "wellKnownCACertificates": sourced("System", origin)}


ARTIFACT = Artifact(name="backendtls", revision=1, output="kubernetes", build=build)

"""ListenerSet, where the spec wishes for one: listeners that the application adds to a Gateway, one a host.

The Gateway stays that of others, who allow it (`allowedListeners`). Certificates are Secrets made elsewhere, as an
Ingress has them; services at one host share the first one's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import API_VERSIONS, namespace, wanted
from kforge.domain.kubernetes.routing import DEFAULT, GROUP, Certificate, Gateway, certificates, gateway
from kforge.domain.origin import sourced
from kforge.domain.view import View

_PORTS = {"HTTPS": 443, "HTTP": 80}
_USUAL = "kforge: where browsers ask"


def build(view: View) -> Document | None:
    if not wanted(view):
        return None
    held = gateway(view)
    listeners = list(_listeners(view)) if held is not None and held.listener_set else []
    if held is None or not listeners:
        return None
    own = {key: sourced(value, "app.labels") for key, value in view.app("labels").items()}
    standard = {
        "app.kubernetes.io/instance": view.app("app"),
        "app.kubernetes.io/managed-by": "kforge",
        "app.kubernetes.io/part-of": view.app("app"),
    }
    return Document(
        path=f"{view.app('paths').kubernetes.rstrip('/')}/listenerset.yaml",
        artifact=ARTIFACT.name,
        environment=view.environment,
        data={
            "apiVersion": API_VERSIONS["ListenerSet"],
            "kind": "ListenerSet",
            "metadata": {"name": view.app("app"), "namespace": namespace(view), "labels": {**own, **standard}},
            "spec": {"parentRef": _parent(held), "listeners": listeners},
        },
    )


def _parent(held: Gateway) -> dict[str, Any]:
    return {
        "group": sourced(GROUP, DEFAULT),
        "kind": sourced("Gateway", DEFAULT),
        "name": sourced(held.name, "app.routing.gateway"),
        "namespace": sourced(held.namespace, "app.routing.gateway") if held.namespace else None,
    }


def _listeners(view: View) -> Iterator[dict[str, Any]]:
    """A listener for every host, in the order of the hosts."""
    exposed = {}
    for name in view.services():
        service = view.of(name)
        expose = service.spec("expose")
        if expose is not None and wanted(service) and not names.is_job(service) and names.ports(service):
            exposed[name] = expose
    for host, held in certificates(exposed).items():
        yield _listener(host, held)


def _listener(host: str, held: Certificate) -> dict[str, Any]:
    origin = f"services.{held.service}.expose"
    protocol = "HTTPS" if held.tls else "HTTP"
    certificate = {"group": sourced("", DEFAULT), "kind": sourced("Secret", DEFAULT)}
    certificate["name"] = sourced(held.secret, origin)
    return {
        "name": host.replace("*", "wildcard"),
        "hostname": sourced(host, f"{origin}.host"),
        "port": sourced(_PORTS[protocol], _USUAL),
        "protocol": sourced(protocol, origin),
        "tls": {"mode": sourced("Terminate", DEFAULT), "certificateRefs": [certificate]} if held.tls else None,
        "allowedRoutes": {"namespaces": {"from": sourced("Same", DEFAULT)}},
    }


ARTIFACT = Artifact(name="listenerset", revision=1, output="kubernetes", build=build, scope="app")

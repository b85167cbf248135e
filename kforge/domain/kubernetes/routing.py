"""How exposed services are reached, as `routing` and `expose` say it: by which Gateway, or by which Ingress class.

Pure functions of a view: what asks here has `routing` among its inputs, so only artifacts of what is exposed ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from kforge.domain.origin import sourced
from kforge.domain.view import View

GROUP = "gateway.networking.k8s.io"
ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
# Defaults are written out: Argo CD compares what is written with what the API server made of it,
# https://github.com/argoproj/argo-cd/issues/22151
DEFAULT = "kforge: what the API server would fill in, so that what runs is what is written"

UNTOLD = "kforge: the spec does not say who signed the service's certificate"  # of a BackendTLSPolicy


@dataclass(frozen=True, slots=True)
class Gateway:
    """A Gateway that others look after."""

    name: str
    namespace: str | None = None  # None: the application's
    section: str | None = None  # a listener of it
    listener_set: bool = False  # whether the application brings listeners of its own


def gateway(view: View) -> Gateway | None:
    """The Gateway that routes lead through; None where an Ingress is written."""
    said = view.app("routing")
    if said is None or said.gateway is None:
        return None
    namespace, _, name = said.gateway.rpartition("/")
    return Gateway(name, namespace or None, said.section, said.listenerSet)


def ingress_class(view: View, expose: Any) -> tuple[str, str] | None:
    """The class of an Ingress, and its origin; None for the cluster's default."""
    if expose.class_:
        return expose.class_, "spec.expose.class"
    said = view.app("routing")
    return (said.ingressClass, "app.routing.ingressClass") if said and said.ingressClass else None


def parent(held: Gateway, app: str) -> dict[str, Any]:
    """What a route attaches to: the Gateway, or the application's ListenerSet."""
    group = sourced(GROUP, DEFAULT)
    if held.listener_set:
        return {"group": group, "kind": sourced("ListenerSet", "app.routing.listenerSet"), "name": app}
    return {
        "group": group,
        "kind": sourced("Gateway", DEFAULT),
        "name": sourced(held.name, "app.routing.gateway"),
        "namespace": sourced(held.namespace, "app.routing.gateway") if held.namespace else None,
        "sectionName": sourced(held.section, "app.routing.section") if held.section else None,
    }


class Certificate(NamedTuple):
    """How a host of a ListenerSet has TLS, and the service that says so."""

    service: str
    tls: bool
    secret: str


def certificates(exposed: Mapping[str, Any]) -> dict[str, Certificate]:
    """By host, sorted, what services say of TLS by their `expose`. Those at one host share the first one's Secret, or the
    one that any of them names.
    """
    found: dict[str, Certificate] = {}
    named: set[str] = set()
    for service, expose in sorted(exposed.items()):
        said = isinstance(expose.tls, str)
        if expose.host not in found or (said and expose.host not in named):
            secret = expose.tls if said else f"{service}-tls"
            found[expose.host] = Certificate(service, bool(expose.tls), secret)
        named.update({expose.host} if said else ())
    return dict(sorted(found.items()))

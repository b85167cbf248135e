"""Service: a stable address for pods that listen, on the container's own ports; a headless one too for a StatefulSet.

A StatefulSet needs a headless Service for its pods' names. It is a second one, `NAME-headless`, so that the service's
own name stays one address that outlives its pods: clients that look a name up once, as many do, keep working.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.features import has
from kforge.domain.kubernetes.ingress_classes import told
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.platforms import fact, platform, title
from kforge.domain.kubernetes.pod import short
from kforge.domain.kubernetes.routing import gateway, ingress_class
from kforge.domain.origin import sourced
from kforge.domain.port import Port
from kforge.domain.spec.replicas import fewest
from kforge.domain.topic_names import ROLLOUT
from kforge.domain.view import View

HEADLESS = "-headless"
_ZONES = 3  # replicas: one in each of a region's usual zones
_NEAR = "kforge: replicas are in every zone, so that clients need not cross to another, which costs time and money"
_EARLY = "kforge: replicas find each other before they are ready"
_SPOKEN = {
    "grpc": sourced("kubernetes.io/h2c", "kforge: HTTP/2 without TLS; proxies that read it speak it, others ignore it"),
    "https": sourced("https", "kforge: HTTP with TLS; proxies that read it speak it, others ignore it"),
}
_TOLD = "kforge: the controller behind the Ingress speaks plain HTTP/1 to the Service unless it is told"


def build(view: View) -> tuple[Document, ...]:
    kind = names.workload_kind(view)
    if not wanted(view) or kind in ("Job", "CronJob"):
        return ()
    selector = names.selector(view)
    ports = [_port(port) for port in names.ports(view)]
    made = []
    if ports:
        spec: dict[str, Any] = {
            "ports": ports,
            "selector": selector,
            "trafficDistribution": _near(view),
            "type": "ClusterIP",
        }
        made.append(manifest(view, ARTIFACT.name, "Service", {"spec": spec}, annotations=_annotations(view)))
    if kind == "StatefulSet":
        # A headless Service may have no ports: a worker's replicas have names all the same.
        spec = {
            "clusterIP": "None",
            "ports": ports or None,
            "publishNotReadyAddresses": sourced(True, _EARLY),
            "selector": _told_apart(view, selector),
        }
        name = short(view.service, 63 - len(HEADLESS)) + HEADLESS
        made.append(manifest(view, ARTIFACT.name, "Service", {"spec": spec}, name=name, file="service-headless"))
    return tuple(made)


def _told_apart(view: View, selector: dict[str, str]) -> dict[str, Any]:
    """A selector of the same pods that differs from the other Service's, where the platform asks for that."""
    name = platform(view)
    if not fact(name, "unique-selectors"):
        return selector
    why = f"kforge: {title(name)} refuses two Services with one selector; every pod of the app has this label, too"
    return {**selector, "app.kubernetes.io/part-of": sourced(view.app("app"), why)}


def _near(view: View) -> Any:
    """Clients get replicas of their own zone, where there are enough to have one in each."""
    if fewest(view) < _ZONES or view.decided(ROLLOUT, "spread") != "zone" or not has(view, "traffic-close"):
        return None
    return sourced("PreferSameZone" if has(view, "traffic-zone") else "PreferClose", _NEAR)


def _annotations(view: View) -> dict[str, Any]:
    ports = names.ports(view)
    expose = view.spec("expose") if any(port.protocol in ("https", "grpc") for port in ports) else None
    if expose is None or gateway(view) is not None:
        return {}
    class_, _ = ingress_class(view, expose) or (None, "")
    told_ = told(class_, "service", view.service, names.exposed(expose, ports))
    return {key: sourced(value, _TOLD) for key, value in told_.items()}


def _port(port: Port) -> dict[str, Any]:
    return {
        "name": sourced(port.name, "process.ports"),
        "appProtocol": _SPOKEN.get(port.protocol),
        "port": sourced(port.number, "process.ports"),
        "targetPort": sourced(port.name, "process.ports"),
    }


ARTIFACT = Artifact(name="service", revision=1, output="kubernetes", build=build)

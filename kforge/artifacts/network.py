"""NetworkPolicy: who may connect to a service, and with `network: strict` also where it may connect to.

`app`     pods of the app, the namespaces of `allowFrom`, and every client on an exposed port: where an ingress
          controller or a Gateway's proxies run is not known here. Inside the app everything may talk, so no missed edge
          is an outage.
`strict`  only the callers that variables, `needs` or the source show; out only to what is called, DNS and `egress`.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.completion import tells
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.origin import sourced
from kforge.domain.port import Port
from kforge.domain.view import View

NAMESPACE_LABEL = "kubernetes.io/metadata.name"
_APP = "kforge: inside the app everything may talk, so that no missed edge is an outage"
_DNS = "kforge: names are resolved by the cluster's DNS or a node's cache of it"
_API = (
    "kforge: the Job tells the API server that it is done; no selector reaches that, so any address at its usual ports"
)
_API_PORTS = (443, 6443)
# NodeLocal DNSCache listens on a link-local address of the node, where no pod selector reaches.
_NODE_CACHE = "169.254.20.10/32"


def build(view: View) -> Document | None:
    mode = view.app("network")
    if not wanted(view) or mode == "off":
        return None
    inbound = [*(_callers(view) if mode == "strict" else _app(view)), *_namespaces(view), *_exposed(view)]
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": names.selector(view)},
        "policyTypes": sourced(["Ingress", "Egress"] if mode == "strict" else ["Ingress"], "app.network"),
        "ingress": inbound or None,
        "egress": [*_callees(view), *_outside(view), *_api_server(view), _dns()] if mode == "strict" else None,
    }
    return manifest(view, ARTIFACT.name, "NetworkPolicy", {"spec": spec})


def _listens(view: View) -> list[Port]:
    return [] if names.is_job(view) else names.ports(view)


def _app(view: View) -> list[dict[str, Any]]:
    if not _listens(view):
        return []
    instance = {"app.kubernetes.io/instance": view.app("app")}
    return [{"from": sourced([{"podSelector": {"matchLabels": instance}}], _APP)}]


def _callers(view: View) -> list[dict[str, Any]]:
    ports = [{"port": sourced(port.number, "process.ports")} for port in _listens(view)]
    if not ports:
        return []
    return [
        {
            "from": sourced([_pods(view.of(caller))], f"kforge: `{caller}` calls it, as its {origin} shows"),
            "ports": ports,
        }
        for caller, origin in view.callers().items()
    ]


def _namespaces(view: View) -> list[dict[str, Any]]:
    """Other namespaces, to one port or to all."""
    ports = _listens(view)
    rules = []
    for index, allowed in enumerate(view.spec("allowFrom") if ports else ()):
        numbers = [port.number for port in ports if allowed.port in (None, port.name, port.number)]
        peer = {
            "namespaceSelector": {
                "matchLabels": {NAMESPACE_LABEL: sourced(allowed.namespace, f"spec.allowFrom.{index}.namespace")}
            }
        }
        opened = [
            {"port": sourced(number, f"spec.allowFrom.{index}.port" if allowed.port else "process.ports")}
            for number in numbers
        ]
        if opened:
            rules.append({"from": [peer], "ports": opened})
    return rules


def _exposed(view: View) -> list[dict[str, Any]]:
    """The port behind the Ingress or the route, from anywhere: no `from` means every source. Where the pods of a Gateway
    run is not said by where the Gateway is.
    """
    expose, ports = view.spec("expose"), _listens(view)
    if expose is None or not ports:
        return []
    port = names.exposed(expose, ports)
    return [{"ports": [{"port": sourced(port.number, "spec.expose")}]}]


def _callees(view: View) -> list[dict[str, Any]]:
    rules = []
    for callee, origin in view.callees().items():
        ports = [{"port": sourced(port.number, origin)} for port in _listens(view.of(callee))]
        if ports:
            rules.append({"to": sourced([_pods(view.of(callee))], origin), "ports": ports})
    return rules


def _pods(view: View) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": names.selector(view)}}


def _outside(view: View) -> list[dict[str, Any]]:
    return [
        {
            "to": [{"ipBlock": {"cidr": sourced(target.cidr, f"spec.egress.{index}.cidr")}}],
            "ports": [{"port": sourced(target.port, f"spec.egress.{index}.port")}] if target.port else None,
        }
        for index, target in enumerate(view.spec("egress"))
    ]


def _api_server(view: View) -> list[dict[str, Any]]:
    """Where a job says that it is done. The API server is no pod, and its address is the cluster's own affair."""
    ports = [{"port": sourced(port, _API)} for port in _API_PORTS]
    return [{"ports": ports}] if tells(view) else []


def _dns() -> dict[str, Any]:
    cluster = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}
    peers = [cluster, {"ipBlock": {"cidr": _NODE_CACHE}}]
    return {"to": sourced(peers, _DNS), "ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}


ARTIFACT = Artifact(name="network", revision=1, output="kubernetes", build=build)

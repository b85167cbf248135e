"""Services, Ingresses, autoscalers, budgets and rollouts: numbers and forms that the API server takes.

Source: k8s.io/kubernetes/pkg/apis/{core,apps,networking,autoscaling,policy}/validation, and kube-apiserver 1.34 itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, mapping, text

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PERCENT = re.compile(r"[0-9]+%")
_OPEN = ("NodePort", "LoadBalancer")
_NOT_IN_PATH = ("//", "/./", "/../", "%2f", "%2F")
_COUNTS = ("replicas", "minReadySeconds", "revisionHistoryLimit", "backoffLimit", "ttlSecondsAfterFinished", "parallelism",
           "completions", "activeDeadlineSeconds")  # fmt: skip
_REFUSED = "the API server refuses the object"


@rule(
    "service-port",
    "error",
    _REFUSED,
    kinds=("Service",),
    sources=("https://kubernetes.io/docs/concepts/services-networking/service/#multi-port-services",),
    waivable=False,
)
def service_port(documents: Documents) -> Iterator[Hit]:
    """A Service's ports are told apart by name and number.

    Numbers are 1 to 65535 and stand there once a protocol; where there are several, each has a name. A node port needs
    a Service of type NodePort or LoadBalancer. The API server refuses the object otherwise.

    Wrong:
        kind: Service
        spec: {ports: [{port: 80}, {port: 9090}]}
    Right:
        kind: Service
        spec: {ports: [{name: http, port: 80}, {name: metrics, port: 9090}]}
    """
    for service in documents.objects("Service"):
        spec = mapping(service.data, "spec")
        ports = list(items(spec, "ports", "spec"))
        if not ports and text(spec, "type") != "ExternalName" and spec.get("clusterIP") != "None":
            yield Hit(service, "spec.ports", "the Service has no port")
        names: set[str] = set()
        numbers: set[tuple[Any, str]] = set()
        for at, port in ports:
            name, number = text(port, "name"), port.get("port")
            key = (str(number), text(port, "protocol") or "TCP")
            if not isinstance(number, int) or not 1 <= number <= 65535:
                yield Hit(service, f"{at}.port", f"`{number}` is not a port from 1 to 65535")
            if len(ports) > 1 and not name:
                yield Hit(service, f"{at}.name", "with several ports, each needs a name")
            elif name and not _LABEL.fullmatch(name):
                yield Hit(service, f"{at}.name", f"`{name}` is not a port name")
            elif name and name in names:
                yield Hit(service, f"{at}.name", f"another port is named `{name}`")
            if key in numbers:
                yield Hit(service, f"{at}.port", f"port {number} is listed twice")
            if port.get("nodePort") and text(spec, "type") not in _OPEN:
                yield Hit(service, f"{at}.nodePort", "only NodePort and LoadBalancer have node ports")
            names.add(name)
            numbers.add(key)


@rule(
    "ingress-path",
    "error",
    "write an absolute path such as `/shop`",
    kinds=("Ingress",),
    sources=("https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",),
    waivable=False,
)
def ingress_path(documents: Documents) -> Iterator[Hit]:
    """An Ingress's path is absolute and in its plain form, and says how it is compared.

    `pathType` is `Prefix`, `Exact` or `ImplementationSpecific`; only the last may have a path with `//`, `..` or an
    encoded `/`. The API server refuses the object otherwise.

    Wrong:
        kind: Ingress
        spec: {rules: [{http: {paths: [{path: shop, pathType: Prefix}]}}]}
    Right:
        kind: Ingress
        spec: {rules: [{http: {paths: [{path: /shop, pathType: Prefix}]}}]}
    """
    for ingress in documents.objects("Ingress"):
        for at, host in items(mapping(ingress.data, "spec"), "rules", "spec"):
            for field, entry in items(mapping(host, "http"), "paths", f"{at}.http"):
                path, kind = text(entry, "path"), text(entry, "pathType")
                if kind not in ("Exact", "Prefix", "ImplementationSpecific"):
                    yield Hit(ingress, f"{field}.pathType", f"`{kind}` is not Exact, Prefix or ImplementationSpecific")
                elif path and not path.startswith("/"):
                    yield Hit(ingress, f"{field}.path", f"`{path}` does not begin with `/`")
                elif kind != "ImplementationSpecific" and _odd(path):
                    yield Hit(ingress, f"{field}.path", f"`{path}` is not in its shortest form")


def _odd(path: str) -> bool:
    return not path or any(part in path for part in _NOT_IN_PATH) or path.endswith(("/..", "/."))


@rule(
    "scale-range",
    "error",
    _REFUSED,
    kinds=("HorizontalPodAutoscaler", "PodDisruptionBudget"),
    sources=(
        "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
        "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    ),
    waivable=False,
)
def scale_range(documents: Documents) -> Iterator[Hit]:
    """An autoscaler's least is at least 1 and not above its most; a budget counts in one way.

    A disruption budget has `minAvailable` or `maxUnavailable`, as a number or a percentage. The API server refuses the
    object otherwise. In a spec the range is the service's `scale`.

    Wrong:
        kind: HorizontalPodAutoscaler
        spec: {minReplicas: 12, maxReplicas: 10}
    Right:
        kind: HorizontalPodAutoscaler
        spec: {minReplicas: 2, maxReplicas: 10}
    """
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        spec = mapping(scaler.data, "spec")
        least, most = spec.get("minReplicas", 1), spec.get("maxReplicas")
        if isinstance(least, int) and least < 1:
            yield Hit(scaler, "spec.minReplicas", "the minimum must be at least 1")
        if isinstance(least, int) and isinstance(most, int) and least > most:
            yield Hit(scaler, "spec.maxReplicas", f"the maximum ({most}) is below the minimum ({least})")
    for budget in documents.objects("PodDisruptionBudget"):
        spec = mapping(budget.data, "spec")
        if "minAvailable" in spec and "maxUnavailable" in spec:
            yield Hit(budget, "spec", "`minAvailable` and `maxUnavailable` exclude each other")
        for key in ("minAvailable", "maxUnavailable"):
            if key in spec and (said := _amount_fault(spec[key])):
                yield Hit(budget, f"spec.{key}", said)


def _amount_fault(value: Any) -> str:
    """What is wrong with a count or percentage, "" for a good one."""
    if isinstance(value, int):
        return "a negative number" if value < 0 else ""
    good = isinstance(value, str) and _PERCENT.fullmatch(value)
    return "" if good else f"`{value}` is neither a number nor a percentage"


@rule(
    "rollout",
    "error",
    _REFUSED,
    kinds=("Deployment", "StatefulSet", "Job"),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",),
    waivable=False,
)
def rollout(documents: Documents) -> Iterator[Hit]:
    """A rollout can move, and its counts and times are no negative numbers.

    With `maxSurge` and `maxUnavailable` both 0 no pod may come and none may go. `Recreate` takes no numbers of a rolling
    update, and the deadline for progress is above the time a pod must be ready. The API server refuses the object
    otherwise. In a spec these are the service's `rollout`.

    Wrong:
        kind: Deployment
        spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0}}}
    Right:
        kind: Deployment
        spec: {strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}}
    """
    for document in documents.objects("Deployment", "StatefulSet", "Job"):
        spec = mapping(document.data, "spec")
        for key in _COUNTS:
            if isinstance(spec.get(key), int) and spec[key] < 0:
                yield Hit(document, f"spec.{key}", "a negative number")
        if document.kind == "Deployment":
            yield from _strategy(document, spec)


def _strategy(document: Document, spec: Mapping[str, Any]) -> Iterator[Hit]:
    strategy = mapping(spec, "strategy")
    rolling = mapping(strategy, "rollingUpdate")
    if strategy.get("type") == "Recreate" and rolling:
        yield Hit(document, "spec.strategy.rollingUpdate", "`Recreate` takes no `rollingUpdate`")
    for key in ("maxSurge", "maxUnavailable"):
        if key in rolling and (said := _amount_fault(rolling[key])):
            yield Hit(document, f"spec.strategy.rollingUpdate.{key}", said)
    if all(rolling.get(key) in (0, "0%") for key in ("maxSurge", "maxUnavailable")):
        yield Hit(
            document,
            "spec.strategy.rollingUpdate",
            "`maxSurge` and `maxUnavailable` are both 0, so no pod could be replaced",
        )
    deadline, ready = spec.get("progressDeadlineSeconds", 600), spec.get("minReadySeconds", 0)
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        yield Hit(document, "spec.progressDeadlineSeconds", f"{deadline} is not above `minReadySeconds` ({ready})")


RULES = (service_port, ingress_path, scale_range, rollout)

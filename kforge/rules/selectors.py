"""Selectors find pods, and the ports of a Service are there.

A selector that matches nothing is no error to the API server: the Service has no endpoints, the budget protects no pod,
the policy closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import WORKLOADS, items, mapping, pod_labels, selects, text
from kforge.domain.kubernetes.pod_selection import Pods

_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
_FROM_TEMPLATE = f"pods get their labels from the template of a {', '.join(WORKLOADS[:3])}, …"
_PAGE = "https://kubernetes.io/docs/concepts/"


def _said(labels: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key}={value}`" for key, value in sorted(labels.items()))


@rule(
    "service-selector",
    "error",
    _FROM_TEMPLATE,
    kinds=("Service",),
    sources=(f"{_PAGE}services-networking/service/#defining-a-service",),
)
def service_selector(documents: Documents) -> Iterator[Hit]:
    """A Service's selector matches the pods of a workload.

    One that matches none has no endpoints: every call to it is refused, and nothing says why.

    Wrong:
        kind: Service
        spec: {selector: {app.kubernetes.io/name: wbe}}
    Right:
        kind: Service
        spec: {selector: {app.kubernetes.io/name: web}}
    """
    pods = Pods(documents)
    for service in documents.objects("Service"):
        labels = mapping(service.data, "spec", "selector")
        if labels and not pods.matching({"matchLabels": labels}, service):
            yield Hit(service, "spec.selector", f"the Service selects no pods: no workload has {_said(labels)}")


@rule(
    "target-port",
    "error",
    "name a port that the container declares under `ports`",
    kinds=("Service",),
    sources=(f"{_PAGE}services-networking/service/#field-spec-ports",),
)
def target_port(documents: Documents) -> Iterator[Hit]:
    """The port that a Service passes on to is declared by the pods that it selects.

    A name that no container has leaves the Service without an endpoint for that port; a number that none declares is
    mostly one that the program does not listen on.

    Wrong:
        kind: Service
        spec: {ports: [{port: 80, targetPort: web}]}
    Right:
        kind: Service
        spec: {ports: [{port: 80, targetPort: http}]}
    """
    pods = Pods(documents)
    for service in documents.objects("Service"):
        labels = mapping(service.data, "spec", "selector")
        selected = pods.matching({"matchLabels": labels}, service)
        for path, port in items(mapping(service.data, "spec"), "ports", "spec") if labels else ():
            target = port.get("targetPort") or port.get("port")
            protocol = text(port, "protocol") or "TCP"
            if not isinstance(target, (str, int)):
                continue
            for workload in pods.listed(selected & ~pods.declaring(target, protocol)):
                message = f"no container of `{workload.target}` declares port `{target}` ({protocol})"
                yield Hit(service, f"{path}.targetPort", message)


@rule(
    "workload-selector",
    "error",
    "selector and template labels must agree",
    kinds=_OWNERS,
    sources=(f"{_PAGE}workloads/controllers/deployment/#selector",),
    waivable=False,
)
def workload_selector(documents: Documents) -> Iterator[Hit]:
    """A workload selects the pods that its template makes.

    The API server refuses an empty selector, and one that the labels of the template do not match: the controller
    would make pods for ever and find none of them.

    Wrong:
        kind: Deployment
        spec: {selector: {matchLabels: {app: web}}}
    Right:
        kind: Deployment
        spec: {selector: {matchLabels: {app.kubernetes.io/name: web}}}
    """
    for workload in documents.objects(*_OWNERS):
        selector = mapping(workload.data, "spec", "selector")
        _, labels = pod_labels(workload)
        if not selector:
            yield Hit(workload, "spec.selector", "the selector is empty")
        elif not selects(selector, labels):
            yield Hit(workload, "spec.selector", f"the selector does not match the pods' labels {_said(labels)}")


@rule(
    "selector-overlap",
    "error",
    "give each workload a label of its own",
    kinds=_OWNERS,
    sources=(f"{_PAGE}workloads/controllers/deployment/#selector",),
)
def selector_overlap(documents: Documents) -> Iterator[Hit]:
    """No workload selects the pods of another.

    Two controllers that count the same pods as their own each delete what the other makes.

    Wrong:
        kind: Deployment
        metadata: {name: web}
        spec: {selector: {matchLabels: {app.kubernetes.io/instance: shop}}}
    Right:
        kind: Deployment
        metadata: {name: web}
        spec: {selector: {matchLabels: {app.kubernetes.io/name: web, app.kubernetes.io/instance: shop}}}
    """
    pods = Pods(documents)
    for workload in documents.objects(*_OWNERS):
        selector = mapping(workload.data, "spec", "selector")
        rivals = pods.matching(selector, workload) & pods.rivals(workload, _OWNERS) if selector else 0
        for other in pods.listed(rivals):
            message = f"the selector also matches the pods of `{other.target}`: two controllers would fight for them"
            yield Hit(workload, "spec.selector", message)


@rule(
    "budget-selector",
    "error",
    _FROM_TEMPLATE,
    kinds=("PodDisruptionBudget",),
    sources=("https://kubernetes.io/docs/tasks/run-application/configure-pdb/",),
)
def budget_selector(documents: Documents) -> Iterator[Hit]:
    """A disruption budget's selector matches the pods of a workload.

    One that matches none protects none: a drained node takes all replicas at once.

    Wrong:
        kind: PodDisruptionBudget
        spec: {selector: {matchLabels: {app.kubernetes.io/name: wbe}}}
    Right:
        kind: PodDisruptionBudget
        spec: {selector: {matchLabels: {app.kubernetes.io/name: web}}}
    """
    pods = Pods(documents)
    for budget in documents.objects("PodDisruptionBudget"):
        selector = mapping(budget.data, "spec", "selector")
        if not pods.matching(selector, budget):
            yield Hit(budget, "spec.selector", "the disruption budget selects no pods")


@rule(
    "network-selector",
    "error",
    _FROM_TEMPLATE,
    kinds=("NetworkPolicy",),
    sources=(f"{_PAGE}services-networking/network-policies/",),
)
def network_selector(documents: Documents) -> Iterator[Hit]:
    """A network policy's selector matches the pods of a workload.

    One that matches none closes nothing, and what it was written for stays open. An empty selector is every pod of the
    namespace, and meant.

    Wrong:
        kind: NetworkPolicy
        spec: {podSelector: {matchLabels: {app.kubernetes.io/name: wbe}}}
    Right:
        kind: NetworkPolicy
        spec: {podSelector: {matchLabels: {app.kubernetes.io/name: web}}}
    """
    pods = Pods(documents)
    for policy in documents.objects("NetworkPolicy"):
        selector = mapping(policy.data, "spec", "podSelector")
        if selector and not pods.matching(selector, policy):
            yield Hit(policy, "spec.podSelector", "the network policy selects no pods")


@rule(
    "governing-service",
    "error",
    "a StatefulSet needs a headless Service that selects its pods",
    kinds=("StatefulSet",),
    sources=(f"{_PAGE}workloads/controllers/statefulset/#stable-network-id",),
)
def governing_service(documents: Documents) -> Iterator[Hit]:
    """A StatefulSet has a headless Service that selects its pods.

    It gives each pod its own name in DNS (`db-0.db-headless`), by which replicas find each other. Without it, or with
    one that has an address of its own, those names do not exist.

    Wrong:
        kind: StatefulSet
        spec: {serviceName: web}
    Right:
        kind: StatefulSet
        spec: {serviceName: db-headless}
    """
    services = {service.name: service for service in documents.objects("Service")}
    for workload in documents.objects("StatefulSet"):
        name = text(mapping(workload.data, "spec"), "serviceName")
        service = services.get(name)
        if service is None:
            if f"Service/{name}" not in documents.external:
                yield Hit(workload, "spec.serviceName", f"Service `{name}` does not exist" if name else "is missing")
            continue
        spec = mapping(service.data, "spec")
        if spec.get("clusterIP") != "None":
            yield Hit(workload, "spec.serviceName", f"Service `{name}` is not headless (`clusterIP: None`)")
        if not selects({"matchLabels": mapping(spec, "selector")}, pod_labels(workload)[1]):
            yield Hit(workload, "spec.serviceName", f"Service `{name}` does not select these pods")


RULES = (
    service_selector,
    target_port,
    workload_selector,
    selector_overlap,
    budget_selector,
    network_selector,
    governing_service,
)

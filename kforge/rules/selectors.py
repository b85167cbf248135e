"""Selectors find pods, and the ports of a Service are there.

A selector that matches nothing is no error to the API server: the Service has no endpoints, the budget protects
nobody, the policy closes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import (
    WORKLOADS,
    containers,
    items,
    mapping,
    namespace,
    pod_labels,
    selects,
    text,
    workloads,
)

LabelPair = tuple[str, str]
_OWNERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")


@dataclass(frozen=True, slots=True)
class Pods:
    """Workloads and the labels of their pods, found by label: a thousand Services ask once each."""

    all: tuple[tuple[Document, Mapping[str, Any]], ...]
    by_label: Mapping[LabelPair, tuple[int, ...]]

    def matching(self, selector: Mapping[str, Any], asker: Document) -> list[Document]:
        """Workloads in the asker's namespace whose pods a label selector matches."""
        wanted = [(key, value) for key, value in mapping(selector, "matchLabels").items() if isinstance(value, str)]
        some = min((self.by_label.get(label, ()) for label in wanted), key=len, default=range(len(self.all)))
        found = (self.all[index] for index in some)
        return [item for item, labels in found if selects(selector, labels) and _together(item, asker)]


def _pods(documents: Documents) -> Pods:
    every = tuple((item, pod_labels(item)[1]) for item in workloads(documents))
    by_label: dict[LabelPair, list[int]] = {}
    for index, (_, labels) in enumerate(every):
        for key, value in labels.items():
            if isinstance(value, str):
                by_label.setdefault((key, value), []).append(index)
    return Pods(every, {label: tuple(found) for label, found in by_label.items()})


def _together(one: Document, other: Document) -> bool:
    """Whether two objects are in one namespace; an object that names none goes where the others go."""
    left, right = namespace(one), namespace(other)
    return not left or not right or left == right


def _said(labels: Mapping[str, Any]) -> str:
    return ", ".join(f"`{key}={value}`" for key, value in sorted(labels.items()))


def _service_selector(documents: Documents) -> Iterator[Hit]:
    pods = _pods(documents)
    for service in documents.objects("Service"):
        labels = mapping(service.data, "spec", "selector")
        if labels and not pods.matching({"matchLabels": labels}, service):
            yield Hit(service, "spec.selector", f"the Service selects no pods: no workload has {_said(labels)}")


def _target_port(documents: Documents) -> Iterator[Hit]:
    pods = _pods(documents)
    for service in documents.objects("Service"):
        labels = mapping(service.data, "spec", "selector")
        for path, port in items(mapping(service.data, "spec"), "ports", "spec") if labels else ():
            target = port.get("targetPort") or port.get("port")
            protocol = text(port, "protocol") or "TCP"
            for workload in pods.matching({"matchLabels": labels}, service):
                if isinstance(target, (str, int)) and (target, protocol) not in _declared(workload):
                    message = f"no container of `{workload.target}` declares port `{target}` ({protocol})"
                    yield Hit(service, f"{path}.targetPort", message)


def _declared(workload: Document) -> set[tuple[Any, str]]:
    """Names and numbers of the ports that the containers of a workload declare, with their protocol."""
    found: set[tuple[Any, str]] = set()
    for path, container in containers(workload):
        for _, port in items(container, "ports", path):
            protocol = text(port, "protocol") or "TCP"
            number = port.get("containerPort")
            found |= {(text(port, "name"), protocol), (number if isinstance(number, int) else 0, protocol)}
    return found


def _workload_selector(documents: Documents) -> Iterator[Hit]:
    for workload in documents.objects(*_OWNERS):
        selector = mapping(workload.data, "spec", "selector")
        _, labels = pod_labels(workload)
        if not selector:
            yield Hit(workload, "spec.selector", "the selector is empty")
        elif not selects(selector, labels):
            yield Hit(workload, "spec.selector", f"the selector does not match the pods' labels {_said(labels)}")


def _overlap(documents: Documents) -> Iterator[Hit]:
    pods = _pods(documents)
    for workload in documents.objects(*_OWNERS):
        selector = mapping(workload.data, "spec", "selector")
        for other in pods.matching(selector, workload) if selector else ():
            if other.kind in _OWNERS and other.target != workload.target:
                message = (
                    f"the selector also matches the pods of `{other.target}`: two controllers would fight for them"
                )
                yield Hit(workload, "spec.selector", message)


def _budget(documents: Documents) -> Iterator[Hit]:
    pods = _pods(documents)
    for budget in documents.objects("PodDisruptionBudget"):
        selector = mapping(budget.data, "spec", "selector")
        if not pods.matching(selector, budget):
            yield Hit(budget, "spec.selector", "the disruption budget selects no pods")


def _policy(documents: Documents) -> Iterator[Hit]:
    pods = _pods(documents)
    for policy in documents.objects("NetworkPolicy"):
        selector = mapping(policy.data, "spec", "podSelector")
        if selector and not pods.matching(selector, policy):
            yield Hit(policy, "spec.podSelector", "the network policy selects no pods")


def _governing(documents: Documents) -> Iterator[Hit]:
    services = {service.name: service for service in documents.objects("Service")}
    for workload in documents.objects("StatefulSet"):
        name = text(mapping(workload.data, "spec"), "serviceName")
        service = services.get(name)
        if service is None:
            if f"Service/{name}" not in documents.external:
                yield Hit(workload, "spec.serviceName", f"Service `{name}` is not there" if name else "is missing")
            continue
        spec = mapping(service.data, "spec")
        if spec.get("clusterIP") != "None":
            yield Hit(workload, "spec.serviceName", f"Service `{name}` is not headless (`clusterIP: None`)")
        if not selects({"matchLabels": mapping(spec, "selector")}, pod_labels(workload)[1]):
            yield Hit(workload, "spec.serviceName", f"Service `{name}` does not select these pods")


_LABELS = f"pods get their labels from the template of a {', '.join(WORKLOADS[:3])}, …"
RULES = (
    Rule("service-selector", "error", _LABELS, _service_selector),
    Rule("target-port", "error", "name a port that the container declares under `ports`", _target_port),
    Rule("workload-selector", "error", "selector and template labels must agree", _workload_selector, waivable=False),
    Rule("selector-overlap", "error", "give each workload a label of its own", _overlap),
    Rule("budget-selector", "error", _LABELS, _budget),
    Rule("network-selector", "error", _LABELS, _policy),
    Rule("governing-service", "error", "a StatefulSet needs a headless Service that selects its pods", _governing),
)

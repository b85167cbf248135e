"""Autoscalers scale what is there, by what it requests."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text

_PAGE = "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"


@rule(
    "scale-target",
    "error",
    "keep one autoscaler for each workload",
    kinds=("HorizontalPodAutoscaler",),
    sources=(_PAGE,),
)
def scale_target(documents: Documents) -> Iterator[Hit]:
    """An autoscaler's workload is there, and no other autoscaler has it.

    One without a workload reports into the void. Two of one workload undo each other's number of replicas, every
    fifteen seconds.

    Wrong:
        kind: HorizontalPodAutoscaler
        spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: wbe}}
    Right:
        kind: HorizontalPodAutoscaler
        spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
    """
    taken: dict[str, str] = {}
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        reference = mapping(scaler.data, "spec", "scaleTargetRef")
        kind, name = text(reference, "kind"), text(reference, "name")
        target = f"{kind}/{name}"
        if documents.get(kind, name) is None:
            if target not in documents.external:
                yield Hit(scaler, "spec.scaleTargetRef", f"`{target}` does not exist")
        elif target in taken:
            yield Hit(scaler, "spec.scaleTargetRef", f"`{target}` is already scaled by `{taken[target]}`")
        taken.setdefault(target, scaler.target)


@rule(
    "scale-request",
    "error",
    "set the request; without it the autoscaler does nothing",
    kinds=("HorizontalPodAutoscaler",),
    sources=(f"{_PAGE}#how-does-a-horizontalpodautoscaler-work",),
)
def scale_request(documents: Documents) -> Iterator[Hit]:
    """Every container requests what an autoscaler measures as a percentage.

    A utilization is a share of the request. Where one container of a pod has none, the autoscaler has no figure for
    the pod, says `FailedGetResourceMetric`, and leaves the number of replicas as it is. A `ContainerResource` is a share
    of what its own container requests.

    Wrong:
        resources: {requests: {memory: 128Mi}}
    Right:
        resources: {requests: {cpu: 100m, memory: 128Mi}}
    """
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        spec = mapping(scaler.data, "spec")
        reference = mapping(spec, "scaleTargetRef")
        workload = documents.get(text(reference, "kind"), text(reference, "name"))
        for at, metric in items(spec, "metrics", "spec") if workload else ():
            key = "containerResource" if text(metric, "type") == "ContainerResource" else "resource"
            resource = mapping(metric, key)
            if "averageUtilization" not in mapping(resource, "target"):
                continue
            for _, container in containers(workload, "containers") if workload else ():
                wanted, held = text(resource, "name"), mapping(container, "resources")
                if key == "containerResource" and text(resource, "container") != text(container, "name"):
                    continue
                if wanted not in mapping(held, "requests") and wanted not in mapping(held, "limits"):
                    message = f"container `{text(container, 'name')}` has no {wanted} request, so a percentage of it means nothing"
                    yield Hit(scaler, f"{at}.{key}", message)


RULES = (scale_target, scale_request)

"""HorizontalPodAutoscaler: where the spec lets the number of replicas move. Up at once, down slowly."""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.features import has
from kforge.domain.kubernetes.manifest import API_VERSIONS, manifest, wanted
from kforge.domain.kubernetes.pod import short
from kforge.domain.origin import sourced
from kforge.domain.spec.replicas import autoscaled, fewest, most
from kforge.domain.view import View

CPU = 70  # percent of the request
DOWN = {"stabilizationWindowSeconds": 300, "policies": [{"type": "Percent", "value": 50, "periodSeconds": 60}]}
_CPU = "kforge: room for a third more load while new pods start"
_SLOW = "kforge: a lull of minutes is no reason to shrink, and never by more than half a minute"


def build(view: View) -> Document | None:
    kind = names.workload_kind(view)
    if not wanted(view) or kind not in ("Deployment", "StatefulSet") or not autoscaled(view):
        return None
    name = short(view.service, 52) if kind == "StatefulSet" else view.service
    spec = {
        "behavior": sourced({"scaleDown": DOWN}, _SLOW),
        "maxReplicas": sourced(most(view), "spec.scale.max"),
        "metrics": _metrics(view),
        "minReplicas": sourced(fewest(view), "spec.scale.min"),
        "scaleTargetRef": {"apiVersion": API_VERSIONS[kind], "kind": kind, "name": name},
    }
    return manifest(view, ARTIFACT.name, "HorizontalPodAutoscaler", {"spec": spec})


def _metrics(view: View) -> list[dict[str, Any]]:
    """What is measured: the program's own container, where the API server knows such a metric.

    What a mesh puts beside it would be in the average otherwise, and without a request keep it from being worked out.
    """
    scale = view.spec("scale")
    wanted_ = {"cpu": scale.cpu, "memory": scale.memory}
    targets = {name: sourced(value, f"spec.scale.{name}") for name, value in wanted_.items() if value is not None}
    own = view.service if has(view, "container-metrics") else ""
    return [metric(name, target, own) for name, target in (targets or {"cpu": sourced(CPU, _CPU)}).items()]


def metric(name: str, target: Any, container: str = "") -> dict[str, Any]:
    """One metric: a share, in percent of the request, of all containers of the pod, or of the one named."""
    measured = {"name": name, "target": {"type": "Utilization", "averageUtilization": target}}
    if container:
        return {"type": "ContainerResource", "containerResource": {"container": container, **measured}}
    return {"type": "Resource", "resource": measured}


ARTIFACT = Artifact(name="autoscaler", revision=1, output="kubernetes", build=build)

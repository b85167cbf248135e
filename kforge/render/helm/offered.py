"""Objects that no environment has and that an operator may switch on: autoscaler and disruption budget of a Deployment.

They are of the form that kforge writes where a spec asks for replicas, and off until a value says otherwise. Where old
pods stop before new ones start, one pod is meant to run: nothing is offered there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kforge.artifacts.autoscaler import CPU, DOWN, metric
from kforge.domain.document import INCLUDED, Document
from kforge.domain.kubernetes.objects import mapping, text

OFFERED = "\0"  # stands among environments, and is none
_LEAST, _MOST = 2, 4


def offered(environments: Mapping[str, Iterable[Document]], measures: bool) -> Iterator[Document]:
    """What is offered beside the objects of all environments. `measures`: Kubernetes has metrics of one container."""
    held = [item for items in environments.values() for item in items if item.service and item.artifact != INCLUDED]
    there = {(item.service, item.kind) for item in held}
    seen: set[str] = set()
    for item in held:
        if item.kind != "Deployment" or item.service in seen or item.name != item.service:
            continue
        seen.add(item.service)
        selector = mapping(item.data, "spec", "selector")
        if text(mapping(item.data, "spec", "strategy"), "type") != "RollingUpdate" or not selector:
            continue
        for kind, (api, spec) in _forms(item.service, selector, measures).items():
            if (item.service, kind) not in there:
                yield _document(item, kind, api, spec)


def _forms(service: str, selector: Mapping[str, Any], measures: bool) -> dict[str, tuple[str, dict[str, Any]]]:
    scaled = {
        "behavior": {"scaleDown": DOWN},
        "maxReplicas": _MOST,
        "metrics": [metric("cpu", CPU, service if measures else "")],
        "minReplicas": _LEAST,
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": service},
    }
    budget = {"maxUnavailable": 1, "selector": dict(selector), "unhealthyPodEvictionPolicy": "AlwaysAllow"}
    return {
        "HorizontalPodAutoscaler": ("autoscaling/v2", scaled),
        "PodDisruptionBudget": ("policy/v1", budget),
    }


def _document(workload: Document, kind: str, api: str, spec: dict[str, Any]) -> Document:
    path = f"{posixpath.dirname(workload.path)}/{kind.lower()}.yaml"
    data = {"apiVersion": api, "kind": kind, "metadata": mapping(workload.data, "metadata"), "spec": spec}
    return replace(workload, path=path, artifact="offered", environment=OFFERED, data=data, origins={})

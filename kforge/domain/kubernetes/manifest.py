"""What every Kubernetes object of kforge's shares: when it is written, where to, its API version and its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.origin import sourced
from kforge.domain.view import View

API_VERSIONS = {
    "BackendTLSPolicy": "gateway.networking.k8s.io/v1",
    "ConfigMap": "v1",
    "CronJob": "batch/v1",
    "Deployment": "apps/v1",
    "GRPCRoute": "gateway.networking.k8s.io/v1",
    "HTTPRoute": "gateway.networking.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "Ingress": "networking.k8s.io/v1",
    "Job": "batch/v1",
    "ListenerSet": "gateway.networking.k8s.io/v1",
    "Namespace": "v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "PersistentVolumeClaim": "v1",
    "PodDisruptionBudget": "policy/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "Service": "v1",
    "ServiceAccount": "v1",
    "StatefulSet": "apps/v1",
}
STANDARD = "kforge: one of the labels that tools know, https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/"

WAVE = "argocd.argoproj.io/sync-wave"
_WAVE = "kforge: Argo CD applies it when the jobs that are `before` it are done"


def wanted(view: View) -> bool:
    """Whether manifests are written: the app's outputs say so, the service's do not narrow it, nothing omits it."""
    if "kubernetes" not in view.app("outputs"):
        return False
    if not view.service:
        return True
    outputs = view.spec("outputs")
    return (outputs is None or "kubernetes" in outputs) and not view.omitted(view.service)


def minor(view: View) -> int:
    """The Kubernetes version's second number: 34."""
    return int(view.app("kubernetes").partition(".")[2])


def manifest(
    view: View,
    artifact: str,
    kind: str,
    body: Mapping[str, Any],
    *,
    name: str = "",
    file: str = "",
    annotations: Mapping[str, Any] | None = None,
) -> Document:
    """An object of the service: standard metadata before `body`. The file is named as its kind unless `file` says else."""
    data = {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": {
            "name": name or view.service,
            "namespace": namespace(view),
            "labels": labels(view),
            "annotations": {**noted(view), **waved(view), **(annotations or {})} or None,
        },
        **body,
    }
    root = view.app("paths").kubernetes.rstrip("/")
    return Document(
        path=f"{root}/{view.service}/{file or kind.lower()}.yaml",
        artifact=artifact,
        service=view.service,
        environment=view.environment,
        data=data,
    )


def namespace(view: View) -> Any:
    """The namespace that the spec names; None where `kubectl apply --namespace` is to choose it."""
    name = names.namespace(view)
    return None if name is None else sourced(name, "app.namespace")


def labels(view: View) -> dict[str, Any]:
    """The labels of every object and pod, each with its origin."""
    own, app = view.spec("labels"), view.app("labels")

    def origin(key: str) -> str:
        return "spec.labels" if key in own else "app.labels" if key in app else STANDARD

    return {key: sourced(value, origin(key)) for key, value in names.labels(view).items()}


def waved(view: View) -> dict[str, Any]:
    """Argo CD's wave of what waits for jobs: the one after theirs. Everything else, jobs and stores, is in wave 0.

    All objects of a service go together: an autoscaler or a claim without its pods is never healthy, and Argo CD waits
    for the health of a wave. https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
    """
    wave = _wave(view)
    return {WAVE: sourced(str(wave), _WAVE)} if wave else {}


def _wave(view: View) -> int:
    return max((_wave(view.of(job)) + 1 for job in view.awaited()), default=0)


def noted(view: View) -> dict[str, Any]:
    """The annotations that the spec gives to every object and pod of a service."""
    return {key: sourced(value, "spec.annotations") for key, value in view.spec("annotations").items()}

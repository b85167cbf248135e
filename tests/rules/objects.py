"""One environment in which no rule finds anything, for tests to spoil."""

from __future__ import annotations

from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import put, remove
from kforge.system.schemas import validator

GONE = object()
LABELS = {"app.kubernetes.io/name": "web", "app.kubernetes.io/instance": "shop"}
CONTEXT = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "runAsUser": 10001,
}


def container(name: str = "web") -> dict[str, Any]:
    return {
        "name": name,
        "image": f"ghcr.io/acme/shop-{name}:1.4.2",
        "imagePullPolicy": "IfNotPresent",
        "env": [
            {"name": "URL", "value": "http://api:3000"},
            {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "value"}}},
            {"name": "FLAG", "valueFrom": {"configMapKeyRef": {"name": "web", "key": "flag"}}},
        ],
        "ports": [
            {"name": "http", "containerPort": 3000},
            {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
        ],
        "livenessProbe": {"httpGet": {"path": "/live", "port": "http"}, "periodSeconds": 10},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 3000}, "successThreshold": 2},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
        "securityContext": CONTEXT,
        "volumeMounts": [{"name": "config", "mountPath": "/etc/web"}, {"name": "tmp", "mountPath": "/tmp"}],
    }


def pod(name: str = "web", **more: Any) -> dict[str, Any]:
    return {
        "automountServiceAccountToken": False,
        "containers": [container(name)],
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccountName": "web",
        "volumes": [
            {"name": "config", "configMap": {"name": "web", "items": [{"key": "flag", "path": "flag"}]}},
            {"name": "tmp", "emptyDir": {}},
        ],
        **more,
    }


def named(kind: str, version: str, name: str, **body: Any) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, "labels": LABELS}, **body}


def labels(name: str) -> dict[str, str]:
    return {**LABELS, "app.kubernetes.io/name": name}


def template(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"labels": labels(name)}, "spec": pod(name, **more)}


def owner(kind: str, name: str, **more: Any) -> dict[str, Any]:
    spec = {"replicas": 2, "selector": {"matchLabels": labels(name)}, "template": template(name), **more}
    return named(kind, "apps/v1", name, spec=spec)


def service(name: str, **more: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": "http"}, {"name": "metrics", "port": 9090}]
    return named(
        "Service", "v1", name, spec={"selector": labels(name.removesuffix("-headless")), "ports": ports, **more}
    )


JOB = template("job", restartPolicy="Never")
GOOD: dict[str, dict[str, Any]] = {
    "Deployment/web": owner("Deployment", "web", strategy={"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}),
    "StatefulSet/db": owner("StatefulSet", "db", serviceName="db-headless"),
    "Service/web": service("web"),
    "Service/db-headless": service("db-headless", clusterIP="None"),
    "Ingress/web": named("Ingress", "networking.k8s.io/v1", "web", spec={
        "ingressClassName": "traefik",
        "rules": [{"host": "shop.example.com", "http": {"paths": [
            {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"name": "http"}}}},
        ]}}],
    }),
    "HTTPRoute/web": named("HTTPRoute", "gateway.networking.k8s.io/v1", "web", spec={
        "parentRefs": [{"name": "shared", "namespace": "infra"}],
        "hostnames": ["shop.example.org"],
        "rules": [{"backendRefs": [{"name": "web", "port": 80}]}],
    }),
    "HorizontalPodAutoscaler/web": named("HorizontalPodAutoscaler", "autoscaling/v2", "web", spec={
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2, "maxReplicas": 10,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}],
    }),
    "PodDisruptionBudget/web": named("PodDisruptionBudget", "policy/v1", "web", spec={
        "maxUnavailable": 1, "selector": {"matchLabels": labels("web")},
    }),
    "NetworkPolicy/web": named("NetworkPolicy", "networking.k8s.io/v1", "web", spec={
        "podSelector": {"matchLabels": labels("web")}, "policyTypes": ["Ingress"],
    }),
    "ConfigMap/web": named("ConfigMap", "v1", "web", data={"flag": "on"}),
    "ServiceAccount/web": named("ServiceAccount", "v1", "web"),
    "Job/job": named("Job", "batch/v1", "job", spec={"template": JOB, "backoffLimit": 3}),
    "CronJob/nightly": named("CronJob", "batch/v1", "nightly", spec={
        "schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": JOB}},
    }),
}  # fmt: skip


def documents(*spoils: tuple[str, str, Any], extra: tuple[dict[str, Any], ...] = (), **settings: Any) -> Documents:
    """The good environment with values set (or GONE) at field paths of some objects, and further objects."""
    items = []
    for target, data in GOOD.items():
        for wanted, path, value in spoils:
            if wanted == target:
                data = remove(data, path) if value is GONE else put(data, path, value)  # noqa: PLW2901
        items.append(document(data, target))
    items += [document(data, f"{data['kind']}/{data['metadata']['name']}-extra") for data in extra]
    given = {"registries": ("ghcr.io/acme",), "validate": validator("1.34"), **settings}
    return Documents(items=tuple(items), **given)


def document(data: dict[str, Any], target: str) -> Document:
    return Document(path=f"deploy/kubernetes/{target.lower()}.yaml", artifact="x", service="web", data=data)

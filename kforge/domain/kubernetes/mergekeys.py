"""Which lists of a Kubernetes object merge by which keys, as kustomize reads them off its bundled OpenAPI (1.21).

Taken from `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys` of that document, because kustomize and
`kubectl kustomize` know no newer one: a list that is not named here is replaced whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """A field: the merge keys of a list (None: replaced whole, (): a set of scalars) and the shapes below it."""

    keys: tuple[str, ...] | None = None
    fields: Mapping[str, Shape] = field(default_factory=dict)

    def at(self, key: str) -> Shape:
        return self.fields.get(key, PLAIN)


PLAIN = Shape()
METADATA = Shape(fields={"finalizers": Shape(()), "ownerReferences": Shape(("uid",))})
_OBJECT = Shape(fields={"metadata": METADATA})


def _container(ports: bool = True) -> Shape:
    lists = {"env": Shape(("name",)), "volumeDevices": Shape(("devicePath",)), "volumeMounts": Shape(("mountPath",))}
    if ports:
        lists["ports"] = Shape(("containerPort", "protocol"))
    return Shape(("name",), lists)


POD = Shape(
    fields={
        "containers": _container(),
        "initContainers": _container(),
        "ephemeralContainers": _container(ports=False),
        "hostAliases": Shape(("ip",)),
        "imagePullSecrets": Shape(("name",)),
        "topologySpreadConstraints": Shape(("topologyKey", "whenUnsatisfiable")),
        "volumes": Shape(("name",), {"ephemeral": Shape(fields={"volumeClaimTemplate": _OBJECT})}),
    }
)
TEMPLATE = Shape(fields={"metadata": METADATA, "spec": POD})


def _spec(**fields: Shape) -> Shape:
    return Shape(fields={"metadata": METADATA, "spec": Shape(fields=fields)})


_WORKLOAD = _spec(template=TEMPLATE)
_WEBHOOKS = Shape(fields={"metadata": METADATA, "webhooks": Shape(("name",))})
_SHAPES = {
    ("v1", "Pod"): Shape(fields={"metadata": METADATA, "spec": POD}),
    ("v1", "PodTemplate"): Shape(fields={"metadata": METADATA, "template": TEMPLATE}),
    ("v1", "ReplicationController"): _WORKLOAD,
    ("v1", "Service"): _spec(ports=Shape(("port", "protocol"))),
    ("v1", "ServiceAccount"): Shape(fields={"metadata": METADATA, "secrets": Shape(("name",))}),
    ("apps/v1", "Deployment"): _WORKLOAD,
    ("apps/v1", "StatefulSet"): _WORKLOAD,
    ("apps/v1", "DaemonSet"): _WORKLOAD,
    ("apps/v1", "ReplicaSet"): _WORKLOAD,
    ("batch/v1", "Job"): _WORKLOAD,
    ("batch/v1", "CronJob"): _spec(jobTemplate=_WORKLOAD),
    ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"): _WEBHOOKS,
    ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"): _WEBHOOKS,
}
# Kinds that the document lists; anything else (autoscaling/v2, custom resources) has no merge key at all.
_KNOWN = {
    "v1": "ConfigMap Endpoints LimitRange Namespace Node PersistentVolume PersistentVolumeClaim ResourceQuota Secret",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
    "scheduling.k8s.io/v1": "PriorityClass",
    "storage.k8s.io/v1": "CSIDriver CSINode StorageClass VolumeAttachment",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
}


def shape_of(data: Mapping[str, Any]) -> Shape:
    """Shape of a whole object by its apiVersion and kind."""
    version, kind = str(data.get("apiVersion", "")), str(data.get("kind", ""))
    known = kind in _KNOWN.get(version, "").split()
    return _SHAPES.get((version, kind), _OBJECT if known else PLAIN)

"""Words that people type for a kind of Kubernetes → the kind: `deploy`, `deployments`, `Deployment`.

The short names are kubectl's: https://kubernetes.io/docs/reference/kubectl/#resource-types
"""

from __future__ import annotations

from collections.abc import Iterable

SHORT_NAMES = {
    "cj": "CronJob",
    "cm": "ConfigMap",
    "crd": "CustomResourceDefinition",
    "deploy": "Deployment",
    "ds": "DaemonSet",
    "gtw": "Gateway",
    "gw": "Gateway",
    "hpa": "HorizontalPodAutoscaler",
    "ing": "Ingress",
    "netpol": "NetworkPolicy",
    "ns": "Namespace",
    "pdb": "PodDisruptionBudget",
    "po": "Pod",
    "pvc": "PersistentVolumeClaim",
    "quota": "ResourceQuota",
    "sa": "ServiceAccount",
    "sts": "StatefulSet",
    "svc": "Service",
}


def kind_named(word: str, kinds: Iterable[str]) -> str:
    """The one of the kinds that a word names, in any case, in the plural or short; "" where none is named."""
    said = word.casefold()
    short = SHORT_NAMES.get(said, "")
    for kind in kinds:
        name = kind.casefold()
        if kind == short or said in (name, f"{name}s", f"{name}es", f"{name.removesuffix('y')}ies"):
            return kind
    return ""

"""Objects: their identity, their pods, and reading them as the API server would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

Object = Mapping[str, Any]
WORKLOADS = ("Deployment", "StatefulSet")


class GoLoader(yaml.CSafeLoader):
    """Scalars as the Go library behind kubectl reads them: a date or 12:30:45 is a string, `yes` too."""


GoLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.rsplit(":", 1)[1] in ("bool", "int", "float", "null")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> list[dict[str, Any]]:
    return [item for item in yaml.load_all(text, Loader=GoLoader) if item is not None]


def identity(item: Object) -> str:
    """`apps/v1 Deployment shop/web`, unique within a cluster."""
    metadata = item["metadata"]
    return f"{item['apiVersion']} {item['kind']} {metadata.get('namespace', '')}/{metadata['name']}"


def by_identity(items: Iterable[Object]) -> dict[str, Object]:
    """Objects by identity; the same one twice is a failure."""
    found: dict[str, Object] = {}
    for item in items:
        assert identity(item) not in found, f"{identity(item)} comes twice"
        found[identity(item)] = item
    return found


def namespace(items: Iterable[Object], otherwise: str) -> str:
    """The one namespace of a set of objects."""
    names = {
        item["metadata"].get("namespace") for item in items if item["kind"] not in ("Namespace", "PersistentVolume")
    }
    assert len(names) <= 1, f"objects lie in several namespaces: {sorted(map(str, names))}"
    return next(iter(names), None) or otherwise


def of_kind(items: Iterable[Object], *kinds: str) -> list[Object]:
    return [item for item in items if item["kind"] in kinds]


def claims(items: Iterable[Object]) -> list[tuple[str | None, list[str], int]]:
    """Storage that a set of objects asks for: class, access modes, and how many volumes at most."""
    items = list(items)
    most = {
        scaler["spec"]["scaleTargetRef"]["name"]: scaler["spec"]["maxReplicas"]
        for scaler in of_kind(items, "HorizontalPodAutoscaler")
    }
    found = [(item["spec"], 1) for item in of_kind(items, "PersistentVolumeClaim")]
    for item in of_kind(items, "StatefulSet"):
        count = most.get(item["metadata"]["name"], item["spec"].get("replicas", 1))
        found += [(template["spec"], count) for template in item["spec"].get("volumeClaimTemplates", ())]
    return [(spec.get("storageClassName"), spec["accessModes"], count) for spec, count in found]

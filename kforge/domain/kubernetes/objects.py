"""Tolerant reading of Kubernetes objects: a value of the wrong type reads as empty, so that a rule never raises.

The rule `schema` reports the wrong types. Unaware of rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.document import POD_PATHS, pod_spec
from kforge.domain.kubernetes.names import MARKER

if TYPE_CHECKING:
    from kforge.domain.document import Document, Documents

Items = Iterator[tuple[str, Mapping[str, Any]]]  # field path below the start, and the mapping there
EMPTY: Mapping[str, Any] = {}
WORKLOADS = tuple(kind for kind in POD_PATHS if kind != "Pod")
CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
# IANA_SVC_NAME of k8s.io/apimachinery/pkg/util/validation
PORT_NAME = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def is_port(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 65535


def mapping(data: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping below some keys, empty where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else EMPTY


def text(data: Any, key: str) -> str:
    """The string under a key, "" where there is none."""
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def items(data: Any, key: str, path: str = "") -> Items:
    """(path, item) of every mapping in the list under a key; `path` is that of the data."""
    found = data.get(key) if isinstance(data, dict) else None
    prefix = f"{path}.{key}" if path else key
    for index, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield f"{prefix}[{index}]", item


def containers(document: Document, *groups: str) -> Items:
    """Every container of a workload, init containers first."""
    found = pod_spec(document)
    if found is not None:
        for group in groups or CONTAINERS:
            yield from items(found[1], group, found[0])


def programs(document: Document) -> Items:
    """Containers that do a workload's work. In a job that others wait for they come first, so they are init containers:
    the one after them says that they are done.
    """
    marked = any(text(container, "name") == MARKER for _, container in containers(document, "containers"))
    for path, container in containers(document, *(("initContainers",) if marked else ()), "containers"):
        if text(container, "name") != MARKER:
            yield path, container


def pod_labels(document: Document) -> tuple[str, Mapping[str, Any]]:
    """Path and content of the labels that a workload gives its pods."""
    path = (*POD_PATHS.get(document.kind, ("spec",))[:-1], "metadata", "labels")
    return ".".join(path), mapping(document.data, *path)


def workloads(documents: Documents) -> Iterator[Document]:
    """Every object with a pod template, and every Pod."""
    return (item for item in documents.objects(*POD_PATHS) if pod_spec(item) is not None)


def namespace(document: Document) -> str:
    return text(mapping(document.data, "metadata"), "namespace")


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a label selector (`matchLabels`, `matchExpressions`) matches; an empty one matches everything.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
    """
    if any(labels.get(key) != value for key, value in mapping(selector, "matchLabels").items()):
        return False
    return all(_meets(expression, labels) for _, expression in items(selector, "matchExpressions"))


def _meets(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), expression.get("values")
    among = labels.get(key) in (values if isinstance(values, list) else ())
    return {
        "In": key in labels and among,
        "NotIn": key not in labels or not among,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }.get(str(expression.get("operator")), False)

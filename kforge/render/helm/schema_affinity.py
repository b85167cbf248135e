"""Affinity of pods as values of a chart: what the API server takes of it. Its parts are definitions, since each stands twice.

Source: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.render.helm.schema_forms import (
    LABEL_VALUE,
    NAME,
    NAMED_NAMESPACE,
    QUALIFIED,
    WHOLE,
    Schema,
    closed,
    text,
    texts,
)

_VALUES: Schema = {"type": "array", "items": text(LABEL_VALUE), "minItems": 1}
_WEIGHT: Schema = {"type": "integer", "minimum": 1, "maximum": 100}
_SOFT, _HARD = "preferredDuringSchedulingIgnoredDuringExecution", "requiredDuringSchedulingIgnoredDuringExecution"


def _requirements(key: Schema, *more: Schema) -> Schema:
    """Conditions on labels: of sets, and whether one is there; and `more`."""
    among = {"key": key, "operator": {"enum": ["In", "NotIn"]}, "values": _VALUES}
    there = {"key": key, "operator": {"enum": ["Exists", "DoesNotExist"]}}
    forms = [closed("A set.", among), closed("Whether it is there.", there), *more]
    return {"type": "array", "items": {"anyOf": forms}}


def _listed(item: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/definitions/{item}"}}


def _weighed(key: str, item: str) -> Schema:
    held = closed("A wish.", {"weight": _WEIGHT, key: {"$ref": f"#/definitions/{item}"}})
    return {"type": "array", "items": held}


_NUMBER = {"type": "array", "items": text(WHOLE), "minItems": 1, "maxItems": 1}
_COMPARED = closed("A number.", {"key": text(QUALIFIED), "operator": {"enum": ["Gt", "Lt"]}, "values": _NUMBER})
_NODE_NAME = closed(
    "A node by its name.",
    {
        "key": {"const": "metadata.name"},
        "operator": {"enum": ["In", "NotIn"]},
        "values": {"type": "array", "items": text(NAME), "minItems": 1, "maxItems": 1},
    },
)
_SELECTOR = closed(
    "Objects by their labels.",
    {
        "matchExpressions": _requirements(text(QUALIFIED)),
        "matchLabels": texts("Labels that they have.", QUALIFIED, text(LABEL_VALUE)),
    },
    (),
)
PARTS: Mapping[str, Schema] = {
    "nodeTerm": closed(
        "Nodes.",
        {
            "matchExpressions": _requirements(text(QUALIFIED), _COMPARED),
            "matchFields": {"type": "array", "items": _NODE_NAME},
        },
        (),
    ),
    "podTerm": {
        **closed(
            "Pods, and what of a node is compared.",
            {
                "labelSelector": _SELECTOR,
                "matchLabelKeys": {"type": "array", "items": text(QUALIFIED)},
                "mismatchLabelKeys": {"type": "array", "items": text(QUALIFIED)},
                "namespaceSelector": _SELECTOR,
                "namespaces": {"type": "array", "items": text(NAMED_NAMESPACE)},
                "topologyKey": text(QUALIFIED, "Label of nodes that are one place."),
            },
            ("topologyKey",),
        ),
        "dependencies": {key: ["labelSelector"] for key in ("matchLabelKeys", "mismatchLabelKeys")},
    },
}


def _pods(said: str) -> Schema:
    return closed(said, {_SOFT: _weighed("podAffinityTerm", "podTerm"), _HARD: _listed("podTerm")}, ())


_NODES = closed("Nodes that they need.", {"nodeSelectorTerms": {**_listed("nodeTerm"), "minItems": 1}})
AFFINITY: Mapping[str, Any] = {
    "nodeAffinity": closed("Nodes that they go to.", {_SOFT: _weighed("preference", "nodeTerm"), _HARD: _NODES}, ()),
    "podAffinity": _pods("Pods that they go near to."),
    "podAntiAffinity": _pods("Pods that they keep away from."),
}

"""Patterns and small forms of the values of a chart: what Kubernetes' API takes, and nothing that it would refuse.

Go's regular expressions, which Helm's schemas are read with, look neither ahead nor back; `never` says what a pattern cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_PART = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"  # of a name with dots only the whole is bounded
_SUBDOMAIN = rf"{_PART}(\.{_PART})*"
_QUALIFIED_NAME = rf"({_SUBDOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?"
_UNIT = r"([num]|[kMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?"
_AMOUNTS_OF = "cpu|memory|ephemeral-storage|hugepages-[0-9]+[KMG]i"
QUANTITY = rf"^[0-9]+(\.[0-9]+)?{_UNIT}$"
POSITIVE = rf"^([0-9]*[1-9][0-9]*(\.[0-9]+)?|0*\.?0*[1-9][0-9]*){_UNIT}$"
WHOLE = "^[0-9]+$"
NAME = rf"^{_SUBDOMAIN}$"
OPTIONAL_NAME = rf"^({_SUBDOMAIN})?$"
KEY = r"^(\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]{0,251})$"
VARIABLE = r"^(\.[-_a-zA-Z0-9]|[-_a-zA-Z])[-._a-zA-Z0-9]*$"
QUALIFIED = rf"^{_QUALIFIED_NAME}$"
LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
REPOSITORY = r"^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$"
REGISTRY = r"^([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?$"
TAG = r"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$"
DIGEST = r"^(sha256:[0-9a-f]{64})?$"
HOST = rf"^(\*\.)?{_SUBDOMAIN}$"
PRECISE = NAME
NAMESPACE = rf"^({_LABEL})?$"
NAMED_NAMESPACE = rf"^{_LABEL}$"
SECTION = OPTIONAL_NAME
PATH = "^/"
# Of a route: what the CRD takes, less what is no plain path.
ROUTED = r"^/(([-A-Za-z0-9._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+/)*([-A-Za-z0-9._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})*$"
# Both kinds of path: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/networking/validation/validation.go
NO_PATH = r"//|/\.\.?(/|$)|%2[fF]"
PERCENT = r"^(100|[0-9]{1,2})%$"
BUILT_IN_AMOUNT = rf"^({_AMOUNTS_OF})$"
EXTENDED_AMOUNT = rf"^{_SUBDOMAIN}/[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$"
# What variables may be made of: https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/apis/core/validation/validation.go
POD_FIELD = (
    rf"^(metadata\.(name|namespace|uid|(labels|annotations)\['{_QUALIFIED_NAME}'\])"
    r"|spec\.(nodeName|serviceAccountName)|status\.(hostIPs?|podIPs?))$"
)
CPU_FIELD = r"^(limits|requests)\.cpu$"
MEMORY_FIELD = r"^(limits|requests)\.(memory|ephemeral-storage|hugepages-[0-9]+[KMG]i)$"
LONGEST_NAME = 253
_WRITTEN = r"^(app\.kubernetes\.io/(instance|managed-by|name|part-of)|helm\.sh/chart)$"
_MOST_PODS = 2**31 - 1


def text(pattern: str, description: str = "", never: str = "") -> Schema:
    """A text of a pattern, and of none of `never`. Names have no more letters than Kubernetes takes."""
    out: Schema = {**({"description": description} if description else {}), "type": "string", "pattern": pattern}
    if pattern in (NAME, OPTIONAL_NAME, HOST):
        out["maxLength"] = LONGEST_NAME
    return {**out, **({"not": {"pattern": never}} if never else {})}


def closed(description: str, properties: Mapping[str, Any], needed: tuple[str, ...] | None = None) -> Schema:
    """A mapping of these keys and no others; all are needed where it is not said which."""
    required = [*properties] if needed is None else [*needed]
    out: Schema = {"description": description, "type": "object", "properties": dict(properties)}
    return {**out, **({"required": required} if required else {}), "additionalProperties": False}


def texts(description: str, key: str, value: Schema, own: bool = False) -> Schema:
    """A mapping of keys of one form. `own` leaves out the keys that the chart writes itself."""
    keys: Schema = {key: value, **({_WRITTEN: False} if own else {})}
    return {"description": description, "type": "object", "patternProperties": keys, "additionalProperties": False}


def pods(least: int, description: str = "") -> Schema:
    """A number of pods."""
    said = {"description": description} if description else {}
    return {**said, "type": "integer", "minimum": least, "maximum": _MOST_PODS}


LABELS, ANY_TEXT = text(LABEL_VALUE), {"type": "string"}
SWITCH: Schema = {"type": "boolean"}
IMAGE = {
    "registry": text(REGISTRY, "Registry, and the folder in it."),
    "repository": text(REPOSITORY, "Name of the image in the registry."),
    "tag": text(TAG, "Tag."),
    "digest": text(DIGEST, "Digest, which counts where it is set: `sha256:…`."),
}
REFERENCE = closed("A key of a Secret.", {"name": text(NAME), "key": text(KEY), "optional": SWITCH}, ("name", "key"))
PULL_SECRETS: Schema = {"type": "array", "uniqueItems": True, "items": closed("A Secret.", {"name": text(NAME)})}
_MEASURES = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"]


def _amount(resource: str, divisors: list[str]) -> Schema:
    properties = {"containerName": text(NAME), "divisor": {"enum": divisors}, "resource": text(resource)}
    return closed("What the container asks for or may use.", properties, ("resource",))


_SOURCE = {
    "description": "Where the variable's value comes from.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {
        "configMapKeyRef": {**REFERENCE, "description": "A key of a ConfigMap."},
        "fieldRef": closed(
            "A field of the pod.",
            {"apiVersion": {"const": "v1"}, "fieldPath": text(POD_FIELD, "A field of the pod.")},
            ("fieldPath",),
        ),
        "resourceFieldRef": {"anyOf": [_amount(CPU_FIELD, ["1m", "1"]), _amount(MEMORY_FIELD, _MEASURES)]},
        "secretKeyRef": REFERENCE,
    },
    "additionalProperties": False,
}
VARIABLES: Schema = {
    "type": "array",
    "items": {
        **closed("A variable.", {"name": text(VARIABLE), "value": ANY_TEXT, "valueFrom": _SOURCE}, ("name",)),
        "not": {"required": ["value", "valueFrom"]},
    },
}
_ALL_TAINTS = {"properties": {"operator": {"const": "Exists"}, "value": {"const": ""}}, "required": ["operator"]}
_ONE_VALUE = {"properties": {"operator": {"const": "Equal"}}, "required": ["key"]}
_EVICTED = {"properties": {"effect": {"const": "NoExecute"}}, "required": ["effect"]}
TOLERATION: Schema = {
    **closed(
        "A toleration.",
        {
            "key": text(QUALIFIED),
            "operator": {"enum": ["Exists", "Equal"]},
            "value": LABELS,
            "effect": {"enum": ["NoSchedule", "PreferNoSchedule", "NoExecute"]},
            "tolerationSeconds": {"type": "integer"},
        },
        (),
    ),
    "allOf": [{"anyOf": [_ALL_TAINTS, _ONE_VALUE]}],
    "dependencies": {"tolerationSeconds": _EVICTED},
}
_NUMBER: Schema = {"type": "number", "minimum": 0}
_COUNT: Schema = {"type": "integer", "minimum": 0}
AMOUNTS: Schema = {
    "description": "Amounts.",
    "type": "object",
    "patternProperties": {
        BUILT_IN_AMOUNT: {"anyOf": [text(QUANTITY), _NUMBER]},
        EXTENDED_AMOUNT: {"anyOf": [text(WHOLE), _COUNT]},
    },
    "additionalProperties": False,
}

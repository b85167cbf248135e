"""What the values of a chart may be: definitions by key, with the descriptions that values.yaml and README repeat.

Draft 7, which Helm 3 and 4 read. Every mapping that templates know the keys of is closed; those that Kubernetes alone
knows in full (affinity) are checked by the API server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kforge.render.helm.near_traffic import FORM, KEY

if TYPE_CHECKING:
    from kforge.domain.spec.chart_types import Subchart

Schema = dict[str, Any]
_QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
_NAME = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"
_OPTIONAL_NAME = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"
_KEY = r"^[-._a-zA-Z0-9]+$"
_VARIABLE = r"^[-._a-zA-Z][-._a-zA-Z0-9]*$"
_QUALIFIED = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
_LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
_REPOSITORY = r"^[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$"
_REGISTRY = r"^([A-Za-z0-9][-A-Za-z0-9.]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?$"
_TAG = r"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$"
_HOST = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_PRECISE = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
_NAMESPACE = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"
_SECTION = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$"
# Of a route: what the CRD takes, less what is no plain path; the API server sees to `..` and to broken `%`.
_ROUTED = r"^/([-A-Za-z0-9._~!$&'()*+,;=:@%]+/)*[-A-Za-z0-9._~!$&'()*+,;=:@%]*$"


def text(pattern: str, description: str = "") -> Schema:
    return {**({"description": description} if description else {}), "type": "string", "pattern": pattern}


def closed(description: str, properties: Mapping[str, Any], needed: tuple[str, ...] | None = None) -> Schema:
    """A mapping of these keys and no others; all are needed where it is not said which."""
    required = [*properties] if needed is None else [*needed]
    out: Schema = {"description": description, "type": "object", "properties": dict(properties)}
    return {**out, **({"required": required} if required else {}), "additionalProperties": False}


def texts(description: str, key: str, value: Schema, own: bool = False) -> Schema:
    """A mapping of keys of one form. `own` leaves out the keys that the chart writes itself."""
    keys: Schema = {key: value, **({"^(app\\.kubernetes\\.io|helm\\.sh)/": False} if own else {})}
    return {"description": description, "type": "object", "patternProperties": keys, "additionalProperties": False}


_LABELS, _ANY_TEXT = text(_LABEL_VALUE), {"type": "string"}
_SWITCH: Schema = {"type": "boolean"}
_IMAGE = {
    "registry": text(_REGISTRY, "Registry, and the folder in it."),
    "repository": text(_REPOSITORY, "Name of the image in the registry."),
    "tag": text(_TAG, "Tag."),
    "digest": text(r"^(sha256:[0-9a-f]{64})?$", "Digest, which counts where it is set: `sha256:…`."),
}
_REFERENCE = closed(
    "A key of a Secret.", {"name": text(_NAME), "key": text(_KEY), "optional": _SWITCH}, ("name", "key")
)
_PLACE = text(r"^(metadata|spec|status)\.", "A field of the pod.")
_SOURCE = {
    "description": "Where the variable's value comes from.",
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "properties": {
        "configMapKeyRef": {**_REFERENCE, "description": "A key of a ConfigMap."},
        "fieldRef": closed("A field of the pod.", {"apiVersion": {"const": "v1"}, "fieldPath": _PLACE}, ("fieldPath",)),
        "resourceFieldRef": closed(
            "What the container asks for or may use.",
            {"containerName": text(_NAME), "divisor": text(_QUANTITY), "resource": text(r"^(limits|requests)\.")},
            ("resource",),
        ),
        "secretKeyRef": _REFERENCE,
    },
    "additionalProperties": False,
}
_TOLERATION = {
    "key": text(_QUALIFIED),
    "operator": {"enum": ["Exists", "Equal"]},
    "value": _LABELS,
    "effect": {"enum": ["NoSchedule", "PreferNoSchedule", "NoExecute"]},
    "tolerationSeconds": {"type": "integer"},
}
_AMOUNTS = texts("Amounts.", r"^[-._a-zA-Z0-9/]+$", text(_QUANTITY))
_PERCENT = {"type": "integer", "minimum": 1, "maximum": 1000}

# Keys of a service, in the order in which people read them.
SERVICE: Mapping[str, Schema] = {
    "enabled": {"description": "Whether it is installed at all.", "type": "boolean"},
    "image": closed(
        "Image that runs. Of one that the application builds, empty fields are what the chart's `image` says.", _IMAGE
    ),
    "imagePullSecrets": {
        "description": "Secrets with which its images are pulled, beside those of all.",
        "type": "array",
        "items": closed("A Secret.", {"name": text(_NAME)}),
    },
    "replicas": {
        "description": "How many pods run; an autoscaler that is enabled decides instead.",
        "type": "integer",
        "minimum": 0,
    },
    "autoscaling": closed(
        "HorizontalPodAutoscaler.",
        {
            "enabled": _SWITCH,
            "minReplicas": {"type": "integer", "minimum": 1},
            "maxReplicas": {"type": "integer", "minimum": 1},
            "targetCPUUtilizationPercentage": _PERCENT,
            "targetMemoryUtilizationPercentage": _PERCENT,
        },
        ("enabled", "minReplicas", "maxReplicas"),
    ),
    "resources": closed("What the container asks for and may use.", {"limits": _AMOUNTS, "requests": _AMOUNTS}, ()),
    "env": texts("Environment variables; texts, numbers in quotes.", _VARIABLE, _ANY_TEXT),
    "secrets": texts("Environment variables from Secrets that exist already.", _VARIABLE, _REFERENCE),
    "extraEnv": {
        "description": "More variables, as a container lists them: `valueFrom` and the like.",
        "type": "array",
        "items": closed(
            "A variable.",
            {"name": text(_VARIABLE), "value": _ANY_TEXT, "valueFrom": _SOURCE},
            ("name",),
        ),
    },
    "config": texts("Files that are mounted; another content replaces the pods.", _KEY, _ANY_TEXT),
    "ingress": {
        **closed(
            "How it is reached from outside.",
            {
                "enabled": _SWITCH,
                "className": text(_OPTIONAL_NAME, "IngressClass; the cluster's default where it is empty."),
                "host": {"type": "string"},
                "path": text("^/"),
                "tls": closed(
                    "TLS, with a Secret that exists or that another tool makes.",
                    {"enabled": _SWITCH, "secretName": text(_NAME)},
                ),
                "annotations": texts("Annotations of the Ingress.", _QUALIFIED, _ANY_TEXT),
            },
        ),
        "if": {"properties": {"enabled": {"const": True}}},
        "then": {"properties": {"host": {"pattern": _HOST}}},
    },
    "route": {
        **closed(
            "How it is reached from outside, through the Gateway that `gateway` names.",
            {
                "enabled": _SWITCH,
                "host": {"type": "string"},
                "path": text(_ROUTED),
                "tls": closed(
                    "TLS of its host where the chart writes a ListenerSet, with a Secret that exists.",
                    {"enabled": _SWITCH, "secretName": text(_NAME)},
                ),
                "verify": closed(
                    "By what the Gateway knows its certificate: a name, and a ConfigMap with `ca.crt`.",
                    {"host": text(_PRECISE), "ca": text(_OPTIONAL_NAME)},
                ),
                "annotations": texts("Annotations of the route.", _QUALIFIED, _ANY_TEXT),
            },
        ),
        "if": {"properties": {"enabled": {"const": True}}},
        "then": {"properties": {"host": {"pattern": _HOST}}},
    },
    "storage": closed("Claims, by volume. A claim that exists keeps its class, and mostly its size.", {}),
    "disruptionBudget": closed(
        "PodDisruptionBudget: how many pods a drain may take at once.",
        {
            "enabled": _SWITCH,
            "maxUnavailable": {"anyOf": [{"type": "integer", "minimum": 0}, text(r"^(100|[0-9]{1,2})%$")]},
        },
    ),
    KEY: FORM,
    "serviceAccount": closed(
        "Its ServiceAccount.",
        {"annotations": texts("Annotations, of a cloud's workload identity for instance.", _QUALIFIED, _ANY_TEXT)},
    ),
    "nodeSelector": texts("Labels that its nodes have.", _QUALIFIED, _LABELS),
    "tolerations": {
        "description": "Taints that it tolerates.",
        "type": "array",
        "items": closed("A toleration.", _TOLERATION, ()),
    },
    "affinity": closed(
        "Affinity of its pods.",
        {key: {"type": "object"} for key in ("nodeAffinity", "podAffinity", "podAntiAffinity")},
        (),
    ),
    "labels": texts("Labels of its objects and pods.", _QUALIFIED, _LABELS, own=True),
    "annotations": texts("Annotations of its objects and pods.", _QUALIFIED, _ANY_TEXT),
    "podLabels": texts("Labels of its pods alone.", _QUALIFIED, _LABELS, own=True),
    "podAnnotations": texts("Annotations of its pods alone.", _QUALIFIED, _ANY_TEXT),
}
CLAIM = closed(
    "A claim.",
    {"size": text(_QUANTITY), "className": text(_OPTIONAL_NAME, "StorageClass; the default where it is empty.")},
)
# Keys of the chart, before its services.
CHART: Mapping[str, Schema] = {
    "image": closed(
        "Images that the application builds.",
        {
            "registry": text(_REGISTRY, "Registry, and the folder in it, of those that name none."),
            "tag": text(_TAG, "Tag of those that name none; the chart's appVersion where it is empty."),
            "pullPolicy": {"description": "When a node pulls an image.", "enum": ["IfNotPresent", "Always", "Never"]},
        },
    ),
    "imagePullSecrets": {
        "description": "Secrets with which images are pulled: `[{name: regcred}]`.",
        "type": "array",
        "items": closed("A Secret.", {"name": text(_NAME)}),
    },
    "assignedUsers": {
        "description": "Whether the platform gives pods users of its own, as OpenShift does: then none is written.",
        "type": "boolean",
    },
    "labels": texts("Labels of every object and pod.", _QUALIFIED, _LABELS, own=True),
    "gateway": closed(
        "Gateway that routes attach to; it exists already.",
        {
            "name": text(_NAME),
            "namespace": text(_NAMESPACE, "Its namespace; the release's where it is empty."),
            "section": text(_SECTION, "Its listener; all that take the routes where it is empty."),
            "listenerSet": {**_SWITCH, "description": "Write a ListenerSet with a listener for each host."},
        },
    ),
    "namespace": closed(
        "The release's namespace.",
        {
            "create": {
                **_SWITCH,
                "description": "Write the Namespace too, with its Pod Security labels: for `helm template`.",
            }
        },
    ),
    "tests": closed("What `helm test` runs.", {"image": closed("Its image: a busybox.", _IMAGE)}),
    "networkPolicy": closed("NetworkPolicies of the services.", {"enabled": _SWITCH}),
}
_LOOKED_INTO = ("autoscaling", "disruptionBudget", "ingress", "route", "storage")
_METRICS = ("targetCPUUtilizationPercentage", "targetMemoryUtilizationPercentage")


def schema(comment: str, title: str, values: Mapping[str, Any], subcharts: Iterable[Subchart] = ()) -> Schema:
    """The schema of a chart's values: each service has the keys that its templates use, and no others."""
    shapes: dict[Any, Schema] = {}  # many services have the same keys
    services = {
        name: shapes.get(shape := _shape(held)) or shapes.setdefault(shape, _service(held))
        for name, held in values["services"].items()
    }
    used = {key for held in values["services"].values() for key in held}
    definitions: Schema = {key: each for key, each in SERVICE.items() if key in used and key != "storage"}
    if "storage" in used:
        definitions["claim"] = CLAIM
    own = {key: CHART[key] for key in values if key != "services"}
    if "gateway" in own:
        known = own["gateway"]["properties"]
        own["gateway"] = closed(own["gateway"]["description"], {name: known[name] for name in values["gateway"]})
    more = {"global": {"description": "What a chart above this one hands down; unused.", "type": "object"}}
    theirs = {each.key: subchart(each) for each in subcharts}
    here = {**own, "services": closed("The services, by name.", services), **theirs, **more}
    root = closed(title, here, (*values, *theirs))
    head = {"$comment": comment, "$schema": "http://json-schema.org/draft-07/schema#", "title": title}
    return {**head, **{key: each for key, each in root.items() if key != "description"}, "definitions": definitions}


def subchart(each: Subchart) -> Schema:
    """Values of another chart, which has a schema of its own, or none: what is known here is whether it is installed."""
    held = {"enabled": {**_SWITCH, "description": "Whether it is installed."}}
    return {**closed(f"Values of the subchart {each.name} {each.version}.", held), "additionalProperties": True}


def _shape(held: Mapping[str, Any]) -> tuple[Any, ...]:
    """What the schema of a service depends on."""
    return tuple(held), *(tuple(held[key]) for key in _LOOKED_INTO if key in held)


def _service(held: Mapping[str, Any]) -> Schema:
    properties: Schema = {}
    for key, value in held.items():
        known = SERVICE[key].get("properties", {})
        if key == "storage":
            claims = {volume: {"$ref": "#/definitions/claim"} for volume in value}
            properties[key] = closed(SERVICE[key]["description"], claims)
        elif key in _LOOKED_INTO and _partly(value, known):
            form = {name: SERVICE[key][name] for name in ("if", "then") if "host" in value}
            properties[key] = {**closed(SERVICE[key]["description"], {name: known[name] for name in value}), **form}
        else:
            properties[key] = {"$ref": f"#/definitions/{key}"}
    return {"type": "object", "properties": properties, "required": [*held], "additionalProperties": False}


def _partly(value: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether the templates use only some of a block's values, since the rest of the object is fixed."""
    return not known.keys() - {*_METRICS} <= value.keys() or (_METRICS[0] in known and not value.keys() & {*_METRICS})

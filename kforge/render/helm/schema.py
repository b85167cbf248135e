"""What the values of a chart may be: definitions by key, with the descriptions that values.yaml and README repeat.

Draft 7, which Helm 3 and 4 read. Every mapping is closed, and values are held to what the API server takes; what two values
must not be together is refused by templates (`guards.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from kforge.render.helm import schema_forms as forms
from kforge.render.helm.near_traffic import FORM, KEY
from kforge.render.helm.schema_affinity import AFFINITY, PARTS
from kforge.render.helm.schema_forms import (
    ANY_TEXT,
    IMAGE,
    LABELS,
    QUALIFIED,
    SWITCH,
    Schema,
    closed,
    pods,
    text,
    texts,
)

if TYPE_CHECKING:
    from kforge.domain.spec.chart_types import Subchart

_UTILISATION = {"type": "integer", "minimum": 1, "maximum": 1000}

# Keys of a service, in the order in which people read them.
SERVICE: Mapping[str, Schema] = {
    "enabled": {"description": "Whether it is installed at all.", "type": "boolean"},
    "image": closed(
        "Image that runs. Of one that the application builds, empty fields are what the chart's `image` says.", IMAGE
    ),
    "imagePullSecrets": {
        "description": "Secrets with which its images are pulled, beside those of all.",
        **forms.PULL_SECRETS,
    },
    "replicas": pods(0, "How many pods run; an autoscaler that is enabled decides instead."),
    "autoscaling": closed(
        "HorizontalPodAutoscaler.",
        {
            "enabled": SWITCH,
            "minReplicas": pods(1),
            "maxReplicas": pods(1),
            "targetCPUUtilizationPercentage": _UTILISATION,
            "targetMemoryUtilizationPercentage": _UTILISATION,
        },
        ("enabled", "minReplicas", "maxReplicas"),
    ),
    "resources": closed(
        "What the container asks for and may use.", {"limits": forms.AMOUNTS, "requests": forms.AMOUNTS}, ()
    ),
    "env": texts("Environment variables; texts, numbers in quotes.", forms.VARIABLE, ANY_TEXT),
    "secrets": texts("Environment variables from Secrets that exist already.", forms.VARIABLE, forms.REFERENCE),
    "extraEnv": {
        "description": "More variables, as a container lists them: `valueFrom` and the like.",
        **forms.VARIABLES,
    },
    "config": texts("Files that are mounted; another content replaces the pods.", forms.KEY, ANY_TEXT),
    "ingress": {
        **closed(
            "How it is reached from outside.",
            {
                "enabled": SWITCH,
                "className": text(forms.OPTIONAL_NAME, "IngressClass; the cluster's default where it is empty."),
                "host": {"type": "string"},
                "path": text(forms.PATH, never=forms.NO_PATH),
                "tls": closed(
                    "TLS, with a Secret that exists or that another tool makes.",
                    {"enabled": SWITCH, "secretName": text(forms.NAME)},
                ),
                "annotations": texts("Annotations of the Ingress.", QUALIFIED, ANY_TEXT),
            },
        ),
        "if": {"properties": {"enabled": {"const": True}}},
        "then": {"properties": {"host": text(forms.HOST)}},
    },
    "route": {
        **closed(
            "How it is reached from outside, through the Gateway that `gateway` names.",
            {
                "enabled": SWITCH,
                "host": {"type": "string"},
                "path": text(forms.ROUTED, never=forms.NO_PATH),
                "tls": closed(
                    "TLS of its host where the chart writes a ListenerSet, with a Secret that exists.",
                    {"enabled": SWITCH, "secretName": text(forms.NAME)},
                ),
                "verify": closed(
                    "By what the Gateway knows its certificate: a name, and a ConfigMap with `ca.crt`.",
                    {"host": text(forms.PRECISE), "ca": text(forms.OPTIONAL_NAME)},
                ),
                "annotations": texts("Annotations of the route.", QUALIFIED, ANY_TEXT),
            },
        ),
        "if": {"properties": {"enabled": {"const": True}}},
        "then": {"properties": {"host": text(forms.HOST)}},
    },
    "storage": closed("Claims, by volume. A claim that exists keeps its class, and mostly its size.", {}),
    "disruptionBudget": closed(
        "PodDisruptionBudget: how many pods a drain may take at once.",
        {
            "enabled": SWITCH,
            "maxUnavailable": {"anyOf": [pods(0), text(forms.PERCENT)]},
        },
    ),
    KEY: FORM,
    "serviceAccount": closed(
        "Its ServiceAccount.",
        {"annotations": texts("Annotations, of a cloud's workload identity for instance.", QUALIFIED, ANY_TEXT)},
    ),
    "nodeSelector": texts("Labels that its nodes have.", QUALIFIED, LABELS),
    "tolerations": {
        "description": "Taints that it tolerates.",
        "type": "array",
        "items": forms.TOLERATION,
    },
    "affinity": closed("Affinity of its pods.", AFFINITY, ()),
    "labels": texts("Labels of its objects and pods.", QUALIFIED, LABELS, own=True),
    "annotations": texts("Annotations of its objects and pods.", QUALIFIED, ANY_TEXT),
    "podLabels": texts("Labels of its pods alone.", QUALIFIED, LABELS, own=True),
    "podAnnotations": texts("Annotations of its pods alone.", QUALIFIED, ANY_TEXT),
}
CLAIM = closed(
    "A claim.",
    {
        "size": text(forms.POSITIVE),
        "className": text(forms.OPTIONAL_NAME, "StorageClass; the default where it is empty."),
    },
)
# Keys of the chart, before its services.
CHART: Mapping[str, Schema] = {
    "image": closed(
        "Images that the application builds.",
        {
            "registry": text(forms.REGISTRY, "Registry, and the folder in it, of those that name none."),
            "tag": text(forms.TAG, "Tag of those that name none; the chart's appVersion where it is empty."),
            "pullPolicy": {"description": "When a node pulls an image.", "enum": ["IfNotPresent", "Always", "Never"]},
        },
    ),
    "imagePullSecrets": {
        "description": "Secrets with which images are pulled: `[{name: regcred}]`.",
        **forms.PULL_SECRETS,
    },
    "assignedUsers": {
        "description": "Whether the platform gives pods users of its own, as OpenShift does: then none is written.",
        "type": "boolean",
    },
    "labels": texts("Labels of every object and pod.", QUALIFIED, LABELS, own=True),
    "gateway": closed(
        "Gateway that routes attach to; it exists already.",
        {
            "name": text(forms.NAME),
            "namespace": text(forms.NAMESPACE, "Its namespace; the release's where it is empty."),
            "section": text(forms.SECTION, "Its listener; all that take the routes where it is empty."),
            "listenerSet": {**SWITCH, "description": "Write a ListenerSet with a listener for each host."},
        },
    ),
    "namespace": closed(
        "The release's namespace.",
        {
            "create": {
                **SWITCH,
                "description": "Write the Namespace too, with its Pod Security labels: for `helm template`.",
            }
        },
    ),
    "tests": closed("What `helm test` runs.", {"image": closed("Its image: a busybox.", IMAGE)}),
    "networkPolicy": closed("NetworkPolicies of the services.", {"enabled": SWITCH}),
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
    if "affinity" in used:
        definitions |= PARTS
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
    held = {"enabled": {**SWITCH, "description": "Whether it is installed."}}
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

"""Services of which some environment, by its number of replicas, keeps traffic near the callers: a value of the chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kforge.domain.document import INCLUDED, Document
from kforge.domain.kubernetes.objects import mapping
from kforge.render.helm.expressions import SERVICE
from kforge.render.helm.scope import Scope
from kforge.render.helm.slots import LineSlot

KEY = "trafficDistribution"
FORM = {
    "description": "Whether callers are sent to a pod near them.",
    "enum": ["", "PreferClose", "PreferSameZone", "PreferSameNode"],
}
_TEXT = (f"{{{{- with {SERVICE}.{KEY} }}}}", f"{KEY}: {{{{ . }}}}", "{{- end }}")


def kept_near(objects: Iterable[Document]) -> frozenset[str]:
    """The services whose traffic some of these objects keep near."""
    services = (item for item in objects if item.kind == "Service" and item.artifact != INCLUDED)
    return frozenset(item.service for item in services if KEY in mapping(item.data, "spec"))


def service(data: dict[str, Any], scope: Scope) -> dict[str, Any]:
    """A Service with a slot where environments may differ."""
    if not scope.near:
        return data
    spec: Mapping[str, Any] = mapping(data, "spec")
    scope.values[KEY] = spec.get(KEY, "")
    return {**data, "spec": {**spec, KEY: LineSlot(_TEXT)}}

"""Kubernetes version → JSON Schemas of fragments for editors: kinds whose every field may be left out.

A fragment is a strategic-merge patch, so nothing in it is required, null deletes a field, and directives such as `$patch`
stand beside fields. The prose of the API stays, since an editor shows it. Unaware of the spec in which fragments stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kforge.errors import InputError
from kforge.system import crd_schemas
from kforge.system.schemas import kubernetes_definitions, versions

PREFIX = "kubernetes."  # of definitions, so that none meets a type of the spec
POD = "Pod"
_POD_SPEC, _METADATA = "io.k8s.api.core.v1.PodSpec", "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
# https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
_DIRECTIVES: dict[str, Any] = {r"^\$(patch|retainKeys|setElementOrder/.+|deleteFromPrimitiveList/.+)$": {}}
_KEPT = ("description", "enum", "format", "pattern", "minimum", "maximum")
Schema = dict[str, Any]


def fragment_schemas(kinds: Iterable[str], version: str) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of a fragment of each kind that a minor ("1.36") has, and the definitions that these refer to.

    A fragment of a Pod holds fields of the pod's spec, or `metadata` and `spec` of its template. Raises InputError for a
    minor that has no schemas here.
    """
    if version not in versions():
        raise InputError(f"no schemas for Kubernetes `{version}`", hint=f"there are {', '.join(versions())}")
    source, kept = kubernetes_definitions(version), dict[str, Schema]()
    newest = _newest(source)
    found: dict[str, Schema] = {}
    for kind in kinds:
        if kind == POD:
            spec, metadata = (_reference(name, source, kept) for name in (_POD_SPEC, _METADATA))
            pod = kept[f"{PREFIX}{_POD_SPEC}"]
            found[kind] = {**pod, "properties": {**pod["properties"], "spec": spec, "metadata": metadata}}
        elif kind in newest:
            found[kind] = _reference(newest[kind], source, kept)
        elif bundled := _bundled(kind, source, kept):
            found[kind] = bundled
    return found, dict(sorted(kept.items()))


def _newest(source: Mapping[str, Schema]) -> dict[str, str]:
    """The definition of each kind's newest stable version."""
    held: dict[str, tuple[int, str]] = {}
    for name, definition in source.items():
        for each in definition.get("x-kubernetes-group-version-kind", ()):
            stable = re.fullmatch(r"v(\d+)", each["version"])
            # `events.k8s.io` and the core group share kinds; one of several groups is as good, so names decide.
            if stable and (int(stable[1]), name) > held.get(each["kind"], (0, "")):
                held[each["kind"]] = int(stable[1]), name
    return {kind: name for kind, (_, name) in held.items()}


def _bundled(kind: str, source: Mapping[str, Schema], kept: dict[str, Schema]) -> Schema | None:
    """A kind of the CRDs that kforge bundles whole."""
    version = next((version for version, name in crd_schemas.served() if name == kind), "")
    raw = crd_schemas.schema(version, kind) if version else None
    if raw is None:
        return None
    for name, definition in raw["definitions"].items():
        kept[f"{PREFIX}{name}"] = _loose(definition, source, kept)
    whole = _loose({key: value for key, value in raw.items() if key != "definitions"}, source, kept)
    return {**whole, "properties": {**whole["properties"], "metadata": _reference(_METADATA, source, kept)}}


def _reference(name: str, source: Mapping[str, Schema], kept: dict[str, Schema]) -> Schema:
    held = f"{PREFIX}{name}"
    if held not in kept and name in source:
        kept[held] = {}  # holds the place: definitions may be recursive
        kept[held] = {"title": name.rpartition(".")[2], **_loose(source[name], source, kept)}
    return {"$ref": f"#/definitions/{held}"}


def _loose(node: Schema, source: Mapping[str, Schema], kept: dict[str, Schema]) -> Schema:
    """A schema that asks for no field and takes directives; its references are local."""
    told = {key: node[key] for key in _KEPT if key in node}
    if "$ref" in node:
        return _reference(node["$ref"].rsplit("/", 1)[-1], source, kept)
    if "oneOf" in node and all("type" in half for half in node["oneOf"]):  # `int-or-string`
        return {**told, "type": sorted({word for half in node["oneOf"] for word in _words(half["type"])} - {"null"})}
    if "type" in node:
        words = [word for word in _words(node["type"]) if word != "null"]
        told["type"] = words[0] if len(words) == 1 else words
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            told[key] = _loose(node[key], source, kept)
    if "properties" in node:
        told["properties"] = {name: _field(value, source, kept) for name, value in node["properties"].items()}
        told["patternProperties"] = _DIRECTIVES
    if node.get("additionalProperties") is False:
        told["additionalProperties"] = False
    return told


def _field(node: Schema, source: Mapping[str, Schema], kept: dict[str, Schema]) -> Schema:
    """The schema of a field, which null deletes. An item of a list is never null: an editor offers its keys."""
    held = _loose(node, source, kept)
    told = {"description": node["description"]} if "description" in node else {}
    return {**told, "anyOf": [{key: value for key, value in held.items() if key not in told}, {"type": "null"}]}


def _words(kind: str | list[str]) -> list[str]:
    return [kind] if isinstance(kind, str) else kind

"""The bundled CRD schemas, of the Gateway API's standard channel, of Argo CD and of Flux → what they say of an object.

The files of `crds/` beside this module are written by `schemas/crds.py`, and say of which modules and versions they are.
Fields that a schema does not name are refused, as the API server does for `kubectl apply`. Rules of the CRDs (CEL) are
asked of an object that has the right form, with the defaults filled in, as the API server does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from kforge.domain.kubernetes.cel import holds
from kforge.domain.origin import join

_INTEGERS = {"int32": 31, "int64": 63}
_BRANCHES = ("oneOf", "anyOf", "allOf")
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The schemas of one API group. `whole`: it has every kind and version of it, so that another one is a mistake."""

    file: str  # below `crds/`, without its ending
    name: str  # what a message calls it, before the version
    whole: bool = False


# Argo Rollouts and Workflows share a group with Argo CD, and clusters with an older Flux serve older versions.
BUNDLES = {
    "gateway.networking.k8s.io": Bundle("gateway_api", "the standard channel of the Gateway API", whole=True),
    "argoproj.io": Bundle("argo_cd", "Argo CD"),
    "kustomize.toolkit.fluxcd.io": Bundle("flux_kustomize", "Flux's kustomize-controller"),
    "helm.toolkit.fluxcd.io": Bundle("flux_helm", "Flux's helm-controller"),
    "source.toolkit.fluxcd.io": Bundle("flux_source", "Flux's source-controller"),
}


def bundle_of(api_version: Any) -> Bundle | None:
    """The schemas of an object's group, by its `apiVersion`; None where none are bundled."""
    return BUNDLES.get(api_version.rpartition("/")[0]) if isinstance(api_version, str) else None


@lru_cache(maxsize=len(BUNDLES))
def _data(file: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((Path(__file__).with_name("crds") / f"{file}.json").read_bytes())
    return loaded


def release(bundle: Bundle) -> str:
    """Which schemas are here, as a message says it: `the standard channel of the Gateway API 1.7`."""
    return f"{bundle.name} {'.'.join(str(_data(bundle.file)['version']).removeprefix('v').split('.')[:2])}"


@lru_cache(maxsize=1)
def served() -> tuple[tuple[str, str], ...]:
    """(apiVersion, kind) of all that whole groups serve; the versions of a kind newest first."""
    whole = (bundle.file for bundle in BUNDLES.values() if bundle.whole)
    found = (name.split(" ") for file in whole for name in _data(file)["kinds"])
    return tuple((version, kind) for version, kind in found)


@lru_cache(maxsize=32)
def schema(api_version: str, kind: str) -> Schema | None:
    """The JSON Schema (draft 7) of a kind, `metadata` left open, with its `definitions`; None for one that is not there."""
    bundle = bundle_of(api_version)
    found = _data(bundle.file)["kinds"].get(f"{api_version} {kind}") if bundle else None
    if bundle is None or found is None:
        return None
    shared = {f"crd.{name}": _closed(each) for name, each in _data(bundle.file)["definitions"].items()}
    return {**_closed(found), "required": ["apiVersion", "kind", *found.get("required", ())], "definitions": shared}


def _closed(node: Mapping[str, Any], whole: bool = True) -> Schema:
    """A schema that takes no other fields than it names. What stands under `oneOf` and its like names only some of them."""
    if "$ref" in node:
        return {"$ref": f"#/definitions/crd.{node['$ref']}"}
    out = {key: value for key, value in node.items() if key not in ("cel", "default", "format")}
    for key in ("items", "additionalProperties", "not"):
        if isinstance(node.get(key), dict):
            out[key] = _closed(node[key], whole and key != "not")
    for key in _BRANCHES:
        if key in node:
            out[key] = [_closed(each, False) for each in node[key]]
    if "properties" in node:
        out["properties"] = {name: _closed(each, whole) for name, each in node["properties"].items()}
        if whole:
            out.setdefault("additionalProperties", False)
    if bits := _INTEGERS.get(node.get("format", "")):
        out["minimum"] = max(node.get("minimum", -(2**bits)), -(2**bits))
        out["maximum"] = min(node.get("maximum", 2**bits - 1), 2**bits - 1)
    return out


def broken(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Field path and message of every rule of its CRD that an object breaks; its fields have the types that they should."""
    if bundle := bundle_of(data.get("apiVersion")):
        held = _data(bundle.file)
        if found := held["kinds"].get(f"{data.get('apiVersion')} {data.get('kind')}"):
            rules = _Rules(held["definitions"])
            yield from rules.broken(found, rules.defaulted(found, data), "")


class _Rules:
    """Defaults and rules of schemas with these definitions."""

    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def _named(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        held: Mapping[str, Any] = self._definitions[node["$ref"]] if "$ref" in node else node
        return held

    def defaulted(self, node: Mapping[str, Any], value: Any) -> Any:
        node = self._named(node)
        if isinstance(value, dict) and "properties" in node:
            known: Mapping[str, Any] = node["properties"]
            filled = {
                name: self._named(each)["default"] for name, each in known.items() if "default" in self._named(each)
            }
            return {
                key: self.defaulted(known[key], held) if key in known else held
                for key, held in {**filled, **value}.items()
            }
        if isinstance(value, list) and "items" in node:
            return [self.defaulted(node["items"], each) for each in value]
        return value

    def broken(self, node: Mapping[str, Any], value: Any, path: str) -> Iterator[tuple[str, str]]:
        node = self._named(node)
        for rule, message in node.get("cel", ()):
            if not holds(rule, value):
                yield path, f"{message[:1].lower()}{message[1:]}" if message[1:2].islower() else message
        if isinstance(value, dict):
            for key, held in value.items():
                below = node.get("properties", {}).get(key, node.get("additionalProperties"))
                if isinstance(below, dict):
                    yield from self.broken(below, held, join(path, key))
        elif isinstance(value, list) and "items" in node:
            for index, held in enumerate(value):
                yield from self.broken(node["items"], held, f"{path}[{index}]")

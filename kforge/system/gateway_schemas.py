"""The bundled CRD schemas of the Gateway API's standard channel → what they say of an object.

`gateway_api.json` beside this module is written by `schemas/gateway_api.py` and says of which version it is. Fields that
a schema does not name are refused, as the API server does for `kubectl apply`. Rules of the CRDs (CEL) are asked of an
object that has the right form, with the defaults filled in, as the API server does it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from kforge.domain.kubernetes.cel import holds
from kforge.domain.origin import join

GROUP = "gateway.networking.k8s.io"
_INTEGERS = {"int32": 31, "int64": 63}
_BRANCHES = ("oneOf", "anyOf", "allOf")
Schema = dict[str, Any]


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("gateway_api.json").read_bytes())
    return loaded


def release() -> str:
    """The version of the Gateway API whose schemas are here: "1.7"."""
    return ".".join(str(_data()["version"]).removeprefix("v").split(".")[:2])


@lru_cache(maxsize=1)
def served() -> tuple[tuple[str, str], ...]:
    """(apiVersion, kind) of all that the standard channel serves; the versions of a kind newest first."""
    found = (name.split(" ") for name in _data()["kinds"])
    return tuple((version, kind) for version, kind in found)


@lru_cache(maxsize=32)
def schema(api_version: str, kind: str) -> Schema | None:
    """The JSON Schema (draft 7) of a kind, `metadata` left open, with its `definitions`; None for one that is not there."""
    found = _data()["kinds"].get(f"{api_version} {kind}")
    if found is None:
        return None
    shared = {f"gateway.{name}": _closed(each) for name, each in _data()["definitions"].items()}
    return {**_closed(found), "required": ["apiVersion", "kind", *found.get("required", ())], "definitions": shared}


def _closed(node: Mapping[str, Any], whole: bool = True) -> Schema:
    """A schema that takes no other fields than it names. What stands under `oneOf` and its like names only some of them."""
    if "$ref" in node:
        return {"$ref": f"#/definitions/gateway.{node['$ref']}"}
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
    found = _data()["kinds"].get(f"{data.get('apiVersion')} {data.get('kind')}")
    if found is not None:
        yield from _broken(found, _defaulted(found, data), "")


def _named(node: Mapping[str, Any]) -> Mapping[str, Any]:
    held: Mapping[str, Any] = _data()["definitions"][node["$ref"]] if "$ref" in node else node
    return held


def _defaulted(node: Mapping[str, Any], value: Any) -> Any:
    node = _named(node)
    if isinstance(value, dict) and "properties" in node:
        known: Mapping[str, Any] = node["properties"]
        filled = {name: _named(each)["default"] for name, each in known.items() if "default" in _named(each)}
        return {
            key: _defaulted(known[key], held) if key in known else held for key, held in {**filled, **value}.items()
        }
    if isinstance(value, list) and "items" in node:
        return [_defaulted(node["items"], each) for each in value]
    return value


def _broken(node: Mapping[str, Any], value: Any, path: str) -> Iterator[tuple[str, str]]:
    node = _named(node)
    for rule, message in node.get("cel", ()):
        if not holds(rule, value):
            yield path, f"{message[:1].lower()}{message[1:]}" if message[1:2].islower() else message
    if isinstance(value, dict):
        for key, held in value.items():
            below = node.get("properties", {}).get(key, node.get("additionalProperties"))
            if isinstance(below, dict):
                yield from _broken(below, held, join(path, key))
    elif isinstance(value, list) and "items" in node:
        for index, held in enumerate(value):
            yield from _broken(node["items"], held, f"{path}[{index}]")

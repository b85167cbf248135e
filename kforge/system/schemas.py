"""Kubernetes version → a validator of objects, made of the strict schemas that kubernetes-validate bundles, and of those of
CRDs that kforge bundles itself.

Only the data of that package is read, never its code (jsonschema, three orders of magnitude slower). Each kind's
schema is cut down to the definitions it reaches and compiled once by jsonschema-rs. Unaware of documents and rules.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import jsonschema_rs

from kforge.domain.document import CONFIDENTIAL, Misfit, SchemaFault, Validate
from kforge.domain.near_words import ADVISED, near_words
from kforge.domain.origin import join
from kforge.errors import InputError, WorldError
from kforge.system import crd_schemas

# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/; the schemas say only "string".
QUANTITY = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?$"
_INTEGERS = {"int32": 31, "int64": 63}
_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "mapping", list: "list"}
_WORDS = {"object": "mapping", "array": "list"}
# Faults that are all told: each takes some four KB while its object is looked at. A file may make half a million.
FAULTS = 20_000
_ONLY_FIRST = "too many problems: of further objects only the first one is shown"
_METADATA_NAME = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_QUANTITY_NAME = "io.k8s.apimachinery.pkg.api.resource.Quantity"


def versions() -> tuple[str, ...]:
    """The Kubernetes minors that schemas are here for, oldest first: ("1.25", …)."""
    found = (re.fullmatch(r"v(\d+)\.(\d+)\.\d+-local-strict", folder.name) for folder in _root().iterdir())
    return tuple(f"{major}.{minor}" for major, minor in sorted((int(m[1]), int(m[2])) for m in found if m))


def validator(version: str) -> Validate:
    """What finds the faults of an object by the schemas of a Kubernetes minor ("1.34").

    A fault is field path, message, hint. An object of a kind that the minor does not have gives None where its API
    group is not Kubernetes' own (a custom resource), one fault otherwise. No message repeats a value of a Secret. Raises
    InputError for a minor that has no schemas here.

    An object is looked at once, however often it is asked about: it must stay as it is. Where objects have many faults,
    only the first one of each further object is told, with one more that says so, and what misspelt fields are near to
    is looked up for the first ones.
    """
    if version not in versions():
        raise InputError(
            f"no schemas for Kubernetes `{version}`", hint=f"`kubernetes:` takes one of {', '.join(versions())}"
        )

    seen: dict[int, tuple[Mapping[str, Any], tuple[SchemaFault, ...] | None]] = {}
    told = 0

    def validate(data: Mapping[str, Any]) -> tuple[SchemaFault, ...] | None:
        nonlocal told
        if id(data) not in seen:  # the object is kept beside its faults, so no other one gets its number
            seen[id(data)] = data, _advised(data, _faults(data, version, told))
            told += len(seen[id(data)][1] or ())
        return seen[id(data)][1]

    return validate


@lru_cache(maxsize=1)
def _root() -> Path:
    spec = importlib.util.find_spec("kubernetes_validate")
    if spec is None or spec.origin is None:
        raise WorldError("package `kubernetes-validate` is missing", hint="install kforge with its dependencies")
    return Path(spec.origin).parent / "kubernetes-json-schema"


def _folder(version: str) -> Path:
    return max(_root().glob(f"v{version}.*-local-strict"))


@lru_cache(maxsize=2)
def kubernetes_definitions(version: str) -> dict[str, Any]:
    """The definitions of a minor that is among `versions()`, by name, as the package has them."""
    loaded: dict[str, Any] = json.loads((_folder(version) / "_definitions.json").read_bytes())["$defs"]
    return loaded


@dataclass(frozen=True, slots=True)
class Compiled:
    """One kind's schema, and what finds its errors."""

    schema: Mapping[str, Any]
    check: jsonschema_rs.Draft7Validator


@lru_cache(maxsize=256)
def _compiled(version: str, api_version: str, kind: str) -> Compiled | None:
    group, _, short = api_version.rpartition("/")
    if crd_schemas.bundle_of(api_version):
        return _bundled(version, api_version, kind)
    prefix = f"{group.split('.')[0]}-" if group else ""
    file = _folder(version) / f"{kind.lower()}-{prefix}{short}.json"
    if not re.fullmatch(r"[\w-]{1,200}\.json", file.name, re.ASCII) or not file.is_file():
        return None
    raw = json.loads(file.read_bytes())
    if api_version not in raw.get("properties", {}).get("apiVersion", {}).get("enum", ()):
        return None  # another group with the same first word
    definitions: dict[str, Any] = {}
    schema = _pruned(raw, kubernetes_definitions(version), definitions)
    whole = {**schema, "definitions": definitions}
    return Compiled(whole, jsonschema_rs.Draft7Validator(whole))


def _bundled(version: str, api_version: str, kind: str) -> Compiled | None:
    """A kind of the CRDs that kforge bundles; its metadata is that of every object."""
    raw = crd_schemas.schema(api_version, kind)
    if raw is None:
        return None
    definitions = dict(raw["definitions"])
    metadata = _pruned({"$ref": f"#/$defs/{_METADATA_NAME}"}, kubernetes_definitions(version), definitions)
    whole = {**raw, "properties": {**raw["properties"], "metadata": metadata}, "definitions": definitions}
    return Compiled(whole, jsonschema_rs.Draft7Validator(whole))


def _pruned(node: Any, source: Mapping[str, Any], kept: dict[str, Any]) -> Any:
    """A schema without prose, its references local; the definitions it reaches are added to `kept`."""
    if isinstance(node, list):
        return [_pruned(item, source, kept) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        if name not in kept:
            kept[name] = {}  # holds the place: definitions may be recursive
            kept[name] = _definition(name, source, kept)
        return {"$ref": f"#/definitions/{name}"}
    result = {key: node[key] for key in ("type", "enum", "required", "additionalProperties") if key in node}
    for key in ("additionalProperties", "items"):
        if isinstance(node.get(key), dict):
            result[key] = _pruned(node[key], source, kept)
    if "properties" in node:
        result["properties"] = {name: _pruned(value, source, kept) for name, value in node["properties"].items()}
    if "oneOf" in node:
        # Null is valid under both halves of `int-or-string`, so as `oneOf` it would be refused.
        result["type"] = sorted({word for half in node["oneOf"] for word in half["type"]})
    if bits := _INTEGERS.get(node.get("format", "")):
        result |= {"minimum": -(2**bits), "maximum": 2**bits - 1}
    return result


def _definition(name: str, source: Mapping[str, Any], kept: dict[str, Any]) -> Any:
    pruned = _pruned(source[name], source, kept)
    return {**pruned, "pattern": QUANTITY} if name == _QUANTITY_NAME else pruned


# --- faults ---


def _advised(data: Mapping[str, Any], faults: tuple[SchemaFault, ...] | None) -> tuple[SchemaFault, ...] | None:
    """Faults of an object of Argo CD or Flux lead to their reference; those of others to what their rules say."""
    bundle = crd_schemas.bundle_of(data.get("apiVersion"))
    if not faults or bundle is None or bundle.whole:
        return faults
    hint = f"see the reference of {crd_schemas.release(bundle)}"
    return tuple(each._replace(hint=each.hint or hint) for each in faults)


def _faults(data: Mapping[str, Any], version: str, told: int) -> tuple[SchemaFault, ...] | None:
    api_version, kind = data.get("apiVersion"), data.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str) or not api_version or not kind:
        missing = "kind" if isinstance(api_version, str) and api_version else "apiVersion"
        return (SchemaFault(missing, f"`{missing}` is missing"),)
    compiled = _compiled(version, api_version, kind)
    if compiled is None:
        return _unknown(api_version, kind, version)
    if compiled.check.is_valid(data):
        return tuple(SchemaFault(*each) for each in crd_schemas.broken(data))
    explained = partial(_explained, schema=compiled.schema, secret=kind in CONFIDENTIAL)
    if told + _size(data) > FAULTS:
        return (*explained(_first(compiled, data), advised=ADVISED - told), Misfit("", _ONLY_FIRST))
    found: list[SchemaFault] = []
    for error in compiled.check.iter_errors(data):
        found += explained(error, advised=ADVISED - told - len(found))
    return tuple(sorted(set(found)))


def _first(compiled: Compiled, data: Mapping[str, Any]) -> jsonschema_rs.ValidationError:
    """The first error of an object that has some."""
    try:
        compiled.check.validate(data)
    except jsonschema_rs.ValidationError as error:
        return error
    raise AssertionError("the object has no error")


def _size(data: Any) -> int:
    """How many values there are in plain data: about as many faults it may have."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return 1 + sum(map(_size, inner))


@lru_cache(maxsize=2)
def _served(version: str) -> tuple[tuple[str, str], ...]:
    """(apiVersion, kind) of everything that a minor has, and of groups that are bundled whole."""
    found = set(crd_schemas.served())
    for definition in kubernetes_definitions(version).values():
        for gvk in definition.get("x-kubernetes-group-version-kind", ()):
            found.add((f"{gvk['group']}/{gvk['version']}".lstrip("/"), gvk["kind"]))
    return tuple(sorted(found))


def _unknown(api_version: str, kind: str, version: str) -> tuple[SchemaFault, ...] | None:
    served = _served(version)
    group = api_version.rpartition("/")[0]
    if group not in {name.rpartition("/")[0] for name, _ in served}:
        return None
    bundle = crd_schemas.bundle_of(api_version)
    where = crd_schemas.release(bundle) if bundle else f"Kubernetes {version}"
    homes = sorted(name for name, other in served if other == kind)
    if homes:
        message = f"`{api_version}` has no {kind} in {where}"
        return (SchemaFault("apiVersion", message, f"write `apiVersion: {homes[0]}`"),)
    kinds = sorted({other for name, other in served if name == api_version})
    return (SchemaFault("kind", f"`{api_version}` has no kind `{kind}` in {where}", _meant(kind, kinds)),)


def _explained(
    error: jsonschema_rs.ValidationError, schema: Mapping[str, Any], secret: bool, advised: int
) -> list[SchemaFault]:
    """Faults of one error; for as many of them as `advised` says, what a field's name is near to is looked up."""
    path, got = "", _type(error.instance) if secret else _shown(error.instance)
    for part in error.instance_path:
        path = f"{path}[{part}]" if isinstance(part, int) else join(path, str(part))
    details = error.kind.as_dict()
    match error.kind.name:
        case "additionalProperties":
            known = sorted(_at(schema, error.instance_path).get("properties", ()))
            return [
                SchemaFault(
                    join(path, str(name)),
                    f"unknown field `{name}`",
                    _meant(str(name), known) if number < advised else "",
                )
                for number, name in enumerate(sorted(details["unexpected"]))
            ]
        case "required":
            return [SchemaFault(join(path, details["property"]), f"`{details['property']}` is missing")]
        case "type":
            words = [_WORDS.get(word, word) for word in details["types"] if word != "null"]
            return [Misfit(path, f"expected {' or '.join(words)}, got {got}")]
        case "enum":
            options = ", ".join(f"`{option}`" for option in details["options"] if option is not None)
            return [SchemaFault(path, f"expected {options}, got {got}")]
        case "pattern" if details["pattern"] != QUANTITY:
            return [SchemaFault(path, f"{got} does not match `{details['pattern']}`")]
        case "pattern":
            return [SchemaFault(path, f"expected a quantity, got {got}", "write `500m`, `2`, `512Mi` or `1Gi`")]
        case _ if secret:
            return [SchemaFault(path, "is not a value that this field can have")]
        case _:
            return [SchemaFault(path, f"{error.message[0].lower()}{error.message[1:]}")]


def _at(schema: Mapping[str, Any], path: list[str | int]) -> Mapping[str, Any]:
    """The schema of what is at a path in the object."""
    definitions = schema["definitions"]
    here: Any = schema
    for part in path:
        below = here.get("items") if isinstance(part, int) else here.get("properties", {}).get(part)
        here = below or here.get("additionalProperties") or {}
        while isinstance(here, dict) and "$ref" in here:
            here = definitions[here["$ref"].rsplit("/", 1)[-1]]
    return here if isinstance(here, dict) else {}


def _type(value: Any) -> str:
    return _NAMES.get(type(value), "null")


def _shown(value: Any) -> str:
    name = _type(value)
    if isinstance(value, (dict, list)) or value is None:
        return name
    said = json.dumps(value) if not isinstance(value, str) else value
    return f"{name} `{said if len(said) <= 60 else said[:57] + '…'}`"


def _meant(word: str, known: list[str]) -> str:
    close = [name for name in known if name.lower() == word.lower()] or near_words(word, known)
    return f"did you mean `{close[0]}`" if close else ""

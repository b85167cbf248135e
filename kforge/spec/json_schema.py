"""The spec's types → a JSON Schema for editors, in the draft-07 dialect that they all understand.

Unaware of the rules that need more than one field: an editor hears those from `kforge plan`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kforge.domain.kubernetes.releases import known_minors
from kforge.domain.spec.types import Spec
from kforge.spec.merging import NULLABLE

DIALECT = "http://json-schema.org/draft-07/schema#"
ID = "https://kforge.dev/schemas/app.schema.json"
_UNBUILT = "Not built yet."
_DROPPED = ("title",)  # pydantic's titles repeat the keys


def schema(
    languages: Iterable[str], outputs: Iterable[str], fragments: tuple[dict[str, Any], dict[str, Any]] | None = None
) -> dict[str, Any]:
    """The schema of `app.kforge.yaml`: every key with its meaning, its values, or an example; null is taken where it leaves
    something out.

    `languages` are the names of those that are built in: a recipe of each has its name. `outputs` are those of targets.
    `fragments` are schemas of fragments by kind, and the definitions that they refer to; without them a fragment is any
    mapping.
    """
    made = Spec.model_json_schema(by_alias=True)
    definitions = {name: _plain(definition) for name, definition in sorted(made.pop("$defs").items())}
    # What is built here has a source, what is not has an image, and what is like another has that one's.
    whole = {"oneOf": [{"required": ["source"]}, {"required": ["image"]}]}
    definitions["Service"]["anyOf"] = [whole, {"required": ["like"]}]
    _take_null(definitions["Service"]["properties"])
    recipe = definitions["BuildBlock"]["properties"]["recipe"]
    recipe["enum"] = [*languages]
    recipe["examples"] = recipe["enum"][:1]
    root = _plain(made)
    for block in (root, definitions["Environment"]):
        _offer_minors(block["properties"]["kubernetes"])
    for block in (root, definitions["Service"]):
        block["properties"]["outputs"]["items"] = {"enum": [*outputs], "type": "string"}
    if fragments is not None:
        kinds, needed = fragments
        for name in ("Defaults", "Service", "EnvironmentService"):
            held = definitions[name]["properties"]["kubernetes"]
            del held["patternProperties"]
            held["properties"] = kinds
        definitions |= needed
    return {
        "$schema": DIALECT,
        "$id": ID,
        "title": "kforge spec",
        "description": "An application for kforge: its services, and what they need to run on Kubernetes.",
        **{key: value for key, value in root.items() if key != "description"},
        "definitions": definitions,
    }


def _offer_minors(key: dict[str, Any]) -> None:
    """Versions that an editor offers; one that this kforge does not know yet is taken all the same."""
    form = {name: key.pop(name) for name in ("pattern", "type")}
    del key["examples"]
    key["anyOf"] = [{"enum": known_minors()}, form]


def _take_null(properties: dict[str, Any]) -> None:
    """In a service `null` leaves out what it would take: a key, or one entry of a mapping."""
    for key in NULLABLE:
        held = properties[key]
        inner = next(
            (name for name in ("additionalProperties", "patternProperties") if isinstance(held.get(name), dict)), ""
        )
        if inner == "additionalProperties":
            held[inner] = {"anyOf": [held[inner], {"type": "null"}]}
        elif inner:
            held[inner] = {form: {"anyOf": [value, {"type": "null"}]} for form, value in held[inner].items()}
        told = {name: held.pop(name) for name in ("description", "examples", "default") if name in held}
        properties[key] = {**told, "anyOf": [held, {"type": "null"}]}


def text(
    languages: Iterable[str], outputs: Iterable[str], fragments: tuple[dict[str, Any], dict[str, Any]] | None = None
) -> str:
    """The schema as it is printed and, without fragments, committed."""
    return json.dumps(schema(languages, outputs, fragments), indent=2, ensure_ascii=False) + "\n"


def _plain(node: Any, properties: bool = False) -> Any:
    """A pydantic schema in draft-07: local references, no null, texts without marks. `properties` holds keys, not
    words.
    """
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    if properties:
        return {key: _plain(value) for key, value in node.items()}
    if node.get("description") == _UNBUILT:
        return {"description": _UNBUILT, "not": {}}
    kept = {key: _word(key, value) for key, value in node.items() if key not in _DROPPED and not _empty(key, value)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False  # a key of another form is a mistake, not a key of its own
    return _reference(_not_null(kept))


def _word(key: str, value: Any) -> Any:
    if key == "$ref":
        return value.replace("#/$defs/", "#/definitions/")
    if key == "description":
        return " ".join(value.replace("`", "'").split())
    if key in ("examples", "default", "const", "enum", "required"):
        return value
    return _plain(value, properties=key in ("properties", "patternProperties"))


def _empty(key: str, value: Any) -> bool:
    """A default that says nothing: the key is simply absent."""
    return key == "default" and (value is None or value in ([], {}) or isinstance(value, dict))


def _not_null(node: dict[str, Any]) -> dict[str, Any]:
    """`T or null` as `T`: a spec leaves a key out instead."""
    if "anyOf" not in node:
        return node
    choices = [choice for choice in node["anyOf"] if choice != {"type": "null"}]
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    return {**choices[0], **rest} if len(choices) == 1 else {**rest, "anyOf": choices}


def _reference(node: dict[str, Any]) -> dict[str, Any]:
    """Draft-07 ignores what stands beside a `$ref`, so the reference moves into an `allOf`."""
    if "$ref" not in node or len(node) == 1:
        return node
    return {**{key: value for key, value in node.items() if key != "$ref"}, "allOf": [{"$ref": node["$ref"]}]}

"""The JSON Schema that editors use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from kforge import catalog
from kforge.domain.kubernetes.releases import default
from kforge.domain.spec import types
from kforge.spec.json_schema import DIALECT, schema, text
from kforge.spec.merging import NULLABLE
from kforge.spec.read import read

ROOT = Path(__file__).parents[2]
GOOD = [*sorted((ROOT / "specs").glob("*/*.kforge.yaml")), Path(__file__).with_name("every_key.yaml")]
SCHEMA = schema(catalog.LANGUAGES, catalog.TARGETS)


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, inner in node.items():
            yield from nodes(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from nodes(inner, f"{path}/{index}")


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, node in nodes(SCHEMA):
        for key, value in node.get("properties", {}).items() if isinstance(node.get("properties"), dict) else ():
            yield f"{path}/{key}", value


def test_the_committed_schema_is_the_one_that_is_printed() -> None:
    committed = (ROOT / "schemas" / "app.schema.json").read_text(encoding="utf-8")
    assert committed == text(catalog.LANGUAGES, catalog.TARGETS), "run: kforge schema > schemas/app.schema.json"


def keywords(node: Any) -> Iterator[tuple[str, Any]]:
    """Every keyword of a schema with its value; names of properties and what `default` or `enum` hold are none."""
    for key, value in node.items() if isinstance(node, dict) else ():
        yield key, value
        named = key in ("properties", "patternProperties", "definitions", "dependencies")
        below = [*value.values()] if named else value if isinstance(value, list) else [value]
        yield from (found for each in below if key not in DATA for found in keywords(each))


DATA = ("const", "default", "enum", "examples")
DRAFT_07 = {*jsonschema.Draft7Validator.META_SCHEMA["properties"]}


def strange(schema: Any) -> set[str]:
    """Keywords that draft-07 does not have. A reader of draft-07 passes over them, so that what they forbid is allowed."""
    return {key for key, _ in keywords(schema)} - DRAFT_07


def elsewhere(schema: Any) -> set[str]:
    """References that lead out of the file or nowhere, which an editor may not follow."""
    named = {f"#/definitions/{name}" for name in schema["definitions"]}
    return {value for key, value in keywords(schema) if key == "$ref"} - named


def test_it_is_a_schema_of_draft_07() -> None:
    assert SCHEMA["$schema"] == DIALECT
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert (strange(SCHEMA), elsewhere(SCHEMA)) == (set(), set())


@pytest.mark.parametrize(
    "newer",
    [
        {"$defs": {}},
        {"properties": {"app": {"unevaluatedProperties": False}}},
        {"items": [{"$dynamicRef": "#x"}]},
        {"allOf": [{"not": {"dependentRequired": {}}}]},
        {"patternProperties": {"^x-": {"prefixItems": []}}},
    ],
)
def test_what_draft_07_does_not_have_is_noticed(newer: dict[str, Any]) -> None:
    assert len(strange(newer)) == 1
    assert strange({"properties": {"$defs": {"default": newer}}}) == set()


def test_every_key_is_described_in_plain_words() -> None:
    bare = [path for path, value in properties() if not value.get("description", "").endswith(".")]
    marked = [
        path for path, node in nodes(SCHEMA) if isinstance(node.get("description"), str) and "`" in node["description"]
    ]
    assert (bare, marked) == ([], [])


def _closed(node: dict[str, Any]) -> bool:
    """Whether an editor can offer every value of a key, or leads on to keys that have their own."""
    if node.get("type") == "array":
        return _closed(node["items"])
    inner = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    return (
        bool({"enum", "const", "not", "$ref", "allOf"} & set(node))
        or node.get("type") == "boolean"
        or any(map(_closed, inner))
    )


def test_every_key_has_values_a_default_or_an_example() -> None:
    assert not [path for path, node in properties() if not (_closed(node) or {"examples", "default"} & set(node))]


def test_versions_recipes_and_platforms_are_offered() -> None:
    root = SCHEMA["properties"]
    assert default() in root["kubernetes"]["anyOf"][0]["enum"]
    assert SCHEMA["definitions"]["BuildBlock"]["properties"]["recipe"]["enum"] == [*catalog.LANGUAGES]
    assert "openshift" in root["platform"]["enum"]


def test_a_version_that_this_kforge_does_not_know_yet_is_no_mistake_in_an_editor() -> None:
    good = {"apiVersion": "kforge.dev/v1", "app": "shop", "services": {"web": {"source": "./web"}}}
    assert jsonschema_rs.Draft7Validator(SCHEMA).is_valid({**good, "kubernetes": "1.99"})


def test_nothing_takes_null_but_what_a_service_may_leave_out_and_nothing_stands_beside_a_reference() -> None:
    assert not [path for path, node in nodes(SCHEMA) if "$ref" in node and len(node) > 1]
    nulls = {path.split("/")[4] for path, node in nodes(SCHEMA) if node.get("type") == "null"}
    owners = {path.split("/")[2] for path, node in nodes(SCHEMA) if node.get("type") == "null"}
    assert (nulls, owners) == ({*NULLABLE}, {"Service"})


def test_keys_of_the_spec_and_of_the_schema_are_the_same() -> None:
    keys = {field.alias or name for name, field in types.Spec.model_fields.items()}
    service = {field.alias or name for name, field in types.Service.model_fields.items()}
    assert set(SCHEMA["properties"]) == keys and set(SCHEMA["definitions"]["Service"]["properties"]) == service


@pytest.mark.parametrize("spec", GOOD, ids=lambda spec: spec.parent.name)
def test_good_specs_are_valid_by_it(spec: Path) -> None:
    data = read(spec.read_bytes(), spec.name).data
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft7Validator)
    assert jsonschema_rs.Draft7Validator(SCHEMA).is_valid(data)


def test_every_example_in_it_is_valid_where_it_stands() -> None:
    for path, value in properties():
        for example in value.get("examples", ()):
            checker = {**value, "definitions": SCHEMA["definitions"]}
            assert jsonschema_rs.Draft7Validator(checker).is_valid(example), (path, example)


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1}, {"kubernetes": 1.34}, {"model": {}}, {"outputs": ["docs"]}, {"services": {"Web": {"source": "./w"}}},
        {"services": {"web": {}}}, {"services": {"web": {"source": "./w", "image": "a/b:1"}}}, {"labels": {"a b": "c"}},
        {"services": {"web": {"source": "./w", "env": {"A": 1}}}}, {"version": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_kforge_refuses_by_shape_an_editor_marks(change: dict[str, Any]) -> None:
    good = {"apiVersion": "kforge.dev/v1", "app": "shop", "services": {"web": {"source": "./web"}}}
    assert not jsonschema_rs.Draft7Validator(SCHEMA).is_valid({**good, **change})


def test_the_text_is_the_same_every_time() -> None:
    assert text(catalog.LANGUAGES, catalog.TARGETS) == json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"

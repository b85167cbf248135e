"""Schemas of answers: in the dialect that every provider takes, bounded, and the same fields as a person's pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge import catalog
from kforge.domain.model.answer_fields import FIELDS, record
from kforge.domain.spec.pin_types import TOPIC_PINS
from kforge.llm.conformance import faults

KNOWN = {
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "maxItems",
    "enum",
    "maxLength",
    "minimum",
    "maximum",
    "anyOf",
    "pattern",
}


def nodes(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield schema
    for inner in (
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *([schema["items"]] if "items" in schema else ()),
    ):
        yield from nodes(inner)


@pytest.mark.parametrize("topic", sorted(FIELDS))
def test_a_schema_stays_in_the_dialect(topic: str) -> None:
    schema = record(FIELDS[topic])
    jsonschema.Draft202012Validator.check_schema(schema)
    for node in nodes(schema):
        assert set(node) <= KNOWN, node
        kind = node.get("type")
        if "anyOf" in node:
            assert [inner.get("type") for inner in node["anyOf"]][1:] == ["null"] and "anyOf" not in node["anyOf"][0]
        elif kind == "object":
            assert node["additionalProperties"] is False and node["required"] == list(node["properties"])
        elif kind == "array":
            assert {"minItems", "maxItems", "items"} <= set(node) and node["maxItems"] <= 32
        elif kind == "string":
            assert "enum" in node or node["maxLength"] <= 300
        elif kind == "integer":
            assert {"minimum", "maximum"} <= set(node)
        else:
            assert kind in ("boolean", "null"), node


@pytest.mark.parametrize("topic", sorted(FIELDS))
def test_patterns_are_anchored_bounded_and_plain(topic: str) -> None:
    for node in nodes(record(FIELDS[topic])):
        pattern = node.get("pattern", "^$")
        plain = pattern.replace("+.-]", "]")  # a plus among characters repeats nothing
        assert pattern[0] == "^" and pattern[-1] == "$" and not {"*", "+", "\\"} & set(plain) and "(?" not in pattern


def test_no_answer_is_nested_deeper_than_the_strictest_server_allows() -> None:
    def depth(schema: Mapping[str, Any]) -> int:
        below = [
            *schema.get("properties", {}).values(),
            *schema.get("anyOf", ()),
            *([schema["items"]] if "items" in schema else ()),
        ]
        return 1 + max(map(depth, below), default=0)

    assert max(depth(record(fields)) for fields in FIELDS.values()) <= 8


@pytest.mark.parametrize("topic", catalog.topics(), ids=lambda topic: topic.name)
def test_fields_are_those_of_the_topic_and_of_its_pins(topic: Any) -> None:
    assert set(FIELDS[topic.name]) == set(topic.fields) == set(TOPIC_PINS[topic.name].model_fields)


def test_parts_of_a_probe_and_of_a_port_are_those_of_their_pins() -> None:
    probe = TOPIC_PINS["probes"].model_fields["readiness"].annotation.__args__[0]  # type: ignore[union-attr]
    assert {*FIELDS["probes"]["readiness"]["properties"], "command"} == set(
        probe.model_fields
    )  # which only a spec says
    assert set(FIELDS["process"]["ports"]["items"]["properties"]) == {"name", "port", "protocol", "env"}


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows."""
    if "anyOf" in schema:
        return st.none() | values(schema["anyOf"][0])
    kind = schema["type"]
    if kind == "object":
        return st.fixed_dictionaries({name: values(inner) for name, inner in schema["properties"].items()})
    if kind == "array":
        return st.lists(values(schema["items"]), min_size=schema["minItems"], max_size=min(3, schema["maxItems"]))
    if kind == "integer":
        return st.integers(schema["minimum"], schema["maximum"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True).filter(lambda text: len(text) <= schema["maxLength"])
    return st.text("abcdefghij-/.:0123456789", min_size=1, max_size=schema["maxLength"])


@pytest.mark.parametrize("topic", sorted(FIELDS))
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_checker_and_a_known_validator_agree(topic: str, data: st.DataObject) -> None:
    schema = record(FIELDS[topic])
    value = data.draw(values(schema))
    assert jsonschema.Draft202012Validator(schema).is_valid(value)
    assert [fault for fault in faults(value, schema) if "credential" not in fault] == []


@pytest.mark.parametrize("topic", ["probes", "resources", "rollout"])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_what_the_schema_allows_a_person_may_pin(topic: str, data: st.DataObject) -> None:
    value = data.draw(values(record(FIELDS[topic])))
    for probe in value.values() if topic == "probes" else ():
        probe |= {"port": "http", "path": probe["path"] or None}
    for share in ("surge", "unavailable") if topic == "rollout" else ():
        value[share] = value[share] if value[share].endswith("%") else int(value[share])
    TOPIC_PINS[topic].model_validate(value)  # type: ignore[attr-defined]

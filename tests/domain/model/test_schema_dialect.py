"""A grammar holds the bounds of a text, whatever else is said of it."""

import pytest

from kforge.domain.model import answer_fields
from kforge.domain.model.schema_dialect import LLAMA, OPENAI, translate


@pytest.mark.parametrize(
    "pattern", ["^[a-z]+$", "^a*$", "^a{2,}$", "^scratch$|^[a-z]{1,9}$", "[a-z]{1,9}", "^[a-z]{1,9}"]
)
def test_llama_gets_no_pattern_that_would_undo_the_length(pattern):
    told = translate({"type": "string", "maxLength": 20, "pattern": pattern}, LLAMA)
    assert told == {"type": "string", "maxLength": 20, "description": f"(pattern: {pattern})"}


@pytest.mark.parametrize("pattern", ["^[a-z]{1,20}$", "^(scratch|[a-z]{1,9})$", "^[*+^$]{1,3}$", r"^a\+\$$", "^[]*]$"])
def test_a_pattern_that_bounds_itself_is_kept(pattern):
    assert translate({"type": "string", "maxLength": 20, "pattern": pattern}, LLAMA)["pattern"] == pattern


def test_other_servers_get_every_pattern():
    assert "pattern" in translate({"type": "string", "pattern": "^[a-z]+$"}, OPENAI)


def patterns(schema):
    if "pattern" in schema:
        yield schema
    for inner in [
        *schema.get("properties", {}).values(),
        *schema.get("anyOf", ()),
        *([schema["items"]] if "items" in schema else ()),
    ]:
        yield from patterns(inner)


def test_every_pattern_of_an_answer_reaches_llama():
    found = [
        schema for fields in answer_fields.FIELDS.values() for field in fields.values() for schema in patterns(field)
    ]
    assert len(found) > 10
    assert all("pattern" in translate(schema, LLAMA) for schema in found)

"""Data and its schema → what differs, in words that a model can act on. Knows the dialect of
`domain/model/answer_fields.py` only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.invisible_chars import INVISIBLE, line
from kforge.domain.secrets.redact import redact

_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "null",
}
_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def faults(data: Any, schema: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Every place where data leave their schema, outermost first; nothing where they fit."""
    where = f"`{path}`" if path else "the answer"
    if "anyOf" in schema:
        wanted = schema["anyOf"][0]
        if data is not None:
            yield from faults(data, wanted, path)
        return
    kind = str(schema["type"])
    if not isinstance(data, _TYPES[kind]) or (isinstance(data, bool) and kind == "integer"):
        yield f"{where} is {quoted(data)}; it must be {_NAMES[kind]}"
    elif kind == "object":
        yield from _object(data, schema, path, where)
    elif kind == "array":
        yield from _array(data, schema, path, where)
    elif "enum" in schema and data not in schema["enum"]:
        yield f"{where} is {quoted(data)}; it must be one of {', '.join(schema['enum'])}"
    elif kind == "string" and "enum" not in schema:
        yield from _string(data, schema, where)
    elif kind == "integer" and not schema["minimum"] <= data <= schema["maximum"]:
        yield f"{where} is {data}; it must be between {schema['minimum']} and {schema['maximum']}"


def _object(data: dict[str, Any], schema: Mapping[str, Any], path: str, where: str) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for key in schema["required"]:
        if key not in data:
            yield f"`{prefix}{key}` is missing"
    for key, value in data.items():
        if key in schema["properties"]:
            yield from faults(value, schema["properties"][key], prefix + key)
        else:
            yield f"{where} has the key {quoted(key)}, which nobody asked for"


def _array(data: list[Any], schema: Mapping[str, Any], path: str, where: str) -> Iterator[str]:
    if not schema["minItems"] <= len(data) <= schema["maxItems"]:
        least = f"between {schema['minItems']} and" if schema["minItems"] else "at most"
        yield f"{where} has {len(data)} items; it must have {least} {schema['maxItems']}"
    for index, item in enumerate(data[: schema["maxItems"]]):
        yield from faults(item, schema["items"], f"{path}[{index}]")


def _string(data: str, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if len(data) > schema["maxLength"]:
        yield f"{where} has {len(data)} characters; it must have at most {schema['maxLength']}"
    if INVISIBLE.search(data) or "\n" in data or "\t" in data:
        yield f"{where} holds a line break or an invisible character; write one plain line"
    elif redact(data) != data:
        yield f"{where} holds what looks like a credential; name none"


def quoted(value: Any) -> str:
    """Escape a model's value for a message: one short line in backticks, credentials redacted."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    shown = (
        {True: "true", False: "false", None: "null"}.get(value, str(value))
        if isinstance(value, (bool, type(None)))
        else str(value)
    )
    return f"`{line(redact(shown), 60).replace('`', chr(39))}`"

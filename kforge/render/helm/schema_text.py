"""The schema of a chart's values → its text. A definition that several services have is worked out and written once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_STAND_IN = "\0"  # for all services, while the rest is written; no name has this sign
_PAD = " " * 8  # of the names of services: schema, properties, services, properties


def schema_text(schema: Mapping[str, Any]) -> str:
    """What `json.dumps` writes with an indentation of two; `schema` as `schema.schema` makes it."""
    services: Mapping[str, Any] = schema["properties"]["services"]["properties"]
    if not services:
        return _json(schema)
    held = {**schema["properties"]["services"], "properties": {_STAND_IN: 0}}
    whole = _json({**schema, "properties": {**schema["properties"], "services": held}})
    several = {id(each): each for each in services.values()}
    texts = {number: _json(each).replace("\n", f"\n{_PAD}") for number, each in several.items()}
    lines = (f"{json.dumps(name)}: {texts[id(each)]}" for name, each in services.items())
    return whole.replace(f"{json.dumps(_STAND_IN)}: 0", f",\n{_PAD}".join(lines), 1)


def _json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False)

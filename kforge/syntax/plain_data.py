"""Tables of data that anyone may have written, as JSON, TOML and YAML give them. Unaware of what they say."""

from __future__ import annotations

from typing import Any


def table_in(value: Any, *keys: str) -> dict[str, Any]:
    """The table behind keys of a table; an empty one where something else is there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}

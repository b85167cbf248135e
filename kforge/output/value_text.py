"""Plain values → words for people: `python main.py`, `3000 http, 9090 metrics`, `none`; no JSON and no Python."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any


def value_text(value: Any, field: str = "") -> str:
    """A value in words; `field` is the name of what has it, by which a command is told from a list."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _mapping(value)
    if isinstance(value, (list, tuple)):
        return _items(value, field.rpartition(".")[2])
    return str(value) if value != "" else "empty"


def _mapping(value: Mapping[str, Any]) -> str:
    if value.keys() >= {"name", "port"}:  # a port of a process
        spoken = value.get("protocol")
        more = "" if spoken in (None, "http") or str(value["name"]).startswith(str(spoken)) else f" ({spoken})"
        return f"{value['port']} {value['name']}{more}"
    return ", ".join(f"{key} {value_text(inner, key)}" for key, inner in value.items()) or "none"


def _items(items: list[Any] | tuple[Any, ...], name: str) -> str:
    if not items:
        return "none"
    if name in ("command", "args") and all(isinstance(item, str) for item in items):
        return shlex.join(items)
    if all(isinstance(item, (list, tuple)) and all(isinstance(word, str) for word in item) for item in items):
        return "; ".join(map(shlex.join, items))  # steps
    between = "; " if any(isinstance(item, Mapping) and not {"name", "port"} <= item.keys() for item in items) else ", "
    return between.join(value_text(item) for item in items)


def shortened(text: str, most: int = 100) -> str:
    """The beginning of a long text."""
    return text if len(text) <= most else f"{text[: most - 3]}..."

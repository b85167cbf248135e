"""A value of a decision or of an object → words for a person: `python main.py`, `8000 http`, `GET /readyz`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from kforge.domain.invisible_chars import line

LONGEST = 72  # characters of a value in a row


def words(value: Any, longest: int = LONGEST) -> str:
    """A value in one line. `longest` is the number of characters at which it is cut, 0 for none."""
    text = _said(value) or '""'
    return line(text, longest or len(text) + 1)


def change_words(old: Any, new: Any, longest: int = LONGEST) -> str:
    """`3000 → 4000`. What is too long to be read in a row is only said to be `added`, `removed` or `changed`."""
    whole = [_said(value) for value in (old, new)]
    if longest and any(len(text) > longest or "\n" in text for text in whole):
        return "added" if old is None else "removed" if new is None else "changed"
    return " → ".join(words(value, longest) for value in (old, new))


def _said(value: Any) -> str:
    if value is None or value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        plain = [str(each) for each in value if isinstance(each, (str, int, float))]
        return shlex.join(plain) if len(plain) == len(value) else ", ".join(map(_said, value))
    return _mapping(value) if isinstance(value, Mapping) else str(value)


def _mapping(value: Mapping[str, Any]) -> str:
    if "port" in value and "protocol" in value:  # a port of `process`
        return f"{value['port']} {value['protocol'] or 'tcp'}"
    if value.get("type") in ("http", "grpc", "tcp", "none"):  # a probe
        kind = value["type"]
        return f"GET {value.get('path') or '/'}" if kind == "http" else str(kind)
    if {*value} == {"name", "value"}:
        return f"{value['name']}={_said(value['value'])}"
    return ", ".join(f"{key} {_said(held)}" for key, held in value.items() if held is not None)

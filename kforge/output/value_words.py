"""A value of a decision or of an object → words for a person: `python main.py`, `8000 http`, `GET /readyz`; no JSON and no Python."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from kforge.domain.invisible_chars import line

LONGEST = 72  # characters of a value in a row
_COMMANDS = ("", "command", "args", "start")  # lists whose items are the words of a command


def words(value: Any, longest: int = LONGEST, field: str = "") -> str:
    """A value in one line. `longest` is the number of characters at which it is cut, 0 for none; `field` is the name of
    what has it, by which a command is told from a list.
    """
    text = _said(value, field.rpartition(".")[2]) or '""'
    return line(text, longest or len(text) + 1)


def change_words(old: Any, new: Any, longest: int = LONGEST) -> str:
    """`3000 → 4000`. What is too long to be read in a row is only said to be `added`, `removed` or `changed`."""
    whole = [_said(value) for value in (old, new)]
    if longest and any(len(text) > longest or "\n" in text for text in whole):
        return "added" if old is None else "removed" if new is None else "changed"
    return " → ".join(words(value, longest) for value in (old, new))


def _said(value: Any, name: str = "") -> str:
    if value is None or value in ([], {}, ()):
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return _items(value, name)
    return _mapping(value) if isinstance(value, Mapping) else str(value)


def _items(items: Sequence[Any], name: str) -> str:
    if all(isinstance(each, (str, int, float)) for each in items):
        return shlex.join(map(str, items)) if name in _COMMANDS else ", ".join(map(_said, items))
    if all(isinstance(each, (list, tuple)) for each in items):  # steps
        return "; ".join(_items(each, "command") for each in items)
    ports = all(isinstance(each, Mapping) and "port" in each for each in items)
    return (", " if ports else "; ").join(map(_said, items))


def _mapping(value: Mapping[str, Any]) -> str:
    if value.keys() >= {"port", "protocol"}:  # a port of `process`
        spoken, name = str(value["protocol"] or "tcp"), str(value.get("name") or "")
        return f"{value['port']} {name if name.startswith(spoken) else f'{spoken} {name}'.rstrip()}"
    if value.get("type") in ("http", "grpc", "tcp", "exec", "none"):  # a probe
        kind = value["type"]
        if kind == "exec":
            return _said(value.get("command") or [], "command")
        return f"GET {value.get('path') or '/'}" if kind == "http" else str(kind)
    if {*value} == {"name", "value"}:
        return f"{value['name']}={_said(value['value'])}"
    return ", ".join(f"{key} {_said(held, key)}" for key, held in value.items() if held is not None) or "none"

"""Field paths: `spec.template.spec.containers[0].image`, `data["features.yaml"]`, `containers[name=web].image`.

The same dialect as the origins of `domain/origin.py`. Reading and changing plain data at a path; every change gives
new data and leaves the old alone. `[name=web]` names the list item whose field has that value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kforge.domain.origin import join


@dataclass(frozen=True, slots=True)
class Match:
    """The list item whose field `key` has this value."""

    key: str
    value: str


DEPTH = 100  # parts of a path: more than any object has, and each costs a call within a call
_SHOWN = 200  # characters of a path that cannot be read
Part = str | int | Match
_PART = re.compile(
    r"""(?P<key>[^.\[\]"=\s]+) | \[(?P<index>[0-9]{1,9})\] | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]
    | \[(?P<name>[A-Za-z][\w-]*)=(?P<value>"(?:[^"\\]|\\.)*"|[^\]"]+)\]""",
    re.VERBOSE,
)


class PathError(ValueError):
    """A path that cannot be read, or that leads nowhere in the data; the text says where it ends."""


def parse(path: str) -> tuple[Part, ...]:
    """Parts of a path: keys, list indexes, matches. Raises PathError."""
    parts: list[Part] = []
    at = 0
    while at < len(path):
        if len(parts) == DEPTH:
            raise PathError(f"path `{path[:_SHOWN]}…` has more than {DEPTH} parts")
        if path[at] == "." and parts and path[at + 1 : at + 2] not in ("", ".", "["):
            at += 1
        found = _PART.match(path, at)
        if found is None or (found["key"] and at and path[at - 1] != "."):
            raise _unreadable(path, at)
        try:
            parts.append(_part(found))
        except ValueError:  # no JSON string, or half a character in it
            raise _unreadable(path, at) from None
        at = found.end()
    return tuple(parts)


def _unreadable(path: str, at: int) -> PathError:
    shown = path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"
    return PathError(f"cannot read path `{shown}` at character {at + 1}")


def _part(found: re.Match[str]) -> Part:
    if found["key"]:
        return found["key"]
    if found["index"]:
        return int(found["index"])
    if found["quoted"]:
        return _unquoted(found["quoted"])
    value = found["value"]
    return Match(found["name"], _unquoted(value) if value.startswith('"') else value)


def _unquoted(text: str) -> str:
    key = str(json.loads(text, strict=False))
    key.encode()
    return key


def text(parts: Sequence[Part]) -> str:
    """The path that `parse` reads back."""
    path = ""
    for part in parts:
        if isinstance(part, str):
            path = join(path, part)
        elif isinstance(part, int):
            path += f"[{part}]"
        else:
            path += f"[{part.key}={part.value}]"
    return path


def resolve(data: Any, parts: Sequence[Part]) -> tuple[str | int, ...]:
    """The same path with every match replaced by the index that it has in the data. Raises PathError."""
    concrete: list[str | int] = []
    here = data
    for position, part in enumerate(parts):
        step = _index(here, part, parts[: position + 1]) if isinstance(part, Match) else part
        concrete.append(step)
        here = _child(here, step)
    return tuple(concrete)


def _index(items: Any, match: Match, parts: Sequence[Part]) -> int:
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict) and str(item.get(match.key)) == match.value:
            return index
    raise PathError(f"no item at `{text(parts)}`")


def _child(here: Any, part: str | int) -> Any:
    if isinstance(part, str):
        return here.get(part) if isinstance(here, dict) else None
    return here[part] if isinstance(here, list) and part < len(here) else None


def get(data: Any, path: str) -> Any:
    """The value at a path. Raises PathError where nothing is there."""
    here = data
    parts = resolve(data, parse(path))
    for position, part in enumerate(parts):
        there = (
            isinstance(here, dict) and part in here
            if isinstance(part, str)
            else (isinstance(here, list) and part < len(here))
        )
        if not there:
            raise PathError(f"nothing at `{text(parts[: position + 1])}`")
        here = here[part]
    return here


def put(data: Any, path: str, value: Any) -> Any:
    """Data with a value set at a path; missing mappings on the way are made, an index may be one past the end."""
    return _changed(data, resolve(data, parse(path)), 0, value)


def _changed(here: Any, parts: tuple[str | int, ...], position: int, value: Any) -> Any:
    if position == len(parts):
        return value
    part = parts[position]
    if isinstance(part, str):
        if here is not None and not isinstance(here, dict):
            raise PathError(f"`{text(parts[:position]) or 'the object'}` is not a mapping")
        return {**(here or {}), part: _changed((here or {}).get(part), parts, position + 1, value)}
    items = [] if here is None else here
    if not isinstance(items, list):
        raise PathError(f"`{text(parts[:position]) or 'the object'}` is not a list")
    if part > len(items):
        raise PathError(f"no item at `{text(parts[: position + 1])}`: the list has {len(items)}")
    item = items[part] if part < len(items) else None
    return [*items[:part], _changed(item, parts, position + 1, value), *items[part + 1 :]]


def remove(data: Any, path: str) -> Any:
    """Data without what is at a path. Raises PathError where nothing is there."""
    get(data, path)
    return _removed(data, resolve(data, parse(path)))


def _removed(here: Any, parts: tuple[str | int, ...]) -> Any:
    part, rest = parts[0], parts[1:]
    if isinstance(part, int):
        return here[:part] + ([_removed(here[part], rest)] if rest else []) + here[part + 1 :]
    if rest:
        return {**here, part: _removed(here[part], rest)}
    return {key: value for key, value in here.items() if key != part}


def ancestors(path: str) -> tuple[str, ...]:
    """The path itself and every path above it, nearest first; "" is the whole object."""
    parts = parse(path)
    return tuple(text(parts[:end]) for end in range(len(parts), -1, -1))

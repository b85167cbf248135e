"""Text of a Compose file → names of its services, for the targets that buildx makes of them. Unaware of what they hold.

Works on the event stream: a Compose file may use anchors and merge keys, and following them could cost minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from yaml.error import YAMLError
from yaml.events import AliasEvent, CollectionEndEvent, MappingStartEvent, NodeEvent, ScalarEvent

from kforge.spec.positions import event_source

_DEPTH = 64  # PyYAML's own parser takes time square in the depth of brackets
_ELSEWHERE = ("include", "<<")  # keys by which services come from another place


def services(text: str) -> frozenset[str] | None:
    """Names of the services, None where the text does not tell them: it is no YAML, or takes them from elsewhere."""
    found: set[str] = set()
    try:
        for path in _keys(text):
            if path[-1] in _ELSEWHERE and path[:-1] in ((), ("services",)):
                return None
            if len(path) == 2 and path[0] == "services":
                found.add(path[1])
    except (YAMLError, ValueError, ArithmeticError, RecursionError):
        return None
    return frozenset(found)


def _keys(text: str) -> Iterator[tuple[str, ...]]:
    """Paths of the keys on the first two levels of every document. Raises ValueError for an alias among them."""
    next_event = event_source(text)
    kinds: list[bool] = []  # of the open containers: whether it is a mapping
    waiting, top = False, ""  # whether a key waits for its value; the last key of the first level
    while (event := next_event()) is not None:
        kind = event.__class__
        if issubclass(kind, CollectionEndEvent):
            kinds.pop()
            waiting = False
        elif issubclass(kind, NodeEvent):
            depth = len(kinds)
            is_key = 0 < depth <= 2 and kinds[-1] and not waiting
            if is_key:
                name = _text(event)
                top = name if depth == 1 else top
                yield (name,) if depth == 1 else (top, name)
            elif kind is AliasEvent and depth <= 1:
                raise ValueError("what stands here is an alias")
            waiting = is_key
            if kind is not ScalarEvent and kind is not AliasEvent:
                kinds.append(kind is MappingStartEvent)
                waiting = False
                if len(kinds) > _DEPTH:
                    raise ValueError("nesting is deeper than a Compose file's")


def _text(event: Any) -> str:
    """A key. Raises ValueError for what is none that can be told: an alias, a mapping, a list."""
    if not isinstance(event, ScalarEvent):
        raise ValueError("a key is not a string")
    return str(event.value)

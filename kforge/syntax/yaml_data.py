"""Text of a YAML file that a project keeps for another tool → plain data: mappings, lists, texts.

Every scalar stays the text that it is written as, and keys know their line. Aliases and merge keys are followed, since
Compose files are made of them; what they may come to is bounded, because a pull request may change the file.
"""

from __future__ import annotations

from typing import Any

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

LONGEST = 512 * 1024  # characters
MERGED = 20_000  # keys that merging may copy in one file
DEEPEST = 64


class Key(str):
    """A key and its one-based line."""

    __slots__ = ("line",)
    line: int


def read(text: str) -> Any:
    """The first document; None for what is no YAML, too long or too deep."""
    if not text.strip() or len(text) > LONGEST:
        return None
    try:
        return _Reader(text).document()
    except (YAMLError, ValueError, ArithmeticError, RecursionError):
        return None


def line_of(table: Any, key: str) -> int:
    """The line of a key in a mapping; 0 where it is not there."""
    found = next((one for one in table if one == key), "") if isinstance(table, dict) else ""
    return found.line if isinstance(found, Key) else 0


class _Reader:
    def __init__(self, text: str) -> None:
        self._anchors: dict[str, Any] = {}
        self._merged = 0
        try:
            from yaml.cyaml import CParser  # type: ignore[attr-defined]  # here, because PyYAML may lack libyaml
        except ImportError:
            from yaml import SafeLoader as CParser  # type: ignore[assignment]
        self._next = CParser(text).get_event

    def _taken(self) -> Any:
        return self._next()

    def document(self) -> Any:
        while (event := self._next()) is not None:
            if isinstance(event, (ScalarEvent, MappingStartEvent, SequenceStartEvent)):
                return self._value(event, 0)
            if isinstance(event, DocumentEndEvent):
                return None
        return None

    def _value(self, event: Any, depth: int) -> Any:
        """Raises ValueError for an alias to what is not there yet, and for too much depth."""
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchors:
                raise ValueError("an alias to nothing")
            return self._anchors[event.anchor]
        if depth > DEEPEST:
            raise ValueError("too deep")
        if isinstance(event, ScalarEvent):
            made: Any = event.value
        elif isinstance(event, SequenceStartEvent):
            made = []
            while not isinstance(item := self._next(), SequenceEndEvent):
                made.append(self._value(item, depth + 1))
        else:
            made = self._mapping(depth)
        if event.anchor:
            self._anchors[event.anchor] = made
        return made

    def _mapping(self, depth: int) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        merges: list[Any] = []
        while not isinstance(event := self._taken(), MappingEndEvent):
            name = self._value(event, depth + 1)
            value = self._value(self._next(), depth + 1)
            if not isinstance(name, str):
                raise ValueError("a key is no text")
            if name == "<<":
                merges += value if isinstance(value, list) else [value]
                continue
            key = Key(name)
            key.line = event.start_mark.line + 1
            made[key] = value
        for one in merges:
            for key, value in one.items() if isinstance(one, dict) else ():
                self._merged += 1
                if self._merged > MERGED:
                    raise ValueError("merges too much")
                made.setdefault(key, value)
        return made

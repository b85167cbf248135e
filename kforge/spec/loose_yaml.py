"""YAML of other tools → plain data, as far as it can be read. Unaware of what it means.

A Compose file or a manifest may hold anchors, merge keys and tags that a spec refuses. A text may mean harm: an alias
is the same value again and no copy, keys that merging copies are counted, and nothing is read beyond the limits.
"""

from __future__ import annotations

from typing import Any

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from kforge.spec.positions import event_source

_NODES, _DEPTH, _MERGED = 100_000, 64, 20_000
_WORDS = {"": None, "~": None, "null": None, "Null": None, "true": True, "True": True, "false": False, "False": False}
_MERGE = "<<"


class LooseTable(dict[str, Any]):
    """A mapping that knows the lines of its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}

    def of(self, key: str) -> LooseTable:
        """The mapping at a key, an empty one where there is none."""
        held = self.get(key)
        return held if isinstance(held, LooseTable) else LooseTable()

    def words(self, key: str) -> list[str]:
        """The texts of a list at a key; a single text counts as one."""
        held = self.get(key)
        return [each for each in (held if isinstance(held, list) else [held]) if isinstance(each, str)]

    def text(self, key: str) -> str:
        held = self.get(key)
        return held if isinstance(held, str) else ""


def documents(text: str) -> list[Any]:
    """The data of every document: LooseTable, list, str, bool, None. Numbers stay texts. [] for what is no YAML."""
    try:
        return _Reader().read(text)
    except (YAMLError, ValueError, ArithmeticError, RecursionError):
        return []


class _Reader:
    """One pass over the events of a text."""

    def __init__(self) -> None:
        self._found: list[Any] = []
        self._stack: list[tuple[Any, str | None, str | None]] = []  # open container, its pending key, its anchor
        self._anchors: dict[str, Any] = {}
        self._merged = 0

    def read(self, text: str) -> list[Any]:
        next_event = event_source(text)
        count = 0
        while (event := next_event()) is not None:
            count += 1
            if count > _NODES:
                raise ValueError("too many keys and values")
            if isinstance(event, DocumentStartEvent):
                self._found.append(None)
                self._anchors.clear()
            elif isinstance(event, CollectionEndEvent):
                self._close()
            elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                if len(self._stack) >= _DEPTH:
                    raise ValueError("nested too deeply")
                opened: Any = LooseTable() if isinstance(event, MappingStartEvent) else []
                self._stack.append((opened, None, event.anchor))
            elif isinstance(event, (ScalarEvent, AliasEvent)):
                mark = event.start_mark
                self._put(self._value(event), mark.line + 1 if mark else 0)
        return self._found

    def _value(self, event: Any) -> Any:
        if isinstance(event, AliasEvent):
            return self._anchors.get(event.anchor or "")  # None inside of what it names: no circle can come about
        if event.tag == "!reset":  # Compose: what an earlier file says is taken back
            return None
        value = event.value if event.style else _WORDS.get(event.value, event.value)
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _close(self) -> None:
        closed, _, anchor = self._stack.pop()
        if anchor:
            self._anchors[anchor] = closed
        if isinstance(closed, LooseTable) and _MERGE in closed:
            self._merge(closed)
        self._put(closed, 0)

    def _merge(self, table: LooseTable) -> None:
        """What `<<` names is added where the mapping has no such key of its own."""
        given = table.pop(_MERGE)
        for other in given if isinstance(given, list) else [given]:
            for key, value in other.items() if isinstance(other, LooseTable) else ():
                self._merged += 1
                if self._merged > _MERGED:
                    raise ValueError("merge keys copy too much")
                if key not in table:
                    table[key] = value
                    table.lines[key] = other.lines.get(key, 0)

    def _put(self, value: Any, line: int) -> None:
        """A value into the open container, or as the whole document."""
        if not self._stack:
            self._found[-1] = value
            return
        here, key, anchor = self._stack[-1]
        if isinstance(here, list):
            here.append(value)
        elif key is None:
            name = value if isinstance(value, str) else ""
            here.lines.setdefault(name, line)
            self._stack[-1] = (here, name, anchor)
        else:
            here[key] = value
            self._stack[-1] = (here, None, anchor)

"""Text → Marks: where each key and value of a spec stands. Unaware of problems: it goes as far as the text can be read.

A second pass beside `read`, run when the first place is asked for. It takes twice the time of reading, and nearly
every run asks for none.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from kforge.domain.spec.raw import Mark, Marks, Path


def event_source(text: str) -> Callable[[], Any]:
    """A function that gives the next event of a text, and None at its end."""
    try:
        from yaml.cyaml import CParser  # type: ignore[attr-defined]  # here, because PyYAML may lack libyaml
    except ImportError:
        return pure_event_source(text)
    return CParser(text).get_event


def pure_event_source(text: str) -> Callable[[], Any]:
    """The same events from PyYAML's own parser, about thirty times slower."""

    class PureParser(Reader, Scanner, Parser):
        def __init__(self, stream: str) -> None:
            Reader.__init__(self, stream)
            Scanner.__init__(self)
            Parser.__init__(self)

    return PureParser(text).get_event


def marks(text: str) -> Marks:
    """Marks of the first document: every key and value up to the first thing that cannot be read; of equal keys, the
    first.
    """
    return next(iter(marks_by_document(text)), Marks({}, {}))


def marks_by_document(text: str) -> tuple[Marks, ...]:
    """The same of every document in a text."""
    found: list[Marks] = []
    with suppress(YAMLError, ValueError, ArithmeticError, RecursionError):  # `read` reports them
        next_event = event_source(text)
        while True:
            keys: dict[Path, Mark] = {}
            values: dict[Path, Mark] = {}
            found.append(Marks(keys, values))
            if not _walk(next_event, keys, values):
                found.pop()
                break
    return tuple(found)


def _walk(next_event: Callable[[], Any], keys: dict[Path, Mark], values: dict[Path, Mark]) -> bool:
    """Marks of one document; False where the text has no further one."""
    # enclosing containers: path, next index (-1: mapping), whether a key waits
    stack: list[tuple[Path, int, bool]] = []
    path: Path = ()
    index, waiting = 0, False
    while True:
        event = next_event()
        kind = event.__class__
        if event is None or kind is DocumentEndEvent:
            return event is not None
        if not issubclass(kind, NodeEvent):
            if issubclass(kind, CollectionEndEvent):
                if event.end_mark.index > event.start_mark.index and path in values:  # `}` and `]`; a block has no end
                    values[path] = values[path]._replace(end=event.end_mark.index)
                path, index, waiting = stack.pop()
            continue
        start, end = event.start_mark, event.end_mark
        mark = Mark(start.line + 1, start.column + 1, start.index, end.index)
        if index < 0 and not waiting:
            if kind is ScalarEvent or kind is AliasEvent:
                path = (*path, event.value if kind is ScalarEvent else "")
                keys.setdefault(path, mark)
                waiting = True
                continue
            inner, after = (*path, ""), ((*path, ""), index, True)  # a container as key: `read` refuses it
        elif not stack:
            inner, after = (), ((), 0, False)
        elif index < 0:
            inner, after = path, (path[:-1], index, False)
        else:
            inner, after = (*path, index), (path, index + 1, False)
        values.setdefault(inner, mark)
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            stack.append(after)
            path, index, waiting = inner, -1 if kind is MappingStartEvent else 0, False
        else:
            path, index, waiting = after

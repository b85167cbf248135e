"""libyaml's events → the tree of plain data, with every problem that the text shows. Unaware of what the keys mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kforge.domain.spec.raw import Marks, Path, dotted
from kforge.domain.yaml_text import SIMPLE_KEY
from kforge.errors import Place, Problem
from kforge.spec import joining_chars
from kforge.spec.positions import event_source, marks_by_document
from kforge.spec.syntax import SHORTER, explain, long_key, unreadable


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What a spec may cost to read.

    Without anchors the tree cannot outgrow the text, so the limits only bound time and memory: the defaults leave
    room for some ten thousand services, and the worst text within them takes about a second and 200 MB.
    """

    size: int = 8 << 20  # bytes
    nodes: int = 500_000  # keys and values
    depth: int = 64


_SHOWN = 100  # problems of one text


@dataclass(frozen=True, slots=True)
class TextKind:
    """What sets one sort of text apart: what messages call it, how its plain scalars are read, how many documents it
    has.
    """

    noun: str
    scalar: Callable[[str], Any]
    starts: frozenset[str]  # first characters of plain scalars that may be something else than a string
    smaller: str  # what to do about one that is too large
    minimum: str = ""  # what it begins with, where it is one mapping
    several: bool = False
    invisible: bool = False  # whether characters that are not drawn may stand in it
    kustomize: bool = False  # whether kustomize reads it, too: it splits documents itself, and knows no directives
    private: bool = False  # whether it may be any file: no message repeats a value of one


class _EnoughError(Exception):
    """So many problems that more would not help."""


class TreeBuilder:
    """One pass over the events of one text. Goes on after a problem wherever the tree still makes sense."""

    def __init__(self, text: str, file: str, limits: ReadLimits, form: TextKind) -> None:
        self.text, self.file, self.limits, self.form = text, file, limits, form
        self.documents: list[Any] = []
        self.problems: list[Problem] = []
        self.escapes = "\\" in text
        self.joined = False  # whether an escape made a joiner
        self.stack: list[tuple[Any, Any, Any]] = []  # enclosing containers: the key left at, and the one to go on with

    def build(self) -> list[Any]:
        """The data of every document, None for an empty one."""
        try:
            self._build(event_source(self.text))
        except _EnoughError:
            self.problems.append(Problem(f"more than {_SHOWN} problems: the rest is not shown", Place(self.file)))
        # PyYAML lets ValueError, OverflowError and RecursionError escape from its pure Python parser.
        except (YAMLError, ValueError, ArithmeticError, RecursionError) as error:
            self.problems.append(explain(error, self.text, self.file, self.form.private))
        return self.documents

    def _build(self, next_event: Callable[[], Any]) -> None:  # noqa: PLR0912, PLR0915 - one loop: a call an event costs a third of the time
        here: Any = None  # the open container
        key: Any = None  # its pending key; None when the next node is a key
        count, documents = 0, self.documents
        nodes, depth, stack, starts = self.limits.nodes, self.limits.depth, self.stack, self.form.starts
        while True:
            event = next_event()
            kind = event.__class__
            if kind is ScalarEvent:
                value = event.value
                if not event.style:
                    value = self._plain(event) if not value or value[0] in starts else value
                elif self.escapes and event.style == '"':
                    self._escaped(event)
                if event.anchor or event.tag:
                    self._decorated(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                value = {} if kind is MappingStartEvent else []
                if event.anchor or event.tag:
                    self._decorated(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                here, _, key = stack.pop()
                continue
            elif kind is StreamEndEvent:
                return
            elif kind is DocumentStartEvent:
                if documents and not self.form.several:
                    self._report(event, "a second document begins here", "one file holds one spec: use a file for each")
                    return
                if self.form.kustomize and (event.version or event.tags):
                    self._report(event, "kustomize cannot read a directive (`%`)", "leave it out")
                documents.append(None)
                continue
            elif kind is AliasEvent:
                self._report(
                    event,
                    f"{self._named('alias', f'*{event.anchor}')} is not allowed",
                    "write the value out where it is used",
                )
                value = None
            else:
                continue
            count += 1
            if count > nodes:
                self._report(event, f"{self.form.noun} has more than {nodes} keys and values", self.form.smaller)
                return
            at, after = key, None
            if here is None:
                documents[-1] = value
            elif here.__class__ is list:
                here.append(value)
            elif key is None:
                if value.__class__ is str and value not in here and value != "<<" and len(value) <= SIMPLE_KEY:
                    key = value
                    continue
                at = after = key = self._key(event, value, here)
                if value.__class__ is not dict and value.__class__ is not list:
                    continue
            else:
                here[key] = value
                key = None
            if kind is not ScalarEvent and kind is not AliasEvent:
                if len(stack) >= depth:
                    self._report(event, f"nesting is deeper than {depth} levels", "move the inner parts further up")
                    return
                stack.append((here, at, after))
                here, key = value, None

    def _plain(self, event: ScalarEvent) -> Any:
        try:
            return self.form.scalar(event.value)
        except ValueError as error:
            self._report(event, f"{self._named('', event.value[:40])} {error}", "put it in quotes if it is a string")
            return event.value

    def _escaped(self, event: ScalarEvent) -> None:
        name = unreadable(event.value, self.form.invisible)
        self.joined = self.joined or joining_chars.holds(event.value)
        if name:
            self._report(event, f"an escape stands for {name}", "leave it out")

    def _decorated(self, event: Any) -> None:
        if event.anchor:
            self._report(
                event,
                f"{self._named('anchor', f'&{event.anchor}')} is not allowed",
                "write the value out where it is used",
            )
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report(
                event, f"{self._named('tag', tag)} is not allowed", "leave the tag out, and put a string in quotes"
            )

    def _named(self, noun: str, text: str) -> str:
        return f"this {noun or 'value'}" if self.form.private else f"{noun} `{text}`".lstrip()

    def _key(self, event: Any, value: Any, here: dict[str, Any]) -> str:
        """Reports why a node cannot be a key here; gives one under which its value is kept out of the way."""
        if value == "<<" and event.style and "<<" not in here:
            return "<<"
        if value == "<<" and not event.style:
            self._report(event, "merge key `<<` is not allowed", "write the keys out where they are used")
        elif value.__class__ is str and len(value) > SIMPLE_KEY:
            self._report(event, long_key(len(value)), SHORTER)
        elif value.__class__ is str:
            path = dotted(self.path())
            first = self.marks.keys.get((*self.path(), value))
            line = f" (first on line {first.line})" if first else ""
            self._report(event, f"`{value}` is given twice{f' in `{path}`' if path else ''}{line}", "keep one of them")
        elif isinstance(event, ScalarEvent):
            what = "empty" if value is None else f"`{event.value}`, which is not a string"
            self._report(
                event,
                f"the key is {what}",
                f'put it in quotes: `"{event.value}":`' if event.value else "give it a name",
            )
        elif not isinstance(event, AliasEvent):
            kind = "mapping" if isinstance(value, dict) else "list"
            self._report(event, f"expected a key, not a {kind}", "put it in quotes if it is a string")
        return "\0lost"

    def path(self) -> Path:
        """Where the pass is: the path of the open container."""
        return tuple(len(outer) - 1 if isinstance(outer, list) else key for outer, key, _ in self.stack[1:])

    @property
    def marks(self) -> Marks:
        return self._marks[len(self.documents) - 1]

    @cached_property
    def _marks(self) -> tuple[Marks, ...]:
        return marks_by_document(self.text)

    def _report(self, event: Any, message: str, hint: str) -> None:
        if len(self.problems) == _SHOWN:
            raise _EnoughError
        mark = event.start_mark
        self.problems.append(Problem(message, Place(self.file, mark.line + 1, mark.column + 1), hint))

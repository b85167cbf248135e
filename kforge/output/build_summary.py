"""What a build ends with: what its services are, or what changed of them, what is needed from a person, what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.output import needed, service_rows
from kforge.output.kubectl_lines import command_lines
from kforge.output.layout import Line, Part, Span
from kforge.output.marks import ADDED, CHANGED, REMOVED
from kforge.output.next_commands import changes_images, next_commands
from kforge.output.service_changes import SOURCE, ServiceChange, ValueChange, service_changes
from kforge.output.text import count

if TYPE_CHECKING:
    from kforge.outcome import Outcome

SHOWN = 8  # values of a service that a line tells
LONGEST = 60  # characters of a value
_MARKS = {"added": ADDED, "changed": CHANGED, "removed": REMOVED}
_APP = "the app"
_FLAG = re.compile(r" (?=--?[a-z])")


def is_first(outcome: Outcome) -> bool:
    """Whether nothing was settled before this build."""
    return outcome.loaded.lock.lost


def summary(outcome: Outcome, verbose: bool = False) -> list[Part]:
    """The parts of a build that wrote something. After a change, only what it moved is told."""
    first = is_first(outcome)
    changes = [] if first else service_changes(outcome)
    parts: list[Part] = [] if first else [*_changed(changes, verbose)]
    shown = None if first or verbose else [one.service for one in changes if one.values or one.status == "added"]
    parts += service_rows.table(service_rows.rows(outcome, shown, verbose), verbose)
    lines = needed.parts(needed.Needed(outcome, fresh=not (first or verbose)), verbose)
    images = first or verbose or changes_images(outcome) or any(_of_source(one) for one in changes)
    commands = next_commands(outcome, images, verbose or bool(outcome.changes.pending))
    after = [line for command in commands for line in _command(command)]
    return _apart(parts, lines, [Line.of("next", "bold"), *after] if after else [])


def _command(command: str) -> list[Line]:
    """A command in lines that fit; a comment goes on nowhere, since the next line would be run."""
    lines = [command] if command.startswith("#") else command_lines(_FLAG.split(command))
    return [Line.of(line, "dim" if command.startswith("#") else "name", 2) for line in lines]


def _apart(*blocks: Sequence[Part]) -> list[Part]:
    """Blocks with a blank line between them."""
    held = [block for block in blocks if block]
    return [part for number, block in enumerate(held) for part in ([Line()] if number else []) + [*block]]


def _of_source(change: ServiceChange) -> bool:
    """Whether code moved, so that its image is another one."""
    return SOURCE in change.inputs or any(value.name in ("port", "command") for value in change.values)


def _changed(changes: list[ServiceChange], verbose: bool) -> Iterator[Line]:
    shown = changes if verbose else changes[: service_rows.ROWS]
    for one in shown:
        spans = (_MARKS[one.status], Span(" "), Span(one.service or _APP, "name"), Span(f": {_told(one, verbose)}"))
        yield Line(spans, hang=4)
    if len(changes) > len(shown):
        yield Line.of(f"and {len(changes) - len(shown)} more services: `-v` shows all", "dim")


def _told(change: ServiceChange, verbose: bool) -> str:
    values = change.values if verbose else change.values[:SHOWN]
    words = [_value(value) for value in values]
    words += [f"{len(change.values) - len(values)} more values"] if len(change.values) > len(values) else []
    what = {"added": "a new service", "removed": "no longer a service"}.get(change.status) or ", ".join(words)
    what = what or change.inputs or ("written again" if change.service else "")
    return "; ".join(filter(None, (what, count(change.files, "file") if change.files else "")))


def _value(value: ValueChange) -> str:
    return str(replace(value, old=_cut(value.old), new=_cut(value.new)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

"""What a build ends with: what its services are, or what changed of them, what is needed from a person, what comes next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kforge.output import needed, service_rows
from kforge.output.change_lines import change_lines
from kforge.output.kubectl_lines import command_lines
from kforge.output.layout import Line, Part, Span
from kforge.output.marks import ADDED, CHANGED, REMOVED
from kforge.output.next_commands import changes_images, next_commands
from kforge.output.plan_changes import planned_changes

if TYPE_CHECKING:
    from kforge.outcome import Outcome

CODE = ("port", "ports", "command")  # fields that move with the code, whose image is another one then
_FLAG = re.compile(r" (?=--?[a-z])")


def is_first(outcome: Outcome) -> bool:
    """Whether nothing was settled before this build."""
    return outcome.loaded.lock.lost


def needs(outcome: Outcome, verbose: bool = False) -> needed.Needed:
    """What is needed now: after a change only what it moved."""
    return needed.Needed(outcome, fresh=not (is_first(outcome) or verbose))


def summary(outcome: Outcome, verbose: bool = False, together: needed.Together | None = None) -> list[Part]:
    """The parts of a build that wrote something. After a change, only what it moved is told. `together`: what other
    projects need that this build tells of.
    """
    first = is_first(outcome)
    moved = () if first else planned_changes(outcome)
    parts: list[Part] = [] if first else [*_changed(outcome, verbose)]
    shown = None if first or verbose else sorted({each.service for each in moved} & {*outcome.lock.services})
    parts += service_rows.table(service_rows.rows(outcome, shown, verbose), verbose)
    lines = needed.parts(needs(outcome, verbose), verbose, together)
    images = first or verbose or changes_images(outcome) or any(each.field in CODE for each in moved)
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


def _changed(outcome: Outcome, verbose: bool) -> Iterator[Line]:
    """A line for each service that changed, with the values that moved, and one for the app."""
    before, now = outcome.loaded.carried.services, outcome.lock.services
    lines = change_lines(outcome, verbose, done=True)
    shown = lines if verbose else lines[: service_rows.ROWS]
    for name, text in shown:
        mark = CHANGED if (name in before and name in now) or not name else ADDED if name in now else REMOVED
        head, colon, rest = text.partition(":")
        yield Line((mark, Span(" "), Span(head, "name"), Span(f"{colon}{rest}")), hang=4)
    if len(lines) > len(shown):
        yield Line.of(f"and {len(lines) - len(shown)} more services: `-v` shows all", "dim")

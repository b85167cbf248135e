"""A draft → the same without services that a build would refuse. Works everything out in memory, and asks no model.

A spec that the next command refuses helps no one: what cannot be built yet is named, with what would help.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kforge.domain.draft import Draft, LeftOut, WantedService
from kforge.domain.finding import Finding
from kforge.domain.spec.project import Project
from kforge.errors import InputError, Problem
from kforge.outcome import Options
from kforge.pipeline import run

Made = tuple[Draft, str]
_NAMED = re.compile(r"service `([^`]{1,63})`: (.*)", re.DOTALL)
_ROUNDS = 4  # one error may hide the next


@dataclass(frozen=True, slots=True)
class Accepted:
    """The draft, what was taken out of it, and what a build refuses of the rest."""

    draft: Draft
    text: str
    left: tuple[LeftOut, ...] = ()
    refused: tuple[str, ...] = ()


def accepted(
    project: Project,
    today: date,
    services: Sequence[WantedService],
    make: Callable[[Sequence[WantedService]], Made],
) -> Accepted:
    """What a build accepts of the services that are wanted. `make` drafts a spec of some of them."""
    held = [*services]
    left: list[LeftOut] = []
    for _ in range(_ROUNDS):
        draft, text = make(held)
        faults = _faults(project, draft, text, today)
        gone = {name: why for name, why in faults if name in {one.name for one in held}}
        rest = [one for one in held if one.name not in gone]
        if not gone or not any(one.source for one in rest):
            return Accepted(draft, text, tuple(left), tuple(why for _, why in faults))
        left += [LeftOut(_shown(one), f"cannot be built yet: {gone[one.name]}") for one in held if one.name in gone]
        held = rest
    draft, text = make(held)
    return Accepted(draft, text, tuple(left))


def _shown(one: WantedService) -> str:
    return f"{one.name} ({one.source})" if one.source else one.name


def _faults(project: Project, draft: Draft, text: str, today: date) -> list[tuple[str, str]]:
    """Service, "" where it is not known, and what is wrong; none while a source is still to be written."""
    sources = [each.block["source"] for each in draft.services.values() if "source" in each.block]
    if not all((project.folder / source).is_dir() for source in sources):
        return []
    try:
        outcome = run(project, Options(today=today, text=text))
    except InputError as error:
        return [_of_problem(item) for item in error.problems]
    return [_of_finding(item, draft.services) for item in outcome.errors]


def _of_problem(item: Problem) -> tuple[str, str]:
    match = _NAMED.fullmatch(item.message)
    said = (match[2] if match else item.message).partition(": looked for")[0]
    return (match[1] if match else ""), f"{said}: {item.hint}" if item.hint else said


def _of_finding(item: Finding, services: Mapping[str, Any]) -> tuple[str, str]:
    """A Dockerfile is that of the service whose folder it lies in."""
    name = item.object.partition("/")[2]
    if not name:
        folder = item.file.rpartition("/")[0]
        name = next((each for each, one in services.items() if _path(one.block.get("source")) == folder), "")
    return (name if name in services else ""), f"{item.message}: {item.hint}" if item.hint else item.message


def _path(source: object) -> str:
    return str(source or "\0").removeprefix("./").removeprefix(".")

"""Processes beside a source's first start → services of the draft, where the author's own files start none that do the same.

In the image of an author's own Dockerfile they are started where it is sure how; else a build names what no service does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kforge import catalog
from kforge.domain.commands.beside import BesideProcess, same_work
from kforge.domain.commands.read_command import read
from kforge.domain.draft import FoundSource, Told, WantedService
from kforge.domain.topic_names import ROLLOUT
from kforge.draft.image_words import in_image

_ROLES = ("worker", "scheduler")


def with_beside(source: FoundSource, told: Iterable[Told]) -> tuple[Told, ...]:
    """What the author's files say of a source, and its workers and schedulers that they do not name."""
    said = tuple(told)
    found: list[Told] = []
    for fact in source.facts.beside:
        one = BesideProcess.of(fact.value)
        place = str(fact.evidence[0]) if fact.evidence else ""
        command = in_image(source.facts, one.command) if source.facts.dockerfile else one.command
        if command and one.role in _ROLES and not any(_is(one, other) for other in (*said, *found)):
            found.append(Told(one.name, place, command=command, lasting=one.why, singular=one.role == "scheduler"))
    starts = [str(place) for fact in source.facts.start[:1] for place in fact.evidence[:1]]
    main = said or ((Told("", next(iter(starts), "")),) if found else ())
    return (*main, *found)


def _is(one: BesideProcess, other: Told) -> bool:
    """Whether an author's service is this process: by what it starts, else by what it is called."""
    command, words = read(one.command), {*other.name.split("-")}
    if other.command and same_work(command, read(other.command)):
        return True
    return one.name in words or (one.role == "worker" and words == {command.program})


def alone(found: Iterable[FoundSource], services: Iterable[WantedService]) -> list[str]:
    """What to say of processes that are left out, since the file of a database is one pod's alone."""
    there = {(one.source, one.command) for one in services}
    return [
        f"`{' '.join(one.command)}` of {item.path} ({one.place}) is left out: a pod of its own would have another file of the embedded database than the web process; take a database server, or let the program's own pod run both"
        for item in found
        for one in item.told
        if one.lasting and (item.path, one.command) not in there
    ]


def lasting(one: WantedService) -> dict[str, Any]:
    """That a worker listens on nothing, where its command does not say so."""
    silent = bool(one.told and one.told.lasting) and not read(one.command).portless
    return {"ports": []} if silent or _is_one_of_several(one) else {}


def _is_one_of_several(one: WantedService) -> bool:
    """Whether a worker is a program that is built beside the one that its source is told by."""
    item = one.seen
    language = catalog.languages().named(item.facts.value("language")) if item else None
    chosen = bool(one.command or (item and item.pins.get("command")))
    return (
        one.kind == "worker" and chosen and item is not None and not item.ports and bool(language and language.compiled)
    )


def single(one: WantedService) -> dict[str, Any]:
    """That a scheduler is stopped before its successor starts, where its command does not say what it is."""
    alone = bool(one.told and one.told.singular) and not read(one.command).singular
    return {ROLLOUT: {"strategy": "recreate"}} if alone else {}

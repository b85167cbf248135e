"""A sentence and what a repository shows → the services that are wanted. No model: words and facts.

`draft/wiring.py` then connects them; a model's answer takes the same way.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from kforge.domain.draft import FoundSource, WantedService
from kforge.domain.known_images import stores
from kforge.draft.by_sentence import needed
from kforge.draft.migrations import NAME, is_due
from kforge.draft.sentence_services import NamedService
from kforge.draft.source_services import beside, of_source
from kforge.draft.stores import signs
from kforge.draft.wanted_stores import store_services, users
from kforge.draft.words import Said, said


def asked_for(sentence: str, found: Sequence[FoundSource], app: str) -> Said:
    """What the sentence asks for, read with the names of the services that sources are."""
    return said(sentence, {one.name: one.kind for item in found for one in of_source(item, app)})


def wanted(
    asked: Said, found: Sequence[FoundSource], app: str, given: Sequence[WantedService] = ()
) -> list[WantedService]:
    """Services by what the repository shows, then by what a sentence asks for beyond that, then their stores. `given`
    are what the author's files name beside the sources.
    """
    hosts = {str(host["host"]) for item in found for host in item.facts.value("hosts")}
    services = [_called(one, item, hosts) for item in found for one in of_source(item, app)]
    services = _named_apart([*_of_words(asked, found, _timed(asked, services))[0], *given])
    held = list(store_services(asked, found, services))
    untimely = [one for one in services if _untimely(one, held, found)]
    services = [_migrating(one, untimely) for one in services if one not in untimely]
    return [*needed(services, held, asked, found), *held]


def _untimely(one: WantedService, held: Sequence[WantedService], found: Sequence[FoundSource]) -> bool:
    """Whether a migration or a worker would reach only a database that is a file of its own pod."""
    apart = (one.name == NAME and one.kind == "job") or (one.told is not None and bool(one.told.lasting))
    if not apart or one.seen is None:
        return False
    used = {store.store for store in held if one.source in users(stores()[store.store], found)}
    return not is_due(one.seen, used)


def _migrating(one: WantedService, untimely: Sequence[WantedService]) -> WantedService:
    """A program that migrates the file of its own pod before it starts."""
    jobs = [job for job in untimely if job.kind == "job"]
    job = next((job for job in jobs if job.source == one.source and one.kind == "web"), None)
    start = [str(word) for word in one.seen.facts.start[0].value] if job and one.seen and one.seen.facts.start else []
    if job is None or not job.command or not start or one.command or start[0] == "sh":
        return one
    return replace(one, command=("sh", "-c", f"{shlex.join(job.command)} && exec {shlex.join(start)}"))


def left_out(asked: Said, found: Sequence[FoundSource], app: str) -> list[str]:
    """What the sentence asks for and nothing here runs, with what to write once something does."""
    services = [one for item in found for one in of_source(item, app)]
    return _of_words(asked, found, _timed(asked, services))[1]


def _timed(asked: Said, services: Sequence[WantedService]) -> list[WantedService]:
    """The one task that runs at times, at the time that the sentence names for one."""
    times = [one for one in asked.services if one.kind == "cron" and one.schedule]
    tasks = [one for one in services if one.kind == "cron"]
    if len(times) != 1 or len(tasks) != 1:
        return [*services]
    return [
        replace(one, schedule=times[0].schedule, why=f"{one.why}; the sentence says when") if one is tasks[0] else one
        for one in services
    ]


def _called(one: WantedService, item: FoundSource, hosts: set[str]) -> WantedService:
    """A store that the repository builds itself, by the name that its clients use: `mongodb` of `./mongo`."""
    signed = [(store.key, signs(store)) for store in stores().values()]
    names = {name for key, own in signed if one.name in own or item.base == key for name in own} & hosts
    return one if item.facts.language or one.name in hosts or not names else replace(one, name=min(names))


def _of_words(
    asked: Said, found: Sequence[FoundSource], services: Sequence[WantedService]
) -> tuple[list[WantedService], list[str]]:
    """The services as the sentence says, further ones that it asks for, and what is left out.

    A task that shared a server's image and had no command of its own would start the server.
    """
    held, left, told = [*services], list[str](), set[str]()
    kinds = {
        one.kind for one in services if not any(item.path == one.source and item.base in stores() for item in found)
    }
    for one in asked.services:
        named = {other.name for other in services if other.kind != "web" and _is_meant(other, one)} - told
        if len(services) == len(asked.services) == 1 and services[0].kind == "worker" and one.kind != "web":
            named = {services[0].name}
        if named:
            held = [_as_said(other, one) if other.name in named else other for other in held]
            told |= named
        elif one.known or one.kind in kinds:
            continue
        elif one.kind == "web" or not services:
            held.append(
                WantedService(
                    one.name,
                    one.kind,
                    f"./{one.name}",
                    schedule=one.schedule,
                    port=one.port,
                    why=f"the sentence says {one.sign}",
                )
            )
        elif program := _program(one, found):
            held.append(program)
        else:
            source = found[0].path if len(found) == 1 else "./…"
            when = f'schedule: "{one.schedule}", ' if one.kind == "cron" else "job: true, " if one.kind == "job" else ""
            left.append(
                f"`{one.name}` is left out, since no source shows what it runs: write `{one.name}: {{source: {source}, {when}command: […]}}`, or give it a folder"
            )
    return held, left


def _is_meant(other: WantedService, one: NamedService) -> bool:
    """Whether the sentence says of which kind a service of the repository is."""
    return one.said and (other.name == one.name if one.known else {*other.name.split("-")} <= one.words)


def _as_said(one: WantedService, asked: NamedService) -> WantedService:
    """A service that listens on nothing, as the sentence calls it."""
    place, found, _ = one.why.partition(f"{one.source}: ")
    why = (
        f"{place}{one.source}: the sentence says {asked.sign}"
        if found
        else f"{one.why}; the sentence says {asked.sign}"
    )
    return replace(one, kind=asked.kind, schedule=asked.schedule, why=why)


def _program(one: NamedService, found: Sequence[FoundSource]) -> WantedService | None:
    """A program that a source has beside its server, by a name that the sentence says."""
    for item in found:
        for command, program, stem in beside(item):
            if stem and {*stem.split("-")} <= {*one.words, one.name}:
                why = f"the sentence says {one.sign}; {program} in {item.path} can be started beside its server"
                return WantedService(one.name, one.kind, item.path, schedule=one.schedule, command=command, why=why)
    return None


def _named_apart(services: Sequence[WantedService]) -> list[WantedService]:
    names: set[str] = set()
    return [_unique(one, names) for one in services]


def _unique(one: WantedService, names: set[str]) -> WantedService:
    name, number = one.name, 2
    while name in names:
        name, number = f"{one.name}-{number}", number + 1
    names.add(name)
    return replace(one, name=name)

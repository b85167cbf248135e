"""A sentence and what a repository shows → the services that are wanted. No model: words and facts.

`draft/wiring.py` then connects them; a model's answer takes the same way.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kforge import catalog
from kforge.domain.draft import FoundSource, ServiceKind, Told, WantedService, name_of
from kforge.domain.known_images import stores
from kforge.draft.migrations import NAME, is_due
from kforge.draft.source_roles import goes_on
from kforge.draft.stores import signs
from kforge.draft.wanted_stores import store_services, users
from kforge.draft.words import NamedService, Said, said

# Signs of a kind in names of folders and commands; the first kind that matches counts.
_CRON = {
    "nightly": "0 3 * * *", "hourly": "0 * * * *", "daily": "0 6 * * *", "weekly": "0 4 * * 1", "monthly": "0 4 1 * *", "cron": "0 3 * * *",
    "cronjob": "0 3 * * *", "scheduled": "0 3 * * *", "periodic": "0 3 * * *", "cleanup": "0 3 * * *", "backup": "0 3 * * *", "report": "0 6 * * *",
}  # fmt: skip
_NAMELESS = ("", ".", "..", "src", "source", "code")  # folders that are not called after what is in them
_WORKER = frozenset(("worker", "workers", "consumer", "consumers", "queue", "bot", "daemon", "listener", "background"))
_JOB = frozenset(
    ("migrate", "migration", "migrations", "seed", "import", "importer", "loader", "job", "batch", "setup")
)


_BY_HAND = frozenset(("seed",))  # fills a store with data to try


def lasting(name: str) -> bool:
    """Whether a name is that of a worker, a job or a task that runs at times; not of what people run once by hand."""
    return bool(_when(name)) or not {*name.split("-")}.isdisjoint((_JOB | _WORKER) - _BY_HAND)


def once(name: str) -> bool:
    """Whether a name is that of a job."""
    return not {*name.split("-")}.isdisjoint(_JOB)


def wanted(
    sentence: str, found: Sequence[FoundSource], app: str, given: Sequence[WantedService] = ()
) -> list[WantedService]:
    """Services by what the repository shows, then by what the sentence asks for beyond that, then their stores. `given`
    are what the author's files name beside the sources.
    """
    asked = said(sentence)
    hosts = {str(host["host"]) for item in found for host in item.facts.value("hosts")}
    services = [_called(one, item, hosts) for item in found for one in _of_source(item, app)]
    services = _named_apart([*_of_words(asked, found, _timed(asked, services))[0], *given])
    beside = list(store_services(asked, found, services))
    untimely = [one for one in services if _untimely(one, beside, found)]
    services = [_migrating(one, untimely) for one in services if one not in untimely]
    there = {item.path for item in found}
    return [
        *(one if one.source in there else replace(one, needs=_needs(one, services, beside)) for one in services),
        *beside,
    ]


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


def left_out(sentence: str, found: Sequence[FoundSource], app: str) -> list[str]:
    """What the sentence asks for and nothing here runs, with what to write once something does."""
    asked = said(sentence)
    services = [one for item in found for one in _of_source(item, app)]
    return _of_words(asked, found, _timed(asked, services))[1]


def _timed(asked: Said, services: Sequence[WantedService]) -> list[WantedService]:
    """The one task that runs at times, at the time that the sentence names for one."""
    times = [one for one in asked.services if one.kind == "cron" and one.schedule]
    tasks = [one for one in services if one.kind == "cron"]
    if len(times) != 1 or len(tasks) != 1:
        return [*services]
    return [
        replace(one, schedule=times[0].schedule, why=f"{one.why}; when, the sentence says") if one is tasks[0] else one
        for one in services
    ]


def _needs(one: WantedService, services: Sequence[WantedService], held: Sequence[WantedService]) -> tuple[str, ...]:
    """What a service calls whose source is not there to tell: `web` the services beside it, any other every store."""
    beside = tuple(other.name for other in services if other.kind == "web" and other is not one)
    return beside if one.name == "web" and beside else tuple(store.name for store in held)


def _called(one: WantedService, item: FoundSource, hosts: set[str]) -> WantedService:
    """A store that the repository builds itself, by the name that its clients use: `mongodb` of `./mongo`."""
    signed = [(store.key, signs(store)) for store in stores().values()]
    names = {name for key, own in signed if one.name in own or item.base == key for name in own} & hosts
    return one if item.facts.language or one.name in hosts or not names else replace(one, name=min(names))


def _of_source(item: FoundSource, app: str) -> Iterator[WantedService]:
    parts = [part for part in item.path.split("/") if part not in _NAMELESS]
    name = item.name or name_of(parts[-1] if parts else app)
    facts = item.facts
    language = facts.value("language") or "its own Dockerfile"
    if item.told:
        yield from (_as_told(one, item, name, language) for one in item.told)
        return
    kind, why = _kind(name, item)
    yield WantedService(
        name,
        kind,
        item.path,
        schedule=_when(name) if kind == "cron" else "",
        why=f"{language} in {item.path}: {why}",
        seen=item,
    )
    for command, program, stem in _beside(item):
        when = _when(stem)
        if when and kind == "web":
            yield WantedService(
                stem,
                "cron",
                item.path,
                schedule=when,
                command=command,
                why=f"{program} in {item.path} can be started beside it, by its name at times",
            )


def _as_told(one: Told, item: FoundSource, name: str, language: str) -> WantedService:
    """A service of a source as the author's file has it."""
    name = one.name or name
    main = one is item.told[0] or not one.command
    kind, why = _kind(name, item)
    if one.once:
        kind, why = "job", "others wait until it has ended"
    elif one.lasting:
        kind, why = "worker", one.lasting
    elif one.port:
        kind, why = "web", f"listens on {one.port}"
    elif not main and kind == "web":
        kind, why = ("cron", "its name says at times") if _when(name) else ("worker", "listens on nothing")
    when = _when(name) if kind == "cron" else ""
    return WantedService(
        name,
        kind,
        item.path,
        schedule=when,
        command=one.command,
        why=f"{language} in {item.path}: {why} ({one.place})",
        told=one,
        seen=item,
    )


def _kind(name: str, item: FoundSource) -> tuple[ServiceKind, str]:
    facts = item.facts
    if item.ports or facts.webserver or (facts.output and not facts.start):
        shown = facts.ports or (facts.value("dockerfile") or {}).get("expose")
        return (
            "web",
            f"listens on {item.ports[0]}{f', as {item.base} images do' if item.base and not shown else ''}"
            if item.ports
            else "serves files",
        )
    words = set(name.split("-"))
    if _when(name):
        return "cron", "listens on nothing, and its name says at times"
    if words & _JOB:
        return "job", "listens on nothing, and its name says once"
    libraries = {name for language in catalog.languages() for name in language.consumers}
    consumes = sorted({str(each) for each in facts.value("dependencies")} & libraries)
    if words & _WORKER or consumes:
        return "worker", "listens on nothing, and " + (
            f"{consumes[0]} takes work from elsewhere" if consumes else "its name says that it works on"
        )
    if program := goes_on(facts):
        return "worker", f"listens on nothing, and {program} works on"
    return "worker", "shows no port: write `port: …` if it listens, `job: true` or a `schedule` if it ends"


def _when(name: str) -> str:
    return next((_CRON[word] for word in name.split("-") if word in _CRON), "")


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
        named = {
            other.name for other in services if other.kind != "web" and {*other.name.split("-")} <= one.words
        } - told
        if len(services) == len(asked.services) == 1 and services[0].kind == "worker" and one.kind != "web":
            named = {services[0].name}
        if named:
            held = [_as_said(other, one) if other.name in named else other for other in held]
            told |= named
        elif one.kind in kinds:
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
        elif beside := _program(one, found):
            held.append(beside)
        else:
            source = found[0].path if len(found) == 1 else "./…"
            when = f'schedule: "{one.schedule}", ' if one.kind == "cron" else "job: true, " if one.kind == "job" else ""
            left.append(
                f"`{one.name}` is left out, since nothing here shows what it runs: write `{one.name}: {{source: {source}, {when}command: […]}}`, or give it a folder"
            )
    return held, left


def _as_said(one: WantedService, asked: NamedService) -> WantedService:
    """A service that listens on nothing, as the sentence calls it."""
    place = one.why.partition(f"{one.source}: ")[0] + one.source
    return replace(one, kind=asked.kind, schedule=asked.schedule, why=f"{place}: the sentence says {asked.sign}")


def _program(one: NamedService, found: Sequence[FoundSource]) -> WantedService | None:
    """A program that a source has beside its server, by a name that the sentence says."""
    for item in found:
        for command, program, stem in _beside(item):
            if stem and {*stem.split("-")} <= {*one.words, one.name}:
                why = f"the sentence says {one.sign}; {program} in {item.path} can be started beside its server"
                return WantedService(one.name, one.kind, item.path, schedule=one.schedule, command=command, why=why)
    return None


def _beside(item: FoundSource) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(command, program, the program's name without its ending) of what a source can start besides the first."""
    ends = tuple(end for language in catalog.languages() if not language.compiled for end in language.code)
    for command in item.facts.value("start")[1:]:
        program = next((word for word in command[1:] if word.endswith(ends)), "")
        yield tuple(command), program, name_of(program.rpartition("/")[2].rpartition(".")[0], "")


def _named_apart(services: Sequence[WantedService]) -> list[WantedService]:
    names: set[str] = set()
    return [_unique(one, names) for one in services]


def _unique(one: WantedService, names: set[str]) -> WantedService:
    name, number = one.name, 2
    while name in names:
        name, number = f"{one.name}-{number}", number + 1
    names.add(name)
    return replace(one, name=name)

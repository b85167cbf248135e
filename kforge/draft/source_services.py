"""A source that was found → the services that it is, by its facts, its name and the author's own files. Unaware of any
sentence.
"""

from __future__ import annotations

from collections.abc import Iterator

from kforge import catalog
from kforge.domain.draft import FoundSource, ServiceKind, Told, WantedService, name_of
from kforge.domain.known_images import known
from kforge.draft.source_roles import goes_on

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


def of_source(item: FoundSource, app: str) -> Iterator[WantedService]:
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
    for command, program, stem in beside(item):
        when = _when(stem)
        if when and kind == "web":
            yield WantedService(
                stem,
                "cron",
                item.path,
                schedule=when,
                command=command,
                why=f"{program} in {item.path} can be started beside it, and by its name runs at times",
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
        kind, why = ("cron", "by its name runs at times") if _when(name) else ("worker", "listens on nothing")
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
        if not item.ports:
            return "web", "serves files"
        described = facts.value("dockerfile") or {}
        base = None if facts.ports or described.get("expose") else known(str(described.get("base") or ""))
        usual = base is not None and item.ports[0] in {port.number for port in base.open_ports()}
        return "web", f"listens on {item.ports[0]}{f', as {item.base} images do' if usual else ''}"
    words = set(name.split("-"))
    if _when(name):
        return "cron", "listens on nothing, and by its name runs at times"
    if words & _JOB:
        return "job", "listens on nothing, and by its name runs once"
    libraries = {name for language in catalog.languages() for name in language.consumers}
    consumes = sorted({str(each) for each in facts.value("dependencies")} & libraries)
    if words & _WORKER or consumes:
        return "worker", "listens on nothing, and " + (
            f"{consumes[0]} takes work from elsewhere" if consumes else "by its name goes on working"
        )
    if program := goes_on(facts):
        return "worker", f"listens on nothing, and {program} goes on working"
    return "worker", "has no known port: write `port: …` if it listens, `job: true` or a `schedule` if it ends"


def _when(name: str) -> str:
    return next((_CRON[word] for word in name.split("-") if word in _CRON), "")


def beside(item: FoundSource) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(command, program, the program's name without its ending) of what a source can start besides the first."""
    ends = tuple(end for language in catalog.languages() if not language.compiled for end in language.code)
    for command in item.facts.value("start")[1:]:
        program = next((word for word in command[1:] if word.endswith(ends)), "")
        yield tuple(command), program, name_of(program.rpartition("/")[2].rpartition(".")[0], "")

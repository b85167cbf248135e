"""What a spec says of builds → paths from the repository's top and programs to install, and what no build context can
hold → problems. Reads no file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from kforge.domain.facts import Facts
from kforge.domain.kubernetes.names import PLACE_KEYS
from kforge.domain.source.build_context import NO_PINS, ContextPins, joined, misread
from kforge.domain.spec.raw import Path, Raw
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.errors import Place, Problem

_WAY_OUT = "name the folder that holds it: `build: {context: …}`, relative to the spec's folder"


def pinned(raw: Raw, folder: str) -> dict[str, ContextPins]:
    """`build.context`, `dockerfile` and `target` by service with a source; one that says nothing of its build shares
    what another one says of that source, and all of a source share what they start. `folder` is the spec's, from the
    repository's top.
    """
    services: Any = raw.data.get("services")
    own: dict[str, ContextPins] = {}
    shared: dict[str, ContextPins] = {}
    sources: dict[str, str] = {}
    commands: dict[str, list[list[str]]] = {}
    for name, block in sorted(services.items()) if isinstance(services, dict) else ():
        source, build = _dig(block, "source"), _dig(block, BUILD)
        if not isinstance(source, str):
            continue
        sources[name] = posixpath.normpath(source)
        commands.setdefault(sources[name], []).extend(_commands(block))
        if isinstance(build, dict) and not build.keys().isdisjoint(PLACE_KEYS):
            own[name] = _pinned(build, folder)
            shared.setdefault(sources[name], own[name])
    started = {source: _programs(said) for source, said in commands.items()}
    return {
        name: own.get(name, shared.get(source, NO_PINS))._replace(programs=started[source])
        for name, source in sources.items()
    }


def _commands(block: Any) -> Iterator[list[str]]:
    """The argument lists that a service pins."""
    for words in (_dig(block, "command"), _dig(block, PROCESS, "command")):
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            yield words


def _programs(commands: list[list[str]]) -> tuple[str, ...]:
    if not commands:
        return ()
    from kforge.domain.commands.installed_programs import installed  # few specs pin a command; `check` reads them all

    return installed(commands)


def _pinned(build: dict[str, Any], folder: str) -> ContextPins:
    def place(key: str) -> str | None:
        said = build.get(key)
        return joined(folder, said) if isinstance(said, str) and said else None

    target = build.get("target")
    return ContextPins(place("context"), place("dockerfile"), target if isinstance(target, str) else "")


def unbuildable(raw: Raw, service: str, source: str, facts: Facts, pins: ContextPins) -> Iterator[Problem]:
    """Why a service's image cannot be built as its spec and its source say."""
    where: Path = ("services", service, BUILD)
    if pins.dockerfile is not None and facts.dockerfile is None:
        said = _dig(raw.data, *where, "dockerfile")
        yield Problem(
            f"`{said}` is not a Dockerfile of yours",
            raw.place((*where, "dockerfile")),
            "name a file that exists and that kforge did not write, relative to the spec's folder",
        )
        return
    if pins.target and facts.dockerfile is None:
        yield Problem(
            f"`{service}` has no Dockerfile of its own, so it has no stage `{pins.target}`",
            raw.place((*where, "target")),
            "leave `target` out, or write a Dockerfile",
        )
    for fact in facts.missing:
        seen = fact.evidence[0] if fact.evidence else None
        at = Place(posixpath.normpath(posixpath.join(source, seen.file)), seen.line) if seen else raw.place(where)
        yield Problem(f"service `{service}`: {fact.value}", at, _WAY_OUT)
    found = facts.context
    if found is None:
        return
    context = posixpath.normpath(posixpath.join(source, found.value["folder"]))
    if said := misread(context):
        yield Problem(f"`{context}`, from which `{service}` is built, {said}", raw.place(where), "rename the folder")
    if facts.dockerfile is None and found.value["source"].startswith(".."):
        yield Problem(
            f"the source of `{service}` is outside its build context `{_dig(raw.data, *where, 'context')}`",
            raw.place((*where, "context")),
            "name the source's folder or one above it",
        )


def _dig(data: Any, *path: str | int) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data

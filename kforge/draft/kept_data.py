"""What a source keeps on disk → claims of the service that runs it, and the variables that put it there.

A claim is mounted where the program writes. Where files of the source lie there, which it would hide, a variable that
names the place moves it to a folder of its own; without one nothing is drafted, and a build's `lost-data` says so.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence

from kforge.domain.draft import FoundSource, WantedService, name_of
from kforge.domain.known_images import stores
from kforge.domain.source.kept_data import elsewhere, within
from kforge.draft.sharing import mains
from kforge.draft.wiring_context import Wires

_OWN = "/data"  # for what moves
_FLEETING = frozenset(("CACHE", "CACHES", "TMP", "TEMP", "LOG", "LOGS", "SCRATCH", "RUN"))  # what no pod has to keep


def keepers(services: Sequence[WantedService]) -> dict[str, str]:
    """By source, the one service that has its data: a claim is written by one pod."""
    shared = mains(services)
    running = [one for one in services if one.source and one.kind in ("web", "worker")]
    found = {one.source: one.name for one in reversed([*running])}
    found |= {one.source: one.name for one in running if one.name == shared.get(one.source)}
    return {one.source: found.get(one.source, "") for one in services}


def claims(item: FoundSource, wires: Wires, mounted: Collection[str]) -> list[tuple[str, str]]:
    """(name, path) of claims; `wires` is told where what moves lies. `mounted`: paths that have a volume."""
    found = [*_of_store(item, wires, mounted)]
    occupied = set(item.facts.value("occupied"))
    certain = [name for name, reference in wires.secrets.items() if not reference.get("optional")]
    given = {**dict.fromkeys(certain, ""), **wires.env}
    for kept in sorted(item.facts.value("kept"), key=lambda one: str(one["folder"])):
        folder = str(kept["folder"])
        if within(folder, [*mounted, *(path for _, path in found)]) or elsewhere(kept, given, mounted):
            continue
        if folder not in occupied and posixpath.dirname(folder) != folder:
            found.append((name_of(posixpath.basename(folder), "data"), folder))
        elif moved := kept.get("moved"):
            wires.env |= {name: form.replace("{}", _target(form, folder)) for name, form in moved.items()}
            found.append(("data", _OWN))
    return [*found, *_asked(item, wires, [*mounted, *(path for _, path in found)])]


def _asked(item: FoundSource, wires: Wires, taken: Collection[str]) -> Iterator[tuple[str, str]]:
    """Folders that the program writes and that only a variable names, which nothing else settles: each has a claim."""
    names = [name for name in map(str, item.facts.value("named_folders")) if wires.lacks.get(name) == "needs"]
    names = [name for name in names if _FLEETING.isdisjoint(name.upper().split("_"))]
    free = (path for path in (_OWN, *(f"{_OWN}-{number}" for number in range(2, 9))) if not within(path, taken))
    for name, path in zip(names, free, strict=False):
        del wires.lacks[name]
        wires.env[name] = path
        yield name_of(path, "data"), path


def _of_store(item: FoundSource, wires: Wires, mounted: Collection[str]) -> Iterator[tuple[str, str]]:
    """The data of a store that the author's own Dockerfile is based on."""
    described = item.facts.value("dockerfile") or {}
    usual = stores().get(item.base) if described and item.facts.language is None else None
    store = usual.of(str(described["base"])) if usual else None
    if store and store.path and not any(within(each, [store.path]) for each in mounted):
        places = {name: text for name, text in store.env.items() if text.startswith("/")}
        wires.env |= {name: text for name, text in places.items() if not described.get("env", {}).get(name)}
        yield "data", store.path


def _target(form: str, folder: str) -> str:
    """Files lie at the top of the claim, folders below it by their own names."""
    return f"{_OWN}/{posixpath.basename(folder)}" if form == "{}" or form.endswith("{}/") else _OWN


def apart(volumes: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Volumes with names that differ, each path once."""
    names: set[str] = set()
    paths: set[str] = set()
    for name, path in volumes:
        if path.startswith("/") and path not in paths:
            paths.add(path)
            own = name if name not in names else name_of(f"{name}-{len(names)}")
            names.add(own)
            yield own, path

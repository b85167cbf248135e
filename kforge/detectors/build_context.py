"""The user's own Dockerfile → the folder that it is built from, and what it copies that lies nowhere.

The context is what the spec pins, else the nearest folder, from the source up to the repository's top, that a Compose
file names for this Dockerfile or that holds all that its COPY and ADD lines take.
"""

from __future__ import annotations

import posixpath
import re
from collections import ChainMap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.dockerfile_lines import DockerfileLine, exec_form, expand, words
from kforge.domain.artifact import Around, Tree, around
from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.source.build_context import between, contains, joined, upwards
from kforge.syntax import yaml_data

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*://|git@", re.IGNORECASE)
_PATTERN = re.compile(r"[*?\[]")
_COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_MOST = 500  # sources of one Dockerfile that are looked for


class Taken(NamedTuple):
    """What a COPY, ADD or mount takes out of the context, and its line."""

    path: str
    line: int
    how: str = "copied"


class OwnContext(NamedTuple):
    """What is settled of an own Dockerfile's context: the fact, None where it is the source; and what is not there."""

    fact: Fact | None
    missing: Many
    doubts: Many = ()  # what is copied and git leaves out: who builds has to make it first


def own_context(tree: Tree, dockerfile: str, lines: Sequence[DockerfileLine], escape: str) -> OwnContext:
    """The context of a Dockerfile at `dockerfile`, a path from the source."""
    place = around(tree)
    if place is None:
        return OwnContext(None, ())
    at = joined(place.folder, dockerfile) or ""
    wanted = list(taken(lines, escape))
    folder, seen = _context(place, at, wanted)
    shown = between(place.folder, at)
    absent = [one for one in wanted if not _has(place, folder, one.path)]
    made = [one for one in absent if place.ignored(_inside(folder, one.path))]
    doubts = tuple(_made_before(one, shown) for one in made)
    lost = [one for one in absent if one not in made]
    missing = tuple(Fact(_says(one, folder, place), (Evidence(shown, one.line),)) for one in lost)
    source, inside = between(folder, place.folder), between(folder, at)
    if source == "." and inside == "Dockerfile":
        return OwnContext(None, missing, doubts)
    value = {"folder": between(place.folder, folder), "source": source, "dockerfile": inside}
    pinned = place.pins.context is not None
    return OwnContext(Fact(value, () if pinned else (seen or Evidence(shown, _first(place, wanted)),)), missing, doubts)


def _made_before(one: Taken, dockerfile: str) -> Fact:
    """What a Dockerfile takes from a build outside of it: a program, `dist/`."""
    what = "copied into the image" if one.how == "copied" else "mounted while the image is built"
    said = f"`{one.path}` is {what}, and git ignores it"
    hint = (
        f"run what makes `{one.path}` before the image is built, also in CI, or build it in a stage of the Dockerfile"
    )
    return Fact({"said": said, "hint": hint}, (Evidence(dockerfile, one.line),))


def _first(place: Around, wanted: Sequence[Taken]) -> int:
    """The line that needs another folder than the source."""
    return next((one.line for one in wanted if not _has(place, place.folder, one.path)), 0)


def needed_context(place: Around, needed: Mapping[str, Evidence]) -> OwnContext:
    """The context of a Dockerfile that kforge writes: the nearest folder that holds the source and all that it needs,
    folders and files by their paths from the top, each with what names it; or the one that the spec pins.
    """
    folder, seen = place.folder, None
    for path, evidence in needed.items():
        while not contains(folder, path):
            folder, seen = folder.rpartition("/")[0], evidence
    pinned = place.pins.context
    if pinned is None:
        return OwnContext(placed(place, folder, seen), ())
    lost = [(path, evidence) for path, evidence in needed.items() if not contains(pinned, path)]
    missing = tuple(
        Fact(f"`{between(place.folder, path)}` is needed, and the pinned context does not hold it", (evidence,))
        for path, evidence in lost
    )
    return OwnContext(placed(place, pinned, None), missing)


def placed(place: Around, folder: str, seen: Evidence | None) -> Fact | None:
    """The fact that a source is built from a folder, by its path from the top; None where that is the source."""
    source = between(folder, place.folder)
    if source == ".":
        return None
    value = {"folder": between(place.folder, folder), "source": source, "dockerfile": f"{source}/Dockerfile"}
    return Fact(value, (seen,) if seen else ())


def taken(lines: Sequence[DockerfileLine], escape: str) -> Iterator[Taken]:
    """Paths that COPY, ADD and mounts of RUN take out of the context, as far as ARG and ENV tell them."""
    known: dict[str, str] = {}
    count = 0
    for line in lines:
        if line.name == "FROM":
            known = {name: value for name, value in known.items() if value}
        elif line.name in ("ARG", "ENV"):
            for word in words(line.rest, escape)[:_MOST]:
                name, given, value = word.partition("=")
                if given:
                    known[name] = expand(value, known, escape)
        elif line.name in ("COPY", "ADD") and "from" not in line.flags:
            for path in _sources(line, known, escape):
                count += 1
                if count > _MOST:
                    return
                yield Taken(path, line.line)
        elif line.name == "RUN":
            yield from (Taken(path, line.line, "mounted") for each in line.mounts[:_MOST] if (path := _bound(each)))


def _bound(mount: str) -> str:
    """The path of the context that a mount of RUN shows, "" for what comes from elsewhere, and for what only who builds knows.

    https://docs.docker.com/reference/dockerfile/#run---mounttypebind
    """
    keys = dict(part.partition("=")[::2] for part in mount.split(","))
    path = keys.get("source") or keys.get("src") or ""
    known = keys.get("type", "bind") == "bind" and "from" not in keys and "$" not in path
    return path if known else ""


def _sources(line: DockerfileLine, known: Mapping[str, str], escape: str) -> Iterator[str]:
    listed = exec_form(line.rest) or words(line.rest, escape)
    for word in listed[:-1]:
        if "<<" in word or _ELSEWHERE.match(word):
            continue
        unset = ChainMap({}, dict(known))
        path = expand(word, unset, escape)
        if "$" in word and any(not known.get(name) for name in re.findall(r"\$\{?(\w{1,99})", word)):
            continue  # only who builds knows it
        if not _PATTERN.search(path):  # a pattern may match nothing: BuildKit takes that
            yield path


def _context(place: Around, dockerfile: str, wanted: Sequence[Taken]) -> tuple[str, Evidence | None]:
    """The folder, from the top, and what names it where a file or the spec does."""
    if place.pins.context is not None:
        return place.pins.context, None
    if said := _composed(place, dockerfile):
        return said
    held = {each: sum(_has(place, each, one.path) for one in wanted) for each in upwards(place.folder)}
    return max(held, key=lambda each: held[each]), None  # of equals, the nearest


def _has(place: Around, folder: str, path: str) -> bool:
    return place.has(_inside(folder, path))


def _inside(folder: str, path: str) -> str:
    """A path in a context, from the top; a leading `/` or `..` is the context itself to BuildKit."""
    return f"{folder}/{posixpath.normpath(f'/{path}').lstrip('/')}".strip("/")


def _says(one: Taken, folder: str, place: Around) -> str:
    where = f"`{folder}`" if folder else "the repository's top"
    said = "the pinned context" if place.pins.context is not None else "the build context"
    return f"`{one.path}` is {one.how}, and {said}, {where}, does not hold it"


# ---- Compose --------------------------------------------------------------------------------------------------
def _composed(place: Around, dockerfile: str) -> tuple[str, Evidence] | None:
    """The context that a Compose file, in the source or above it, builds this Dockerfile from."""
    for each in upwards(place.folder):
        for name in _COMPOSE:
            path = f"{each}/{name}".lstrip("/")
            if name in place.names(each) and (found := _built(place.text(path), each, dockerfile)):
                return found[0], Evidence(between(place.folder, path), found[1])
    return None


def _built(text: str, folder: str, dockerfile: str) -> tuple[str, int] | None:
    data = yaml_data.read(text)
    services = data.get("services") if isinstance(data, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        build: Any = service.get("build") if isinstance(service, dict) else None
        if isinstance(build, str):
            build, line = {"context": build}, yaml_data.line_of(service, "build")
        elif isinstance(build, dict):
            line = yaml_data.line_of(build, "context") or yaml_data.line_of(service, "build")
        else:
            continue
        said = str(build.get("context", "."))
        context = None if _ELSEWHERE.match(said) or "$" in said else joined(folder, said)
        if context is not None and joined(context, str(build.get("dockerfile", "Dockerfile"))) == dockerfile:
            return context, line
    return None

"""A spec as it is written → as it is meant: in every service's block what it takes from the one it is `like`, from one
that builds from its folder, and from `defaults`. Light: `check` runs it.

A service's own keys win, mappings merge by key, and lists of edges add up; `null` takes nothing. The nearest wins:
the service, then the one it is `like`, and so on, then `defaults`. An environment's changes are taken in the same way,
less what the service says itself: what is said of one service outweighs what is said of several, wherever it stands.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from kforge.domain.edges import rank
from kforge.domain.spec.raw import MISSING, Path, Raw, dig
from kforge.domain.topic_names import BUILD, PROCESS, RESOURCES
from kforge.errors import InputError
from kforge.spec.merging import NULLABLE, Pattern, beneath, less_nulls, unsaid
from kforge.spec.tolerant import mapping

LIKE, DEFAULTS = "like", "defaults"
MOST = 300_000  # entries that all services take together: more than a run could work out

# What an image is, and what the program in it needs to be the same program: taken by a service that names no other.
_IMAGE: tuple[Pattern, ...] = (
    ("source",), ("image",), ("version",), (BUILD, "*"), ("user",), (PROCESS, "user"), (PROCESS, "writable"),
    ("hardening",), ("kubernetes", "Pod", "imagePullSecrets"),
)  # fmt: skip
_CONFIGURATION: tuple[Pattern, ...] = (("env", "*"), ("secrets", "*"), ("config", "path"), ("config", "files", "*"))
_EDGES = ("needs", "egress")
_OF_PROGRAMS: tuple[Pattern, ...] = (("env", "*"), ("secrets", "*"), (RESOURCES, "*"))
_OF_ALL: tuple[Pattern, ...] = (("labels", "*"), ("annotations", "*"))


def inherited(raw: Raw) -> Raw:
    """The spec with all that its services take. Raises InputError where that is more than a run could work out."""
    services = raw.data.get("services")
    if raw.meant or not isinstance(services, dict):
        return raw
    made = _Inheritance(raw.data, services)
    if not made.needed():
        return raw
    try:
        data = made.data()
    except _TooMuchError:
        message = f"services inherit more than {MOST} entries by `{LIKE}` and `{DEFAULTS}`"
        raise InputError(message, raw.key_place(("services",)), "split the application into several specs") from None
    return raw.as_meant(data, made.written)


def parent(services: Mapping[str, Any], name: str) -> str:
    """The service that one is `like`, "" where it is like none of this spec."""
    said = dig(services, (name, LIKE))
    return said if isinstance(said, str) and said != name and isinstance(services.get(said), dict) else ""


class _TooMuchError(Exception):
    """More entries than `MOST`."""


class _Inheritance:
    """One spec's services, as written and as meant."""

    def __init__(self, data: Mapping[str, Any], services: Mapping[str, Any]) -> None:
        self._data, self._own = data, services
        self._left = MOST
        self._order: list[str] = []  # those that others are like come before these
        self._taken: dict[str, dict[str, Any]] = {}  # with what is taken of services
        self._mates: dict[str, str] = {}  # service → the one whose `build` it takes

    def needed(self) -> bool:
        """Whether any service takes anything."""
        environments = _blocks(self._data.get("environments"))
        shared = any(isinstance(block.get(DEFAULTS), dict) for block in (self._data, *environments.values()))
        return shared or any(LIKE in block or BUILD in block for block in _blocks(self._own).values())

    def data(self) -> dict[str, Any]:
        """The whole spec as it is meant."""
        for name in self._parents_first():
            own, above = self._own[name], self._taken.get(parent(self._own, name))
            self._taken[name] = self._counted(_like(name, own, above) if above is not None else own)
        self._share_builds()
        services = {name: self._shared(name) if name in self._taken else own for name, own in self._own.items()}
        made = {**self._data, "services": services}
        environments = self._data.get("environments")
        if isinstance(environments, dict):
            changed = {name: self._environment(block) for name, block in environments.items()}
            made["environments"] = changed
        return made

    def _parents_first(self) -> list[str]:
        done: dict[str, None] = {}
        for name in _blocks(self._own):
            waiting: dict[str, None] = {}
            here = name
            while here and here not in done and here not in waiting:
                waiting[here] = None
                here = parent(self._own, here)
            done.update(dict.fromkeys(reversed(waiting)))
        self._order = [*done]
        return self._order

    def _share_builds(self) -> None:
        folders: dict[str, list[str]] = {}
        for name in self._own:
            source = self._taken.get(name, {}).get("source")
            if isinstance(source, str):
                folders.setdefault(posixpath.normpath(source), []).append(name)
        for names in folders.values():
            main = min(names, key=lambda name: rank(name, self._taken[name].get))
            build = self._taken[main].get(BUILD)
            for name in names if isinstance(build, dict) else ():
                if name != main and self._taken[name].get(BUILD) is None:
                    self._mates[name] = main
                    self._taken[name] = {BUILD: build, **self._taken[name]}

    def _shared(self, name: str) -> dict[str, Any]:
        """A service's block with the defaults beneath it, without the nulls that kept something out."""
        own, taken, defaults = self._own[name], self._taken[name], self._data.get(DEFAULTS)
        made = taken
        if isinstance(defaults, dict):
            made = self._counted(beneath(taken, defaults, (*_OF_ALL, *(_OF_PROGRAMS if _is_program(taken) else ()))))
        above = self._taken.get(parent(self._own, name), {})
        mate = self._taken.get(self._mates.get(name, ""), {})
        whole: dict[str, Any] = less_nulls(
            made, own, [above, mate, defaults if isinstance(defaults, dict) else {}], NULLABLE
        )
        return whole

    def _environment(self, block: Any) -> Any:
        if not isinstance(block, dict) or not isinstance(block.get("services", {}), dict):
            return block
        there, defaults = block.get("services", {}), block.get(DEFAULTS)
        made = dict(there)
        for name in self._order:
            own = there.get(name, {})
            if not isinstance(own, dict) or own.get("omit") is True:
                continue
            above, taken = parent(self._own, name), own
            if isinstance(made.get(above), dict):
                patterns = _CONFIGURATION if _other_image(self._own[name]) else (("version",), *_CONFIGURATION)
                taken = beneath(own, unsaid(made[above], self._own[name]), patterns)
            if isinstance(defaults, dict) and _is_program(self._taken[name]):
                taken = beneath(taken, unsaid(defaults, self._taken[name]), _OF_PROGRAMS)
            if taken:
                made[name] = self._counted(taken)
        return {**block, "services": made} if made else block

    def _counted(self, block: dict[str, Any]) -> dict[str, Any]:
        self._left -= 1 + sum(len(value) for value in block.values() if isinstance(value, (dict, list)))
        if self._left < 0:
            raise _TooMuchError
        return block

    def written(self, path: Path) -> Path:
        """Where that stands in the text which is meant at a path; the path itself where it stands there."""
        if path[:1] == ("services",) and len(path) > 2:
            return self._first(path[:1], str(path[1]), path[2:], self._own) or path
        if path[:1] == ("environments",) and path[2:3] == ("services",) and len(path) > 4:
            there = dig(self._data, path[:3])
            return self._first(path[:3], str(path[3]), path[4:], there if isinstance(there, dict) else {}) or path
        return path

    def _first(self, above: Path, name: str, keys: Path, there: Mapping[str, Any]) -> Path:
        value, chain = self._value(name, keys), dict.fromkeys([name])
        while (last := parent(self._own, next(reversed(chain)))) and last not in chain:
            chain[last] = None
        for each in chain:
            if found := _found(there.get(each), keys, value):
                return (*above, each, *found)
        mates = (self._mates[each] for each in chain if keys[0] == BUILD and each in self._mates)
        for each in mates:
            return self._first(above, each, keys, there)
        shared = (*above[:-1], DEFAULTS)
        return (*shared, *keys) if dig(self._data, (*shared, *keys)) is not MISSING else ()

    def _value(self, name: str, keys: Path) -> Any:
        return dig(self._taken.get(name, {}), keys[:2]) if keys[0] in _EDGES else MISSING


def _found(block: Any, keys: Path, value: Any) -> Path:
    """Where in a block that stands which keys lead to, () where it does not. Lists of edges add up, so there the value
    tells the place.
    """
    if value is MISSING or len(keys) < 2:
        return keys if dig(block, keys) is not MISSING else ()
    listed = dig(block, keys[:1])
    return (keys[0], listed.index(value), *keys[2:]) if isinstance(listed, list) and value in listed else ()


def _like(name: str, own: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """A service's block with what it takes of another's."""
    theirs = {key: value for key, value in above.items() if key != "config" or not _elsewhere(own, above)}
    if "user" in own or dig(own, (PROCESS, "user")) is not MISSING:
        theirs = {**theirs, "user": MISSING, PROCESS: {**mapping(theirs, PROCESS), "user": MISSING}}
    same = _other_image(own) and _source(own) != "" and _source(own) == _source(above)
    patterns = _CONFIGURATION if _other_image(own) and not same else (*_IMAGE, *_CONFIGURATION)
    if same:
        patterns = tuple(pattern for pattern in patterns if pattern not in (("source",), ("image",)))
    made = beneath(own, theirs, patterns)
    later = own.get("before")
    for key in _EDGES:
        said, more = own.get(key, []), above.get(key)
        if isinstance(said, list) and isinstance(more, list):
            apart = [
                name,
                *said,
                *(later if isinstance(later, list) else ()),
            ]  # what waits for a job is not called by it
            made = {**made, key: [*said, *(one for one in more if one not in apart)]}
    return made


def _other_image(own: Mapping[str, Any]) -> bool:
    return "source" in own or "image" in own


def _source(block: Mapping[str, Any]) -> str:
    source = block.get("source")
    return posixpath.normpath(source) if isinstance(source, str) else ""


def _elsewhere(own: Mapping[str, Any], above: Mapping[str, Any]) -> bool:
    """Whether both mount files, in different folders: a program that reads one folder has no use for the other's."""
    mine, theirs = dig(own, ("config", "path")), dig(above, ("config", "path"))
    return mine is not MISSING and theirs is not MISSING and mine != theirs


def _is_program(block: Mapping[str, Any]) -> bool:
    """Whether variables that the app's programs share mean anything to it: it is built here, or its image is unknown."""
    image = block.get("image")
    if not isinstance(image, str):
        return True
    from kforge.domain.known_images import row_of  # here: it reads a table, which few specs need

    row = row_of(image)
    return row is None or row.bare


def _blocks(data: Any) -> dict[str, dict[str, Any]]:
    return {name: block for name, block in data.items() if isinstance(block, dict)} if isinstance(data, dict) else {}

"""Blocks of services that are one program → the same, each thing said once: the others are `like` the main one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kforge.domain.draft import Drafted, WantedService
from kforge.domain.topic_names import BUILD

_BY_KEY = ("env", "secrets")  # what a service takes key by key
_WHOLE = ("source", BUILD)


def once_each(services: Sequence[WantedService], drafted: Mapping[str, Drafted]) -> dict[str, Drafted]:
    """The blocks, of those that an author's file starts from one folder only what differs from the main one."""
    shared = mains(services)
    held = dict(drafted)
    for one in services:
        main = shared.get(one.source) if one.told and one.source else None
        if main and main != one.name:
            held[one.name] = Drafted(
                _differing(main, drafted[main].block, drafted[one.name].block),
                drafted[one.name].why,
                drafted[one.name].taken,
            )
    return held


def _same(theirs: Any, own: Any) -> bool:
    """Whether two values say the same; one key of two services' own Secrets is one credential."""
    return bool(theirs == own or (isinstance(theirs, dict) and isinstance(own, dict) and theirs["key"] == own["key"]))


def mains(services: Sequence[WantedService]) -> dict[str, str]:
    """By source, the service that the others are like: the first that serves, else the first that runs on."""
    rank = {"web": 0, "worker": 1}
    ranked = sorted((one for one in services if one.source and one.told), key=lambda one: rank.get(one.kind, 2))
    found: dict[str, str] = {}
    for one in ranked:
        found.setdefault(one.source, one.name)
    return found


def _differing(main: str, theirs: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = {"like": main}
    for key, value in own.items():
        if key in _BY_KEY:
            other = theirs.get(key, {})
            held[key] = {name: text for name, text in value.items() if not _same(other.get(name), text)}
        elif key == "needs":
            held[key] = [name for name in value if name not in (*theirs.get(key, ()), main)]
        elif key not in _WHOLE:
            held[key] = value
    return {key: value for key, value in held.items() if value or key not in (*_BY_KEY, "needs")}

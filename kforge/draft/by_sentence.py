"""What a sentence says of services, and the services that are wanted → the same with hosts, replicas and calls, and the
environments. Names of the sentence are resolved here: `api` may be the folder `backend`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain.draft import FoundSource, WantedService
from kforge.domain.known_images import stores
from kforge.draft.sentence_values import MAIN, Bounds
from kforge.draft.sentence_words import meant
from kforge.draft.wanted_stores import users
from kforge.draft.words import Said

_ROLES = {
    "web": "web",
    "admin": "admin",
    "api": "api",
    "app": "servers",
    "server": "strong servers",
    "worker": "workers",
}
_GOES_ON = ("web", "worker")


def resolved(name: str, services: Sequence[WantedService]) -> WantedService | None:
    """The service that a sentence means by a name; the one that people reach first for MAIN."""
    programs = [one for one in services if not one.store]
    own = next((one for one in programs if one.name == name), None)
    if own or not programs:
        return own
    role = meant(_ROLES[name]) if name in _ROLES else None
    alike = [one for one in programs if role and role.search(one.name)]
    if len(alike) == 1:
        return alike[0]
    same = [one for one in programs if one.kind == ("worker" if name == "worker" else "web")]
    if name == MAIN or name in ("web", "app", "server"):
        front = [one for one in same if meant("web").search(one.name)]
        return next(iter(front or same or [one for one in programs if one.kind in _GOES_ON]), None)
    return same[0] if name in _ROLES and len(same) == 1 else None


def placed(services: Sequence[WantedService], asked: Said) -> list[WantedService]:
    """The services with the hosts and the replicas that the sentence gives them."""
    hosts = _by_service(asked.belongings.hosts, services, ("web",))
    scale = _by_service(asked.belongings.scale, services, _GOES_ON)
    scale = {name: bounds for name, bounds in scale.items() if bounds not in ((1, 0), (1, 1))}  # one is usual
    return [replace(one, host=hosts.get(one.name, one.host), scale=scale.get(one.name, one.scale)) for one in services]


def environments(services: Sequence[WantedService], asked: Said) -> dict[str, dict[str, Any]]:
    """Environments by name, as a spec has them."""
    found: dict[str, dict[str, Any]] = {}
    for name, one in asked.belongings.environments.items():
        hosts = _by_service(one.hosts, services, ("web",))
        scale = _by_service(one.scale, services, _GOES_ON)
        blocks = {
            each.name: replace(each, host=hosts.get(each.name, ("", "")), scale=scale.get(each.name, (0, 0)))
            for each in services
            if each.name in hosts or each.name in scale
        }
        changed = {service: offered(each) for service, each in blocks.items()}
        found[name] = {"services": changed} if changed else {}
    return found


def offered(one: WantedService) -> dict[str, Any]:
    """The keys of a service's block that say where it is reached and how often it runs."""
    host, path = one.host
    held: dict[str, Any] = {}
    if host and one.kind == "web":
        held["expose"] = {"host": host, **({"path": path} if path else {})}
    least, most = one.scale
    least = least or (one.told.replicas if one.told and one.told.replicas > 1 else 0)
    if (least or most) and one.kind in _GOES_ON:
        held["scale"] = {"min": least or 1, **({"max": most} if most > least else {})}
    return held


def unplaced(services: Sequence[WantedService], asked: Said) -> Iterator[str]:
    """Hosts and replicas of which the sentence does not say whose they are, and those that no service takes."""
    several = [one for one in services if one.kind in _GOES_ON]
    for what, values, kinds in (
        ("host", asked.belongings.hosts, ("web",)),
        ("replicas", asked.belongings.scale, _GOES_ON),
    ):
        for name in values:
            one = resolved(name, services)
            if one is None or one.kind not in kinds:
                yield f"the draft has no service for the {what} that the sentence names{f' for `{name}`' if name else ''}: write {'it' if what == 'host' else 'them'} into the spec"
            elif name == MAIN and len([each for each in several if each.kind in kinds]) > 1:
                yield f"the sentence does not say which service the {what} {'is' if what == 'host' else 'are'} for: `{one.name}` has {'it' if what == 'host' else 'them'}"


def needed(
    services: Sequence[WantedService], held: Sequence[WantedService], asked: Said, found: Sequence[FoundSource]
) -> list[WantedService]:
    """The services with what they call: what the sentence says, and where their sources are not there to tell, what is
    usual. `held` are the stores.
    """
    said = _said_calls([*services, *held], asked)
    there = {item.path for item in found}
    by_source = {each.name: users(stores()[each.store], found) for each in held}
    claimed = {name for names in said.values() for name in names}
    made = []
    for one in services:
        own = said.get(one.name, ())
        usual = _usual(one, services, held)
        if one.source in there:
            taken = [name for name in usual if not by_source.get(name) and name not in claimed and name in by_source]
        else:
            taken = [name for name in usual if not (name in claimed and _exclusive(name, held))]
        made.append(replace(one, needs=tuple(dict.fromkeys((*one.needs, *own, *taken)))))
    return made


def _exclusive(name: str, held: Sequence[WantedService]) -> bool:
    """Whether a store that some services are said to use is theirs alone: a queue has two ends."""
    store = next((one.store for one in held if one.name == name), "")
    return bool(store) and "queue" not in stores()[store].roles


def _usual(one: WantedService, services: Sequence[WantedService], held: Sequence[WantedService]) -> tuple[str, ...]:
    """What a service calls of which nothing is said: `web` the services beside it, any other every store."""
    beside = tuple(other.name for other in services if other.kind == "web" and other is not one)
    return beside if one.name == "web" and beside else tuple(store.name for store in held)


def _said_calls(services: Sequence[WantedService], asked: Said) -> dict[str, list[str]]:
    """By service, the services and stores that it is said to call."""
    by_store = {one.store: one.name for one in services if one.store}
    found: dict[str, list[str]] = {}
    for name, others in asked.links.items():
        if one := resolved(name, services):
            ends = [by_store.get(other) or getattr(resolved(other, services), "name", "") for other in others]
            found.setdefault(one.name, []).extend(end for end in ends if end and end != one.name)
    return found


def _by_service(values: Mapping[str, Any], services: Sequence[WantedService], kinds: Sequence[str]) -> dict[str, Any]:
    """Values by the names of a sentence → by those of the services that take them. What is said by name counts first."""
    found: dict[str, Bounds | tuple[str, str]] = {}
    for name in sorted(values, key=lambda each: each == MAIN):
        one = resolved(name, services)
        if one and one.kind in kinds:
            found.setdefault(one.name, values[name])
    return found

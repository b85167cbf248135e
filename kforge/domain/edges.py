"""Calls between services: the edges that variables, `needs` and host names in the source show. Plain data in, plain data out.

A host name in the source counts only in the position of a host (a detector's matter) and only when it equals a
service's name, so a word in a comment makes no edge.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, NamedTuple

from kforge.domain.topic_names import PROCESS

SERVICE_REFERENCE = re.compile(r"(?<!\$)\$\{services\.([a-z][-a-z0-9]*)\.")


class Exposed(NamedTuple):
    """Where the world reaches a service, and its TLS: a Secret's name, or whether there is one."""

    host: str
    tls: bool | str


class Caller(NamedTuple):
    """What shows a service's edges: its variables, its `needs`, the hosts its source names, and where it is exposed."""

    env: Mapping[str, str]
    needs: Iterable[str]
    hosts: Iterable[Mapping[str, Any]]
    exposed: Exposed | None = None


def callees(name: str, caller: Caller, services: Set[str]) -> dict[str, str]:
    """Services that one calls, sorted, each with what shows it."""
    found: dict[str, str] = {}
    for host in caller.hosts:
        found[host["host"]] = "facts.hosts"
    for needed in caller.needs:
        found[needed] = "spec.needs"
    for variable, value in sorted(caller.env.items()):
        for target in SERVICE_REFERENCE.findall(value):
            found[target] = f"spec.env.{variable}"
    return {target: found[target] for target in sorted(found) if target in services and target != name}


def certificates(exposed: Mapping[str, Exposed]) -> dict[str, str]:
    """Service → Secret with the certificate of its host, for hosts at which several services have TLS: the one that the
    first of them names, else that of the first.
    """
    there: dict[str, list[str]] = {}
    for name, each in sorted(exposed.items()):
        if each.tls:
            there.setdefault(each.host, []).append(name)
    found: dict[str, str] = {}
    for names in there.values():
        said = [tls for name in names if isinstance(tls := exposed[name].tls, str)]
        found |= {name: said[0] if said else f"{names[0]}-tls" for name in names if len(names) > 1}
    return found


Rank = tuple[bool | str, ...]
_MAIN = (
    "web",
    "app",
    "api",
    "server",
    "site",
    "backend",
    "frontend",
    "www",
)  # what people call what a folder is there for


def rank(name: str, key: Callable[[str], Any]) -> Rank:
    """Where a service comes among those that build from its folder: the first names the image, and is what it starts.

    `key` gives what stands under a key of the service. One that is `like` another owns nothing; what serves, by its
    keys, comes before what only runs; then one that starts as the folder says, then one that is called as such.
    """
    process = key(PROCESS)
    command = process.get("command") if isinstance(process, Mapping) else getattr(process, "command", None)
    return (
        bool(key("like")),
        bool(key("job") or key("schedule")),
        not key("expose"),
        not (key("port") or key("ports")),
        key("ports") == [],
        bool(key("command") or command),
        name not in _MAIN,
        name,
    )


def shared(services: Iterable[str], keys: Callable[[str, str], Any]) -> dict[str, list[str]]:
    """Service → services that build from the same folder, itself among them, the first by rank first; those without a
    source left out. `keys` gives what stands under a key of a service.
    """
    folders: dict[str, list[str]] = {}
    for name in sorted(services):
        source = keys(name, "source")
        if isinstance(source, str):
            folders.setdefault(posixpath.normpath(source), []).append(name)
    for names in folders.values():
        if len(names) > 1:
            names.sort(key=lambda name: rank(name, lambda key: keys(name, key)))
    return {name: names for names in folders.values() for name in names}


class Links:
    """Edges of every environment and shared sources, worked out once. `caller` gives what shows a service's edges, `keys`
    what stands under a key of a service.
    """

    def __init__(
        self, services: Iterable[str], caller: Callable[[str, str], Caller], keys: Callable[[str, str], Any]
    ) -> None:
        self._services, self._caller = dict.fromkeys(services).keys(), caller
        self._keys, self._shared = keys, shared(self._services, keys)
        self._awaited: dict[str, list[str]] | None = None
        self._certificates: dict[str, dict[str, str]] = {}
        self._callees: dict[str, dict[str, dict[str, str]]] = {}
        self._callers: dict[str, dict[str, dict[str, str]]] = {}

    def sharers(self, service: str) -> list[str]:
        """Services that build from the same folder as one, itself among them, the one that owns the image first."""
        return self._shared.get(service, [service])

    def awaited(self, service: str) -> list[str]:
        """Jobs that are done before a service's pods start, sorted."""
        if self._awaited is None:
            self._awaited = {}
            for job in sorted(self._services):
                for name in self._keys(job, "before") or ():
                    self._awaited.setdefault(name, []).append(job)
        return self._awaited.get(service, [])

    def certificate(self, service: str, environment: str) -> str | None:
        """The Secret that a service shares with others at its host; None where it has its host alone, or no TLS."""
        held = self._certificates.get(environment)
        if held is None:
            found = {name: self._caller(name, environment).exposed for name in self._services}
            held = certificates({name: each for name, each in found.items() if each})
            self._certificates[environment] = held
        return held.get(service)

    def callees(self, service: str, environment: str) -> dict[str, str]:
        """Services that one calls, sorted, each with what shows it."""
        return self._all(environment).get(service, {})

    def callers(self, service: str, environment: str) -> dict[str, str]:
        """Services that call one, sorted, each with what shows it."""
        held = self._callers.get(environment)
        if held is None:
            held = self._callers[environment] = {}
            for caller, called in sorted(self._all(environment).items()):
                for name, why in called.items():
                    held.setdefault(name, {})[caller] = why
        return held.get(service, {})

    def _all(self, environment: str) -> dict[str, dict[str, str]]:
        held = self._callees.get(environment)
        if held is None:
            held = {name: callees(name, self._caller(name, environment), self._services) for name in self._services}
            self._callees[environment] = held
        return held

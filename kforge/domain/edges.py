"""Calls between services: the edges that variables, `needs` and host names in the source show. Plain data in, plain data out.

A host name in the source counts only in the position of a host (a detector's matter) and only when it equals a
service's name, so a word in a comment makes no edge.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, NamedTuple

SERVICE_REFERENCE = re.compile(r"\$\{services\.([a-z][-a-z0-9]*)\.")


class Caller(NamedTuple):
    """What shows a service's edges: its variables, its `needs`, and the hosts its source names."""

    env: Mapping[str, str]
    needs: Iterable[str]
    hosts: Iterable[Mapping[str, Any]]


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


def shared(sources: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Service → services that build from the same folder, itself among them, sorted; those without a source left out."""
    folders: dict[str, list[str]] = {}
    for name, source in sorted(sources.items()):
        if isinstance(source, str):
            folders.setdefault(posixpath.normpath(source), []).append(name)
    return {name: names for names in folders.values() for name in names}


class Links:
    """Edges of every environment and shared sources, worked out once. `caller` gives what shows a service's edges."""

    def __init__(
        self, services: Iterable[str], caller: Callable[[str, str], Caller], sources: Mapping[str, str | None]
    ) -> None:
        self._services, self._caller = dict.fromkeys(services).keys(), caller
        self._shared = shared(sources)
        self._callees: dict[str, dict[str, dict[str, str]]] = {}
        self._callers: dict[str, dict[str, dict[str, str]]] = {}

    def sharers(self, service: str) -> list[str]:
        """Services that build from the same folder as one, itself among them, sorted."""
        return self._shared.get(service, [service])

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

"""The graph of an application as it runs: services and stores, what each calls, and how the world reaches them.

Plain values; unaware of the spec that they come from and of how they are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from kforge.domain.port import Port

WEB, SERVICE, WORKER, JOB, CRON, STORE = "web service", "service", "worker", "job", "cron job", "store"


@dataclass(frozen=True, slots=True)
class Shown:
    """What shows an edge: in words (`env CATALOG_URL`), and its place in the spec or in a source, "" where there is none."""

    why: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedVolume:
    """Storage that outlives the pods of a service."""

    name: str
    path: str
    size: str
    shared: bool = False  # one claim for all replicas


@dataclass(frozen=True, slots=True)
class ServiceNode:
    """A service. `what` says what it is made of: `Python, FastAPI`, `PostgreSQL 18.6`, or its image."""

    name: str
    kind: str  # one of the words above
    what: str
    image: str
    ports: tuple[Port, ...] = ()
    fewest: int = 1
    most: int = 1  # above `fewest` where an autoscaler counts
    schedule: str = ""
    claims: tuple[ClaimedVolume, ...] = ()
    source: str = ""
    like: str = ""  # the service whose block it takes


@dataclass(frozen=True, slots=True)
class ServiceEdge:
    """One service calls another, or is a job that another waits for."""

    origin: str
    target: str
    shown: Shown
    waits: bool = False  # the target's pods start when the job `origin` is done


@dataclass(frozen=True, slots=True)
class Entrance:
    """A way in from outside: a host that an Ingress or a Gateway answers for, or another namespace that may connect."""

    name: str  # `shop.example.com`, `namespace monitoring`
    service: str
    path: str = ""  # of a host, where it is not all of it
    by: str = ""  # `Ingress traefik`, `Gateway infra/shared`
    port: str = ""  # name of the port that it leads to
    host: bool = True


@dataclass(frozen=True, slots=True)
class Exit:
    """A place outside of the application that a service connects to: a network of `egress`, a host in a variable."""

    name: str
    service: str
    shown: Shown


@dataclass(frozen=True)
class ServiceGraph:
    """Everything sorted by name. `environment` is "" for the base."""

    app: str
    environment: str
    namespace: str
    description: str
    services: tuple[ServiceNode, ...]
    edges: tuple[ServiceEdge, ...]
    entrances: tuple[Entrance, ...]
    exits: tuple[Exit, ...]

    @property
    def title(self) -> str:
        """`shop`, or `shop in staging`."""
        return f"{self.app} in {self.environment}" if self.environment else self.app

    @cached_property
    def named(self) -> dict[str, ServiceNode]:
        return {each.name: each for each in self.services}

    @cached_property
    def calls(self) -> tuple[ServiceEdge, ...]:
        return tuple(edge for edge in self.edges if not edge.waits)

    def before(self, service: str) -> tuple[str, ...]:
        """Services that wait for a job."""
        return tuple(edge.target for edge in self._leaving.get(service, ()) if edge.waits)

    def called(self, service: str) -> tuple[ServiceEdge, ...]:
        """Calls of a service."""
        return tuple(edge for edge in self._leaving.get(service, ()) if not edge.waits)

    def callers(self, service: str) -> tuple[ServiceEdge, ...]:
        return tuple(edge for edge in self._arriving.get(service, ()) if not edge.waits)

    @cached_property
    def _leaving(self) -> dict[str, list[ServiceEdge]]:
        return _by(lambda edge: edge.origin, self.edges)

    @cached_property
    def _arriving(self) -> dict[str, list[ServiceEdge]]:
        return _by(lambda edge: edge.target, self.edges)


def _by(key: Callable[[ServiceEdge], str], edges: Iterable[ServiceEdge]) -> dict[str, list[ServiceEdge]]:
    found: dict[str, list[ServiceEdge]] = {}
    for edge in edges:
        found.setdefault(key(edge), []).append(edge)
    return found

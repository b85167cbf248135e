"""Nouns of drafting a spec: what was found in a repository, what is wanted, and the draft with the reason for each
part.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kforge.domain.facts import Facts

ServiceKind = Literal["web", "worker", "job", "cron", "store"]
UNKNOWN = "\0"
KINDS: tuple[ServiceKind, ...] = ("web", "worker", "job", "cron", "store")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A folder, file or service that is no service of the draft, and why, in words that follow its name."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the author's own files (Compose, Procfile, manifests) say of a service. Values of `env` may hold UNKNOWN, which
    stands for what only the author's machine has.
    """

    name: str
    place: str  # `compose.yaml:12`
    names: tuple[str, ...] = ()  # by which others call it
    image: str = ""  # a public one, with its tag
    command: tuple[str, ...] = ()
    script: tuple[str, ...] = ()  # a package manager's command, which a build follows only where the image starts it
    mounted: bool = False  # the author's machine runs it over the source itself, and not over the image's copy
    port: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    volumes: tuple[tuple[str, str], ...] = ()  # name and path
    health: str = ""  # the route that its health check asks
    replicas: int = 0
    memory: str = ""
    build: Mapping[str, Any] = field(default_factory=dict)  # as the spec's key has it
    needs: tuple[str, ...] = ()
    once: bool = False  # it ends
    lasting: str = ""  # what shows that it goes on and serves nothing: "`shop/tasks.py` has a Celery application"
    singular: bool = False  # a second one would start everything twice
    lost: tuple[str, ...] = ()  # what it mounts and a draft has not: "the Secret `keys` at `/etc/keys`"
    before: tuple[str, ...] = ()  # services that wait until it has ended, by the names of the draft


@dataclass(frozen=True, slots=True)
class ExampleValue:
    """What an example of a file of variables gives to one."""

    value: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A folder that can be built: its path as a spec says it, the facts, and what it will be taken to listen on."""

    path: str
    facts: Facts
    ports: tuple[int, ...] = ()
    base: str = ""  # the public image that its Dockerfile is based on, where that is known: `mongo`
    pins: Mapping[str, Any] = field(default_factory=dict)  # what a build of the folder would not find by itself
    name: str = ""  # of its service, where another than the folder's is known
    told: tuple[Told, ...] = ()  # what the author's files say of the services that it is
    build: Mapping[str, Any] = field(default_factory=dict)  # where the author's Dockerfile has another name or place
    examples: Mapping[str, ExampleValue] = field(default_factory=dict)  # of the variables that it may want


@dataclass(frozen=True, slots=True)
class WantedService:
    """One service to be: what it is, and from where. How it hangs together with the others is worked out later."""

    name: str
    kind: ServiceKind
    source: str = ""
    store: str = ""  # the key of a known image
    schedule: str = ""
    command: tuple[str, ...] = ()
    port: int = 0
    needs: tuple[str, ...] = ()
    why: str = ""
    host: tuple[str, str] = ("", "")  # where people reach it, and the path there
    scale: tuple[int, int] = (0, 0)  # fewest and most replicas, 0 where nothing says
    told: Told | None = None
    seen: FoundSource | None = None  # the source as this one of its programs sees it


@dataclass(frozen=True, slots=True)
class SurveyedRepository:
    """What a repository shows: folders that are services, what stands beside them by the author's own files, and what is
    neither.
    """

    found: tuple[FoundSource, ...] = ()
    beside: tuple[WantedService, ...] = ()  # stores and public images that the author's files name
    left: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drafted:
    """A service's block as the spec has it."""

    block: Mapping[str, Any]
    why: str
    taken: Mapping[str, ExampleValue] = field(default_factory=dict)  # the author's examples that gave values of `env`


@dataclass(frozen=True, slots=True)
class Draft:
    """A spec to be. `notes` is what the user still has to say or do."""

    app: str
    services: Mapping[str, Drafted]
    description: str = ""
    model: str = ""  # name of a model, "" for no `model` block
    notes: tuple[str, ...] = field(default=())
    environments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as the spec has them


def name_of(text: str, otherwise: str = "app") -> str:
    """A service's name out of any text: `My_Web App` → `my-web-app`."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-").lstrip("0123456789-")
    return cleaned[:40].rstrip("-") or otherwise

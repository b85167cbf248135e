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
KINDS: tuple[ServiceKind, ...] = ("web", "worker", "job", "cron", "store")


@dataclass(frozen=True, slots=True)
class FoundSource:
    """A folder that can be built: its path as a spec says it, the facts, and what it will be taken to listen on."""

    path: str
    facts: Facts
    ports: tuple[int, ...] = ()
    base: str = ""  # the public image that its Dockerfile is based on, where that is known: `mongo`


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


@dataclass(frozen=True, slots=True)
class Drafted:
    """A service's block as the spec has it."""

    block: Mapping[str, Any]
    why: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A spec to be. `notes` is what the user still has to say or do."""

    app: str
    services: Mapping[str, Drafted]
    description: str = ""
    model: str = ""  # name of a model, "" for no `model` block
    notes: tuple[str, ...] = field(default=())


def name_of(text: str, otherwise: str = "app") -> str:
    """A service's name out of any text: `My_Web App` → `my-web-app`."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-").lstrip("0123456789-")
    return cleaned[:40].rstrip("-") or otherwise

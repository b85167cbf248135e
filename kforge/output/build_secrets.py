"""Outcome → the secrets that a person gives to a build of the images: a variable, or a file of the machine that builds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.topic_names import BUILD

if TYPE_CHECKING:
    from kforge.outcome import Outcome


@dataclass(frozen=True, slots=True)
class BuildSecretNeed:
    """One variable or file, and the services whose images read it. Only one of `env` and `file` is there."""

    env: str
    file: str
    services: tuple[str, ...]

    def __str__(self) -> str:
        return f"{f'variable {self.env}' if self.env else f'file {self.file}'} ({', '.join(self.services)})"

    def record(self) -> dict[str, Any]:
        return {"env": self.env, "file": self.file, "services": [*self.services]}


def build_secrets(outcome: Outcome) -> Iterator[BuildSecretNeed]:
    """What `build.secrets` of services that are built here ask for, each once."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, block in sorted(outcome.loaded.world.raw["services"].items()):
        given = (block.get(BUILD) or {}).get("secrets") or {}
        for secret in given.values() if isinstance(given, Mapping) and "source" in block else ():
            found.setdefault((str(secret.get("env") or ""), str(secret.get("file") or "")), []).append(name)
    for (env, file), services in sorted(found.items()):
        yield BuildSecretNeed(env, file, tuple(services))

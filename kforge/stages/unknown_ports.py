"""Spec + settled ports → references to services that are not known to listen. Unaware of what a reference expands to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.domain.spec.references import references
from kforge.domain.topic_names import PROCESS
from kforge.domain.world import World
from kforge.errors import InputError, Problem

SettledValues = Mapping[tuple[str, str], Mapping[str, Any]]  # (service, topic) → settled value


def refuse_portless(world: World, values: SettledValues) -> None:
    """Raises InputError naming every variable that asks a service without a known port for its port or address."""
    problems = tuple(
        Problem(
            f"`${{{'.'.join(reference)}}}` needs a port, and no port of `{reference[1]}` is known",
            world.place(path),
            f"pin `services.{reference[1]}.port`, or write the address out",
        )
        for path, text in _variables(world)
        for reference in references(text)
        if reference[0] == "services"
        and reference[2:] != ("host",)
        and not values.get((reference[1], PROCESS), {}).get("ports")
    )
    if problems:
        raise InputError(problems)


def _variables(world: World) -> Iterator[tuple[Path, str]]:
    for name, service in sorted(world.spec.services.items()):
        yield from ((("services", name, "env", variable), str(text)) for variable, text in service.env.items())
    for environment, changed in sorted(world.spec.environments.items()):
        for name, own in sorted(changed.services.items()):
            path = ("environments", environment, "services", name, "env")
            yield from (((*path, variable), str(text)) for variable, text in own.env.items())

"""A raw spec → references that lead nowhere: services, ports, environments. Unaware of what a service needs to be
whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.raw import Path, dig
from kforge.domain.spec.references import ASPECTS
from kforge.domain.topic_names import PROBES, PROCESS
from kforge.spec.tolerant import OneOf, Wrong, blocks, listing, mapping, service_blocks

_DOLLAR = re.compile(r"(?<!\$)\$\{([^{}]*)(\}?)")
_UNBUILT = ("middleware", "apps")  # `spec/reserved.py` speaks of these
_FORM = "write `${services.NAME.url}` (or `host`, `port`, `address`), `$(NAME)` for a variable of the service, `$${…}` for the text `${…}`"


def problems(data: dict[str, Any]) -> Iterator[Wrong]:
    """Every reference that cannot be resolved."""
    services = mapping(data, "services")
    if not services:
        return
    for path, _, block in service_blocks(data):
        for variable, value in mapping(block, "env").items():
            if isinstance(value, str) and "${" in value:
                yield from _references((*path, "env", variable), value, services)
    for name, block in blocks(data, "services"):
        yield from _needs(("services", name), name, block, services)
        yield from _ports(("services", name), block)
    for environment, changes in blocks(data, "environments"):
        yield from _environment(environment, changes, services)


def _references(path: Path, value: str, services: dict[str, Any]) -> Iterator[Wrong]:
    for match in _DOLLAR.finditer(value):
        whole, parts = match.group(), match.group(1).split(".")
        if not match.group(2):
            yield Wrong(path, f"`{whole}` has no `}}`", _FORM)
        elif parts[0] in _UNBUILT:
            continue
        elif parts[0] != "services" or len(parts) != 3 or not all(parts):
            yield Wrong(path, f"`{whole}` is not a reference", _FORM)
        elif parts[1] not in services:
            yield Wrong(
                path, f"`{whole}` names a service that does not exist", OneOf(parts[1], services, "the services are")
            )
        elif parts[2] not in ASPECTS:
            yield Wrong(
                path, f"`{whole}` asks for `{parts[2]}`, which services do not have", OneOf(parts[2], ASPECTS, "it has")
            )
        elif is_job(services[parts[1]]):
            yield Wrong(
                path, f"`{whole}` refers to a job, which listens on nothing", "refer to a service that keeps running"
            )


def is_job(block: Any) -> bool:
    """Whether a service runs to an end, so that it has neither address nor replicas."""
    return isinstance(block, dict) and (block.get("job") is True or "schedule" in block)


def _needs(path: Path, name: str, block: dict[str, Any], services: dict[str, Any]) -> Iterator[Wrong]:
    for index, needed in enumerate(listing(block, "needs")):
        where = (*path, "needs", index)
        if needed == name:
            yield Wrong(where, f"`{name}` needs itself", "leave it out")
        elif isinstance(needed, str) and needed not in services:
            yield Wrong(where, f"`{needed}` is not a service of this spec", OneOf(needed, services, "the services are"))


def _ports(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Names of ports, where the spec pins all of them: elsewhere they are known once the process is settled."""
    pinned = listing(block, "ports") or listing(block, PROCESS, "ports")
    named = [port["name"] for port in pinned if isinstance(port, dict) and isinstance(port.get("name"), str)]
    if not named or len(named) != len(pinned):
        return
    names = dict.fromkeys(named)
    uses: list[Path] = [
        ("expose", "port"),
        *(("allowFrom", index, "port") for index in range(len(listing(block, "allowFrom")))),
    ]
    uses += [(PROBES, probe, "port") for probe in ("startup", "readiness", "liveness")]
    numbers = {port["port"] for port in pinned if isinstance(port.get("port"), int)}
    for use in uses:
        value = dig(block, use)
        if isinstance(value, str) and value not in names:
            yield Wrong((*path, *use), f"`{value}` is not a port of `{path[-1]}`", OneOf(value, names, "its ports are"))
        elif isinstance(value, int) and value not in numbers:
            yield Wrong((*path, *use), f"`{path[-1]}` has no port {value}", OneOf(str(value), names, "its ports are"))


def _environment(environment: str, changes: dict[str, Any], services: dict[str, Any]) -> Iterator[Wrong]:
    path: Path = ("environments", environment)
    there = mapping(changes, "services")
    for name in there:
        if name not in services:
            hint = OneOf(name, services, "", "an environment can change services, and add none")
            yield Wrong((*path, "services", name), f"`{name}` is not a service of this spec", hint, at_key=True)
    omitted = {name for name, block in blocks(changes, "services") if block.get("omit") is True}
    for name, block in blocks(services) if omitted else ():
        if name in omitted:
            continue
        values = {**mapping(block, "env"), **mapping(there, name, "env")}
        calling: dict[str, list[str]] = {}
        for variable, value in values.items():
            for gone in _called(value) & omitted:
                calling.setdefault(gone, []).append(f"`{variable}`")
        for gone, variables in sorted(calling.items()):
            yield Wrong(
                (*path, "services", gone, "omit"),
                f"environment `{environment}` omits `{gone}`, but {', '.join(variables)} of `{name}` refers to it",
                f"give other values under `environments.{environment}.services.{name}.env`",
            )


def _called(value: Any) -> set[str]:
    found = _DOLLAR.findall(value) if isinstance(value, str) and "${" in value else ()
    return {parts[1] for parts in (inner.split(".") for inner, _ in found) if len(parts) == 3}

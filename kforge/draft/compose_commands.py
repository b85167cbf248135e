"""What a Compose file starts of a source, held against what its image starts by itself → what a draft starts.

A package manager's script is what a service is told apart by where it is none of the main one's. Over a mounted source
a Compose file serves development: the Dockerfile's own server is that of production.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain.commands.beside import BesideProcess
from kforge.domain.commands.own_image import image_command
from kforge.domain.commands.program_table import runner
from kforge.domain.commands.read_command import read
from kforge.domain.draft import FoundSource, Told

_USUAL = frozenset(("start", "serve", "prod", "production", "start:prod", "start:production", "serve:prod"))


def script_of(words: Sequence[str]) -> str:
    """The script of a package manager's command: `worker` of `npm run worker`; "" for another command."""
    found = runner(words[0]) if words else None
    rest = [word for word in words[1:] if not word.startswith("-")]
    if found is None or not rest or rest[0] in found.executes:
        return ""
    if rest[0] in found.runs:
        return "".join(rest[1:2])
    return rest[0] if rest[0] in found.named or found.any else ""


def settled(told: Iterable[Told], source: FoundSource) -> tuple[tuple[Told, ...], list[str]]:
    """What is told of a source, with the commands that its services need beside what the image starts; and what to say
    of commands that are left out.
    """
    described = source.facts.value("dockerfile") or {}
    held: list[Told] = []
    notes: list[str] = []
    for one in told:
        if one.script:
            held.append(_scripted(one, source, described))
        elif one.command and one.mounted and one.port and _serves(described) and not read(one.command).serves:
            notes.append(
                f"`{one.name}` ({one.place}): its command `{' '.join(one.command)}` runs over a mounted source, which is for development, so its Dockerfile says what starts"
            )
            held.append(replace(one, command=()))
        else:
            held.append(one)
    return tuple(held), notes


def _serves(described: Mapping[str, Any]) -> bool:
    return bool(described) and image_command(described).serves


def _scripted(one: Told, source: FoundSource, described: Mapping[str, Any]) -> Told:
    name = script_of(one.script)
    starts = not described or bool(described.get("entrypoint") or described.get("cmd"))
    if name in _USUAL and starts:
        return one
    if name in _USUAL and source.facts.start:
        return replace(
            one, command=tuple(map(str, source.facts.start[0].value))
        )  # without a manager that takes signals
    beside = map(BesideProcess.of, source.facts.value("beside"))
    process = None if described else next((each for each in beside if each.name == name), None)
    command = process.command if process else one.script
    silent = not one.port and name not in _USUAL and not one.once
    lasting = f"`{' '.join(one.script)}` publishes no port" if silent else ""
    return replace(one, command=command, lasting=one.lasting or lasting)

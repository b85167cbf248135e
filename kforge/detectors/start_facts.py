"""What a start says of itself → facts: the port that its words name, the variables that it sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.secrets.source_secrets import HIDDEN, public


def told_port(
    start: tuple[list[str], Evidence] | None, variables: Mapping[str, str], main: Sequence[Fact]
) -> Fact | None:
    """The port of the best start, where a line of the source names it and the code says another, or none.

    `main` are the ports that the code shows, the main one first.
    """
    if start is None:
        return None
    command = read(start[0], CommandContext(variables=variables))
    heard = command.listening
    port = heard.port if command.told or (command.role == "server" and not main) else 0
    if not port or (main and main[0].value["port"] == port and not encrypts(command, main[0].value)):
        return None
    protocol = main[0].value["protocol"] if main and not command.role else command.speaks
    env = main[0].value["env"] if main and not command.role and not heard.variable else heard.variable
    return Fact({"port": port, "protocol": protocol, "env": env}, (start[1],))


def encrypts(command: Command, port: Mapping[str, Any]) -> bool:
    """Whether a command has a port speak TLS that the code serves without."""
    return command.speaks == "https" and port["protocol"] == "http"


def settings(variables: Mapping[str, str], place: Evidence) -> Many:
    """Variables that a start sets, by name; none whose value must not be seen."""
    shown = {name: public(name, value) for name, value in sorted(variables.items())}
    return tuple(
        Fact({"name": name, "value": value}, (place,)) for name, value in shown.items() if value and HIDDEN not in value
    )

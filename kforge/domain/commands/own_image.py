"""What the user's own Dockerfile starts and exposes → the ports that its image surely listens on.

A source may be started in other ways than its image is: by a Procfile's line, or by a server that kforge would take.
What EXPOSE says counts for more than the port of such a start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.commands.started import dockerfile_words


def image_command(described: Mapping[str, Any]) -> Command:
    """What a described Dockerfile starts, with the variables that it sets."""
    return read(dockerfile_words(described), CommandContext(variables=described.get("env") or {}))


def exposed_ports(described: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those of EXPOSE, without UDP."""
    listed = described.get("expose") or ()
    return [
        {"port": each["port"], "protocol": "tcp", "env": ""} for each in listed if each.get("protocol", "tcp") == "tcp"
    ]


def as_exposed(described: Mapping[str, Any], command: Command) -> Command:
    """The command on the one port of EXPOSE, where its program listens elsewhere in some of its versions."""
    exposed = exposed_ports(described)
    if len(exposed) != 1 or not command.known.moved or command.listening.word or not command.listening.port:
        return command
    return replace(command, listening=command.listening._replace(port=exposed[0]["port"]))


def image_ports(
    described: Mapping[str, Any], command: Command, shown: Sequence[Mapping[str, Any]], start: Sequence[Any]
) -> list[dict[str, Any]]:
    """The ports of a source as its image has them. `shown` are those of the source, and `start` is its own command."""
    exposed = exposed_ports(described)
    main = next(iter(shown), None)
    if main is None or len(exposed) != 1 or main["env"] or command.role or command.told:
        return [dict(each) for each in shown] or exposed
    if any(each["port"] == exposed[0]["port"] for each in shown) or command.program:
        return [dict(each) for each in shown]
    own = read([str(word) for word in start])
    if own.role != "server" or own.listening.port != main["port"]:
        return [dict(each) for each in shown]
    return [{**main, "port": exposed[0]["port"]}, *(dict(each) for each in shown[1:])]


def listening(
    described: Mapping[str, Any], shown: Sequence[Mapping[str, Any]], start: Sequence[Any]
) -> list[dict[str, Any]]:
    """The ports that an image will be taken to listen on, before a spec says more."""
    command = as_exposed(described, image_command(described))
    found = image_ports(described, command, shown, start)
    heard = command.listening
    if command.portless:
        return []
    main = next(iter(found), {"protocol": command.speaks, "env": heard.variable})
    kept = not command.told and found and "{port}" in "".join(command.known.opened.values())
    if heard.port and (command.told or command.serves) and not kept and heard.port != main.get("port"):
        return [{**main, "port": heard.port, "env": heard.variable}, *found[1:]]
    return found

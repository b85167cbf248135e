"""A service's command → the ports that its process listens on. What the command says wins over every other sign.

A server that the command starts without naming a port listens on its default; a worker, a scheduler and a task that
ends listen on nothing; for all others the source says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import read
from kforge.domain.commands.started import surroundings
from kforge.domain.kubernetes.names import is_job
from kforge.domain.port import Port
from kforge.domain.source.sightings import port_number
from kforge.topics.ports import UNPRIVILEGED, settled
from kforge.topics.process_fields import NO_PORTS, ports_of

if TYPE_CHECKING:
    from kforge.domain.view import View

_USUAL = "PORT"
_PROGRAMS = 8  # of a source, so many that its detector has looked where each of them listens
_PORTLESS = {
    "worker": "takes work from elsewhere and listens on nothing",
    "scheduler": "starts work at times and listens on nothing",
    "once": "does its work and ends, and listens on nothing",
}


def command_ports(
    view: View, command: Command, found: Sequence[dict[str, Any]], shown_by: str = "the source", own: bool = False
) -> tuple[list[Port], str]:
    """Ports with the reason. `own`: the command is not the one that the facts were read for."""
    if is_job(view):
        return [], NO_PORTS
    if command.portless:
        return [], _why_portless(command)
    main = next(iter(found), None)
    heard = command.listening
    if command.told and heard.variable and not heard.port:  # the words leave the number to the variable
        main = {**(main or {"port": UNPRIVILEGED, "protocol": command.speaks}), "env": heard.variable}
        found = [main, *found[1:]]
    if main is not None and not command.told and (given := _assigned(view, main, command)):
        return ports_of(view, _encrypted(command, [given, *found[1:]]), f"the command, by `{given['name']}`,")
    if main is not None and heard.port == main["port"]:
        return ports_of(view, _encrypted(command, found), shown_by)  # both say the same, and the source says more
    if heard.port and (command.told or (own and command.serves)):
        spoken = command.speaks if command.role else "tcp"
        if main and (not command.role or spoken == "http"):
            spoken = main["protocol"]
        reads = _also_read(command, main) if command.told and not heard.variable else heard.variable
        port = (
            main["port"]
            if main and not command.told and "{port}" in "".join(command.known.opened.values())
            else heard.port
        )
        told = {"port": port, "protocol": spoken, "env": reads if port == heard.port else ""}
        return settled([told, *found[1:]]), _why(command, port, shown_by)
    if own and not command.role and _aside(view, command):
        return [], f"`{command.file or command.words[0]}` is not what listens in this source"
    return ports_of(view, found, shown_by)


def _assigned(view: View, main: Mapping[str, Any], command: Command) -> dict[str, Any] | None:
    """The main port where the command sets the variable that holds it, which outweighs the container's: `PORT=4000 node`.
    A start of the source's own that names the port hides the variable that its code reads.
    """
    name = main["env"]
    if not name and port_number(command.env.get(_USUAL)) and _USUAL in {each["name"] for each in view.fact("env")}:
        name = _USUAL
    given = port_number(command.env.get(name))
    return {**main, "port": given, "env": "", "name": f"{name}={given}"} if given else None


def _encrypted(command: Command, found: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The ports, the main one with TLS where the command says so."""
    if command.speaks == "https" and found[0]["protocol"] == "http":
        return [{**found[0], "protocol": "https"}, *found[1:]]
    return found


def pinned_ports(view: View, words: Sequence[str], found: Sequence[dict[str, Any]]) -> tuple[list[Port], str]:
    """Ports of a command that the spec pins, or that the source starts."""
    if is_job(view):
        return [], NO_PORTS
    first = next(iter(view.fact("start")), None)
    own = first is None or list(words) != first
    command = read(words, surroundings(view, own))
    if words and (first is None or words[0] != first[0]):
        behind = next((each["ports"] for each in view.fact("programs") if each["command"] == words[0]), None)
        if behind is not None:
            return command_ports(view, command, behind, f"`{words[0]}`")
        if words[0] in {each[0] for each in view.fact("start")[1:_PROGRAMS]} and not command.listening.port:
            return [], f"`{words[0]}` is a program of the source that shows no port"
    return command_ports(view, command, found, own=own)


def _also_read(command: Command, main: dict[str, Any] | None) -> str:
    """The variable that the code reads the same port from, where the command is a program of the source's own."""
    same = main is not None and main["port"] == command.listening.port and not command.role
    return str(main["env"]) if main is not None and same else ""


def _why(command: Command, port: int, shown_by: str) -> str:
    heard = command.listening
    if heard.word and command.told:
        return f"the command says `{heard.word}`" + (f", which is {port}" if str(port) not in heard.word else "")
    if port != heard.port:
        name = next(name for name, value in command.known.opened.items() if "{port}" in value)
        return f"{shown_by} says {port}, and `{name}` tells {command.title} so"
    return f"{command.title} listens on {port} unless it is told otherwise"


def _why_portless(command: Command) -> str:
    if command.known.own:
        return f"`{' '.join(command.words[:2])}` is a command of the source's own, beside its server"
    said = " ".join(command.words[:1] + ((command.subcommand,) if command.subcommand else ()))
    return f"`{said}` {_PORTLESS[command.role]}"


def _aside(view: View, command: Command) -> bool:
    """Whether a file that is named for work beside a server is not what the source starts."""
    return command.aside and command.file not in {word for words in view.fact("start")[:1] for word in words}

"""A service → the Command that its container runs: pinned, decided, or said by the user's own Dockerfile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.options import PROCESSES, processes, said, values
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.commands.server_file import ServerFile
from kforge.domain.topic_names import PROCESS

if TYPE_CHECKING:
    from kforge.domain.view import View


def pinned(view: View) -> list[str] | None:
    """The argument list that the spec pins, None where it pins none.

    It is an input of what asks only where it says something of the process, so that other commands leave answers fresh.
    A command that begins to say something is read then, and makes the answer stale.
    """
    unseen = view.again()
    words = unseen.spec("command") or unseen.pin(PROCESS, "command")
    if words and says_something(read(words)):
        words = view.spec("command") or view.pin(PROCESS, "command")
    return list(words) if words else None


def started(view: View) -> Command:
    """What runs in the container of a service whose process is settled; an input as `pinned` is one."""
    words = view.again().decided(PROCESS, "command")
    if words is None:
        return of_dockerfile(view) if view.fact("dockerfile") is not None else Command()
    found = read(words)
    return read(view.decided(PROCESS, "command"), surroundings(view)) if says_something(found) else found


def working(view: View) -> Command:
    """What runs, where it is no server of one process; else a Command without words, and nothing becomes an input."""
    found = started(view.again())
    tells = found.portless or found.singular or processes(found) > 1
    return started(view) if tells else Command()


def told_variables(view: View, main: int) -> dict[str, str]:
    """Variables with which a command that a person wrote works in a container: it listens on every address, on the
    `main` port, and keeps its state where it can write. Empty where its own words say so.
    """
    command = started(view.again())
    row, found = command.known, dict[str, str]()
    if row.opened and command.settings is None and command.listening.local and not command.listening.host_word:
        found = {name: value.format(port=main) for name, value in row.opened.items() if main or "{" not in value}
    state = row.state
    if state and command.singular and not any(True for _ in values(command.words, state["option"])):
        found |= {} if said(command.words, state.get("unless")) else {state["variable"]: state["path"]}
    if row.each_cpu and not command.workers and "workers" in row.variables and not said(command.words, row.threaded):
        found[row.variables["workers"]] = str(PROCESSES)
    return found if found and started(view) else {}


def start_variables(view: View) -> dict[str, str]:
    """Variables that the source's own start sets, where that is what runs."""
    variables = view.fact("variables")
    if not variables:  # nothing else is an input then, so that older locks stay current
        return {}
    first = next(iter(view.fact("start")), None)
    own = first is not None and view.again().decided(PROCESS, "command") == first
    return {one["name"]: one["value"] for one in variables} if own else {}


def says_something(command: Command) -> bool:
    """Whether a command tells more than that a program of the source's own, or a server, is started."""
    told = command.told or command.workers or command.aside or command.listening.variable or command.env
    return bool(told or command.portless or command.singular or (command.role == "server" and command.program))


def of_dockerfile(view: View) -> Command:
    """What the user's own Dockerfile starts; a Command without words where there is none."""
    described = view.fact("dockerfile") or {}
    return read(dockerfile_words(described), surroundings(view))


def dockerfile_words(described: Mapping[str, Any]) -> Sequence[str]:
    """ENTRYPOINT and CMD as one list. An entry point in shell form takes no arguments, so CMD is lost on it."""
    if resolved := described.get("starts"):
        return list(resolved)
    entry, cmd = described.get("entrypoint") or (), described.get("cmd") or ()
    return [*entry] if entry and described.get("shell") else [*entry, *cmd]


def surroundings(view: View, own: bool = True) -> CommandContext:
    """The variables that are known to be set in the container, and the configuration of servers.

    Where the command is not a person's `own`, the facts were read with that configuration: it is no further input.
    """
    seen = view if own else view.again()
    return CommandContext(variables=_Set(view), files=lambda: [ServerFile.of(one) for one in seen.fact("server_files")])


class _Set(Mapping[str, str]):
    """Variables of a service. Who says one that a command names is an input, and nothing else."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __getitem__(self, name: str) -> str:
        for say in (_spoken, _told, _own):
            if name in say(self._view.again()):
                return say(self._view)[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({**_own(self._view), **_told(self._view), **_spoken(self._view)})

    def __len__(self) -> int:
        return len([*self])


def _spoken(view: View) -> dict[str, str]:
    return {name: str(value) for name, value in view.spec("env").items() if "${" not in str(value)}


def _told(view: View) -> dict[str, str]:
    return {one["name"]: one["value"] for one in view.fact("variables")}


def _own(view: View) -> dict[str, str]:
    return dict((view.fact("dockerfile") or {}).get("env") or {})

"""What containers start: a program, no server that is made for development, and none that only its own pod reaches.

Commands are read by the table of programs; one that starts what the table does not know is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.commands.shell_text import ASSIGNMENT
from kforge.domain.commands.started import dockerfile_words
from kforge.domain.dockerfiles import dockerfiles, numbered
from kforge.domain.document import POD_PATHS, Dockerfile, Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import items, programs, text, workloads

_KINDS = ("Dockerfile", *POD_PATHS)
_LONGEST = 4000  # characters of a command
_SHOWN = 80
_BUILT_IN = frozenset(("exec", "cd", "export", "source", ".", "set", "eval", "ulimit", "umask", "trap"))


class Started(NamedTuple):
    """A command, where it stands, and whether what it starts is to be reached by others."""

    document: Document
    field: str
    command: Command
    words: list[str]
    reached: bool


def started(documents: Documents) -> Iterator[Started]:
    built = list(dockerfiles(documents))
    own = {document.service for document, _ in built}
    run = (one for one in workloads(documents) if one.service in own)
    given = {one.service: _given(container) for one in run for _, container in programs(one)}
    for document, dockerfile in built:
        if not dockerfile.stages:
            continue
        last = f"{dockerfile.stages[-1].name}["
        held = [pair for pair in numbered(dockerfile, "ENTRYPOINT", "CMD") if pair[0].startswith(last)]
        words = [word for _, instruction in held for word in instruction.args]
        if words and sum(map(len, words)) <= _LONGEST:
            exposed = any(True for field, _ in numbered(dockerfile, "EXPOSE") if field.startswith(last))
            yield Started(
                document,
                held[-1][0],
                read(words, CommandContext({**_env(dockerfile), **given.get(document.service, {})})),
                words,
                exposed,
            )
    for workload in workloads(documents):
        path, container = next(programs(workload), ("", {}))
        field = "command" if container.get("command") else "args"
        said = [word for name in ("command", "args") for word in _list(container.get(name))]
        facts = documents.facts.get(workload.service)
        described = (facts.value("dockerfile") if facts is not None and not said else None) or {}
        words = said or [str(word) for word in dockerfile_words(described)]
        if not words or sum(map(len, words)) > _LONGEST:
            continue
        env = {**(described.get("env") or {}), **_given(container)}
        reached = bool(container.get("ports"))
        yield Started(workload, f"{path}.{field}" if said else path, read(words, CommandContext(env)), words, reached)


def _list(value: object) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _given(container: Any) -> dict[str, str]:
    """Variables of a container with their values."""
    return {text(one, "name"): text(one, "value") for _, one in items(container, "env") if "value" in one}


def _env(dockerfile: Dockerfile) -> Mapping[str, str]:
    stage = dockerfile.stages[-1]
    pairs = (word.partition("=") for one in stage.instructions if one.name == "ENV" for word in one.args)
    return {name: value for name, _, value in pairs}


def _shown(words: list[str]) -> str:
    line = " ".join(words)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


@rule("development-server", "warning", "pin `command` to what serves in production", kinds=_KINDS)
def development_server(documents: Documents) -> Iterator[Hit]:
    """A container starts what is made for production.

    Development servers serve one request at a time, show their sources to visitors, watch files that never change in an
    image, or compile at every start; a debugger takes orders from all who reach its port. Frameworks say of their own that
    they are not for production (`runserver`, `flask run`, `vite`, `next dev`, `nodemon`, `air`, `go run`).

    Start a server that is made for it: gunicorn or uvicorn for Python, what the build leaves for Node.js and Go.

    Wrong:
        command: [uvicorn, "main:app", --host, 0.0.0.0, --reload]
    Right:
        command: [uvicorn, "main:app", --host, 0.0.0.0]
    """
    for one in started(documents):
        if why := one.command.development:
            instead = one.command.known.production
            hint = f"start `{one.command.program} {instead}` instead" if instead else ""
            yield Hit(one.document, one.field, f"`{_shown(one.words)}` is not a server for production: {why}", hint)


@rule("loopback", "error", "listen on 0.0.0.0", kinds=_KINDS)
def loopback(documents: Documents) -> Iterator[Hit]:
    """A server listens where others can reach it.

    `127.0.0.1` in a container is the container itself: no probe, no Service and no other pod gets there, so the pod is
    never ready. A command that kforge writes is told every address; one that you pin stays as you wrote it.

    Wrong:
        command: [uvicorn, "main:app", --host, 127.0.0.1]
    Right:
        command: [uvicorn, "main:app", --host, 0.0.0.0]
    """
    for one in started(documents):
        heard, known = one.command.listening, one.command.known
        silent = not heard.host_word and (known.config or known.role != "server")  # its own file may say another
        if one.reached and one.command.serves and heard.local and not silent:
            said = f"by `{heard.host_word}`" if heard.host_word else "by default"
            yield Hit(one.document, one.field, f"`{_shown(one.words)}` listens on {heard.host} {said}, which only its own pod reaches")  # fmt: skip


@rule("command-port", "warning", "use the same port in the command and in `port`", kinds=tuple(POD_PATHS))
def command_port(documents: Documents) -> Iterator[Hit]:
    """A server listens on the port that its pod is asked on.

    Where `port` and the command that starts the server name different ones, probes and the Service ask where nothing
    listens, and the pod is never ready.

    Wrong:
        ports: [{containerPort: 9090}]
        command: [gunicorn, --bind, "0.0.0.0:8080", "shop:app"]
    Right:
        ports: [{containerPort: 8080}]
        command: [gunicorn, --bind, "0.0.0.0:8080", "shop:app"]
    """
    for one in started(documents):
        if one.document.kind not in POD_PATHS:
            continue
        heard = one.command.listening
        _, container = next(programs(one.document), ("", {}))
        ports = [port.get("containerPort") for _, port in items(container, "ports")]
        told = one.command.role == "server" and one.command.told and bool(heard.word) and not heard.local
        if told and heard.port and ports and heard.port not in ports:
            said = (
                f"`{_shown(one.words)}` listens on {heard.port} by `{heard.word}`, but its pod is reached on {ports[0]}"
            )
            yield Hit(one.document, one.field, said, f"write `services.{one.document.service}.port: {heard.port}`, or have the command listen on {ports[0]}")  # fmt: skip


@rule("shell-words", "error", 'write it as `[sh, -c, "…"]`', kinds=_KINDS)
def shell_words(documents: Documents) -> Iterator[Hit]:
    """A list of words has none that only a shell understands.

    The kernel starts the first word of a list as a program and gives it the others as they stand. There is no program
    named `PORT=8080`, `exec` or `cd`, so the container never starts; `&&` and what follows it reach the first program as
    arguments, and the second one never runs.

    Set variables under `env`, start the program itself, or have a shell read the line.

    Wrong:
        command: [PORT=8080, node, server.js]
    Right:
        env: [{name: PORT, value: "8080"}]
        command: [node, server.js]
    """
    for one in started(documents):
        first = one.words[0] if not one.field.endswith(".args") else ""  # behind the image's own entry point
        if assigned := ASSIGNMENT.fullmatch(first):
            hint = f"set it under `services.{one.document.service}.env`, and begin with the program"
            yield Hit(one.document, one.field, f"`{assigned[1]}=…` before a program needs a shell, and this list runs without one", hint)  # fmt: skip
        elif first in _BUILT_IN:
            yield Hit(one.document, one.field, f"`{first}` is a command of the shell, and this list runs without one", "begin with the program" if first == "exec" else "")  # fmt: skip
        elif joint := next((word for word in one.words if word in ("&&", "||")), ""):
            yield Hit(one.document, one.field, f"`{joint}` reaches `{first or one.words[0]}` as an argument, since this list runs without a shell")  # fmt: skip


RULES = (development_server, loopback, command_port, shell_words)

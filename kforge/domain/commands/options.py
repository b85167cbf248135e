"""The options of a known program → where it listens, with how many processes, for development or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from kforge.domain.commands import environment_words
from kforge.domain.commands.command import Command, Listening
from kforge.domain.commands.program_table import KnownProgram
from kforge.domain.commands.shell_text import expanded

_BOUND = re.compile(r"(\[[0-9a-fA-F:]{0,40}\]|[^:/\s\[\]]{0,255}+)(?::([0-9]{1,5}))?/?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+]{0,15}+://")
_PORT_APART = re.compile(
    r"\$(?:\w{1,99}|[{(][^{}()$]{1,200}[})]):(\$(?:\w{1,99}|[{(][^{}()$]{1,200}[})])|[0-9]{1,5})/?$"
)
_OPEN_END = re.compile(r":\$[{(]?\w{0,99}+[)}]?.{0,200}+$")
PROCESSES = 2  # of a worker that would start as many as the node has processors
_PORT = re.compile(r"[0-9]{1,5}")
_ENDS_IN_PORT = re.compile(r":[0-9]{1,5}/?$")
# https://docs.twisted.org/en/stable/core/howto/endpoints.html
_ENDPOINT = re.compile(r"(?:tcp6?|ssl):(?:port=)?([0-9]{1,5})(?![0-9])(?!$)")
_ENCRYPTED = ("ssl:", "https:", "tls:")
_OF_ENDPOINT = re.compile(r"(?:privateKey|certKey|key|cert)=([^:&]{1,300})")
_USUAL_PORT = ("--port", "--http-port", "--listen-port", "-p", "-port", "--server.port")
_USUAL_HOST = ("--host", "--hostname", "--address")
_EVERY = ("0.0.0.0", "::", "[::]", "*", "")  # noqa: S104  compared, not bound


class Given(NamedTuple):
    """An option with its value, and the words that say it."""

    value: str
    word: str


def values(words: Sequence[str], options: Sequence[str]) -> Iterator[Given]:
    """Values of options, in order: `--port 80`, `--port=80`, `-p80`."""
    for number, word in enumerate(words):
        for option in options:
            if word == option and number + 1 < len(words):
                yield Given(words[number + 1], f"{word} {words[number + 1]}")
            elif word.startswith(f"{option}="):
                yield Given(word[len(option) + 1 :], word)
            elif (
                len(option) == 2
                and word.startswith(option)
                and word[2:3] not in ("", "=")
                and not word.startswith("--")
            ):
                yield Given(word[2:], word)


def with_options(command: Command, variables: Mapping[str, str]) -> Command:
    """A command with all that its options say. `variables` fill in what the words only name, and say more of their own."""
    row = command.known
    told = environment_words.told(row, variables) if command.program else {}
    before = [word for said in told.values() for word in said]
    words = [*before, *command.words[1:]]
    whole = replace(command, words=(*command.words[:1], *words)) if before else command
    heard = _listening(whole, variables) if command.program else _usual(words, variables)
    silent = bool(set(row.silent) & set(words))
    if silent and not heard[1]:
        heard = Listening(), False  # nothing opens the port that it has by default
    reloads = [word for word in words if word.partition("=")[0] in row.reload and not word.endswith("=false")]
    return replace(
        command,
        listening=_by_variable(heard[0], told, command.words),
        told=heard[1],
        workers=_number(words, row.workers, variables, row.variables.get("workers", "")),
        threads=_number(words, row.threads, variables, ""),
        tls=_tls(words, row),
        certificates=_certificates(words, row),
        config=next((given.value for given in values(words, row.config)), ""),
        reloads=tuple(reloads),
        silent=silent,
    )


def _by_variable(heard: Listening, told: Mapping[str, Sequence[str]], words: Sequence[str]) -> Listening:
    """Where a command listens, with the variable that says so instead of the words that it stands for."""
    for variable, said in told.items():
        line = " ".join(said)
        if heard.word and heard.word in line and heard.word not in " ".join(words):
            heard = heard._replace(word=variable)
        if heard.host_word and heard.host_word in line and heard.host_word not in " ".join(words):
            heard = heard._replace(host_word=variable)
    return heard


def said(words: Sequence[str], told: Mapping[str, object] | None) -> bool:
    """Whether an option has a value that makes a difference: any where none are listed."""
    options = told.get("option", ()) if told else ()
    wanted = told.get("values") if told else None
    found = [given.value for given in values(words, options if isinstance(options, list) else ())]
    return bool(told and told.get("unsaid") and not found) or any(
        not isinstance(wanted, list) or value in wanted for value in found
    )


def processes(command: Command) -> int:
    """Processes that share the container's memory, 1 where the words say no number. Threads take next to none of their
    own; a worker that is not told takes as many as the node has processors, and is counted with `PROCESSES`.
    """
    if said(command.words, command.known.threaded):
        return 1
    return command.workers or (PROCESSES if command.known.each_cpu or command.each_cpu else 1)


def _listening(command: Command, variables: Mapping[str, str]) -> tuple[Listening, bool]:
    """Where a known program listens, and whether its words say the port."""
    row, words = command.known, command.words[1:]
    if command.file and not row.bind + row.port:  # the program of the source's own is told the port
        return _usual(words, variables)
    found = [bound(given, variables) for given in values(words, row.bind)]
    if row.positional and (free := _positional(command)):
        found.append(bound(Given(free, free), variables))
    heard = next((each for each in reversed(found) if not each.socket), None)
    if heard is not None:
        port = heard.port or (0 if heard.variable else bound(Given(row.address, ""), {}).port)
        return heard._replace(port=port), True
    if found or any(True for _ in values(words, row.sockets)):
        return Listening(socket=True, word=found[0].word if found else next(values(words, row.sockets)).word), True
    return _apart(command, variables)


def _apart(command: Command, variables: Mapping[str, str]) -> tuple[Listening, bool]:
    """The same of a program that is told host and port each by an option or variable of its own."""
    row, words = command.known, command.words[1:]
    host, number, _, _, _, _ = bound(Given(row.address, ""), {})
    port = _of_variable(row.variables.get("port", ""), variables, number)
    if port.word and row.variables.get("port") in row.opened:
        host = ""  # as gunicorn: with the variable it listens on every address
    if name := row.variables.get("host"):
        host = variables.get(name, host)
    said = next((given for given in reversed([*values(words, row.host)])), None)
    if said is not None:
        host = expanded(said.value, variables)[0]
    for given in values(words, row.port):
        port = bound(Given(f":{given.value}", given.word), variables)
    if row.role not in ("server", "watcher") and not port.word:
        return Listening(), False
    heard = port._replace(host="" if host in _EVERY else host, host_word=said.word if said else "")
    return heard, bool(port.word)


def _of_variable(name: str, variables: Mapping[str, str], default: int) -> Listening:
    """The port that a variable holds, else the default."""
    value = variables.get(name, "") if name else ""
    told = bool(_PORT.fullmatch(value))
    return Listening(port=int(value), variable=name, word=f"{name}={value}") if told else Listening(port=default)


def _usual(words: Sequence[str], variables: Mapping[str, str]) -> tuple[Listening, bool]:
    """A port that a program of the source's own is told, by an option that is called as such options are."""
    for given in values(words, _USUAL_PORT):
        heard = bound(Given(f":{given.value}", given.word), variables)
        if heard.port:
            host = next(values(words, _USUAL_HOST), Given("", ""))
            return heard._replace(host="" if host.value in _EVERY else host.value, host_word=host.word), True
    return Listening(), False


def _positional(command: Command) -> str:
    """The first free word behind the subcommand."""
    row, words = command.known, command.words[1:]
    after = words[words.index(command.subcommand) + 1 :] if command.subcommand in words else words
    skip = False
    for word in after:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in row.valued
        else:
            return word
    return ""


def bound(given: Given, variables: Mapping[str, str]) -> Listening:
    """`0.0.0.0:8000`, `:8000`, `8000`, `[::]:80`, `tcp://0.0.0.0:3000`, `127.0.0.1`, `unix:/run/x.sock`, `$PORT`."""
    text, variable = expanded(given.value, variables)
    if apart := _PORT_APART.search(given.value):  # `$HOST:$PORT`: the first variable is the host's
        variable = expanded(apart[1], variables)[1]
    if text.startswith(("unix:", "/", "fd:", "./")) or text.endswith(".sock"):
        return Listening(word=given.word, socket=True)
    if twisted := _ENDPOINT.match(text):
        return Listening(port=int(twisted[1]), word=given.word)
    parts = text.partition("?")[0].split(",")  # a list: `ssl,0.0.0.0:8443`, `0.0.0.0:8443,a.crt,a.key`
    text = next((part for part in parts if _ENDS_IN_PORT.search(part)), parts[-1])
    if _PORT.fullmatch(text):
        text = f":{text}"
    open_end = _OPEN_END.sub("", _SCHEME.sub("", text))
    match = _BOUND.fullmatch(_SCHEME.sub("", text)) or _BOUND.fullmatch(open_end)
    host, number = (match[1], int(match[2] or 0)) if match else ("", 0)
    host = "" if host.startswith("$") or host in _EVERY else host
    return Listening(host, number if number < 65536 else 0, variable, given.word, given.word if host else "")


def _tls(words: Sequence[str], row: KnownProgram) -> bool:
    """Whether it is told to serve TLS: by an option, a certificate, or what it binds."""
    told = any(True for _ in values(words, (*row.tls, *row.certificates))) or not set(row.tls).isdisjoint(words)
    return told or any(given.value.startswith(_ENCRYPTED) for given in values(words, (*row.bind, *row.host)))


def _certificates(words: Sequence[str], row: KnownProgram) -> tuple[str, ...]:
    """Files of certificates and keys, each once."""
    found = [given.value for given in values(words, row.certificates)]
    for given in values(words, (*row.bind, *row.host)):
        if given.value.startswith(_ENCRYPTED):
            found += _OF_ENDPOINT.findall(given.value)
    for given in values(words, row.tls):  # `--https 0.0.0.0:8443,a.crt,a.key`
        found += given.value.split(",")[1:3]
    return tuple(dict.fromkeys(found))


def _number(words: Sequence[str], options: Sequence[str], variables: Mapping[str, str], name: str) -> int:
    said = [given.value for given in values(words, options)] or (
        [variables[name]] if name and name in variables else []
    )
    value = expanded(said[-1], variables)[0] if said else ""
    value = value.rpartition(":")[2] if ":" in value else value  # `1:5`, fewest and most
    return int(value) if re.fullmatch(r"[0-9]{1,3}", value) else 0

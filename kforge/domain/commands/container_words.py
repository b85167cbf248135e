"""A line that a person's machine or a platform runs → the argument list that does the same in a container.

`poetry run` and the like are gone, since the image has what they would find; assignments become variables; a host that
only the container itself reaches becomes every address; what watches, reloads or waits for a debugger is left out, as
are files of variables that no image holds; a scheduler keeps its state where it can write.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from kforge.domain.commands.command import LOOPBACK, Command
from kforge.domain.commands.options import PROCESSES, said, values
from kforge.domain.commands.program_table import KnownProgram, runner, wrapper
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.commands.shell_text import expanded, simple_commands

EVERYWHERE = "0.0.0.0"  # noqa: S104  a container listens on every address: its pod has only one
_LONGEST = 2000  # characters of a line
_DEEPEST = 5  # scripts that start each other
_EXECUTED = re.compile(r"[A-Za-z0-9_./-]{1,200}+(?:\s|$)")
_THEN = re.compile(r"&&|;")
_COMPOUND = frozenset(
    ("if", "then", "else", "elif", "fi", "while", "until", "for", "do", "done", "case", "esac", "{", "}", "!")
)
_BUILTIN = ("exec", "cd", "export", "if", "while", "for", "set", "wait")


@dataclass(frozen=True, slots=True)
class ContainerCommand:
    """What runs, the variables that are set for it, and what it comes to."""

    words: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    command: Command = field(default_factory=Command)
    unread: tuple[str, ...] = ()  # what gave it variables and is left out, in words that follow its name


def of_line(line: str, port: int, around: CommandContext, depth: int = 0) -> ContainerCommand | None:
    """A line of a Procfile or a package script; None where nothing runs. `port` stands for `$PORT`, 0 for the program's
    own default.
    """
    text = line.strip()
    commands = [one for one in simple_commands(text) if one.words]
    if not commands or len(text) > _LONGEST or depth > _DEEPEST:
        return None
    known = replace(around, variables={**around.variables, **({"PORT": str(port)} if port else {})})
    plain = len(commands) == 1 and not commands[0].operator
    if plain and (script := _script(commands[0].words, around)):
        inner = of_line(script, port, around, depth + 1)
        return inner and replace(inner, variables={**dict(commands[0].assignments), **inner.variables})
    assigned = dict(commands[0].assignments)
    words = [expanded(word, known.variables)[0] for word in commands[0].words] if plain else []
    if plain and not any("$" in word or "`" in word for word in words):
        found = of_words(words, port, replace(around, variables={**around.variables, **assigned}))
        return replace(found, variables={**assigned, **found.variables})
    return of_words(["sh", "-c", _replacing(expanded(text, known.variables)[0], port, around, depth)], port, around)


def of_words(words: Sequence[str], port: int, around: CommandContext) -> ContainerCommand:
    """The same of an argument list."""
    command = read(words, around)
    if command.begins < 0:
        return ContainerCommand(tuple(words), {}, command)
    if started := _executed(command):
        inner = of_words(started, port, around)
        return replace(inner, variables={**command.env, **inner.variables})
    unread = _absent(command, around)
    kept = [*words[command.begins : command.at], *mended(command, port, unread)]
    told = (*(f"reads variables from `{path}`, which is not in the image" for path in unread), *given_by(command))
    return ContainerCommand(tuple(kept), dict(command.env), read(kept, around), told)


def _executed(command: Command) -> list[str]:
    """What a watcher is told to start: `nodemon --exec tsx src/main.ts`."""
    told = next(values(command.words[1:], command.known.executes), None)
    try:
        words = shlex.split(told.value) if told else []
    except ValueError:
        return []
    at = next((at for at, word in enumerate(command.words) if word.removeprefix("./") == command.file), 0)
    return [*words, *command.words[at:]] if words and at else words


def _absent(command: Command, around: CommandContext) -> tuple[str, ...]:
    """Files of variables that a command reads and an image does not hold: `.env`, and what is not in the source."""
    named = [given.value for given in values(command.words[1:], command.known.env_files)]
    return tuple(path for path in named if path.rpartition("/")[2].startswith(".env") or not around.text(path))


def given_by(command: Command) -> tuple[str, ...]:
    """What starts a command with variables that it has from elsewhere, in words that follow the command's name."""
    rows = ((name, wrapper(name)) for name in command.through)
    known = ((name, row.variables) for name, row in rows if row and row.variables)
    return tuple(f"gets variables by `{name}` from {source}, which the image does not have" for name, source in known)


def mended(command: Command, port: int = 0, unread: Sequence[str] = ()) -> list[str]:
    """The words of a program, so that it serves and works as a container must. `port` where its words name none; `unread`
    are files of variables to do without.
    """
    row = command.known
    words = [*command.words]
    for option in row.env_files:
        words = _less(words, option, unread)
    if row.production and command.subcommand in words:
        words[words.index(command.subcommand)] = row.production
    words = _without(words, row)
    if command.serves and not command.silent:
        words = _open(words, command, (0 if command.settings else port) or command.listening.port or port)
    state = row.state if command.singular else {}
    if state and not any(True for _ in values(words, state["option"])) and not said(words, state.get("unless")):
        words += [state["option"][-1], state["path"]]
    if (row.each_cpu or command.each_cpu) and not command.workers and not said(words, row.threaded):
        words += [row.workers[-1], str(PROCESSES)]
    return words


def _without(words: list[str], row: KnownProgram) -> list[str]:
    """Words less the options that watch, reload, or let a debugger in."""
    kept: list[str] = []
    skip = False
    for word in words:
        name = word.partition("=")[0]
        if skip:
            skip = False
        elif name in row.reload_takes:
            skip = "=" not in word
        elif name not in row.reload and name not in row.debugs:
            kept.append(word)
    return kept


def _less(words: list[str], option: str, gone: Sequence[str]) -> list[str]:
    """Words less an option that has one of these values."""
    kept: list[str] = []
    skip = False
    for at, word in enumerate(words):
        if skip:
            skip = False
        elif word == option and "".join(words[at + 1 : at + 2]) in gone:
            skip = True
        elif not (word.startswith(f"{option}=") and word[len(option) + 1 :] in gone):
            kept.append(word)
    return kept


def _open(words: list[str], command: Command, port: int) -> list[str]:
    """Words with every address instead of the container's own."""
    row, heard = command.known, command.listening
    if heard.local and not {heard.host_word, *heard.host_word.split()}.isdisjoint(words):  # else a variable says it
        return [_opened(word) if word in heard.host_word.split() or word == heard.host_word else word for word in words]
    read = command.settings is not None or not command.config
    unsaid = row.say and not heard.port and not (heard.socket and command.told) and read
    if not (heard.local or heard.socket or unsaid):
        return words
    if row.host:
        return [*words, row.host[-1], EVERYWHERE]
    if row.bind:
        return [*words, (row.say or row.bind)[-1], f"{EVERYWHERE}:{port or _usual(row)}"]
    return [*words, f"{EVERYWHERE}:{port}"] if row.positional == "bind" else words


def _opened(word: str) -> str:
    for local in LOOPBACK:
        if local in word:
            return word.replace(local, EVERYWHERE, 1)
    return word


def _usual(row: KnownProgram) -> int:
    number = row.address.rpartition(":")[2]
    return int(number) if number.isdigit() else 8080


def _script(words: Sequence[str], around: CommandContext) -> str:
    """The text of a package script that words run, with what they add to it; "" for other words."""
    manager = runner(words[0]) if words else None
    if manager is None:
        return ""
    rest = [word for word in words[1:] if word != "--"]
    rest = rest[1:] if rest and rest[0] in manager.runs else rest
    text = around.scripts.get(rest[0], "") if rest else ""
    return f"{text} {' '.join(rest[1:])}".strip() if text else ""


def _quoted(text: str) -> bool:
    """Whether a quote begins in a text and ends behind it."""
    try:
        shlex.split(text)
    except ValueError:
        return True
    return False


def _replacing(text: str, port: int, around: CommandContext, depth: int) -> str:
    """A shell's line whose last command takes the shell's place, so that it gets the signals, and serves as it must."""
    operators = [*_THEN.finditer(text)]
    head, operator, last = (
        (text[: operators[-1].start()], operators[-1][0], text[operators[-1].end() :]) if operators else ("", "", text)
    )
    last = last.strip()
    first = last.split(maxsplit=1)[0] if last else ""
    plain = _EXECUTED.match(last) and not re.search(r"[|&<>]", last) and not re.search(r"[|({]", head)
    steps = [step.split(maxsplit=1)[0] for step in _THEN.split(head) if step.strip()]
    if not plain or first in _BUILTIN or "=" in first or not _COMPOUND.isdisjoint((first, *steps)) or _quoted(head):
        return text
    if re.search(r"\bcd\s", head):
        around = replace(around, scripts={})  # another folder has scripts of its own by the same names
    if "$" not in last and "`" not in last and (made := of_line(last, port, around, depth + 1)):
        last = shlex.join(made.words)
    return f"{head}{operator} exec {last}".strip()

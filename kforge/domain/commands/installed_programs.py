"""Commands of a spec → the programs that something must install: those of the table that packages bring, and wrappers.

A program with a subcommand that another package brings is named with it: `celery flower`; a script of the project's by
its own name: `run:worker`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kforge.domain.commands.command import Command
from kforge.domain.commands.program_table import named_files, program, runner, wrapper
from kforge.domain.commands.read_command import read

SCRIPT = "run:"
_LONGEST = 4000  # characters of a command


def installed(commands: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The names, sorted, each once."""
    held = (words for words in commands if words and sum(map(len, words)) <= _LONGEST)
    return tuple(sorted({name for words in held for name in started_by(read(words))}))


def started_by(command: Command) -> list[str]:
    """What one command starts: its program, and wrappers on the way that a package brings."""
    on_the_way = [name for name in command.through if (found := wrapper(name)) and found.packages]
    if script := _script(command):
        return [*on_the_way, f"{SCRIPT}{script}"]
    known = command.known
    own = not command.program or command.words[0].rpartition("/")[2] in named_files()  # `manage.py` is the source's
    if own or not (known.packages or known.migrates):
        return on_the_way
    other = command.subcommand and known.packages != program(command.program).packages
    return [*on_the_way, f"{command.program} {command.subcommand}" if other else command.program]


def _script(command: Command) -> str:
    """The script that a package manager runs, whose text is not known; "" for other commands."""
    manager = runner(command.words[0]) if command.words and command.through[-1:] == command.words[:1] else None
    free = [word for word in command.words[1:] if not word.startswith("-")] if manager else []
    return next((word for word in free if manager and word not in manager.runs), "")


def brought_by(name: str) -> tuple[str, ...]:
    """Packages of which any brings a program, `name[extra]` where only an extra does; () where none does."""
    if name.startswith(SCRIPT):
        return ()
    if found := wrapper(name):
        return found.packages
    first, _, subcommand = name.partition(" ")
    return program(first, subcommand).packages


def left_behind(command: Command) -> str:
    """A package manager on the way that builds an image and is not in it; "" for none."""
    for word in command.through:
        name = word.partition(" ")[0]
        known = wrapper(name) or runner(name)
        if known is not None and known.builds:
            return name
    return ""

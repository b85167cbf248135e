"""The words of a command → its answer, without a process of its own: exit code, JSON and notes. Prints nothing.

The command is the one that a user starts, options and all, so what calls it reaches no further than the command line.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from io import StringIO
from typing import Any

from kforge.errors import Error, InputError, Problem


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What a command said. `data` is the JSON of its standard output, `text` that output as it stood, `problems` what
    ended it early; then it may have said something before.
    """

    code: int
    data: Any
    text: str
    notes: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def answer(words: tuple[str, ...], granted: Mapping[str, Any]) -> CommandAnswer:
    """Run a command of kforge. `granted` replaces options that it has, by their names.

    Standard output and error are the process's own, so no two commands run at once. Raises InputError for words that
    the command does not have.
    """
    shown, told, problems = StringIO(), StringIO(), tuple[Problem, ...]()
    with redirect_stdout(shown), redirect_stderr(told):
        door = import_module(f"kforge.commands.{words[0]}")
        parser = argparse.ArgumentParser(prog=f"kforge {words[0]}", allow_abbrev=False)
        door.arguments(parser)
        try:
            options = parser.parse_args(words[1:], argparse.Namespace(quiet=False, verbose=False, allowing=""))
        except SystemExit:
            raise InputError(told.getvalue().strip().rpartition("\n")[2], hint="see `kforge --help`") from None
        for name in granted.keys() & vars(options).keys():
            setattr(options, name, granted[name])
        try:
            code = int(door.run(options))
        except Error as error:
            code, problems = 2, error.problems
    text = shown.getvalue()
    notes = tuple(line for line in told.getvalue().splitlines() if line.strip())
    return CommandAnswer(code, _json(text), text, notes, problems)


def _json(text: str) -> Any:
    """What a text says as JSON, None where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None

"""Variables that tell a program what its options do → the words that would say the same, each with its variable.

Click reads `UVICORN_PORT` for `--port`, and gunicorn puts the words of GUNICORN_CMD_ARGS before those of the command:
https://gunicorn.org/reference/settings/ https://click.palletsprojects.com/en/stable/options/#values-from-environment-variables
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from kforge.domain.commands.program_table import KnownProgram

_LONGEST = 2000  # characters of a variable
_OFF = ("", "0", "false", "no", "off", "f", "n")


def told(row: KnownProgram, variables: Mapping[str, str]) -> dict[str, list[str]]:
    """By what says them, `UVICORN_PORT=9000`, the words that stand before those of the command."""
    found: dict[str, list[str]] = {}
    for option in row.by_variable if row.prefix else ():
        name = row.prefix + option.removeprefix("--").replace("-", "_").upper()
        value = variables.get(name, "")
        if value and len(value) <= _LONGEST:
            flag = option in row.reload or option in row.tls
            words = [option] if flag and value.lower() not in _OFF else [] if flag else [option, value]
            found[f"{name}={value}"] = words
    if name := row.variables.get("arguments", ""):
        said = variables.get(name, "")
        try:
            words = shlex.split(said) if len(said) <= _LONGEST else []
        except ValueError:
            words = []
        found |= {f"{name}={said}": words} if words else {}
    return found

"""A server's own configuration file → what it says of a command that names no more than the file.

Its options come before the file, the file before the program's default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kforge.domain.commands.command import Command, Listening
from kforge.domain.commands.options import values
from kforge.domain.commands.server_file import ServerFile

_OUTSIDE = re.compile(r"(?:file:)?(?:\./|/app/)?")


def configured(command: Command, files: Sequence[ServerFile]) -> Command:
    """A command with what its configuration file says and its words do not."""
    found = next((one for one in files if one.program == command.program and _reads(command, one.path)), None)
    if found is None:
        return command
    heard, told = command.listening, command.told
    if not told and found.speaks == "http" and (found.port or found.socket):
        heard = Listening(found.host, found.port, found.env, f"bind of {found.path}", "", found.socket)
        told = True
    return replace(
        command,
        listening=heard,
        told=told,
        config=found.path,
        workers=command.workers or found.workers,
        each_cpu=not command.workers and found.each_cpu,
        tls=command.tls or found.tls,
        reloads=command.reloads or (("reload",) if found.reload else ()),
        settings=found,
    )


def _reads(command: Command, path: str) -> bool:
    """Whether a command reads a file: it names it, or the program does so of its own accord."""
    named = [given.value for given in values(command.words[1:], command.known.config)]
    if not named:
        free = [word for word in command.words[1:] if not word.startswith("-")]
        return path in command.known.reads or path in [_OUTSIDE.sub("", word, count=1) for word in free]
    return path in (_plain(value, command.known.modules) for value in named)


def _plain(value: str, modules: Mapping[str, str]) -> str:
    """The path of a file that is named, or of a module."""
    for before, ending in modules.items():
        if value.startswith(before):
            return value[len(before) :].replace(".", "/") + ending
    return _OUTSIDE.sub("", value, count=1)

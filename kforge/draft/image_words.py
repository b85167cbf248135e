"""A process of a source, and the author's own Dockerfile → the command that starts it in that image, where that is sure.

What the image starts says where the code lies and how programs are found: a process is sure to start there where the
image starts a program of the same place without a script on the way. Unaware of what a draft makes of it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kforge import catalog
from kforge.domain.commands.command import Command
from kforge.domain.commands.own_image import image_command
from kforge.domain.commands.program_table import called, runner, wrapper
from kforge.domain.commands.started import dockerfile_words
from kforge.domain.facts import Facts

_SHELLS = ("sh", "bash", "dash", "ash")
_MOVES = re.compile(r"\bcd\s")
_ADDRESS = re.compile(r"[\w.\[\]*-]*:\d+|[\d.]+")
_ENDING = re.compile(r"\.(?:py|[cm]?js)$")
_INITS = ("tini", "dumb-init", "catatonit", "docker-init", "tini-static", "exec")


def in_image(facts: Facts, command: Sequence[str]) -> tuple[str, ...]:
    """The argument list; () where nothing is sure."""
    described: Mapping[str, Any] = facts.value("dockerfile") or {}
    words = [str(word) for word in dockerfile_words(described)]
    language = catalog.languages().named(facts.value("language"))
    if not words or not command or language is None or language.compiled or _MOVES.search(" ".join(words)):
        return ()
    started = image_command(described)
    before = _before(started, words)
    if before is None or not _same_place(facts, started) or not _found(command):
        return ()
    return (*before, *_beside(started, command))


def _before(started: Command, words: Sequence[str]) -> list[str] | None:
    """What stands before any program of the image: `tini --`, `poetry run`; None where a script or an unknown one does."""
    for name in started.through:
        if name in _SHELLS or runner(name.partition(" ")[0]) or called(name):  # a shell, `npm run start`, `python -m`
            continue
        known = wrapper(name)
        if known is None or not (known.builds or name in _INITS):
            return None
    if started.at >= 0:
        return [*words[: max(started.begins, 0)]] if started.begins >= 0 else None
    managers = [name for name in started.through if (known := wrapper(name)) and known.builds]
    return [word for name in managers for word in (name, "run")] if all(_plain(name) for name in managers) else None


def _plain(name: str) -> bool:
    """Whether a manager's `run` takes the program alone."""
    known = wrapper(name)
    return known is not None and known.needs == ("run",) and name not in ("conda", "mamba", "micromamba")


def _same_place(facts: Facts, started: Command) -> bool:
    """Whether the image starts what the source itself would: the same module, file or script, so from the same folder."""
    own = {token for words in facts.value("start") for word in words for token in _tokens(str(word).split())}
    return not own.isdisjoint(_tokens([*started.words, started.file]))


def _tokens(words: Sequence[str]) -> set[str]:
    """Modules and files among words: `shop.wsgi` of `shop.wsgi:application`, `dist/main` of `./dist/main.js`."""
    found = set()
    for word in words:
        named = not word.startswith("-") and re.search(r"[.:/]", word) and not _ADDRESS.fullmatch(word)
        if named and not called(word):
            found.add(_ENDING.sub("", posixpath.normpath(word.partition(":")[0])))
    return found - {"", ".", ".."}


def _found(command: Sequence[str]) -> bool:
    """Whether a process is a program that an image of the language has, or that a package brings."""
    return bool(called(command[0])) and "node_modules" not in command[0]


def _beside(started: Command, command: Sequence[str]) -> list[str]:
    """The words of a process, where its program lies beside that of the image: `/opt/venv/bin/celery`."""
    first = started.words[0] if started.words else ""
    folder = posixpath.dirname(first) if first.startswith("/") else ""
    return [posixpath.join(folder, command[0]) if folder and "/" not in command[0] else command[0], *command[1:]]

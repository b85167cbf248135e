"""The command by which an author's file starts a service → the command of production, or why there is none.

Compose files mostly start what serves development, wait for databases in a shell, and migrate on the way.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from kforge.draft.compose_roles import table

_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "ash", "/bin/ash")
_PARTS = re.compile(r"&&|;|\n")
_OPERATORS = re.compile(r"[|<>&`$*()\0]")
_LONGEST = 2000  # characters of a command
_MIGRATING = re.compile(
    r"\b(?:migrat\w*|upgrade|db:\w+|collectstatic|createsuperuser|loaddata|seed\w*|prisma|initdb|setup)\b"
)


def production(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The words that start the program in production, and why there are none: "" where nothing was said."""
    if not words or sum(map(len, words)) > _LONGEST:
        return (), ""
    if words[0] in _SHELLS and len(words) > 2 and words[1] in ("-c", "-lc", "-ec", "-xc"):
        return _of_shell(words[2])
    if any(word in ("&&", "||", ";") for word in words):  # nobody runs it in a shell, but it is meant so
        return _of_shell(" ".join(words))
    return _judged(words)


def released(line: str) -> tuple[tuple[str, ...], str]:
    """The words of a line that runs once before a new version, and why there are none."""
    if _PARTS.search(line) or _OPERATORS.search(line) or len(line) > _LONGEST:
        return (), "needs a shell"
    try:
        return _judged(shlex.split(line))
    except ValueError:
        return (), "needs a shell"


def _of_shell(text: str) -> tuple[tuple[str, ...], str]:
    """The last command of a line that waits and migrates before it."""
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    meant = [part for part in parts if not _preparing(part)]
    if len(meant) != 1 or _OPERATORS.search(meant[0]):
        return (), "needs a shell"
    try:
        words = shlex.split(meant[0].removeprefix("exec "))
    except ValueError:
        return (), "needs a shell"
    return _judged(words)


def _preparing(part: str) -> bool:
    """Whether a command only waits, prepares or migrates."""
    first = re.split(r"[\s/]", part.removeprefix("exec "))[0]
    waiting = table()["commands"]["waiting"]
    return (
        first in waiting
        or part.split(" ", maxsplit=1)[0].rpartition("/")[2] in waiting
        or bool(_MIGRATING.search(part))
    )


def _judged(words: Sequence[str]) -> tuple[tuple[str, ...], str]:
    if not words:
        return (), ""
    known = table()["commands"]
    first = words[0].rpartition("/")[2]
    shown = " ".join(words)
    if first in known["managers"]:
        developing = any(
            re.split(r"[:-]", word)[0] in ("dev", "develop", "watch", "test", "debug") for word in words[1:]
        )
        return (), f"`{shown}` is for development" if developing else ""
    if (
        (first in _SHELLS and not words[1:])
        or first in known["programs"]
        or any(word in known["words"] or word.partition("=")[0] in known["words"] for word in words[1:])
    ):
        return (), f"`{shown}` is for development"
    if any("\0" in word or "$" in word for word in words):
        return (), f"`{shown.replace(chr(0), '…')}` uses variables that are not in the repository"
    return tuple(words), ""

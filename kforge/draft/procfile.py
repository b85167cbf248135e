"""A Procfile → the processes of an application, each with its command. Unaware of what they run.

https://devcenter.heroku.com/articles/procfile
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kforge.domain.artifact import Tree

_LINE = re.compile(r"([A-Za-z0-9_-]{1,64})\s*+:\s*+(\S.*)")
PATH = "Procfile"
_MOST = 20


@dataclass(frozen=True, slots=True)
class Process:
    """One line."""

    name: str
    command: str
    place: str  # `Procfile:2`


def processes(tree: Tree) -> tuple[Process, ...]:
    """The processes of the Procfile at the top of a source, in order; `release` is what runs before a new version."""
    text = tree.text(PATH) if PATH in tree.files else ""
    found: dict[str, Process] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line.strip())
        if match and match[1] not in found and len(found) < _MOST:
            found[match[1]] = Process(match[1], match[2].strip(), f"{PATH}:{number}")
    return tuple(found.values())

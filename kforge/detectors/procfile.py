"""A Procfile → its processes: https://devcenter.heroku.com/articles/procfile"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH = "Procfile"
_PROCESS = re.compile(r"([A-Za-z0-9_-]{1,63}):[^\S\n]*+(\S.*+)")
_MOST = 50


class ProcfileProcess(NamedTuple):
    """A process with its line of a shell, and where that stands."""

    name: str
    line: str
    number: int
    file: str = PATH


def processes(tree: Tree) -> list[ProcfileProcess]:
    """The processes in the order of the file."""
    text = tree.text(PATH) if PATH in tree.files else ""
    lines = ((_PROCESS.match(line), number) for number, line in enumerate(text.split("\n"), 1))
    found = [ProcfileProcess(match[1], match[2].rstrip(), number) for match, number in lines if match]
    return found[:_MOST]


def web(tree: Tree) -> ProcfileProcess | None:
    """The process that a platform gives the traffic to: `web`, else the only one."""
    found = processes(tree)
    named = next((one for one in found if one.name == "web"), None)
    return named or (found[0] if len(found) == 1 and found[0].name != "release" else None)

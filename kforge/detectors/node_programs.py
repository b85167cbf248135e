"""Programs that commands start → development dependencies that stay in the image, and those that no dependency brings.

A command that the spec pins, or a script of the project's own, fails as it starts where its program is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.artifact import around
from kforge.domain.commands.installed_programs import SCRIPT, brought_by, started_by
from kforge.domain.commands.read_command import CommandContext, read, read_line
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree

PATH = "package.json"


def take(tree: Tree, project: NodeProject, start: NodeStarts) -> None:
    """Adds to `start.needs` what of development is started, and sees as `absent` what is not installed at all."""
    place = around(tree)
    pinned = place.pins.programs if place is not None else ()
    scripts = CommandContext(scripts=project.scripts)
    words, shown = start.commands[0] if start.commands else ([], Evidence(PATH))
    first = started_by(read(words)) if words else []
    for one in dict.fromkeys((*pinned, *first)):
        for name in _plain(one, project, scripts):
            packages = brought_by(name)
            if project.needs(*packages):
                continue
            if package := project.has(*packages):
                start.needs = tuple(dict.fromkeys((*start.needs, package)))
            elif not _locked(tree, project, packages):
                value = {"program": name, "by": one, "packages": [*packages[:1]], "manifest": PATH, "listed": ""}
                said = (shown.file, shown.line) if one in first else ("", 0)
                project.seen.see("absent", value, *said)


def _plain(name: str, project: NodeProject, scripts: CommandContext) -> Iterator[str]:
    """A program, or those that a script starts, in the place of the script."""
    if not name.startswith(SCRIPT):
        yield name
    elif text := project.scripts.get(name.removeprefix(SCRIPT)):
        yield from (one for one in started_by(read_line(text, scripts)) if not one.startswith(SCRIPT))


def _locked(tree: Tree, project: NodeProject, packages: tuple[str, ...]) -> bool:
    """Whether a lock file has one of the packages, which another one brings: its programs are linked as well."""
    text = tree.text(project.lock) if project.lock else ""
    return any(re.search(rf"(?:^|[/\"'\s]){re.escape(name)}[\"'@:]", text) for name in packages if name in text)

"""Lines of .gitattributes that mark what kforge generates: offered after a build, written where the user says so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.output.text import inert, say

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project


def mark(projects: Sequence[Project], write: bool) -> None:
    """Say what a .gitattributes at the top of the repository could have for these specs, or write it there."""
    from kforge.render.git_attributes import FILE, joined
    from kforge.system.files import create, replace

    missed = _missing(projects)
    if missed and not write:
        say(f"hint: `kforge build --gitattributes` marks in `{FILE}` what kforge generates, so that reviews fold it")
        return
    for root, lines in sorted(missed.items()):
        place = root / FILE
        before = _text(root)
        content = joined(before or "", lines).encode(errors="surrogateescape")
        if before is None:
            create(place, content, root)
        else:
            replace(place, content, root)
        names = ", ".join(f"`{inert(line.split()[0])}`" for line in lines)
        say(f"`{FILE}` marks {names} as generated")


def _missing(projects: Sequence[Project]) -> dict[Path, tuple[str, ...]]:
    """Lines that are wanted and not there, by the top of each git repository."""
    from kforge import catalog
    from kforge.pipeline import read_spec
    from kforge.render.git_attributes import attributes, missing
    from kforge.system.project import top

    wanted: dict[Path, list[str]] = {}
    for project in projects:
        if root := top(project.folder):
            folder = project.folder.relative_to(root).as_posix()
            lines = attributes(folder, catalog.targets().values(), read_spec(project).data.get("paths"))
            wanted.setdefault(root, []).extend(lines)
    found = {root: missing(_text(root) or "", lines) for root, lines in wanted.items()}
    return {root: lines for root, lines in found.items() if lines}


def _text(root: Path) -> str | None:
    from kforge.render.git_attributes import FILE
    from kforge.system.files import reader

    content = reader(root, root)(FILE)
    return None if content is None else content.decode(errors="surrogateescape")

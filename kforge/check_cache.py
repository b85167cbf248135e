"""Project → is it known to be current? By the stat index, else by the fast check, which then renews the index."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from kforge import __version__, catalog
from kforge.domain.digest import digest
from kforge.domain.lock import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.system import index
from kforge.system.git.tracked import tracked
from kforge.system.project import chosen, root


def remembered(project: Project, today: date) -> bool:
    """Whether everything is current; False also means "not known". Raises InputError for a spec that cannot be read."""
    needed = (project.name, LOCK_FILE, SUMS_FILE)
    key = _key(project, today)
    usable = not tracked(project.folder, project.root)
    held = index.load(project.folder, project.name, key, project.root) if usable else None
    if held is not None and held.holds(project.folder, needed):
        return True
    from kforge.fast_check import glance  # reads YAML, which an index that holds spares us

    began = index.begin(project.folder, project.root) if usable else None
    seen = glance(project, today)
    if seen.current:
        index.write(
            project.folder, project.name, key, _relative(project.folder, seen.consulted), began, root=project.root
        )
    return seen.current


def found(paths: Sequence[Path], start: Path) -> list[Project]:
    """The projects that a command names, or all of the repository's. Raises InputError where there is none."""
    return [Project(spec, root(spec.parent)) for spec in chosen(paths, start)]


def _key(project: Project, today: date) -> str:
    """What a verdict depends on besides files: this kforge, its revisions, and the day, since waivers end."""
    revisions = catalog.revisions()
    parts = [__version__, catalog.FINGERPRINT, revisions.topics, revisions.detectors, catalog.REVISED]
    return digest([*parts, ascii(str(project.root)), today.isoformat()])  # ascii: a folder's name may be no UTF-8


def _relative(folder: Path, places: set[str]) -> list[str]:
    prefix = f"{folder}{os.sep}"
    return [place.removeprefix(prefix) if place != str(folder) else "." for place in places]

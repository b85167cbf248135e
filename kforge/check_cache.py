"""Project → is it known to be current? By the stat index, else by the fast check, which then renews the index.

Imported at every `check`, so it takes paths as text and imports what a remembered verdict needs, nothing else.
"""

from __future__ import annotations

import hashlib
import os
import time

from kforge import __version__, catalog
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.system import index, state
from kforge.system.git.tracked import tracked
from kforge.system.specs_index import known_specs, top

TYPE_CHECKING = False  # as in `typing`, which takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from kforge.domain.finding import Finding
    from kforge.domain.spec.project import Project

    Current = tuple[str, int]  # the app and the number of its files


def up_to_date(current: Sequence[Current]) -> str:
    """What is said of specs that are all current."""
    if len(current) != 1:
        return f"up to date: {len(current)} specs"
    app, files = current[0]
    return f"{app}: up to date ({files} file{'' if files == 1 else 's'})"


def all_remembered() -> list[Current]:
    """The specs of this repository where each is remembered as current; none means "not known".

    Any are the whole answer of `kforge check`; in every other case the specs are checked one by one.
    """
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib is not loaded
        root = top(here) or here
        specs = known_specs(root, root) if state.is_kept(root) and not tracked(root, root) else None
        folders = [spec.rpartition(os.sep)[0] for spec in specs or ()]
        today = time.strftime("%Y-%m-%d", time.gmtime())
        if not specs or len({*folders}) < len(folders):
            return []
        found = []
        for folder, spec in zip(folders, specs, strict=True):
            above = top(folder) or folder
            held = None if tracked(folder, above) else _held(folder, spec.rpartition(os.sep)[2], above, today)
            if held is None:
                return []
            found.append(held)
    except OSError:
        return []
    return found


def remembered(
    project: Project, today: date, tell: Callable[[tuple[Finding, ...]], bool] | None = None
) -> Current | None:
    """The app and the number of its files where everything is current; None also means "not known". Raises InputError
    for a spec that cannot be read.

    What is to be said of a current spec is handed to `tell`; None where it cannot be told without the whole way. Such
    a spec is not remembered, so that it is said each time.
    """
    folder, root = str(project.folder), str(project.root)
    usable = not tracked(folder, root)
    if usable and (held := _held(folder, project.name, root, today.isoformat())):
        return held
    from kforge.fast_check import fast_check  # reads YAML, which an index that holds spares us

    began = index.begin(folder, root) if usable else None
    seen = fast_check(project, today)
    if not seen.current:
        return None
    current = seen.app, seen.files
    if seen.notes:
        return current if tell is None or tell(seen.notes) else None
    listed, note = _relative(project.folder, seen.consulted), f"{seen.app} {seen.files}"
    index.write(folder, project.name, _key(root, today.isoformat()), listed, began, note, root)
    return current


def found(paths: Sequence[Path], start: Path) -> list[Project]:
    """The projects that a command names, or all of the repository's. Raises InputError where there is none."""
    from kforge.domain.spec.project import Project
    from kforge.system.project import chosen, root

    return [Project(spec, root(spec.parent)) for spec in chosen(paths, start)]


def _held(folder: str, name: str, root: str, today: str) -> Current | None:
    held = index.load(folder, name, _key(root, today), root)
    if held is None or not held.holds(folder, (name, LOCK_FILE, SUMS_FILE)):
        return None
    app, _, files = held.note.partition(" ")
    plain = app.isascii() and app.replace("-", "").isalnum() and files.isdecimal()  # a text that others may write
    return (app, int(files[:9])) if plain else None


def _key(root: str, today: str) -> str:
    """What a verdict depends on besides files: this kforge, its revisions, and the day, since waivers end."""
    revisions = [catalog.LANGUAGES, [(name, revision) for name, (revision, _) in catalog.COMPLETING.items()]]
    parts = [__version__, catalog.FINGERPRINT, catalog.TOPICS, revisions, catalog.REVISED, root, today]
    return hashlib.sha256("\n".join(map(ascii, parts)).encode()).hexdigest()[:16]


def _relative(folder: Path, places: set[str]) -> list[str]:
    prefix = f"{folder}{os.sep}"
    return [place.removeprefix(prefix) if place != str(folder) else "." for place in places]

"""Projects → the files and folders that their checks and builds depend on, and which of them look otherwise than before.

Looks by one `lstat` each, as `system/index.py` does, and opens nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date

from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.errors import Error
from kforge.fast_check import fast_check
from kforge.system import locked

Looks = Mapping[str, tuple[int, ...]]  # path → mode, times, size and number; none where nothing is
_FOLDER = 0o040000
_CLOCK = 20_000_000  # nanoseconds that the kernel's clock for files may be behind


def watched_files(project: Project, today: date) -> tuple[frozenset[str], frozenset[str]]:
    """Absolute paths of all that a run consults, and those of them that a build writes itself."""
    folder = f"{project.folder}{os.sep}"
    written = {folder + LOCK_FILE, folder + SUMS_FILE}
    consulted = {str(project.spec)}
    try:
        _, sums = locked.load(project.folder, None, project.root)
        written |= {folder + path for path in (*sums.files, *sums.aggregates, *sums.seeds)}
    except Error:
        pass  # the run has said what is wrong with them
    try:
        consulted |= fast_check(project, today).consulted
    except Error:
        consulted |= _sources(project)
    return frozenset(consulted | written), frozenset(written)


def _sources(project: Project) -> set[str]:
    """The folders of sources that a spec names, of which one may be missing; none where it cannot be read."""
    from kforge.pipeline import read_spec
    from kforge.spec.tolerant import service_blocks, text

    try:
        blocks = [block for _, _, block in service_blocks(read_spec(project).data)]
    except Error:
        return set()
    return {os.path.normpath(project.folder / source) for block in blocks if (source := text(block, "source"))}


def looks(paths: Iterable[str]) -> Looks:
    """How each path looks now."""
    found: dict[str, tuple[int, ...]] = {}
    for path in paths:
        try:
            held = os.lstat(path)
        except (OSError, ValueError):
            found[path] = ()
        else:
            found[path] = (held.st_mode, held.st_mtime_ns, held.st_ctime_ns, held.st_size, held.st_ino)
    return found


def changed(before: Looks, now: Looks) -> list[str]:
    """Paths that look otherwise, files first: a folder changes with what is in it."""
    found = [path for path, held in now.items() if before.get(path) != held]
    return sorted(found, key=lambda path: (_is_folder(now[path] or before[path]), path))


def changed_since(began: int, now: Looks, written: frozenset[str]) -> list[str]:
    """Files that changed while a run was under way, which may have read them before, but for those that it wrote."""
    return sorted(
        path
        for path, held in now.items()
        if held and held[2] >= began - _CLOCK and not _is_folder(held) and path not in written
    )


def _is_folder(held: tuple[int, ...]) -> bool:
    return bool(held) and held[0] & 0o170000 == _FOLDER

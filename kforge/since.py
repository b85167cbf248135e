"""Project and revision → what changed since, or what a build would change: decisions, then files."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from kforge import catalog
from kforge.domain.lock import LOCK_FILE, SUMS_FILE, Lock, Sums
from kforge.domain.project import Project
from kforge.errors import InputError
from kforge.pipeline import Outcome
from kforge.stages.inputs import Inputs
from kforge.stages.previews import as_locked, previews
from kforge.stages.read import read
from kforge.stages.since import FieldChange, FileChange, Snapshot, decisions_since, file_change, files_since
from kforge.system import lockfile, sums
from kforge.system.files import read as read_file
from kforge.system.git import files_at, names_at
from kforge.system.project import SUFFIX, top

Difference = tuple[tuple[FieldChange, ...], tuple[FileChange, ...]]


def since(project: Project, revision: str) -> Difference:
    """What changed between a revision and the files on disk. Raises InputError for a revision git does not know."""
    names = (project.name, LOCK_FILE, SUMS_FILE)
    then = files_at(project.folder, revision, names)
    now = {name: content for name in names if (content := read_file(project.folder / name)) is not None}
    old_paths, new_paths = _owned(then), _owned(now)
    every = {*old_paths, *new_paths}
    before = {path: held for path, held in files_at(project.folder, revision, every).items() if path in old_paths}
    after = {path: held for path in new_paths if (held := read_file(project.folder / path)) is not None}
    old, new = _snapshot(project, then, before), _snapshot(project, now, after)
    return decisions_since(old, new), files_since(before, after)


def removed(paths: Iterable[Path], revision: str) -> list[Project]:
    """Specs below these paths that a revision has and that are gone, sorted; one that was only renamed is not gone."""
    found: set[Project] = set()
    for path in map(Path, map(os.path.abspath, paths)):
        above = top(path)
        specs = [above / name for name in names_at(above, revision, SUFFIX)] if above else []
        found.update(Project(spec, above) for spec in specs if above and spec.is_relative_to(path) and not any(spec.parent.glob(f"*{SUFFIX}")))
    return sorted(found, key=lambda project: project.spec)


def since_removal(project: Project, revision: str) -> tuple[Difference, tuple[str, ...]]:
    """What went with a spec, and the paths of its files that are still there. The folder itself may be gone."""
    folder = project.folder.relative_to(project.root).as_posix()

    def then(paths: Iterable[str]) -> dict[str, bytes]:
        names = {posixpath.normpath(posixpath.join(folder, path)): path for path in paths}
        return {names[name]: held for name, held in files_at(project.root, revision, names).items()}

    texts = then((project.name, LOCK_FILE, SUMS_FILE))
    before = then(_owned(texts))
    places = {path: project.root / posixpath.normpath(posixpath.join(folder, path)) for path in sorted(before)}
    after = {path: held for path, place in places.items() if (held := read_file(place)) is not None}
    return (decisions_since(_snapshot(project, texts, before), Snapshot({}, Lock(), {})), files_since(before, after)), tuple(after)


def pending(outcome: Outcome) -> Difference:
    """What a build would change, with the heuristics' answers where it asks a model."""
    loaded = outcome.loaded
    world, settled = loaded.world, outcome.settled
    lock = as_locked(loaded.lock, outcome.lock, Inputs(world.raw, world.facts, settled.values).digests)
    old = Snapshot({"services": _unchanged(world.raw, loaded.lock, outcome.lock)}, loaded.lock, {})
    new = Snapshot(world.raw, lock, {}, previews(world, catalog.topics(), settled))
    files = tuple(
        file_change(
            change.path,
            "created" if change.before is None else "removed" if change.after is None else "changed",
            change.before or b"",
            change.after or b"",
        )
        for change in outcome.changes.pending
    )
    return decisions_since(old, new), files


def _unchanged(raw: Mapping[str, Any], old: Lock, new: Lock) -> dict[str, Any]:
    """Services with the keys that are as they were when the lock was written: a pin among the others is new."""
    found = {}
    for name, block in raw["services"].items():
        was, now = (held.services[name].inputs if name in held.services else {} for held in (old, new))
        found[name] = {key: value for key, value in block.items() if was.get(f"spec.{key}") == now.get(f"spec.{key}")}
    return found


def _owned(texts: Mapping[str, bytes]) -> tuple[str, ...]:
    held = sums.parse(texts[SUMS_FILE], SUMS_FILE) if SUMS_FILE in texts else Sums()
    return (*held.files, *held.aggregates)


def _snapshot(project: Project, texts: Mapping[str, bytes], files: Mapping[str, bytes]) -> Snapshot:
    lock = lockfile.parse(texts[LOCK_FILE], LOCK_FILE, catalog.revisions()) if LOCK_FILE in texts else Lock()
    try:
        raw = read(texts[project.name], project.name).data if project.name in texts else {}
    except InputError:
        raw = {}  # an unreadable spec of the past still leaves its lock to compare
    return Snapshot(raw, lock, files)

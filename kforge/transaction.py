"""A changed text of a spec → what becomes of it, in memory; then spec, files and lock together, or nothing."""

from __future__ import annotations

from dataclasses import replace

from kforge import catalog
from kforge.domain.lock import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError, Place
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.stages.compare import refuse
from kforge.stages.dataloss import losses
from kforge.system import lockfile, sums
from kforge.system.files import read
from kforge.system.files import replace as put
from kforge.system.writer import apply


def revised(project: Project, text: str, options: Options, allow_data_loss: bool = False) -> Outcome:
    """Everything a build would do if the spec were this text. Raises InputError for what a build must not do."""
    outcome = run(project, replace(options, text=text))
    if not outcome.errors:
        refuse(outcome.changes)
        problems = () if allow_data_loss else losses(outcome.changes)
        if problems:
            raise InputError(problems)
    return outcome


def write(project: Project, before: bytes, text: str, outcome: Outcome) -> None:
    """Put the spec in its place, then the files and the lock. Where the disk refuses them the spec is as it was.

    The caller holds the project lock. `before` is the spec as it was read: where that, or the lock, is another one now,
    somebody edits it, and InputError says so.
    """
    changed = (
        project.name
        if read(project.spec, root=project.root) != before
        else LOCK_FILE
        if _moved(project, outcome)
        else ""
    )
    if changed:
        raise InputError(f"`{changed}` was changed meanwhile", Place(changed), "nothing was written; run it again")
    if text.encode() != before:
        put(project.spec, text.encode(), project.root)
    lock = lockfile.render(outcome.lock) if outcome.lock_changes else None
    lists = sums.render(outcome.changes.sums) if outcome.sums_change else None
    try:
        apply(project.folder, project.root, outcome.changes, lock, lists)
    except (Error, KeyboardInterrupt):
        put(project.spec, before, project.root)
        raise


def _moved(project: Project, outcome: Outcome) -> bool:
    """Whether somebody else wrote the lock since it was read."""
    return lockfile.load(project.folder / LOCK_FILE, project.root, catalog.revisions()) != outcome.loaded.lock

"""Compute in memory, refuse, then write everything or nothing: spec, files, lock and sums. The one place that does.

`build` and `refine` end here; what changes answers alone is `system/locked.py`. The caller holds the project's lock.
"""

from __future__ import annotations

from kforge import catalog
from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError, Place, Problem
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.stages.compare import refusals
from kforge.stages.dataloss import losses
from kforge.system import locked
from kforge.system.files import read
from kforge.system.files import replace as put
from kforge.system.writer import apply


def computed(project: Project, options: Options, allow_data_loss: bool = False) -> Outcome:
    """What a build would do. With findings of level error nothing may be written.

    Raises InputError for what a build must not do: overwrite what is not kforge's, lose data.
    """
    outcome = run(project, options)
    if not outcome.errors and (problems := refused(outcome, allow_data_loss)):
        raise InputError(problems)
    return outcome


def refused(outcome: Outcome, allow_data_loss: bool = False) -> tuple[Problem, ...]:
    """What a build must not do: overwrite what is not kforge's, lose data."""
    lost = () if allow_data_loss else losses(outcome.changes)
    return (*refusals(outcome.changes, outcome.project.name), *lost)


def write(outcome: Outcome) -> bool:
    """Make an outcome's changes on the disk; whether there were any. Raises WorldError: then every file is as it was."""
    project, lock, sums = outcome.project, None, None
    if outcome.lock_changes or outcome.sums_change:
        lock, sums = locked.render(outcome.lock, outcome.changes.sums)
    return apply(project.folder, project.root, outcome.changes, lock, sums)


def write_with_spec(outcome: Outcome, before: bytes, text: str) -> None:
    """Put the spec's new text in its place, then `write`. Where the disk refuses the files the spec is as it was.

    `before` is the spec as it was read: where that, or the lock, differs now, it was edited meanwhile: raises
    InputError.
    """
    project = outcome.project
    spec = read(project.spec, root=project.root)
    changed = project.name if spec != before else LOCK_FILE if _moved(outcome) else ""
    if changed:
        raise InputError(f"`{changed}` was changed meanwhile", Place(changed), "nothing was written: run it again")
    if text.encode() != before:
        put(project.spec, text.encode(), project.root)
    try:
        write(outcome)
    except (Error, KeyboardInterrupt):
        put(project.spec, before, project.root)
        raise


def _moved(outcome: Outcome) -> bool:
    """Whether the lock was written by another process since it was read."""
    project = outcome.project
    return locked.load(project.folder, catalog.revisions(), project.root)[0] != outcome.loaded.lock

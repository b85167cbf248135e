"""Several projects at once: build all of them, or none where one is invalid."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from kforge.domain.model.progress import Tell
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError, Problem
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.stages.compare import shared
from kforge.system.project import ProjectLock
from kforge.transaction import refused, write


@dataclass(frozen=True, slots=True)
class Built:
    """One project's end: its outcome, or what was wrong; `code` is 0, 1 (findings, or the lock would change) or 2."""

    project: Project
    outcome: Outcome | None
    problems: tuple[Problem, ...] = ()
    written: bool = False
    code: int = 0


def build(
    projects: Sequence[Project],
    options: Options,
    *,
    locked: bool = False,
    keep_going: bool = False,
    allow_data_loss: bool = False,
    tell: Tell = lambda line: None,
    progress: Callable[[Project], None] = lambda project: None,
) -> list[Built]:
    """Work out every project, then write: all of them, or none where one is invalid (with `keep_going`, the valid
    ones).
    """
    with ExitStack() as held:
        held.enter_context(ProjectLock([project.folder for project in projects], tell))
        computed = planned(projects, options, locked=locked, allow_data_loss=allow_data_loss, progress=progress)
        if any(each.code for each in computed) and not keep_going:
            return computed
        options.step("writing")
        return [each if each.code else _written(each) for each in computed]


def planned(
    projects: Sequence[Project],
    options: Options,
    *,
    locked: bool = False,
    allow_data_loss: bool = False,
    progress: Callable[[Project], None] = lambda project: None,
) -> list[Built]:
    """What `build` would end with, refusals included. Writes nothing and waits for no other process."""
    found = []
    for project in projects:
        progress(project)
        found.append(_computed(project, options, locked, allow_data_loss))
    return _apart(found)


def _computed(project: Project, options: Options, locked: bool, allow_data_loss: bool) -> Built:
    """What a build would do with one project. Errors of its objects and what is refused are told together."""
    try:
        outcome = run(project, options)
    except InputError as error:
        return Built(project, None, error.problems, code=2)
    problems = refused(outcome, allow_data_loss)
    if outcome.errors or problems:
        return Built(project, outcome, problems, code=1 if outcome.errors else 2)
    if locked and outcome.lock_changes:
        message = f"the lock of `{project.name}` would change, which `--locked` forbids"
        hint = "run `kforge build` without `--locked` and commit what it writes"
        return Built(project, outcome, (Problem(message, hint=hint),), code=1)
    return Built(project, outcome)


def _apart(computed: list[Built]) -> list[Built]:
    """Refuse a project that wants a file of an earlier one: before their first build no list shows it."""
    wanted: dict[str, Project] = {}
    apart = []
    for built in computed:
        project, problems = built.project, list[Problem]()
        for path in sorted(built.outcome.files) if built.outcome and not built.code else ():
            first = wanted.setdefault(os.path.normpath(project.folder / path), project)
            if first is not project:
                problems.append(shared(path, first.spec.relative_to(project.root).as_posix(), project.name))
        apart.append(Built(project, built.outcome, tuple(problems), code=2) if problems else built)
    return apart


def _written(built: Built) -> Built:
    outcome = built.outcome
    if outcome is None:
        raise Error("nothing was computed")  # a bug: only computed projects get here
    return Built(built.project, outcome, written=write(outcome))

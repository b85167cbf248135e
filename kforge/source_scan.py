"""The spec's `source` folders → facts by service. Shared by the pipeline and by the fast check; knows no language."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kforge.domain.artifact import Detector
from kforge.domain.facts import Fact, Facts
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.errors import InputError, Place, Problem
from kforge.stages import hidden_text
from kforge.stages.contexts import pinned, unbuildable
from kforge.stages.detect import detect
from kforge.system.ignore import SHORTER, TOO_MANY_LINES, MatchBudget
from kforge.system.tree import SourceTree


@dataclass(frozen=True, slots=True)
class ScannedSource:
    """One folder: what was read there, and the facts."""

    path: str  # as the spec says it, in its shortest form
    tree: SourceTree
    facts: Facts


def scan_sources(
    raw: Raw,
    project: Project,
    detectors: tuple[Detector, ...],
    code: tuple[str, ...],
    each: Callable[..., Iterable[Any]] = map,
) -> dict[str, ScannedSource]:
    """Facts of every service that has a source, by service; a folder that services share is read once. `code` is how
    names of code files end.

    Raises InputError naming every source that is missing, empty, no folder, or outside of the repository, and every
    character in a fact that no reader would see.
    """
    paths = sources(raw)
    matching = MatchBudget()
    pins = pinned(raw, project.folder.relative_to(project.root).as_posix())
    trees = {
        (path, pinned): SourceTree(project.folder / path, project.root, code=code, matching=matching, pins=pinned)
        for path, pinned in sorted({(path, pins[name]) for name, path in paths.items()}, key=repr)
    }
    problems = tuple(
        Problem(
            f"source `{path}` {why}",
            raw.place(("services", name, "source")),
            SHORTER if TOO_MANY_LINES in why else "name a folder of this repository that holds the source",
        )
        for name, path in sorted(paths.items())
        if (why := _unfit(trees[path, pins[name]], project, matching))
    )
    if problems:
        raise InputError(problems)
    found = dict(zip(trees, each(lambda key: _detected(trees[key], detectors), trees), strict=True))
    wrong = [problem for key, facts in found.items() for problem in _hidden(key[0], facts, trees[key])]
    wrong += [
        problem
        for name, path in sorted(paths.items())
        for problem in unbuildable(raw, name, path, found[path, pins[name]], pins[name])
    ]
    if wrong:
        raise InputError(tuple(dict.fromkeys(wrong)))
    return {name: ScannedSource(path, trees[path, pins[name]], found[path, pins[name]]) for name, path in paths.items()}


def missing_sources(raw: Raw, project: Project) -> tuple[Problem, ...]:
    """Sources of a spec that are not there; looks into none."""
    return tuple(
        Problem(
            f"source `{path}` does not exist",
            raw.place(("services", name, "source")),
            "name a folder of this repository that holds the source",
        )
        for name, path in sorted(sources(raw).items())
        if not os.path.exists(project.folder / path)  # noqa: PTH110  a name that no disk takes is a missing one, too
    )


def _detected(tree: SourceTree, detectors: tuple[Detector, ...]) -> Facts:
    """The facts of a source, whose folders are held open no longer: there may be more sources than handles."""
    try:
        return detect(tree, detectors)
    finally:
        tree.close()


def _hidden(path: str, facts: Facts, tree: SourceTree) -> tuple[Problem, ...]:
    try:
        return tuple(hidden_text.problems(facts, path, tree.text))
    finally:
        tree.close()


def noted(problems: Iterable[Problem], raw: Raw, sources: Mapping[str, ScannedSource]) -> tuple[Problem, ...]:
    """Problems with what was left out of the source they are about: perhaps the answer lies there."""
    left_out: dict[Place | None, tuple[Fact, ...]] = {
        raw.place(("services", name, "source")): source.tree.notes
        for name, source in sources.items()
        if source.tree.notes
    }
    return tuple(
        Problem(
            problem.message,
            problem.where,
            "; ".join([problem.hint, *(str(note.value) for note in left_out.get(problem.where, ()))]),
        )
        for problem in problems
    )


def _unfit(tree: SourceTree, project: Project, matching: MatchBudget) -> str:
    """Why a folder is no source, in words that follow its name; "" where it is one."""
    if not Path(os.path.normpath(tree.root)).is_relative_to(project.root):
        return "lies outside the repository"
    if tree.problem or tree.files:
        return tree.problem
    return f"was not looked at: {TOO_MANY_LINES}" if matching.left < 0 else "is empty, or everything in it is ignored"


def sources(raw: Raw) -> dict[str, str]:
    """The folder of every service that has one, as the spec says it, in its shortest form."""
    services = raw.data.get("services")
    return {
        name: posixpath.normpath(block["source"])
        for name, block in (sorted(services.items()) if isinstance(services, dict) else ())
        if isinstance(block, dict) and isinstance(block.get("source"), str)
    }

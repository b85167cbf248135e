"""The spec's `source` folders → facts by service. Shared by the pipeline and by `check`'s glance; knows no language."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kforge.domain.artifact import Detector
from kforge.domain.facts import Fact, Facts
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.errors import InputError, Place, Problem
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree


@dataclass(frozen=True, slots=True)
class ScannedSource:
    """One folder: what was read there, and the facts."""

    path: str  # as the spec says it, in its shortest form
    tree: SourceTree
    facts: Facts


def survey(
    raw: Raw, project: Project, detectors: tuple[Detector, ...], each: Callable[..., Iterable[Any]] = map
) -> dict[str, ScannedSource]:
    """Facts of every service that has a source, by service; a folder that services share is read once.

    Raises InputError naming every source that is missing, empty, no folder, or outside of the repository.
    """
    paths = sources(raw)
    trees = {path: SourceTree(project.folder / path, project.root) for path in sorted(set(paths.values()))}
    problems = tuple(
        Problem(
            f"source `{path}` {why}",
            raw.place(("services", name, "source")),
            "name a folder of this repository that holds the source",
        )
        for name, path in sorted(paths.items())
        if (why := _unfit(trees[path], project))
    )
    if problems:
        raise InputError(problems)
    found = dict(zip(trees, each(lambda path: _detected(trees[path], detectors), trees), strict=True))
    return {name: ScannedSource(path, trees[path], found[path]) for name, path in paths.items()}


def _detected(tree: SourceTree, detectors: tuple[Detector, ...]) -> Facts:
    """The facts of a source, whose folders are held open no longer: there may be more sources than handles."""
    try:
        return detect(tree, detectors)
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
        replace(problem, hint="; ".join([problem.hint, *(str(note.value) for note in left_out.get(problem.where, ()))]))
        for problem in problems
    )


def _unfit(tree: SourceTree, project: Project) -> str:
    """Why a folder is no source, in words that follow its name; "" where it is one."""
    if not Path(os.path.normpath(tree.root)).is_relative_to(project.root):
        return "leaves the repository"
    return tree.problem or ("" if tree.files else "is empty, or everything in it is ignored")


def sources(raw: Raw) -> dict[str, str]:
    """The folder of every service that has one, as the spec says it, in its shortest form."""
    services = raw.data.get("services")
    return {
        name: posixpath.normpath(block["source"])
        for name, block in (sorted(services.items()) if isinstance(services, dict) else ())
        if isinstance(block, dict) and isinstance(block.get("source"), str)
    }

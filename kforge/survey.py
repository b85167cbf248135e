"""The spec's `source` folders → facts by service. Shared by the pipeline and by `check`'s glance; knows no language."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kforge.domain.artifact import Detector
from kforge.domain.facts import Facts
from kforge.domain.project import Project
from kforge.domain.raw import Raw
from kforge.errors import InputError, Problem
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree


@dataclass(frozen=True, slots=True)
class Source:
    """One folder: what was read there, and the facts."""

    path: str  # as the spec says it, in its shortest form
    tree: SourceTree
    facts: Facts


def survey(
    raw: Raw, project: Project, detectors: tuple[Detector, ...], each: Callable[..., Iterable[Any]] = map
) -> dict[str, Source]:
    """Facts of every service that has a source, by service; a folder that services share is read once.

    Raises InputError naming every source that is missing, is no folder or leaves the repository.
    """
    paths = _paths(raw)
    trees = {path: SourceTree(project.folder / path, project.root) for path in sorted(set(paths.values()))}
    problems = tuple(
        Problem(f"source `{path}` {trees[path].problem}", raw.place(("services", name, "source")), "name a folder of this repository")
        for name, path in sorted(paths.items())
        if trees[path].problem
    )
    if problems:
        raise InputError(problems)
    found = dict(zip(trees, each(lambda path: detect(trees[path], detectors), trees), strict=True))
    return {name: Source(path, trees[path], found[path]) for name, path in paths.items()}


def _paths(raw: Raw) -> dict[str, str]:
    services: dict[str, Any] = raw.data.get("services") or {}
    return {
        name: posixpath.normpath(block["source"])
        for name, block in sorted(services.items())
        if isinstance(block, dict) and isinstance(block.get("source"), str)
    }


"""Places relative to a spec's folder → relative to the working directory, where a terminal and an editor find them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.errors import Error, Place, Problem
from kforge.output.layout import Span

if TYPE_CHECKING:
    from kforge.domain.change import Change
    from kforge.domain.finding import Finding
    from kforge.domain.spec.project import Project


def file_span(project: Project, change: Change, style: str = "") -> Span:
    """The path of a file as seen from here, which a terminal links where the file is there."""
    path = shown(project, change.path)
    return Span(path, style, "" if change.status in ("created", "missing", "removed") else path)


def shown(project: Project, path: str) -> str:
    """A path of a project as the user would type it here; what is absolute stays."""
    if os.path.isabs(path):  # noqa: PTH117 - text
        return path
    if path[:1] != "." and str(project.folder) == os.getcwd():  # noqa: PTH109 - thousands of times, from the spec's folder
        return os.path.normpath(path)
    return os.path.relpath(os.path.join(project.folder, path))  # noqa: PTH118 - text


def placed(project: Project, item: Problem) -> Problem:
    return item.at(_place(project, item.where))


def found(project: Project, item: Finding) -> Finding:
    return replace(item, file=shown(project, item.file), where=_place(project, item.where))


@contextmanager
def told(project: Project) -> Iterator[None]:
    """Errors that come out of the block say where they are as seen from here."""
    try:
        yield
    except Error as error:
        raise type(error)(tuple(placed(project, item) for item in error.problems)) from None


def _place(project: Project, where: Place | None) -> Place | None:
    return where.of(shown(project, where.file)) if where else None

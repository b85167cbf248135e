"""Outcomes → GitHub's workflow commands, which annotate the files of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.domain.approval import BELOW, UNAPPROVED
from kforge.domain.finding import Finding
from kforge.domain.invisible_chars import visible
from kforge.domain.spec.project import Project
from kforge.errors import Problem
from kforge.output.causes import causes, reasons
from kforge.output.stale_text import PROVE, STALE, UNPROVEN, edited, stale_file
from kforge.stages.compare import edit_advice

if TYPE_CHECKING:
    from kforge.outcome import Outcome


def github(
    outcomes: Sequence[Outcome],
    problems: Iterable[Problem] = (),
    waiting: Mapping[Project, Sequence[str]] | None = None,
    unproven: Mapping[Project, Sequence[str]] | None = None,
    unreliable: Mapping[Project, Sequence[str]] | None = None,
) -> str:
    """One line an annotation. `waiting` are decisions of a model that are not approved, `unproven` an older kforge's work
    that nothing confirms, `unreliable` a model's decisions below the minimum that their spec asks, by project.
    """
    lines = []
    for item in problems:
        place = f"file={_property(item.where.file)},line={item.where.line or 1}," if item.where else ""
        lines.append(f"::error {place}title=kforge::{_data(f'{item.message}. {item.hint}')}")
    for outcome in outcomes:
        folder = outcome.project.folder.relative_to(outcome.project.root).as_posix()
        told = causes(outcome)
        for change in outcome.changes:
            if change.status in STALE:
                file = outcome.files.get(change.path)
                why = "; ".join(line for service, line in told if not file or service in ("", file.service))
                todo = "run `kforge build` and commit"
                if change.status == "edited":
                    todo = "; ".join((*edited(outcome, change), edit_advice(change.path)))
                message = f"{change.path} {stale_file(change)}; {todo}. {why}".rstrip()
                lines.append(
                    f"::error file={_property(_joined(folder, change.path))},title=kforge check::{_data(message)}"
                )
        if not outcome.current and outcome.changes.current:
            why = "; ".join(reasons(outcome)[:3])
            lines.append(
                f"::error file={_property(_joined(folder, 'kforge.lock'))},title=kforge check::{_data(f'the lock is stale. {why}')}"
            )
        lines += [_annotation(folder, item) for item in outcome.findings]
    for told_of, why in ((waiting, UNAPPROVED), (unproven, f"{UNPROVEN}; {PROVE}"), (unreliable, BELOW)):
        for project, targets in (told_of or {}).items():
            place = _joined(project.folder.relative_to(project.root).as_posix(), "kforge.lock")
            lines += [
                f"::error file={_property(place)},title=kforge check::{_data((target or 'the app') + ' ' + why)}"
                for target in targets
            ]
    return "\n".join(lines) if lines else "::notice title=kforge check::everything is current"


def _annotation(folder: str, item: Finding) -> str:
    level = {"error": "error", "warning": "warning"}.get(item.level, "notice")
    file, line = (item.where.file, f",line={item.where.line}") if item.where else (item.file, "")
    where = f"file={_property(_joined(folder, file))}{line}"
    of = f"{item.file}: {item.field}" if item.field else item.file
    return f"::{level} {where},title={_property(item.rule)}::{_data(f'{item.message} ({of}). {item.hint}')}"


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _data(text: str) -> str:
    return visible(text.replace("\r", "")).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

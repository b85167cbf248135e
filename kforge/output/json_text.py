"""Outcomes → JSON for machines: stable keys, sorted, one document a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kforge.domain.finding import PAGES, Finding
from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.spec.project import Project
from kforge.errors import Error, Problem
from kforge.output.build_notes import gone
from kforge.output.causes import reasons
from kforge.output.needed import KINDS, record
from kforge.output.next_commands import next_commands
from kforge.output.plan_changes import planned_changes
from kforge.output.stale_text import STALE, stale_file

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.outcome import Outcome


def dump(data: Any, ordered: bool = True) -> str:
    """JSON whose values are as they are, and in whose text no log sees a command (`##[error]`).

    Invisible characters are escaped: lone surrogates, which stand for bytes of file names that are not UTF-8, and marks
    that change the direction of a text.
    """
    text = json.dumps(data, indent=2, sort_keys=ordered, ensure_ascii=False, default=str).replace("##[", "#\\u0023[")
    return INVISIBLE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def problem(item: Problem) -> dict[str, Any]:
    return {"message": item.message, "where": str(item.where) if item.where else None, "hint": item.hint}


def finding(item: Finding) -> dict[str, Any]:
    where = str(item.where) if item.where else None
    return {**asdict(item), "where": where, "helpUri": f"{PAGES}#{item.rule}"}


def built(finished: Sequence[Built], notes: Sequence[str] = ()) -> dict[str, Any]:
    """A build of all its projects in one object of one shape: what is of one project names its `spec`. `notes` are about
    options that had nothing to act on.
    """
    return {
        "specs": [_built(each) for each in finished],
        **{key: [each for one in finished for each in _of(one, part(one))] for key, part in _LISTS.items()},
        "needs": _needs(finished),
        "notes": [*notes],
    }


def _built(each: Built) -> dict[str, Any]:
    outcome = each.outcome
    return {
        "spec": _spec(each.project),
        "app": outcome.loaded.world.spec.app if outcome else None,
        "code": each.code,
        "written": each.written,
        "problems": [problem(item) for item in each.problems],
        "stale": _kept(outcome) if outcome else [],
        "outdated": [*outcome.outdated] if outcome else [],
        "merged": [*outcome.loaded.lock.merged] if outcome else [],
        "gone": [asdict(item) for item in gone(outcome)] if outcome and not each.code else [],
        "next": next_commands(outcome) if outcome and not each.code else [],
    }


def _of(each: Built, found: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return ({"spec": _spec(each.project), **item} for item in found)


def _decisions(each: Built) -> list[dict[str, Any]]:
    settled = sorted(each.outcome.settled.decisions.items()) if each.outcome else ()
    return [
        {
            "target": f"{one.service}/{one.topic}",
            "state": one.state,
            "value": one.value,
            "reasons": {**one.reasons},
            "decider": one.decider.record(),
            "pinned": [*one.pinned],
        }
        for _, one in settled
    ]


def _files(each: Built) -> list[dict[str, Any]]:
    return [{"path": change.path, "status": change.status} for change in each.outcome.changes] if each.outcome else []


def _findings(each: Built) -> list[dict[str, Any]]:
    return [finding(item) for item in each.outcome.findings] if each.outcome else []


_LISTS: Mapping[str, Callable[[Built], list[dict[str, Any]]]] = {
    "decisions": _decisions,
    "files": _files,
    "findings": _findings,
}


def _needs(finished: Sequence[Built]) -> dict[str, list[dict[str, Any]]]:
    """By what is needed: namespaces, secrets, hosts, objects, registries, and what is still open."""
    held = [(each, record(each.outcome)) for each in finished if each.outcome is not None]
    return {key: [need for each, found in held for need in _of(each, found[key])] for key in KINDS}


def _kept(outcome: Outcome) -> list[dict[str, Any]]:
    """Locked answers that stay because no model could be asked; one whose inputs are unchanged is `locked`."""
    return [
        {"target": f"{decision.service}/{decision.topic}", "state": decision.state, "why": decision.kept}
        for _, decision in sorted(outcome.settled.decisions.items())
        if decision.kept
    ]


def checked(
    projects: Sequence[Project],
    outcomes: Sequence[Outcome],
    wrong: Mapping[Project, Error],
    waiting: Mapping[Project, Sequence[str]] | None = None,
    unproven: Mapping[Project, Sequence[str]] | None = None,
    unreliable: Mapping[Project, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """The report of a check: only what is not current is listed with its files. `wrong` is what could not be judged,
    `waiting` the decisions without an approval, where that was asked, `unproven` an older kforge's work that nothing
    confirms, `unreliable` a model's decisions below the minimum that their spec asks.
    """
    unproven = unproven or {}
    found = {outcome.project: outcome for outcome in outcomes}
    specs = [_checked(project, found.get(project), wrong.get(project)) for project in projects]
    if waiting is not None:
        specs = [
            {**spec, "unapproved": list(waiting.get(project, ()))}
            for spec, project in zip(specs, projects, strict=True)
        ]
    if unreliable:
        specs = [
            {**spec, "unreliable": list(unreliable.get(project, ()))}
            for spec, project in zip(specs, projects, strict=True)
        ]
    specs = [
        {**spec, "unproven": list(unproven.get(project, ()))} for spec, project in zip(specs, projects, strict=True)
    ]
    return {"current": not unproven and all(spec["current"] for spec in specs), "specs": specs}


def _checked(project: Project, outcome: Outcome | None, error: Error | None) -> dict[str, Any]:
    if outcome is None:
        problems = [problem(item) for item in error.problems] if error else []
        empty = ("files", "decisions", "findings", "changed", "changes", "strays", "outdated")
        nothing: dict[str, Any] = {key: [] for key in empty}
        return {"spec": _spec(project), "current": error is None, "problems": problems, **nothing}
    return {
        "spec": _spec(project),
        "problems": [],
        "strays": [item.file for item in outcome.untracked],
        "current": outcome.current and not outcome.errors,
        "files": [
            {"path": change.path, "status": change.status, "reason": stale_file(change)}
            for change in outcome.changes
            if change.status in STALE
        ],
        "decisions": [
            {"target": f"{decision.service}/{decision.topic}", "state": decision.state, "why": decision.why}
            for _, decision in sorted(outcome.settled.decisions.items())
            if decision.state in ("stale", "outdated")
        ],
        "findings": [finding(item) for item in outcome.findings],
        "changed": reasons(outcome),
        "changes": [] if outcome.current else [each.record() for each in planned_changes(outcome)],
        "outdated": [*outcome.outdated],
    }


def _spec(project: Project) -> str:
    return project.spec.relative_to(project.root).as_posix()

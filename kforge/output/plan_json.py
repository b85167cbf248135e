"""Planned projects → JSON for machines: one list of each kind, every item with the spec that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from kforge.changes_since import snapshots
from kforge.output.json_text import finding, problem
from kforge.output.plan_changes import planned_changes
from kforge.output.preview_marks import asked

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome

_LISTS = ("decisions", "changes", "files", "artifacts", "findings", "problems")


def as_json(found: Sequence[Built], notes: Sequence[str] = ()) -> dict[str, Any]:
    """Everything that `plan` knows. `code` of a spec is that of a build, `notes` are about options."""
    lists: dict[str, list[dict[str, Any]]] = {name: [] for name in _LISTS}
    for each in found:
        spec = _spec(each.project)
        held = _of(each.outcome) if each.outcome else {}
        held["problems"] = [problem(item) for item in each.problems]
        for name, items in held.items():
            lists[name] += [{**item, "spec": spec} for item in items]
    specs = [
        {"spec": _spec(each.project), "code": each.code, "current": bool(each.outcome and each.outcome.current)}
        for each in found
    ]
    return {"specs": specs, **lists, "notes": [*notes]}


def _of(outcome: Outcome) -> dict[str, list[dict[str, Any]]]:
    marked = asked(outcome)
    return {
        "decisions": list(_decisions(outcome, marked)),
        "changes": [each.record() for each in planned_changes(outcome)],
        "files": [
            {"path": change.path, "status": change.status, "preview": change.path in marked}
            for change in outcome.changes
        ],
        "artifacts": list(_artifacts(outcome)),
        "findings": [finding(item) for item in outcome.findings],
    }


def _decisions(outcome: Outcome, marked: set[str]) -> Iterator[dict[str, Any]]:
    old, _ = snapshots(outcome)
    for (service, topic), one in sorted(outcome.settled.decisions.items()):
        target = f"{service}/{topic}"
        yield {
            "target": target,
            "state": one.state,
            "why": one.why,
            "before": old.value(service, topic) or None,
            "value": one.value,
            "reasons": dict(one.reasons),
            "decider": one.decider.record(),
            "reliability": one.reliability.shown() if one.reliability else None,
            "pinned": list(one.pinned),
            "inputs": dict(one.inputs),
            "preview": target in marked,
        }


def _artifacts(outcome: Outcome) -> Iterator[dict[str, Any]]:
    made = sorted(
        outcome.assembled.made.items(), key=lambda item: (item[0].environment, item[0].service, item[0].artifact)
    )
    for node, paths in made:
        if paths:
            yield {
                "service": node.service,
                "artifact": node.artifact,
                "environment": node.environment,
                "files": list(paths),
                "reads": sorted(outcome.assembled.reads[node]),
            }


def _spec(project: Project) -> str:
    return project.spec.relative_to(project.root).as_posix()

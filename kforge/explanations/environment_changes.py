"""What an environment makes of the base's objects: every field that differs, folded over objects that differ alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.origin import join
from kforge.explanations.explainer import Explainer
from kforge.explanations.manifest_lines import absent, caused
from kforge.render.kubernetes.overlay import Identity, identity_of
from kforge.stages.explain import Explanation, short_field

ADDED, REMOVED = "added", "left out"


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """One difference, with the objects that have it. `field` is "" where whole objects are added or left out."""

    targets: tuple[str, ...]
    field: str
    before: Any
    after: Any
    explained: Explanation


def environment_changes(known: Explainer, environment: str, service: str = "") -> tuple[EnvironmentChange, ...]:
    """The differences of an environment, of all objects or of those of a service."""
    folded: dict[tuple[str, str], EnvironmentChange] = {}
    for change in _every(known, environment, service):
        key = (change.field, repr((change.before, change.after, change.explained.why, change.explained.note)))
        if key in folded:
            change = replace(folded[key], targets=(*folded[key].targets, *change.targets))
        folded[key] = change
    return tuple(folded.values())


def _every(known: Explainer, environment: str, service: str) -> Iterator[EnvironmentChange]:
    base, new = _objects(known, "", service), _objects(known, environment, service)
    for identity in sorted(base.keys() | new.keys()):
        before, after = base.get(identity), new.get(identity)
        if before is not None and after is not None:
            yield from _fields(known, before, after, environment)
        elif before is not None:
            yield EnvironmentChange((before.target,), "", REMOVED, REMOVED, absent(known, before, environment, "", ""))
        elif after is not None:
            yield EnvironmentChange((after.target,), "", ADDED, ADDED, absent(known, after, environment, "", ""))


def _objects(known: Explainer, environment: str, service: str) -> dict[Identity, Document]:
    items = known.outcome.documents[environment].objects()
    return {identity_of(item): item for item in items if not service or item.service == service}


def _fields(known: Explainer, before: Document, after: Document, environment: str) -> Iterator[EnvironmentChange]:
    old, new = dict(_leaves(before.data)), dict(_leaves(after.data))
    for path in dict.fromkeys((*old, *new)):
        if old.get(path) == new.get(path):
            continue
        if path in new:
            (found, *_) = known.field(after, path, environment)
            explained = caused(known, found, after, environment)
        else:
            explained = absent(known, before, environment, path, "")
        yield EnvironmentChange((after.target,), short_field(path), old.get(path), new.get(path), explained)


def _leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path and value of every leaf; items of lists by their name where they have one."""
    if isinstance(data, Mapping) and data:
        for key, value in data.items():
            yield from _leaves(value, join(path, key))
    elif isinstance(data, (list, tuple)) and data:
        names = [item.get("name") if isinstance(item, Mapping) else None for item in data]
        named = all(isinstance(name, str) for name in names) and len({*names}) == len(names)
        for index, value in enumerate(data):
            step = fieldpath.text((fieldpath.Match("name", str(names[index])),)) if named else f"[{index}]"
            yield from _leaves(value, f"{path}{step}")
    else:
        yield path, data

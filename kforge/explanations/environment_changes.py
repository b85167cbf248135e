"""What an environment makes of the base's objects: every field that differs, folded over objects that differ alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.document import Document, Identity, identity_of
from kforge.domain.kubernetes.gitops import RECONCILERS
from kforge.domain.origin import join
from kforge.domain.spec.raw import MISSING, Path
from kforge.explanations.explainer import Explainer
from kforge.explanations.manifest_lines import absent, caused
from kforge.stages.explain import Explanation
from kforge.stages.object_fields import short_field

ADDED, REMOVED = "added", "left out"


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """One difference, with the objects that have it. `field` is "" where whole objects are added or left out."""

    targets: tuple[str, ...]
    field: str
    before: Any
    after: Any
    explained: Explanation
    causes: tuple[Path, ...] = ()  # what the environment says, where the difference only follows from it


def environment_changes(known: Explainer, environment: str, service: str = "") -> tuple[EnvironmentChange, ...]:
    """The differences of an environment, of all objects or of those of a service."""
    folded: dict[tuple[str, str], EnvironmentChange] = {}
    for change in _every(known, environment, service):
        key = (change.field, repr((change.before, change.after, change.explained.why, change.explained.note)))
        before = folded[key].targets if key in folded else ()
        folded[key] = replace(change, targets=(*before, *change.targets))
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
    own = (item for item in items if item.artifact not in RECONCILERS)  # which are no part of what is deployed
    return {identity_of(item): item for item in own if not service or item.service == service}


def _fields(known: Explainer, before: Document, after: Document, environment: str) -> Iterator[EnvironmentChange]:
    for path, old, new in _differences(before.data, after.data, ""):
        if new is MISSING:
            explained = absent(known, before, environment, path, "")
        else:
            explained = caused(known, known.field(after, path, environment)[0], after, environment)
        direct = explained.why.startswith("environments.")
        causes = () if direct else known.caused(after.service, after.artifact, environment)
        was, now = (REMOVED, REMOVED) if new is MISSING else (None if old is MISSING else old, new)
        yield EnvironmentChange((after.target,), short_field(path), was, now, explained, causes)


def _differences(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Path and both values of all that differs; where one has nothing, of the whole that the other has."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(key, MISSING), new.get(key, MISSING), join(path, key))
        return
    if isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
        was, now = _steps(old), _steps(new)
        if not all(step.startswith("[name=") for step in (*was, *now)) and len(old) != len(new):
            yield path, old, new  # without names, no item is known to be the same
            return
        for step in dict.fromkeys((*was, *now)):
            yield from _differences(was.get(step, MISSING), now.get(step, MISSING), f"{path}{step}")
        return
    yield path, old, new


def _steps(items: Sequence[Any]) -> dict[str, Any]:
    """Items by the step of a path: by their name where they have one."""
    names = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    named = all(isinstance(name, str) for name in names) and len({*names}) == len(names)
    steps = [
        fieldpath.text((fieldpath.Match("name", str(name)),)) if named else f"[{index}]"
        for index, name in enumerate(names)
    ]
    return dict(zip(steps, items, strict=True))

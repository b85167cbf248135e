"""Outcome → fields of objects that a build would change, each with the key of the spec that it comes from."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.spec.pins import pin_path
from kforge.domain.spec.raw import MISSING, Path, dotted
from kforge.output.input_places import spec_place
from kforge.output.places import shown
from kforge.output.registry_changes import with_registries
from kforge.stages.document_changes import DocumentChange, document_changes
from kforge.stages.explain import spec_path
from kforge.stages.object_fields import nearest

if TYPE_CHECKING:
    from kforge.outcome import Outcome


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """A field of an object in one environment, "" for the base. `field` is "" where the object is new or gone."""

    target: str
    environment: str
    service: str
    field: str
    old: Any
    new: Any
    origin: str
    why: str  # the spec's key, or kforge's reason
    where: str  # the spec's line
    own: bool  # whether the key is the service's own, and not the app's
    reach: tuple[str, ...] = ()  # of the base: it and the environments that it changes; () for all

    @property
    def status(self) -> str:
        return "added" if self.old is None else "removed" if self.new is None else "changed"


def environments_since(outcome: Outcome) -> tuple[frozenset[str], frozenset[str]]:
    """Environments that are new in the spec, and those that are no longer in it; none of a first build."""
    lock, spec = outcome.loaded.lock, outcome.loaded.world.spec
    if not lock.services:
        return frozenset(), frozenset()
    inputs = [name for service in lock.services.values() for name in service.inputs]
    held = {name.split(".")[1] for name in inputs if name.startswith("environments.")}
    overlays = f"{spec.paths.overlays}/"  # an older lock may name fewer inputs
    held |= {
        path.removeprefix(overlays).split("/")[0] for path in outcome.loaded.sums.files if path.startswith(overlays)
    }
    return frozenset(spec.environments.keys() - held), frozenset(held - spec.environments.keys())


def object_changes(outcome: Outcome) -> Iterator[ObjectChange]:
    """What differs between the files on disk and those that a build would write, but in environments that come or go."""
    apart = frozenset().union(*environments_since(outcome))
    paths = outcome.loaded.world.spec.paths
    known = {
        (name, item.target): item
        for name, documents in outcome.documents.items()
        if name not in apart
        for item in documents
        if item.data
    }

    def environment(path: str) -> str:
        return _below(paths.overlays, path)

    def rendered(path: str) -> str:
        name = _below(paths.rendered, path)
        return name if name in outcome.documents else ""

    of_environments = [each for each in outcome.changes if rendered(each.path)]
    plain = [each for each in outcome.changes if not rendered(each.path) and environment(each.path) not in apart]
    changes = [*document_changes(plain, environment)]
    told = {(environment(each.path), each.target, each.field) for each in changes}
    for change in document_changes(of_environments, lambda path: ""):
        places = {(name, change.target, change.field) for name in ("", rendered(change.path))}
        if told.isdisjoint(places) and rendered(change.path) not in apart:
            changes.append(change)  # others repeat what the base and the overlay say
    found = []
    for change in changes:
        name = rendered(change.path) or environment(change.path)
        document = known.get((name, change.target)) or known.get(("", change.target))
        found.append(_explained(outcome, change, name, document))
    found = [*with_registries(outcome, found)]
    yield from _reaching([each for each in found if not _moved(each, found)], known)


def _below(root: str, path: str) -> str:
    """The folder of an environment that a file is in."""
    root = f"{posixpath.normpath(root)}/"
    return path.removeprefix(root).partition("/")[0] if path.startswith(root) else ""


def _moved(change: ObjectChange, all_changes: list[ObjectChange]) -> bool:
    """Whether what is gone in one file is there in another, as where an output gets another folder."""
    if change.status == "changed" or change.old == change.new:
        return False
    name = change.target.rpartition("/")[2]
    return any(
        (each.old, each.new) == (change.new, change.old)
        for each in all_changes
        if (each.field, each.environment, each.target.rpartition("/")[2]) == (change.field, change.environment, name)
    )


def _reaching(changes: list[ObjectChange], known: Mapping[tuple[str, str], Document]) -> Iterator[ObjectChange]:
    """The changes with the environments that those of the base reach. What an environment says anew, or no longer, so
    that it keeps its value is no change.
    """
    own = {(each.environment, each.target, each.field) for each in changes}
    names = sorted({name for name, _ in known if name})
    for each in changes:
        place = (each.target, each.field)
        if each.field and each.old == each.new:
            continue
        there = [name for name in names if (name, each.target) in known]
        held = [name for name in there if (name, *place) not in own and _has(known[name, each.target], each)]
        whole = each.environment or not each.field or len(held) == len(there)
        yield each if whole else replace(each, reach=("the base", *held))


def _has(document: Document, change: ObjectChange) -> bool:
    """Whether an environment's object has the new value."""
    try:
        held = fieldpath.get(document.data, change.field)
    except fieldpath.PathError:
        return change.new is None
    return bool(held == change.new) or (change.field.endswith(".image") and _name(held) == _name(change.new))


def _name(image: Any) -> str:
    """An image without its registry, which environments may change."""
    return str(image).rpartition("/")[2]


def _explained(outcome: Outcome, change: DocumentChange, environment: str, document: Document | None) -> ObjectChange:
    origin = _origin(document, change.field) if document and change.field else ""
    service = document.service if document else _service_of(outcome, change)
    keys = _said(outcome, environment, spec_path(origin, service)) or _pin(outcome, environment, service, origin)
    if change.field.endswith(".image") and str(change.old).partition(":")[2] == str(change.new).partition(":")[2]:
        keys = ("registry",) if keys[-1:] == ("version",) else keys  # the tag is as it was
    why = "" if not origin else origin.removeprefix("kforge: ") if origin.startswith("kforge: ") else dotted(keys)
    return ObjectChange(
        target=shown(outcome.project, change.path) if change.target == change.path else change.target,
        environment=environment,
        service=service,
        field=change.field,
        old=change.old,
        new=change.new,
        origin=origin,
        why=why,
        where=spec_place(outcome, keys),
        own=not keys or not {"services", "patches"}.isdisjoint(keys),
    )


def _origin(document: Document, field: str) -> str:
    """Where a field comes from, or what lies in it; of one that is gone, where all that lies beside it comes from."""
    parts = fieldpath.parse(field)
    for end in range(len(parts), 0, -1):
        try:
            concrete = fieldpath.text(fieldpath.resolve(document.data, parts[:end]))
        except fieldpath.PathError:  # its container is gone as well
            continue
        inner = _inner(document, concrete)
        if end == len(parts) and (found := nearest(document.origins, concrete) or next(iter(inner), "")):
            return found
        if end < len(parts):
            topics = {".".join(origin.split(".")[:2]) for origin in inner}
            return next(iter(topics)) if len(topics) == 1 and end == len(parts) - 1 else ""
    return ""


def _inner(document: Document, field: str) -> list[str]:
    return [document.origins[path] for path in sorted(document.origins) if path.startswith((f"{field}.", f"{field}["))]


def _said(outcome: Outcome, environment: str, keys: Path) -> Path:
    """Where the spec says it for an environment, if it does."""
    own = ("environments", environment, *keys)
    return own if environment and keys and outcome.loaded.raw.dig(own) is not MISSING else keys


def _pin(outcome: Outcome, environment: str, service: str, origin: str) -> Path:
    """Where an environment pins a decided field, `resources.memory`; () where it does not."""
    topic, _, field = origin.partition(".")
    above = ("environments", environment, "services", service)
    block = outcome.loaded.raw.dig(above) if environment and field else None
    path = (*above, *pin_path(block, topic, field)) if isinstance(block, dict) else ()
    return path if path and outcome.loaded.raw.dig(path) is not MISSING else ()


def _service_of(outcome: Outcome, change: DocumentChange) -> str:
    """The service of an object that is no longer made, by its name, or by the folder of a file."""
    services = {*outcome.loaded.lock.services, *outcome.lock.services}
    folder = change.path.rpartition("/")[0].rpartition("/")[2]
    if folder in services:
        return folder
    name = change.target.rpartition("/")[2]
    return max((each for each in services if name == each or name.startswith(f"{each}-")), key=len, default="")

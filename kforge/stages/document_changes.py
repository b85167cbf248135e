"""Generated files before and after → the fields that differ, by object. Reads YAML, and leaves out what is none.

Items of a list that have names are compared by name: a container that comes first moves no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.change import Change
from kforge.domain.fieldpath import Match, Part, text
from kforge.errors import InputError
from kforge.spec.read import read_manifests
from kforge.stages.compare import marked

IsPatch = Callable[[str, str], bool]  # a file's path, an object
_HEAD = ("apiVersion", "kind", "metadata")  # what a patch repeats of its object
_LISTS = ("resources", "patches", "components")  # of a kustomization: they name files, which are changes themselves


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A field that differs, or with field "" an object that is new or gone. `old` and `new` are None where nothing is."""

    target: str  # HorizontalPodAutoscaler/web; the path of what is no object
    path: str
    field: str  # spec.template.spec.containers[name=web].image
    old: Any
    new: Any


def document_changes(changes: Iterable[Change], patches: IsPatch) -> Iterator[DocumentChange]:
    """What differs in files that kforge wrote, or would write. `patches` says of a path and an object whether the file
    says only what differs from the base: then its fields are told where it comes or goes, too.
    """
    for change in changes:
        if not change.path.endswith(".yaml") or (change.before and not marked(change.before)):
            continue  # another form, or the user's own: nothing of that is shown
        was, now = _objects(change.before), _objects(change.after)
        for target in sorted(was.keys() | now.keys()):
            yield from _of_object(target, change.path, was.get(target), now.get(target), patches)


def _of_object(
    target: str, path: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, patches: IsPatch
) -> Iterator[DocumentChange]:
    one_sided = was is None or now is None
    if one_sided and any("$patch" in (each or ()) for each in (was, now)):  # it takes the object out of an environment
        yield DocumentChange(target, path, "", now, was)
    elif one_sided and target and not patches(path, target):
        yield DocumentChange(target, path, "", was, now)
    else:
        for parts, old, new in _differences(was or {}, now or {}, (), deep=one_sided):
            if not (one_sided and parts[0] in _HEAD) and not (not target and parts[0] in _LISTS):
                yield DocumentChange(target or path, path, text(parts), old, new)


def _objects(content: bytes | None) -> dict[str, Mapping[str, Any]]:
    """The documents of a file by target, "" for one that is no object; none where the text is no YAML."""
    try:
        found = [each.data for each in read_manifests(content or b"", "")]
    except InputError:
        return {}
    return {_target(data): data for data in found if isinstance(data, Mapping)}


def _target(data: Mapping[str, Any]) -> str:
    metadata = data.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return f"{data['kind']}/{name}" if name and data.get("kind") else ""


def _differences(
    one: Any, other: Any, path: tuple[Part, ...], deep: bool
) -> Iterator[tuple[tuple[Part, ...], Any, Any]]:
    """Path, old and new value. `deep`: a mapping that is on one side only is told field by field."""
    if deep:
        one, other = (
            ({} if isinstance(its, dict) and mine is None else mine) for mine, its in ((one, other), (other, one))
        )
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), (*path, key), deep)
    elif (old := _named(one, deep)) is not None and (new := _named(other, deep)) is not None and (old or new):
        for name in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(name), new.get(name), (*path, Match("name", name)), deep)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, its) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, its, (*path, number), deep)
    elif one != other or type(one) is not type(other):
        yield path, one, other


def _named(items: Any, deep: bool) -> dict[str, Any] | None:
    """A list's items by name, None where one has none or two share one."""
    if deep and items is None:
        return {}
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("name") for item in items):
        return None
    found = {str(item["name"]): item for item in items}
    return found if len(found) == len(items) else None

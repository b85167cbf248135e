"""Generated files before and after → the fields that differ, by object. Reads YAML, and leaves out what is none.

Items of a list that have names are compared by name: a container that comes first moves no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.change import Change
from kforge.domain.fieldpath import Match, Part, text
from kforge.domain.kubernetes.strategic import DIRECTIVE, MismatchError, merge
from kforge.errors import InputError
from kforge.spec.read import read_manifests
from kforge.stages.compare import marked

EnvironmentOf = Callable[[str], str]  # of a file's path, "" for what is in no overlay
MOVED = ("created", "changed", "removed")
IMAGES = "images"  # of a kustomization: told of one that comes or goes, too, since it renames images of the base
_LISTS = ("resources", "patches", "components")  # of a kustomization: they name files, which are changes themselves
_Object = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """A field that differs, or with field "" an object that is new or gone. `old` and `new` are None where nothing is;
    they are alike where an environment keeps what the base changes.
    """

    target: str  # HorizontalPodAutoscaler/web; the path of what is no object
    path: str
    field: str  # spec.template.spec.containers[name=web].image
    old: Any
    new: Any


def document_changes(changes: Iterable[Change], environment: EnvironmentOf) -> Iterator[DocumentChange]:
    """What differs in files that kforge wrote, or would write. `environment` says in whose overlay a file lies. Patches
    are told as what the environment's object comes to, but for what differs in the base alike.
    """
    # Of another form, or the user's own: nothing of that is shown.
    files = [each for each in changes if each.path.endswith(".yaml") and not (each.before and not marked(each.before))]
    patches: dict[tuple[str, str], list[Any]] = {}
    for change in (each for each in files if each.status in MOVED):
        was, now = _objects(change.before), _objects(change.after)
        for target in sorted(was.keys() | now.keys()):
            if target and (name := environment(change.path)):
                held = patches.setdefault((name, target), [change.path, None, None])
                held[1:] = held[1] or was.get(target), held[2] or now.get(target)
            else:
                yield from _of_object(target, change.path, was.get(target), now.get(target))
    if patches:
        bases = _bases([each for each in files if not environment(each.path)])
        for (_, target), (path, old, new) in patches.items():
            yield from _of_environment(target, path, (old, new), bases.get(target, (None, None)))


def _bases(files: Iterable[Change]) -> dict[str, tuple[_Object, _Object]]:
    """Objects by target, before and after. One that is gone from the disk is taken for what it was."""
    found: dict[str, list[Any]] = {}
    for change in files:
        contents = change.after if change.status == "missing" else change.before, change.after
        for side, content in enumerate(contents):
            for target, data in _objects(content).items():
                held = found.setdefault(target, [None, None])
                held[side] = held[side] or data
    return {target: (old, new) for target, (old, new) in found.items()}


def _of_environment(
    target: str, path: str, patches: tuple[_Object, _Object], bases: tuple[_Object, _Object]
) -> Iterator[DocumentChange]:
    try:
        old, new = (_patched(base, patch) for base, patch in zip(bases, patches, strict=True))
    except MismatchError:
        yield from _of_object(target, path, *patches)
        return
    if old is None or new is None:
        if (old is None, new is None) != (bases[0] is None, bases[1] is None) and (old or new):
            yield DocumentChange(target, path, "", old, new)
        return
    alike = {text(parts): (was, now) for parts, was, now in _differences(*bases)} if all(bases) else {}
    found = {text(parts): (was, now) for parts, was, now in _differences(old, new)}
    for field in (field for field in alike if field not in found):
        yield DocumentChange(target, path, field, None, None)
    for field, (was, now) in found.items():
        if alike.get(field) != (was, now):
            yield DocumentChange(target, path, field, was, now)


def _patched(base: _Object, patch: _Object) -> _Object:
    """What an environment's object comes to, None where it has none."""
    if base is None or patch is None:
        return None if patch and DIRECTIVE in patch else base or patch
    merged: dict[str, Any] = merge(base, patch)
    return merged or None


def _of_object(target: str, path: str, was: _Object, now: _Object) -> Iterator[DocumentChange]:
    if was is None or now is None:
        if target:
            yield DocumentChange(target, path, "", was, now)
        elif IMAGES in (was or now or {}):
            yield DocumentChange(path, path, IMAGES, (was or {}).get(IMAGES), (now or {}).get(IMAGES))
        return  # a new file is told by what it is made for
    for parts, old, new in _differences(was, now):
        if target or parts[0] not in _LISTS:
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


def _differences(one: Any, other: Any, path: tuple[Part, ...] = ()) -> Iterator[tuple[tuple[Part, ...], Any, Any]]:
    """Path, old and new value."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), (*path, key))
    elif (old := _named(one)) is not None and (new := _named(other)) is not None and (old or new):
        for name in dict.fromkeys((*old, *new)):
            yield from _differences(old.get(name), new.get(name), (*path, Match("name", name)))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, its) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, its, (*path, number))
    elif one != other or type(one) is not type(other):
        yield path, one, other


def _named(items: Any) -> dict[str, Any] | None:
    """A list's items by name, None where one has none or two share one."""
    if not isinstance(items, list) or not all(isinstance(item, dict) and item.get("name") for item in items):
        return None
    found = {str(item["name"]): item for item in items}
    return found if len(found) == len(items) else None

"""Images before and after → the registry or the version that says so, where nothing else differs in them: one change in
place of one for each service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.output.input_places import spec_place
from kforge.stages.document_changes import IMAGES

if TYPE_CHECKING:
    from kforge.outcome import Outcome
    from kforge.output.object_changes import ObjectChange

REGISTRY, VERSION = "registry", "version"


def with_registries(outcome: Outcome, changes: Iterable[ObjectChange]) -> Iterator[ObjectChange]:
    """The changes, with one of the app's registry in place of the images that it renames, and one of an environment's
    registry or version in place of the entries of its kustomizations.
    """
    by_environment: dict[str, list[ObjectChange]] = {}
    renamed: list[ObjectChange] = []
    for each in changes:
        if each.environment and each.field.startswith(IMAGES):
            by_environment.setdefault(each.environment, []).append(each)
        elif each.field.endswith(".image") and each.why == REGISTRY and not each.environment:
            renamed.append(each)
        else:
            yield each
    sides = [
        {str(side).rpartition("/")[0] for side in each}
        for each in zip(*((each.old, each.new) for each in renamed), strict=True)
    ]
    if sides and all(len(side) == 1 for side in sides):
        yield replace(
            renamed[0], target="the app", service="", field=REGISTRY, old=sides[0].pop(), new=sides[1].pop(), why=""
        )
    else:
        yield from renamed
    for name, held in by_environment.items():
        yield from _of_environment(outcome, name, held)


def _of_environment(outcome: Outcome, name: str, held: list[ObjectChange]) -> Iterator[ObjectChange]:
    """What an environment's entries say: other registries, other tags, or both."""
    registries = [{found for each in held for found in _parts(each, side, _registry)} for side in ("old", "new")]
    former = [{found for each in held for found in _parts(each, side, _former)} for side in ("old", "new")]
    tags = [{found for each in held for found in _parts(each, side, _tag)} for side in ("old", "new")]
    old, new = (found or former[1] or former[0] for found in registries)
    if any("digest" in f"{each.field} {each.old} {each.new}" for each in held) or max(map(len, (old, new, *tags))) > 1:
        yield from held
        return
    said = {REGISTRY: (old, new) if any(registries) else ((), ()), VERSION: tuple(tags)}
    for key, (was, now) in said.items():
        if was != now:
            yield replace(
                held[0],
                target=f"environment {name}",
                service="",
                field=key,
                old=next(iter(was), None),
                new=next(iter(now), None),
                why="",
                where=spec_place(outcome, ("environments", name, key)),
                own=False,
            )


def _parts(change: ObjectChange, side: str, read: Callable[[Mapping[str, Any]], str]) -> Iterator[str]:
    """What stands on one side of a change: of one entry, of several, or of a key of one."""
    value = getattr(change, side)
    key = change.field.rpartition(".")[2]
    for entry in value if isinstance(value, list) else [{key: value} if isinstance(value, str) else value]:
        if isinstance(entry, Mapping) and (found := read(entry)):
            yield found


def _registry(entry: Mapping[str, Any]) -> str:
    return str(entry.get("newName", "")).rpartition("/")[0]


def _former(entry: Mapping[str, Any]) -> str:
    return str(entry.get("name", "")).rpartition("/")[0]


def _tag(entry: Mapping[str, Any]) -> str:
    return str(entry.get("newTag", ""))

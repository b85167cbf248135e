"""Images that a kustomization renames, before and after → the registry of an environment, where that is what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.output.input_places import spec_place
from kforge.stages.document_changes import IMAGES

if TYPE_CHECKING:
    from kforge.outcome import Outcome
    from kforge.output.object_changes import ObjectChange


def with_registries(outcome: Outcome, changes: Iterable[ObjectChange]) -> Iterator[ObjectChange]:
    """The changes, with one of the registry in place of those of an environment's `images` where nothing else differs
    in them.
    """
    by_environment: dict[str, list[ObjectChange]] = {}
    for each in changes:
        if each.environment and each.field.startswith(IMAGES):
            by_environment.setdefault(each.environment, []).append(each)
        else:
            yield each
    for name, held in by_environment.items():
        old = {found for each in held for found in _registries(each.old)}
        new = {found for each in held for found in _registries(each.new)}
        former = {found for each in held for found in _registries(each.new or each.old, "name")}
        old, new = old or former, new or former
        tagged = any("newTag" in f"{each.field} {each.old} {each.new}" or "digest" in each.field for each in held)
        if tagged or len(old) != 1 or len(new) != 1:
            yield from held
        elif old != new:
            keys = ("environments", name, "registry")
            yield replace(
                held[0],
                target=f"environment {name}",
                service="",
                field="registry",
                old=old.pop(),
                new=new.pop(),
                where=spec_place(outcome, keys),
                own=False,
            )


def _registries(value: Any, key: str = "newName") -> Iterator[str]:
    """Of one image, of several or of a name."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield str(each.get(key, "")).rpartition("/")[0]
        elif isinstance(each, str) and key == "newName":
            yield each.rpartition("/")[0]

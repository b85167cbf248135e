"""Finished objects → the objects as `kustomize build` gives them for an environment, with the images that CI has set.

Where CI has set none, those are the finished objects. kustomize sets the base's images before it makes an environment
of it, so a tag of the base lives on where the environment only has another registry; the environment's own come last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain.document import INCLUDED, Document, Documents, identity_of
from kforge.domain.kubernetes import jsonpatch, strategic
from kforge.domain.kubernetes.image_component import image_list
from kforge.render.kubernetes import image_entries
from kforge.render.kubernetes.overlay import difference, homed

SetImages = Sequence[Mapping[str, str]]  # entries of kustomize's `images`, in their order


def built(documents: Mapping[str, Documents], environment: str) -> list[Document]:
    """The objects of an environment, "" for the base. `documents` are those of all environments."""
    held = [item for item in documents[environment] if item.data]
    if environment and (of_base := _set(documents[""])):
        held = [*_rebuilt(documents[""], held, of_base)]
    own = _set(documents[environment])
    return [replace(item, data=image_entries.set_images(item.data, own)) for item in held] if own else held


def _set(documents: Documents) -> SetImages:
    return [*image_list(documents.component.raw)] if documents.component else []


def _rebuilt(base: Documents, target: Sequence[Document], images: SetImages) -> Iterator[Document]:
    """An environment's objects made anew, as its overlay makes them: of the base's with other images."""
    old = {identity_of(item): item for item in base if item.data and item.artifact != INCLUDED}
    pairs = {
        identity_of(item): (old[identity_of(item)], homed(item, old[identity_of(item)]))
        for item in target
        if item.artifact != INCLUDED and identity_of(item) in old
    }
    changes = image_entries.changes(
        [(before.data, after) for before, after in pairs.values()], [item.data for item in target]
    )
    used: dict[str, Mapping[str, str]] = {}
    for before, _ in pairs.values():
        used |= {entry["name"]: entry for entry in image_entries.apply(before.data, changes)[1]}
    for item in target:
        data: Any = item.data
        if item.artifact == INCLUDED:
            data = image_entries.set_images(data, images)
        elif identity_of(item) in pairs:
            before, after = pairs[identity_of(item)]
            patch = difference(image_entries.apply(before.data, changes)[0], after)
            data = _placed_as(data, _patched(image_entries.set_images(before.data, images), patch))
        yield replace(item, data=image_entries.set_images(data, [*used.values()]))


def _patched(data: Any, patch: Any) -> Any:
    if isinstance(patch, list):
        return jsonpatch.patched(data, patch)
    return data if patch is None else strategic.merge(data, patch)


def _placed_as(wanted: Any, data: Any) -> Any:
    """An object under the name and in the namespace of another: kustomize's `namespace` comes after the patches."""
    kept = {key: value for key, value in data["metadata"].items() if key not in ("name", "namespace")}
    own = {key: wanted["metadata"][key] for key in ("name", "namespace") if key in wanted["metadata"]}
    return {**data, "metadata": {**own, **kept}}

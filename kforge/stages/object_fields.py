"""A field of an object as a user names it → its whole path, and the origin on record for it."""

from __future__ import annotations

from collections.abc import Mapping

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.origin import paths_of
from kforge.errors import InputError


def resolved(document: Document, field: str) -> str:
    """The whole path of a field. Raises PathError where there is none, InputError where several end so."""
    try:
        fieldpath.get(document.data, field)
        return fieldpath.text(fieldpath.resolve(document.data, fieldpath.parse(field)))
    except fieldpath.PathError:
        ends = [path for path in _every(document) if path.endswith(f".{field}")]
        least = min((path.count(".") for path in ends), default=0)
        ends = [path for path in ends if path.count(".") == least]
        told = {(nearest(document.origins, path), repr(fieldpath.get(document.data, path))) for path in ends}
        if not ends:
            raise
        if len(told) > 1:
            names = ", ".join(f"`{short_field(path)}`" for path in ends[:6])
            raise InputError(f"`{document.target}` has several fields `{field}`", hint=f"say which: {names}") from None
        return ends[0]


def _every(document: Document) -> list[str]:
    """Paths of all leaves and of what holds them, in order."""
    leaf_paths = paths_of(document.data)
    return [*dict.fromkeys(above for path in leaf_paths for above in reversed(fieldpath.ancestors(path)) if above)]


def endings(document: Document) -> list[str]:
    """Names of all fields, whole and short."""
    return [*dict.fromkeys(name for path in _every(document) for name in (path, short_field(path)))]


def short_field(path: str) -> str:
    """A field path without what leads to a pod: `containers[0].image`. It is understood as well."""
    for head in ("spec.jobTemplate.spec.template.spec.", "spec.template.spec."):
        if path.startswith(head):
            return path[len(head) :]
    return path


def nearest(origins: Mapping[str, str], field: str) -> str:
    """Origin of a field or of the nearest field above it, "" where nothing is on record."""
    return next((origins[path] for path in fieldpath.ancestors(field) if path in origins), "")


def origin_of(document: Document, field: str) -> str:
    """Origin of a field. The name of a list's item is there for the sake of the item: where all else that is on record
    for it has one origin, so has its name.
    """
    item, _, key = field.rpartition(".")
    if key == "name" and item.endswith("]") and field not in document.origins:
        others = {origin for path, origin in document.origins.items() if path.startswith(f"{item}.")}
        if len(others) == 1:
            return others.pop()
    return nearest(document.origins, field)

"""Images are pinned, well formed, and from a registry that the app allows.

`latest` names another image tomorrow, so rolling back would not roll back. A reference that is no OCI reference
passes the API server and fails in the kubelet (`InvalidImageName`). The images that CI sets in an environment's
component are held to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.images import allowed, digest, is_reference, tag
from kforge.domain.kubernetes import image_component
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads


class _Named(NamedTuple):
    """An image, and who names it where."""

    document: Document
    field: str
    owner: str
    verb: str
    image: str
    may_keep: bool = False  # whether it may lack a tag, and keeps that of the manifest then


def _images(documents: Documents) -> Iterator[_Named]:
    """Every container and image volume that names an image, and what the environment's component sets."""
    for document in workloads(documents):
        for path, container in containers(document):
            if isinstance(container.get("image"), str):
                yield _Named(
                    document, f"{path}.image", f"container `{text(container, 'name')}`", "runs", container["image"]
                )
        where, pod = pod_spec(document) or ("", {})
        for path, volume in items(pod, "volumes", where):
            if reference := text(mapping(volume, "image"), "reference"):
                yield _Named(document, f"{path}.image.reference", f"volume `{text(volume, 'name')}`", "runs", reference)
    if documents.component:
        for entry in image_component.entries(documents.component.raw):
            file = documents.component.document(entry.where)
            yield _Named(file, entry.field, "the image component", "sets", entry.image, may_keep=True)


def _reference(documents: Documents) -> Iterator[Hit]:
    for each in _images(documents):
        if not is_reference(each.image):
            yield Hit(
                each.document, each.field, f"{each.owner} names `{each.image[:200]}`, which is no image reference"
            )


def _pinned(documents: Documents) -> Iterator[Hit]:
    for each in _images(documents):
        if image_component.unpinned(each.image) or not (each.may_keep or digest(each.image) or tag(each.image)):
            yield Hit(each.document, each.field, f"{each.owner} {each.verb} unpinned image `{each.image[:200]}`")


def _registry(documents: Documents) -> Iterator[Hit]:
    names = ", ".join(f"`{name}`" for name in documents.registries)
    for each in _images(documents):
        if not allowed(each.image, documents.registries):
            message = f"{each.owner} {each.verb} `{each.image[:200]}`; `registries` allows only {names}"
            yield Hit(each.document, each.field, message)


RULES = (
    Rule("image-reference", "error", "write `REGISTRY/NAME:TAG`, lower case, or add `@sha256:…`", _reference),
    Rule("image-tag", "error", "name a version or a digest", _pinned),
    Rule("image-registry", "error", "add the registry to `registries`, or mirror the image", _registry, waivable=False),
)

"""Images are pinned, well formed, and from a registry that the app allows.

`latest` names another image tomorrow, so rolling back would not roll back. A reference that is no OCI reference
passes the API server and fails in the kubelet (`InvalidImageName`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.images import allowed, digest, qualified, tag
from kforge.domain.objects import containers, items, mapping, text, workloads

# https://pkg.go.dev/github.com/distribution/reference#pkg-overview
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(rf"{_DOMAIN}(?:/{_COMPONENT})+(?::[\w][\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}}|@sha512:[0-9a-f]{{128}})?")


def _images(document: Document) -> Iterator[tuple[str, str, str]]:
    """(field path, who runs it, image) of every container and image volume that names one."""
    for path, container in containers(document):
        if isinstance(container.get("image"), str):
            yield f"{path}.image", f"container `{text(container, 'name')}`", container["image"]
    where, pod = pod_spec(document) or ("", {})
    for path, volume in items(pod, "volumes", where):
        if reference := text(mapping(volume, "image"), "reference"):
            yield f"{path}.image.reference", f"volume `{text(volume, 'name')}`", reference


def _reference(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        for path, owner, image in _images(document):
            if not _REFERENCE.fullmatch(qualified(image)):
                yield Hit(document, path, f"{owner} names `{image}`, which is no image reference")


def _pinned(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        for path, owner, image in _images(document):
            if not digest(image) and tag(image) in ("", "latest"):
                yield Hit(document, path, f"{owner} runs unpinned image `{image}`")


def _registry(documents: Documents) -> Iterator[Hit]:
    names = ", ".join(f"`{name}`" for name in documents.registries)
    for document in workloads(documents):
        for path, owner, image in _images(document):
            if not allowed(image, documents.registries):
                yield Hit(document, path, f"{owner} runs `{image}`; `registries` allows only {names}")


RULES = (
    Rule("image-reference", "error", "write `REGISTRY/NAME:TAG`, lower case, or add `@sha256:…`", _reference),
    Rule("image-tag", "error", "name a version or a digest", _pinned),
    Rule("image-registry", "error", "add the registry to `registries`, or mirror the image", _registry, waivable=False),
)

"""Images that run: well formed, pinned, and from a registry that the app allows.

The images that CI sets in an environment's component are held to the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.images import Registries, digest, is_reference, placeholder, repository, tag
from kforge.domain.kubernetes import image_component
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads
from kforge.domain.near_words import listed

_KINDS = (*POD_PATHS, "Component")


class _Named(NamedTuple):
    """An image, and the container, volume or component that names it."""

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


@rule(
    "image-reference",
    "error",
    "write `REGISTRY/NAME:TAG`, lower case, or add `@sha256:…`",
    kinds=_KINDS,
    sources=("https://pkg.go.dev/github.com/distribution/reference#pkg-overview",),
)
def image_reference(documents: Documents) -> Iterator[Hit]:
    """An image is named by an OCI reference.

    The API server takes any text. A reference that is none fails in the kubelet (`InvalidImageName`), when the pod is
    already wanted: a name has no capital letters, a digest is `sha256:` and 64 digits of it.

    Wrong:
        image: ghcr.io/acme/Web:1.4.2
    Right:
        image: ghcr.io/acme/web:1.4.2
    """
    for each in _images(documents):
        if not is_reference(each.image):
            yield Hit(
                each.document, each.field, f"{each.owner} names `{each.image[:200]}`, which is not an image reference"
            )


@rule(
    "image-tag",
    "error",
    "name a version or a digest",
    kinds=_KINDS,
    sources=("https://kubernetes.io/docs/concepts/containers/images/#image-names",),
)
def image_tag(documents: Documents) -> Iterator[Hit]:
    """Images are pinned.

    `latest`, which is also what no tag means, names another image tomorrow: two pods of one Deployment may run different
    programs, and rolling back would not roll back. Write the version, or better, a digest.

    Wrong:
        image: ghcr.io/acme/web:latest
    Right:
        image: ghcr.io/acme/web:1.4.2
    """
    for each in _images(documents):
        if image_component.unpinned(each.image) or not (each.may_keep or digest(each.image) or tag(each.image)):
            yield Hit(each.document, each.field, f"{each.owner} {each.verb} unpinned image `{each.image[:200]}`")


@rule(
    "image-registry",
    "error",
    "add the registry to `registries`, or mirror the image",
    kinds=_KINDS,
    waivable=False,
)
def image_registry(documents: Documents) -> Iterator[Hit]:
    """Images come from the registries that the app allows.

    `registries` of the spec is the whole list; where it is empty, any registry will do. It holds for everything that
    names an image: services, fragments, patches, included manifests, and what CI sets. An entry is compared by whole
    parts of a path, so `ghcr.io/acme` does not allow `ghcr.io/acme-evil`. For the example, `registries: [ghcr.io/acme]`.

    Wrong:
        image: docker.io/library/redis:7.4
    Right:
        image: ghcr.io/acme/redis:7.4
    """
    names, allowing = listed(documents.registries), Registries(documents.registries)
    for each in _images(documents):
        if not allowing.allow(each.image):
            message = f"{each.owner} {each.verb} `{each.image[:200]}`; `registries` allows only {names}"
            yield Hit(each.document, each.field, message)


@rule("image-placeholder", "warning", "write the registry that you push to: `registry: ghcr.io/NAME`", kinds=_KINDS)
def image_placeholder(documents: Documents) -> Iterator[Hit]:
    """Images have a registry that exists.

    `kforge init` cannot know where your images go, so it drafts `registry: registry.example.com/…`. Hosts of that kind
    are reserved for examples: no push succeeds, and pods wait with `ImagePullBackOff`. Write your own
    registry, for all environments or for each of them.

    Wrong:
        image: registry.example.com/shop/shop-web:1.4.2
    Right:
        image: ghcr.io/acme/shop-web:1.4.2
    """
    for each in _images(documents):
        if placeholder(each.image):
            prefix = repository(each.image).rpartition("/")[0]
            yield Hit(
                each.document, each.field, f"`{prefix[:200]}` is a placeholder, so no image can be pulled from it"
            )


RULES = (image_reference, image_tag, image_registry, image_placeholder)

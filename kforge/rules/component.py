"""The image component of an environment, which CI writes."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.image_component import faults, mistaken
from kforge.domain.kubernetes.image_names import images_in, starts
from kforge.errors import Place

PRIVATE = "the file in the image component's place is neither tracked by git nor written by kforge, so it is not read"


@rule(
    "image-component",
    "error",
    "keep only `images` in it",
    kinds=("Component",),
    sources=("https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/",),
    waivable=False,
)
def image_component(documents: Documents) -> Iterator[Hit]:
    """An environment's image component holds images and nothing else.

    CI sets images there (`kustomize edit set image`), and kustomize applies the file after everything that kforge wrote.
    A patch, a resource or an address in it would reach the cluster unseen by any rule; a name that is no image of the
    manifests, or stands for two of them, would change nothing or too much. What is no YAML at all is an
    error of the input (exit 2), what is no image a finding (exit 1). Nothing is read, nor told, of a file that is not
    the repository's: a pull request may name any folder.

    Wrong:
        images: [{name: ghcr.io/acme/shop-web, newTag: 1.4.3}]
        patches: [{path: more.yaml}]
    Right:
        images: [{name: ghcr.io/acme/shop-web, newTag: 1.4.3}]
    """
    if documents.component and documents.component.private:
        where = Place(documents.component.path)
        hint = "add it to git, or set `paths.images` to another folder"
        yield Hit(documents.component.document(where), "", PRIVATE, hint)
    elif documents.component:
        images = starts(image for item in documents.objects() for image in images_in(item.data))
        for fault in (*faults(documents.component.raw), *mistaken(documents.component.raw, images)):
            yield Hit(documents.component.document(fault.where), fault.field, fault.message, fault.hint)


RULES = (image_component,)

"""An environment's image component holds images and nothing else.

CI sets images there (`kustomize edit set image`), and kustomize applies the file after everything that kforge wrote. A
patch, a resource or an address in it would reach the cluster unseen by any rule. What is no YAML at all is an error of
the input (exit 2), what is no image a finding (exit 1). Nothing is read, nor told, of a file that is not the
repository's: a pull request may name any folder.
"""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.image_component import faults
from kforge.errors import Place

PRIVATE = (
    "git does not track what lies in the image component's place, and kforge did not write it: nothing of it is read"
)


def _alone(documents: Documents) -> Iterator[Hit]:
    if documents.component and documents.component.private:
        where = Place(documents.component.path)
        yield Hit(
            documents.component.document(where),
            "",
            PRIVATE,
            "add it to git, or have `paths.images` name another folder",
        )
    elif documents.component:
        for fault in faults(documents.component.raw):
            yield Hit(documents.component.document(fault.where), fault.field, fault.message, fault.hint)


RULES = (Rule("image-component", "error", "leave images alone in it", _alone, waivable=False),)

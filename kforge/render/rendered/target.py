"""The target `rendered`: the final objects of the base and of every environment, one folder each, as kustomize builds them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.domain.target import PATHS, Paths, Target

if TYPE_CHECKING:
    from kforge.domain.document import Documents
    from kforge.domain.spec.types import Spec


def _files(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, str, str]]:
    from kforge.domain.yaml_text import marked  # not for `check`, which compares what it wrote
    from kforge.render.rendered.built import built
    from kforge.render.rendered.file_names import named

    paths = spec.paths.model_dump()
    for environment in documents:
        folder = f"{root(paths)}/{environment or 'base'}"
        for path, document in named(built(documents, environment), posixpath.normpath(spec.paths.kubernetes)):
            yield f"{folder}/{path}", document.service, marked(document.data, name)


def root(paths: Paths) -> str:
    """The folder of all environments' folders."""
    return posixpath.normpath(str(paths.get("rendered", PATHS["rendered"])))


# Not among what reviews fold: these files are there to be read.
TARGET = Target(
    name="rendered",
    files=_files,
    made_of=("kubernetes",),
    root=root,
    sets_images=True,
    whole=lambda paths: (root(paths),),
)

"""The target `helm`: a chart of the application, with values for each environment, made of the objects of them all."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kforge.domain.target import PATHS, Paths, Target

if TYPE_CHECKING:
    from kforge.domain.document import Documents
    from kforge.domain.spec.types import Spec


def _files(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, str, str]]:
    from kforge.render.helm.chart import chart  # not for `check`, which compares what it wrote

    folder = f"{_root(spec.paths.model_dump())}/{spec.app}"
    for path, service, text in chart(spec, documents, name):
        yield f"{folder}/{path}", service, text


def _root(paths: Paths) -> str:
    return posixpath.normpath(str(paths.get("helm", PATHS["helm"])))


TARGET = Target(
    name="helm",
    files=_files,
    made_of=("kubernetes",),
    root=_root,
    generated=lambda paths: (f"{_root(paths)}/**",),
)

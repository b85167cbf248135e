"""The target `argocd`: an Application an environment, or an ApplicationSet, in a folder that `kubectl apply -f` takes."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kforge.domain.target import PATHS, Paths, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.document import Document
    from kforge.errors import Place


def _render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    from kforge.domain import yaml_text  # not for `check`, which compares what it wrote

    return yaml_text.render(document, name)


def root(paths: Paths) -> str:
    """The folder of the objects."""
    return posixpath.normpath(str(paths.get("argocd", PATHS["argocd"])))


TARGET = Target(name="argocd", render=_render, root=root, whole=lambda paths: (root(paths),))

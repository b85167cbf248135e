"""Finished documents → the files that are wanted, with aggregates and seeds. Knows nothing of the disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kforge.domain import yaml_text
from kforge.domain.change import File
from kforge.domain.document import Document, Documents
from kforge.domain.spec import Spec
from kforge.stages import dockerfile, kustomize, overlay
from kforge.stages.bake import Target, bake
from kforge.stages.kustomize import Layout


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering needs besides documents."""

    spec: Spec
    name: str  # the spec's file name, for the mark
    revisions: Mapping[str, int]  # renderer's revision by artifact
    targets: tuple[Target, ...]
    included: tuple[str, ...]  # the user's own manifests, relative to the spec's folder


def files(rendering: Rendering, documents: Mapping[str, Documents]) -> dict[str, File]:
    """Every wanted file by path, relative to the spec's folder."""
    base = documents[""]
    wanted = {item.path: _file(rendering, item) for item in base if item.path not in rendering.included}
    if rendering.targets:
        text = bake(rendering.targets, rendering.name)
        wanted[rendering.spec.paths.bake] = File(text.encode(), aggregate=True)
    if any(base.objects()):
        wanted.update(_kustomized(rendering, documents))
    return wanted


def _file(rendering: Rendering, document: Document) -> File:
    return File(render(document, rendering.name).encode(), rendering.revisions.get(document.artifact, 1))


def render(document: Document, name: str) -> str:
    """Text of one document, by its sort."""
    if document.dockerfile is not None:
        return dockerfile.render(document, name)
    if document.lines is not None:
        return "\n".join(document.lines) + "\n"
    return yaml_text.render(document, name)


def _kustomized(rendering: Rendering, documents: Mapping[str, Documents]) -> Iterable[tuple[str, File]]:
    raise NotImplementedError

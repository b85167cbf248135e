"""Finished documents → the files that are wanted, with aggregates and seeds. Knows nothing of the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from kforge.domain import yaml_text
from kforge.domain.change import WantedFile
from kforge.domain.document import INCLUDED, MARK, Document, Documents
from kforge.domain.spec.types import Spec
from kforge.errors import Place
from kforge.render import dockerfile
from kforge.render.aggregates import aggregates, seeds
from kforge.render.kustomize import Layout
from kforge.render.overlay import overlay
from kforge.stages.inputs import Inputs
from kforge.stages.origins import LocateOrigin

OVERLAY_REVISION = 1


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering needs besides documents."""

    spec: Spec
    inputs: Inputs
    raw: Mapping[str, object]
    name: str  # the spec's file name, for the mark
    revisions: Mapping[str, int]  # renderer's revision by artifact
    place: LocateOrigin = lambda document, origin: None


def files(rendering: Rendering, documents: Mapping[str, Documents]) -> dict[str, WantedFile]:
    """Every wanted file by path, relative to the spec's folder."""
    base = documents[""]
    wanted = {item.path: _file(rendering, item) for item in base if item.artifact != INCLUDED}
    paths = rendering.spec.paths
    layout = Layout.of({"kubernetes": paths.kubernetes, "overlays": paths.overlays, "images": paths.images})
    wanted.update(_overlays(rendering, layout, documents))
    included = sorted({item.path for item in base if item.artifact == INCLUDED})
    for path, text in aggregates(rendering.inputs, rendering.raw, wanted.keys(), included, rendering.name).items():
        wanted[path] = WantedFile(text.encode(), aggregate=True)
    for path, text in seeds(rendering.raw, wanted.keys()).items():
        wanted[path] = WantedFile(text.encode(), seed=True)
    return wanted


def _overlays(
    rendering: Rendering, layout: Layout, documents: Mapping[str, Documents]
) -> Iterator[tuple[str, WantedFile]]:
    for environment, target in documents.items():
        if environment:
            for path, text in overlay(layout, environment, documents[""], target, rendering.name).items():
                service = path.removeprefix(f"{layout.overlay(environment)}/").partition("/")[0]
                owner = service if service in rendering.spec.services else ""
                yield path, WantedFile(text.encode(), OVERLAY_REVISION, service=owner)


def _file(rendering: Rendering, document: Document) -> WantedFile:
    revision = rendering.revisions.get(document.artifact, 1)
    place = partial(rendering.place, document)
    return WantedFile(render(document, rendering.name, place).encode(), revision, service=document.service)


def render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    """Text of one document, by its sort."""
    if document.dockerfile is not None:
        return dockerfile.render(document, name, place)
    if document.lines is not None:
        return "\n".join([f"# {MARK} {name}; change the spec, not this file.", "", *document.lines, ""])
    return yaml_text.render(document, name)

"""Finished documents → the files that are wanted, target by target, with aggregates and seeds. Knows nothing of the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from kforge.domain.change import WantedFile
from kforge.domain.document import INCLUDED, Document, Documents
from kforge.domain.spec.types import Spec
from kforge.domain.target import Listed, Target, aggregates, seeds
from kforge.stages.inputs import Inputs
from kforge.stages.origins import LocateOrigin


@dataclass(frozen=True, slots=True)
class Rendering:
    """What rendering needs besides documents."""

    spec: Spec
    inputs: Inputs
    raw: Mapping[str, object]
    name: str  # the spec's file name, for the mark
    artifacts: Mapping[str, tuple[str, int]]  # artifact → its target, and the renderer's revision
    targets: Mapping[str, Target]
    place: LocateOrigin = lambda document, origin: None


def files(rendering: Rendering, documents: Mapping[str, Documents]) -> dict[str, WantedFile]:
    """Every wanted file by path, relative to the spec's folder."""
    base, targets = documents[""], rendering.targets.values()
    wanted = {item.path: _file(rendering, item) for item in base if item.artifact != INCLUDED}
    for target in targets:
        for path, service, text in target.files(rendering.spec, _of(target, rendering.spec, documents), rendering.name):
            wanted[path] = WantedFile(text.encode(), target.revision, service=service)
    includes = sorted({item.path for item in base if item.artifact == INCLUDED})
    listed = Listed(rendering.raw, rendering.inputs, {*wanted}, includes, rendering.name)
    for path, text in aggregates(targets, listed).items():
        wanted[path] = WantedFile(text.encode(), aggregate=True)
    for path, text in seeds(targets, replace(listed, owned={*wanted})).items():
        wanted[path] = WantedFile(text.encode(), seed=True)
    return wanted


def _of(target: Target, spec: Spec, documents: Mapping[str, Documents]) -> Mapping[str, Documents]:
    """Documents without those of services that narrow their outputs to others."""
    others = {name for name, service in spec.services.items() if target.name not in (service.outputs or [target.name])}
    if not others:
        return documents
    return {
        name: replace(each, items=tuple(item for item in each if item.service not in others))
        for name, each in documents.items()
    }


def _file(rendering: Rendering, document: Document) -> WantedFile:
    target, revision = rendering.artifacts[document.artifact]
    text = rendering.targets[target].render(document, rendering.name, partial(rendering.place, document))
    return WantedFile(text.encode(), revision, service=document.service)

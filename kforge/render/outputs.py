"""Finished documents → the files that are wanted, target by target, with aggregates and seeds. Knows nothing of the disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from kforge.domain.change import WantedFile
from kforge.domain.document import INCLUDED, Document, Documents
from kforge.domain.spec.types import Spec
from kforge.domain.target import Listed, Target, UnwritableError, aggregates, seeds
from kforge.errors import InputError, Place
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
    folder: str = "."  # the spec's, from the repository's top


def files(rendering: Rendering, documents: Mapping[str, Documents]) -> dict[str, WantedFile]:
    """Every wanted file by path, relative to the spec's folder."""
    base, targets = documents[""], rendering.targets.values()
    wanted = {item.path: _file(rendering, item) for item in base if _written(rendering, item)}
    for target in targets:
        for path, service, text in _made(target, rendering, documents):
            if path in wanted:
                hint = "give each form of output a folder of its own, under `paths`"
                raise InputError(
                    f"`{target.name}` would write `{path}`, which is another's", Place(rendering.name), hint
                )
            wanted[path] = WantedFile(text.encode(), target.revision, service=service)
    includes = sorted({item.path for item in base if item.artifact == INCLUDED})
    listed = Listed(rendering.raw, rendering.inputs, {*wanted}, includes, rendering.name, rendering.folder)
    for path, text in aggregates(targets, listed).items():
        wanted[path] = WantedFile(text.encode(), aggregate=True)
    for path, text in seeds(targets, replace(listed, owned={*wanted})).items():
        wanted[path] = WantedFile(text.encode(), seed=True)
    return wanted


def _made(target: Target, rendering: Rendering, documents: Mapping[str, Documents]) -> Iterator[tuple[str, str, str]]:
    """The files that a target makes of all documents. Raises InputError, with its place, for what it cannot say."""
    try:
        yield from target.files(rendering.spec, _of(target, rendering.spec, documents), rendering.name)
    except UnwritableError as error:
        raise InputError(error.message, _place(rendering, error.document, error.path), error.hint) from None


def _place(rendering: Rendering, document: Document, path: str) -> Place | None:
    """Where the spec says something of a field, or of what it lies in."""
    if document.place is not None:
        return document.place(path)
    while path and path not in document.origins:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return rendering.place(document, document.origins.get(path, ""))


def needed(spec: Spec, targets: Mapping[str, Target]) -> Spec:
    """The spec as if it listed what its outputs are made of, too: documents that are needed, and not written."""
    if not any(target.made_of for target in targets.values()):
        return spec

    def more(outputs: Iterable[str]) -> list[str]:
        return [*dict.fromkeys(each for name in outputs for each in (name, *targets[name].made_of))]

    services = {
        name: service.model_copy(update={"outputs": more(service.outputs)}) if service.outputs else service
        for name, service in spec.services.items()
    }
    return spec.model_copy(update={"outputs": more(spec.outputs), "services": services})


def _written(rendering: Rendering, document: Document) -> bool:
    """Whether the spec lists the output that a document belongs to, for the document's service."""
    if document.artifact == INCLUDED:
        return False
    service, (target, _) = rendering.spec.services.get(document.service), rendering.artifacts[document.artifact]
    return target in rendering.targets and (service is None or target in (service.outputs or rendering.targets))


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

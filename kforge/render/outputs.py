"""Finished documents → the files that are wanted, target by target, with aggregates and seeds. Knows nothing of the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from posixpath import normpath

from kforge.domain.change import WantedFile
from kforge.domain.document import INCLUDED, Document, Documents
from kforge.domain.kubernetes.objects import mapping
from kforge.domain.spec.raw import Path
from kforge.domain.spec.types import Spec
from kforge.domain.target import ClaimedTwiceError, Listed, Target, UnwritableError, seeds
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
    spec_place: Callable[[Path], Place | None] = lambda path: None  # where the spec has a key
    folder: str = "."  # the spec's, from the repository's top


def files(rendering: Rendering, documents: Mapping[str, Documents]) -> dict[str, WantedFile]:
    """Every wanted file by path, relative to the spec's folder. Raises InputError where two outputs claim one path, and
    for what an output cannot say.
    """
    base, targets = documents[""], rendering.targets.values()
    claims = _Claims(rendering)
    for item in base:
        if _written(rendering, item):
            claims.take(rendering.artifacts[item.artifact][0], item.path, _file(rendering, item))
    for target in targets:
        for path, service, text in _made(target, rendering, documents):
            claims.take(target.name, path, WantedFile(text.encode(), target.revision, service=service))
    includes = sorted({item.path for item in base if item.artifact == INCLUDED})
    listed = Listed(rendering.raw, rendering.inputs, {*claims.files}, includes, rendering.name, rendering.folder)
    for target in targets:
        try:
            for path, text in target.aggregates(listed).items():
                claims.take(target.name, path, WantedFile(text.encode(), aggregate=True))
        except ClaimedTwiceError as error:
            raise claims.refusal(error.path, target.name, target.name) from None
    listed = replace(listed, owned={*claims.files})
    for target in targets:
        for path, text in target.seeds(listed).items():
            claims.take(target.name, path, WantedFile(text.encode(), seed=True))
    return claims.files


class _Claims:
    """Wanted files, and which output wants each."""

    def __init__(self, rendering: Rendering) -> None:
        self.files: dict[str, WantedFile] = {}
        self._owners: dict[str, str] = {}
        self._rendering = rendering

    def take(self, name: str, path: str, file: WantedFile) -> None:
        other = self._owners.setdefault(path, name)
        if path in self.files:
            raise self.refusal(path, name, other)
        self.files[path] = file

    def refusal(self, path: str, name: str, other: str) -> InputError:
        """What is said of a path that two outputs claim, or one output twice."""
        whose = f"both `{other}` and `{name}`" if other != name else f"`{name}` twice"
        hint = "give each output a folder of its own under `paths`"
        return InputError(f"`{path}` would be written by {whose}", self._place(path, name), hint)

    def _place(self, path: str, name: str) -> Place | None:
        """The line of `paths` that put a file there, else that of `outputs` that asks for it."""
        raw = self._rendering.raw
        paths, outputs = mapping(raw, "paths"), self._rendering.spec.outputs
        roots = [key for key, root in paths.items() if f"{path}/".startswith(f"{normpath(str(root))}/")]
        if roots:
            return self._rendering.spec_place(("paths", max(roots, key=lambda key: len(str(paths[key])))))
        return self._rendering.spec_place(("outputs", *([outputs.index(name)] if name in outputs else [])))


def seeded(rendering: Rendering, base: Documents) -> dict[str, str]:
    """Text of every file that is written once and then the user's, by path."""
    owned = {item.path for item in base if _written(rendering, item)}
    return seeds(
        rendering.targets.values(), Listed(rendering.raw, rendering.inputs, owned, (), rendering.name, rendering.folder)
    )


def _made(target: Target, rendering: Rendering, documents: Mapping[str, Documents]) -> Iterator[tuple[str, str, str]]:
    """The files that a target makes of all documents. Raises InputError, with its place, for what it cannot say."""
    try:
        yield from target.files(rendering.spec, _of(target, rendering, documents), rendering.name)
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


def _of(target: Target, rendering: Rendering, documents: Mapping[str, Documents]) -> Mapping[str, Documents]:
    """The documents that a target is made of, without those of services that narrow their outputs to others."""
    services = rendering.spec.services.items()
    others = {name for name, service in services if target.name not in (service.outputs or [target.name])}
    made_of = {target.name, *target.made_of}
    used = {INCLUDED, *(name for name, (output, _) in rendering.artifacts.items() if output in made_of)}
    return {
        name: replace(each, items=tuple(item for item in each if item.service not in others and item.artifact in used))
        for name, each in documents.items()
    }


def _file(rendering: Rendering, document: Document) -> WantedFile:
    target, revision = rendering.artifacts[document.artifact]
    text = rendering.targets[target].render(document, rendering.name, partial(rendering.place, document))
    return WantedFile(text.encode(), revision, service=document.service)

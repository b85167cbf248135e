"""Outcome → explanations of its decisions, of keys of the spec and of fields of its objects, in every environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from posixpath import basename, dirname, join, normpath
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.origin import join as joined
from kforge.domain.spec.raw import MISSING, Path, dotted
from kforge.domain.topic_names import PROCESS
from kforge.explanations.line_paths import LinePath, LinePaths, line_paths
from kforge.outcome import Outcome
from kforge.stages.assemble import Node
from kforge.stages.explain import Explainable, Explanation, explain, explain_field
from kforge.stages.inputs import Inputs


class Explainer:
    """What one outcome can tell. Paths of files are relative to the spec's folder."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.raw = outcome.loaded.raw
        self.decisions = outcome.settled.decisions
        self.services = outcome.loaded.world.spec.services
        self.environments = [name for name in outcome.documents if name]
        self._known: dict[str, Explainable] = {}
        self._read: dict[str, LinePaths] = {}

    @cached_property
    def _inputs(self) -> Inputs:
        world = self.outcome.loaded.world
        return Inputs(world.raw, world.facts, self.outcome.settled.values)

    def known(self, environment: str) -> Explainable:
        """What explanations are drawn from, in an environment; "" is the base."""
        if environment not in self._known:
            self._known[environment] = Explainable(
                documents=self.outcome.documents[environment].items,
                decisions=self.decisions,
                place=self.raw.place,
                value=self._inputs.value,
                said=self.said,
                written=self.raw.written_at,
                missing=self.missing,
            )
        return self._known[environment]

    def said(self, keys: Path) -> bool:
        """Whether the spec has a value there."""
        return self.raw.dig(keys) is not MISSING

    def missing(self, keys: Path) -> bool:
        """Whether the spec has nothing there, nor a short form of what is around it."""
        here: Any = self.raw.data
        for part in keys:
            if isinstance(here, list):
                here = dict(enumerate(here)).get(int(part)) if str(part).isdigit() else here
            elif not isinstance(here, dict):
                return False
            elif part not in here:
                return True
            else:
                here = here[part]
        return False

    def text(self, path: str) -> str:
        """What a build would write at a path."""
        return self.outcome.files[path].content.decode()

    def read(self, path: str) -> LinePaths:
        """The paths of the lines of a file, as a build would write it."""
        if path not in self._read:
            self._read[path] = line_paths(self.text(path))
        return self._read[path]

    def document(self, kind: str, name: str, environment: str) -> Document | None:
        """An object of an environment, or one of the base that the environment leaves out."""
        documents = self.outcome.documents
        return documents[environment].get(kind, name) or documents[""].get(kind, name)

    def decision(self, target: str, field: str = "") -> tuple[Explanation, ...]:
        """A field of a decision, or all of it. Raises InputError where it has no such field."""
        return explain(self.known(""), target, field)

    def field(self, document: Document, path: str, environment: str = "") -> tuple[Explanation, ...]:
        """A field of an object, or each field below it, with the file and the line in which it stands."""
        found = explain_field(self.known(environment), document, path)
        return tuple(self._standing(each, document, environment) for each in found)

    def near(self, document: Document, path: LinePath, environment: str = "") -> tuple[Explanation, ...]:
        """The same by the parts of a path."""
        return self.field(document, fieldpath.text(path), environment)

    def key(self, keys: Path, target: str = "", note: str = "") -> Explanation:
        """What the spec says at a path."""
        value = self.raw.dig(keys)
        place = self.raw.key_place(keys) if isinstance(value, (dict, list)) else self.raw.place(keys)
        said = None if value is MISSING else value
        return Explanation(
            target or self.raw.file, dotted(keys), said, "spec", why=dotted(keys), where=place, note=note
        )

    def fixed(self, target: str, field: str, value: Any, why: str) -> Explanation:
        """What kforge writes by itself, with no key or decision behind it."""
        return Explanation(target, field, value, "kforge", why=why)

    def service(self, name: str, target: str, note: str) -> Explanation:
        """What a service's block in the spec is behind."""
        return replace(self.key(("services", name), target, note), value=None, field="")

    def source(self, name: str) -> Explanation:
        """The folder or the image that a service is made of."""
        key = "source" if self.said(("services", name, "source")) else "image"
        return self.key(("services", name, key))

    def caused(self, service: str, artifact: str, environment: str) -> tuple[Path, ...]:
        """What an environment says of the things that an artifact read there."""
        prefix = f"environments.{environment}."
        names = self.outcome.assembled.reads.get(Node(service, artifact, environment), ())
        found = dict[Path, None]()
        for name in names:
            if name.startswith(prefix):
                rest = tuple(name.removeprefix(prefix).split("."))
                own = ("services", service, *rest[1:]) if rest[0] == "spec" else rest
                keys = ("environments", environment, *own)
                if self.said(keys):
                    found[keys] = None
        return tuple(found)

    def _standing(self, found: Explanation, document: Document, environment: str) -> Explanation:
        """With the file in which it stands: an overlay's, or the image's where the image says it."""
        if found.note and found.target.endswith(f"/{PROCESS}"):
            return self._in_image(found, document.service)
        if not found.file:
            return found
        file = self._in_overlay(found, environment) if environment else found.file
        if file not in self.outcome.files:
            return replace(found, file="") if document.place is None else replace(found, file=document.path)
        at = fieldpath.parse(found.field)
        line = 0
        if file == document.path:
            line = self.read(file).line_of(tuple(part for part in at if isinstance(part, (str, int))))
        return replace(found, file=file, line=line)

    def _in_overlay(self, found: Explanation, environment: str) -> str:
        """What an environment says stands in its overlay: in a file of the object's own, else in the kustomization."""
        if not found.why.startswith(f"environments.{environment}."):
            return found.file
        overlay = join(normpath(self.outcome.loaded.world.spec.paths.overlays), environment)
        own = join(overlay, basename(dirname(found.file)))
        names = [join(own, basename(found.file)), join(own, "kustomization.yaml"), join(overlay, "kustomization.yaml")]
        if found.why == f"environments.{environment}.registry":
            names = names[1:]
        if found.why == f"environments.{environment}.namespace":
            names = names[2:]
        return next((name for name in names if name in self.outcome.files), found.file)

    def _in_image(self, found: Explanation, service: str) -> Explanation:
        for path, document in self.dockerfiles.items():
            if document.service == service:
                lines = self.text(path).split("\n")
                line = next((number for number, each in enumerate(lines, 1) if each.startswith("CMD ")), 0)
                return replace(found, file=path, line=line)
        return found

    @cached_property
    def dockerfiles(self) -> Mapping[str, Document]:
        """The Dockerfiles that kforge writes, by path."""
        items = self.outcome.documents[""].items
        return {item.path: item for item in items if item.dockerfile and item.path in self.outcome.files}


def path_text(path: LinePath) -> str:
    """A path of a file as messages show it."""
    shown = ""
    for part in path:
        shown = joined(shown, part) if isinstance(part, str) else f"{shown}[{part}]"
    return shown

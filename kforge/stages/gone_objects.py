"""Changes of files → objects that the files no longer have, and that a cluster runs on: `kubectl apply` removes nothing."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.change import Changes
from kforge.domain.conflict_sides import sides
from kforge.domain.document import Documents
from kforge.domain.kubernetes.objects import mapping, text
from kforge.domain.kubernetes.strategic import DIRECTIVE
from kforge.domain.spec.service_types import Namespace
from kforge.domain.spec.types import Spec
from kforge.errors import InputError
from kforge.spec.read import read_manifests

# Data goes with them, or everything that lies in them: a person decides.
KEPT = ("PersistentVolumeClaim", "Namespace")
_NOT_APPLIED = ("kustomize.config.k8s.io/", "argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "source.toolkit.fluxcd.io/")  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class GoneObject:
    """An object that an environment no longer has. `namespace` is "" where the spec names none."""

    namespace: str
    kind: str
    name: str


def gone_objects(changes: Changes, documents: Mapping[str, Documents], spec: Spec) -> tuple[GoneObject, ...]:
    """What to delete by hand where the manifests are applied with kubectl, sorted; claims and namespaces are left out."""
    began = {change.path for change in changes.pending if not change.before}
    overlays = {name: f"{posixpath.normpath(spec.paths.overlays)}/{name}/kustomization.yaml" for name in documents}
    deployed = [name for name in documents if name and overlays[name] not in began] or [""] * (
        "" in documents and not any(documents)
    )
    there = {name: {(item.kind, item.name) for item in documents[name].objects()} for name in deployed}
    found = {
        GoneObject(_namespace(spec, name), *identity)
        for identity in {*_candidates(changes)}
        for name in deployed
        if identity not in there[name]
    }
    return tuple(sorted(found))


def _candidates(changes: Changes) -> Iterator[tuple[str, str]]:
    """Kind and name of every object that a file had and has no more, or that an overlay now takes out."""
    new = {each for one in changes.pending if one.after and not one.before for each in _objects(one.after)}
    for change in changes.pending:
        before = {*_objects(change.before)} if change.before else set()
        after = {*_objects(change.after)} if change.after else set()
        yield from (each for each in before - after if each[0] != "Job" or not after)
        if change.after and not change.before:
            yield from (each for each in _objects(change.after, deleted=True) if each not in new)


def _objects(content: bytes | None, deleted: bool = False) -> Iterator[tuple[str, str]]:
    for side in sides(content or b"") or (content or b"",):
        if b"kind:" not in side:
            continue
        try:
            loaded: list[Any] = [document.data for document in read_manifests(side, "")]
        except InputError:
            continue
        for data in loaded:
            if isinstance(data, dict) and (data.get(DIRECTIVE) == "delete") == deleted and _applied(data):
                yield text(data, "kind"), text(mapping(data, "metadata"), "name")


def _applied(data: dict[str, Any]) -> bool:
    named = text(mapping(data, "metadata"), "name") and text(data, "apiVersion")
    return bool(named) and text(data, "kind") not in KEPT and not text(data, "apiVersion").startswith(_NOT_APPLIED)


def _namespace(spec: Spec, environment: str) -> str:
    home = spec.namespace.name if isinstance(spec.namespace, Namespace) else spec.namespace
    changed = spec.environments.get(environment)
    return (changed.namespace if changed else None) or home or ""

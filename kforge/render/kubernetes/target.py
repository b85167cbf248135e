"""The target `kubernetes`: one object a file, listed by a kustomization, with an overlay for every environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.target import Listed, Target
from kforge.render.kubernetes import kustomize
from kforge.render.kubernetes.kustomize import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.change import WantedFile
    from kforge.domain.document import Document, Documents
    from kforge.domain.spec.types import Spec
    from kforge.errors import Place

REVISION = 1  # of overlays


def _render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    from kforge.domain import yaml_text

    return yaml_text.render(document, name)


def _environments(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, WantedFile]]:
    from kforge.domain.change import WantedFile
    from kforge.render.kubernetes.overlay import overlay

    layout = Layout.of(spec.paths.model_dump())
    for environment, changed in documents.items():
        if environment:
            for path, text in overlay(layout, environment, documents[""], changed, name).items():
                service = path.removeprefix(f"{layout.overlay(environment)}/").partition("/")[0]
                yield path, WantedFile(text.encode(), REVISION, service=service if service in spec.services else "")


def _aggregates(listed: Listed) -> dict[str, str]:
    layout = Layout.of(listed.paths)
    if not _manifests(layout, listed):
        return {}
    return kustomize.aggregates(layout, listed.owned, listed.includes, _namespaces(listed.raw), listed.name)


def _seeds(listed: Listed) -> dict[str, str]:
    layout = Layout.of(listed.paths)
    return kustomize.seeds(layout, listed.raw.get("environments") or {}) if _manifests(layout, listed) else {}


def _manifests(layout: Layout, listed: Listed) -> bool:
    return any(path.startswith(f"{layout.kubernetes}/") for path in listed.owned)


def _namespaces(raw: Mapping[str, Any]) -> dict[str, str | None]:
    """Namespace of the base ("") and of every environment."""
    declared = raw.get("namespace")
    base = declared.get("name") if isinstance(declared, Mapping) else declared
    environments: Mapping[str, Any] = raw.get("environments") or {}
    return {"": base, **{name: (block or {}).get("namespace") for name, block in environments.items()}}


TARGET = Target(
    name="kubernetes",
    render=_render,
    aggregates=_aggregates,
    seeds=_seeds,
    environments=_environments,
    revision=REVISION,
    root=lambda paths: Layout.of(paths).overlays,
)

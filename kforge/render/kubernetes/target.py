"""The target `kubernetes`: one object a file, listed by a kustomization, with an overlay for every environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.target import Listed, Paths, Target
from kforge.render.kubernetes import kustomize
from kforge.render.kubernetes.kustomize import Layout

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.document import Document, Documents
    from kforge.domain.spec.types import Spec
    from kforge.errors import Place


def _render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    from kforge.domain import yaml_text

    return yaml_text.render(document, name)


def _overlays(spec: Spec, documents: Mapping[str, Documents], name: str) -> Iterator[tuple[str, str, str]]:
    from kforge.render.kubernetes.overlay import overlay

    layout = Layout.of(spec.paths.model_dump())
    for environment, changed in documents.items():
        if environment:
            for path, text in overlay(layout, environment, documents[""], changed, name).items():
                service = path.removeprefix(f"{layout.overlay(environment)}/").partition("/")[0]
                yield path, service if service in spec.services else "", text


def _aggregates(listed: Listed) -> dict[str, str]:
    layout = Layout.of(listed.paths)
    if not _manifests(layout, listed):
        return {}
    return kustomize.aggregates(layout, listed.owned, listed.includes, _namespaces(listed.raw), listed.name)


def _seeds(listed: Listed) -> dict[str, str]:
    layout = Layout.of(listed.paths)
    return kustomize.seeds(layout, listed.raw.get("environments") or {}) if _manifests(layout, listed) else {}


def _components(paths: Paths, environments: Iterable[str]) -> dict[str, str]:
    return kustomize.components(Layout.of(paths), environments)


def _whole(paths: Paths) -> tuple[str, ...]:
    layout = Layout.of(paths)
    return layout.kubernetes, layout.overlays, layout.images


def _generated(paths: Paths) -> tuple[str, ...]:
    layout = Layout.of(paths)
    return f"{layout.kubernetes}/**", f"{layout.overlays}/**"


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
    files=_overlays,
    root=lambda paths: Layout.of(paths).overlays,
    components=_components,
    whole=_whole,
    generated=_generated,
)

"""Inputs and owned paths → the files that list things of every service. Light: `check` renders them again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kforge.render import kustomize
from kforge.render.bake import bake
from kforge.render.built_images import targets
from kforge.render.kustomize import Layout
from kforge.stages.inputs import Inputs

BAKE = "docker-bake.hcl"


def aggregates(
    inputs: Inputs, raw: Mapping[str, Any], owned: Collection[str], includes: Collection[str], name: str
) -> dict[str, str]:
    """Text of every aggregate by path. `owned` are the paths of kforge's other files, `name` is the spec's file name."""
    paths = raw.get("paths") or {}
    layout = Layout.of(paths)
    found: dict[str, str] = {}
    images = targets(inputs, raw["services"])
    if images:
        found[str(paths.get("bake", BAKE))] = bake(images, name)
    if any(path.startswith(f"{layout.kubernetes}/") for path in owned):
        found.update(kustomize.aggregates(layout, owned, includes, _namespaces(raw), name))
    return found


def seeds(raw: Mapping[str, Any], owned: Collection[str]) -> dict[str, str]:
    """Text of every file that is written once and then the user's, by path."""
    layout = Layout.of(raw.get("paths") or {})
    if not any(path.startswith(f"{layout.kubernetes}/") for path in owned):
        return {}
    return kustomize.seeds(layout, raw.get("environments") or {})


def _namespaces(raw: Mapping[str, Any]) -> dict[str, str | None]:
    """Namespace of the base ("") and of every environment."""
    declared = raw.get("namespace")
    base = declared.get("name") if isinstance(declared, Mapping) else declared
    environments: Mapping[str, Any] = raw.get("environments") or {}
    return {"": base, **{name: (block or {}).get("namespace") for name, block in environments.items()}}

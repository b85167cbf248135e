"""Spec folders → what is accepted: every example in every environment, its kustomization, and kforge's own objects.

The one place that knows kforge's layout and its Python; everything else here sees files and a cluster.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SPECS = Path(__file__).parents[2] / "specs"
OVERRIDE = "KFORGE_CLUSTER_SPECS"  # folders of other specs, separated as in PATH
SPEC = "app.kforge.yaml"


@dataclass(frozen=True, slots=True)
class Target:
    """One spec in one environment; "" is the base."""

    folder: Path
    environment: str = ""

    def __str__(self) -> str:
        return f"{self.folder.name}-{self.environment or 'base'}"

    @property
    def spec(self) -> dict[str, Any]:
        return read_spec(self.folder)

    def kustomization(self, folder: Path | None = None) -> Path:
        """Folder to hand to `kubectl -k`, in this spec's folder or in a copy of it."""
        paths: dict[str, str] = self.spec.get("paths", {})
        if not self.environment:
            return (folder or self.folder) / paths.get("kubernetes", "deploy/kubernetes")
        return (folder or self.folder) / paths.get("overlays", "deploy/overlays") / self.environment

    def services(self, holds: Callable[[dict[str, Any]], object]) -> list[str]:
        """Names of the services that this environment has and for which `holds`, in order."""
        changes = self.spec.get("environments", {}).get(self.environment, {}).get("services", {})
        services = self.spec["services"].items()
        return [name for name, service in services if holds(service) and not changes.get(name, {}).get("omit")]

    def images(self, folder: Path) -> Path:
        """Folder of the component in which CI sets images."""
        paths: dict[str, str] = self.spec.get("paths", {})
        return folder / paths.get("images", "deploy/images") / (self.environment or "base")


def read_spec(folder: Path) -> dict[str, Any]:
    # libyaml's parser: every worker of every run reads the specs many times while it collects.
    spec: dict[str, Any] = yaml.load((folder / SPEC).read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return spec


def folders() -> tuple[Path, ...]:
    """The examples, or the folders that `KFORGE_CLUSTER_SPECS` names."""
    if named := os.environ.get(OVERRIDE):
        return tuple(Path(each).resolve() for each in named.split(os.pathsep))
    return tuple(sorted(path.parent for path in SPECS.glob(f"*/{SPEC}")))


def targets() -> tuple[Target, ...]:
    """Bases, then environments: two that share a namespace do not follow each other, as emptying one takes a while."""
    bases = [Target(folder) for folder in reversed(folders())]
    overlays = [Target(base.folder, name) for base in bases for name in sorted(base.spec.get("environments", {}))]
    return (*bases, *overlays)


def kforge(folder: Path, *words: str) -> None:
    """Run a kforge command in a folder; what it says goes into the failure."""
    command = [sys.executable, "-m", "kforge", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (
        f"kforge {' '.join(words)}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )


def edit_spec(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the spec of a copy, as its owner would."""
    spec = read_spec(folder)
    change(spec)
    (folder / SPEC).write_text(yaml.safe_dump(spec, sort_keys=False, allow_unicode=True), encoding="utf-8")


@cache
def computed_objects(target: Target) -> tuple[Mapping[str, Any], ...]:
    """The objects of an environment as kforge computed and checked them, before any file was written."""
    from kforge import pipeline
    from kforge.domain.spec.project import Project
    from kforge.outcome import Options
    from kforge.system.project import root

    project = Project(target.folder / SPEC, root(target.folder))
    outcome = pipeline.run(project, Options(today=date(2026, 1, 1)))
    return tuple(item.data for item in outcome.documents[target.environment].objects() if item.data is not None)

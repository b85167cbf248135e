"""A spec → the same with every output and two environments. Unaware of what is written for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kforge.catalog import TARGETS


def with_every_output(folder: Path) -> Path:
    """Edit the spec of a folder; the folder. A spec with environments keeps its own."""
    spec = folder / "app.kforge.yaml"
    data = yaml.safe_load(spec.read_text(encoding="utf-8"))
    data.setdefault("namespace", data["app"])
    data["outputs"] = [*TARGETS]
    data["gitops"] = {"repository": f"https://github.com/acme/{data['app']}"}
    data.setdefault("environments", _environments(data))
    spec.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return folder


def _environments(data: Mapping[str, Any]) -> dict[str, Any]:
    """One on another platform with other replicas of a program, or another variable where none can have more, and one
    with another registry.
    """
    app, services = data["app"], data["services"]
    once = {"job", "schedule", "volumes", "image"}
    several = [name for name, each in services.items() if not once & each.keys()]
    changed = {several[0]: {"scale": {"min": 2}}} if several else {next(iter(services)): {"env": {"STAGE": "staging"}}}
    return {
        "staging": {"namespace": f"{app}-staging", "platform": "openshift", "services": changed},
        "prod": {"namespace": f"{app}-prod", "registry": "registry.example.org/prod"},
    }

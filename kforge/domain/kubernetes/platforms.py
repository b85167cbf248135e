"""Platforms: what a managed Kubernetes asks of objects, refuses, or rewrites, beyond what every API server does.

Data: `platforms.json`. A fact of a platform has a value, what the platform does, what kforge makes of it, its source, the
day on which that was read, "" where it is known from elsewhere alone, and what of it was checked here, "" for nothing. docs/platforms.md is written from it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from kforge.domain.view import View

PLATFORMS = ("generic", "openshift", "aks-automatic", "gke-autopilot", "eks")  # what `platform` may be


class Identity(NamedTuple):
    """How a platform learns which account of its own a pod has."""

    annotation: str  # of the service account
    label: dict[str, str]  # of the pod
    pattern: str
    example: str


def platform(view: View) -> str:
    """The platform of what is looked at: an environment's, else the app's."""
    return str(view.app("platform"))


def title(name: str) -> str:
    return str(_data()[name]["title"])


def fact(name: str, key: str) -> Any:
    """The value of a platform's fact; None where it has no such fact."""
    return facts(name).get(key, {}).get("value")


def source(name: str, key: str) -> str:
    """The page that a fact rests on."""
    return str(facts(name)[key]["source"])


def identity(name: str) -> Identity | None:
    held = fact(name, "identity")
    return Identity(**held) if held else None


def facts(name: str) -> dict[str, dict[str, Any]]:
    """The facts of a platform by name; none of one that is not known."""
    held: dict[str, dict[str, Any]] = _data().get(name, {}).get("facts", {})
    return held


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return data

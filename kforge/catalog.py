"""The one list of what is built in. Order is meaning: detectors are tried, topics settled, artifacts written in it.

Each shelf is imported when it is asked for, so that `check` never pays for what it does not use. Plugins add to a
shelf through the entry-point groups `kforge.detectors`, `kforge.topics`, `kforge.artifacts`, `kforge.rules`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

DETECTORS = ("python", "node", "go", "python_install", "nginx", "dockerfile", "dockerignore")  # the last four complete a language's facts
TOPICS = ("build", "process", "probes", "resources", "rollout")
RECIPES = ("python", "node", "static", "go")
BY_RECIPE = ("dockerfile", "dockerignore")  # artifacts over the shelf of recipes
ARTIFACTS = (
    "webserver", "namespace", "serviceaccount", "configmap", "claim", "deployment", "statefulset",
    "job", "cronjob", "service", "ingress", "autoscaler", "disruption", "network",
)
# File name → newest revision, of artifacts that are past their first: so that `check` sees an outdated file by its
# name, without importing what rendered it.
REVISED: dict[str, int] = {}
# Rises whenever a verdict of `check` might be another than before: what an older index remembers is then forgotten.
FINGERPRINT = 1
RULES = (
    "schema", "names", "pods", "services", "schedule", "references", "selectors", "routes", "images", "podsecurity",
    "dockerfile", "wiring",
)


def _shelf(package: str, names: tuple[str, ...], attribute: str) -> tuple[Any, ...]:
    return tuple(getattr(import_module(f"kforge.{package}.{name}"), attribute) for name in names)


def detectors() -> tuple[Any, ...]:
    return _shelf("detectors", DETECTORS, "DETECTOR")


def topics() -> tuple[Any, ...]:
    return _shelf("topics", TOPICS, "TOPIC")


def recipes() -> dict[str, Any]:
    return {recipe.name: recipe for recipe in _shelf("recipes", RECIPES, "RECIPE")}


def artifacts() -> tuple[Any, ...]:
    over_recipes = tuple(make(recipes) for make in _shelf("artifacts", BY_RECIPE, "artifact"))
    return (*over_recipes, *_shelf("artifacts", ARTIFACTS, "ARTIFACT"))


def rules() -> tuple[Any, ...]:
    """Every rule; a module of the shelf holds one or a family, always as the tuple `RULES`."""
    return tuple(rule for family in _shelf("rules", RULES, "RULES") for rule in family)


def revisions() -> Any:
    """The newest revision of every topic and detector: what an older lock is measured against."""
    from kforge.domain.lock import Revisions

    return Revisions(
        topics={topic.name: topic.revision for topic in topics()},
        detectors={detector.name: detector.revision for detector in detectors()},
    )

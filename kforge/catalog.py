"""The one list of what is built in. Order is meaning: detectors are tried, topics settled, artifacts written in it.

Each shelf is imported when it is asked for, and a detector when a source has a file for it, so that `check` never
pays for what it does not use. Adding a thing is one file on its shelf and one line here.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from kforge.domain.lock import Revisions

if TYPE_CHECKING:
    from kforge.domain.artifact import Detector, Tree
    from kforge.domain.model.request import Provider

# Name → revision, and how names end of the files without one of which the detector finds nothing. The last four claim
# no language, they complete one's facts.
DETECTORS: dict[str, tuple[int, tuple[str, ...]]] = {
    "python": (1, (".py", ".txt", "Pipfile", "setup.cfg", "uv.lock", "poetry.lock", "pyproject.toml")),
    "node": (1, ("package.json", ".js", ".mjs", ".cjs", ".ts")),
    "go": (1, (".go", "go.mod")),
    "python_install": (1, ("pyproject.toml", "setup.py")),
    "nginx": (1, ("package.json",)),
    "dockerfile": (1, ("Dockerfile",)),
    "dockerignore": (1, (".dockerignore",)),
}
TOPICS = {"build": 1, "process": 1, "probes": 1, "resources": 1, "rollout": 1}  # name → revision
RECIPES = ("python", "node", "static", "go")
BY_RECIPE = ("dockerfile", "dockerignore")  # artifacts over the shelf of recipes
ARTIFACTS = (
    "webserver",
    "namespace",
    "serviceaccount",
    "configmap",
    "claim",
    "deployment",
    "statefulset",
    "job",
    "cronjob",
    "service",
    "ingress",
    "autoscaler",
    "disruption",
    "network",
)
# File name → newest revision, of artifacts that are past their first: so that `check` sees an outdated file by its
# name, without importing what rendered it.
REVISED: dict[str, int] = {}
# Rises whenever a verdict of `check` might be another than before: what an older index remembers is then forgotten.
FINGERPRINT = 3
PROVIDERS = ("ollama", "openai", "anthropic", "gemini", "embedded")
RULES = (
    "schema",
    "names",
    "pods",
    "services",
    "schedule",
    "references",
    "selectors",
    "routes",
    "images",
    "podsecurity",
    "dockerfile",
    "wiring",
    "jobs",
    "component",
    "kustomize",
    "untracked_files",
)


def _shelf(package: str, names: tuple[str, ...], attribute: str) -> tuple[Any, ...]:
    return tuple(getattr(import_module(f"kforge.{package}.{name}"), attribute) for name in names)


def detectors() -> tuple[Detector, ...]:
    """Every detector, in the order in which they are tried; each is imported for the first source with a file for it."""
    from kforge.domain.artifact import Detector

    return tuple(Detector(name, revision, partial(_detect, name, ends)) for name, (revision, ends) in DETECTORS.items())


def _detect(name: str, ends: tuple[str, ...], tree: Tree) -> Any:
    if not any(path.endswith(ends) for path in tree.files):
        return None
    return import_module(f"kforge.detectors.{name}").DETECTOR.detect(tree)


def topics() -> tuple[Any, ...]:
    return _shelf("topics", tuple(TOPICS), "TOPIC")


def recipes() -> dict[str, Any]:
    return {recipe.name: recipe for recipe in _shelf("recipes", RECIPES, "RECIPE")}


def artifacts() -> tuple[Any, ...]:
    over_recipes = tuple(make(recipes) for make in _shelf("artifacts", BY_RECIPE, "artifact"))
    return (*over_recipes, *_shelf("artifacts", ARTIFACTS, "ARTIFACT"))


def rules() -> tuple[Any, ...]:
    """Every rule; a module of the shelf holds one or a family, always as the tuple `RULES`."""
    return tuple(rule for family in _shelf("rules", RULES, "RULES") for rule in family)


def providers() -> dict[str, Provider]:
    """Every wire protocol by its name."""
    return {provider.name: provider for provider in _shelf("providers", PROVIDERS, "PROVIDER")}


def revisions() -> Revisions:
    """The newest revision of every topic and detector: what a lock is measured against."""
    return Revisions(topics=TOPICS, detectors={name: revision for name, (revision, _) in DETECTORS.items()})

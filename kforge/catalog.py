"""The one list of what is built in. Order is meaning: detectors are tried, topics settled, artifacts written in it.

Each shelf is imported when it is asked for, and a detector when a source has a file for it, so that `check` never
pays for what it does not use. Adding a thing is one file on its shelf and one line here.
"""

from __future__ import annotations

from functools import cache, partial
from importlib import import_module

from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT

TYPE_CHECKING = False  # as in `typing`, which takes its time: every `check` reads this module
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from kforge.domain.artifact import Detector, Tree
    from kforge.domain.facts import Facts
    from kforge.domain.language import Languages
    from kforge.domain.lock import Revisions
    from kforge.domain.model.request import Provider
    from kforge.domain.target import Target

LANGUAGES = {"python": 1, "node": 1, "go": 2, "html": 1, "generic": 1}  # name → revision of what its detector reads
# Detectors that claim no language and complete the facts of one: name → revision, and how names end of the files without
# one of which the detector finds nothing.
COMPLETING: dict[str, tuple[int, tuple[str, ...]]] = {
    "python_install": (1, ("pyproject.toml", "setup.py")),
    "nginx": (1, ("nginx.conf",)),
    "front_ends": (1, ("package.json", ".go", ".py")),
    "dockerfile": (1, ("Dockerfile",)),
    "dockerignore": (1, (".dockerignore",)),
}
TOPICS = {BUILD: 1, PROCESS: 1, PROBES: 1, RESOURCES: 1, ROLLOUT: 1}  # name → revision
ARTIFACTS = (
    "dockerfile",
    "dockerignore",
    "webserver",
    "namespace",
    "serviceaccount",
    "configmap",
    "claim",
    "deployment",
    "statefulset",
    "job",
    "cronjob",
    "completion",
    "service",
    "ingress",
    "route",
    "backendtls",
    "listenerset",
    "autoscaler",
    "disruption",
    "network",
    "argocd",
    "flux",
)
TARGETS = (
    "dockerfile",
    "kubernetes",
    "helm",
    "rendered",
    "argocd",
    "flux",
    "github-actions",
)  # what `outputs` may name; each is a folder of `render/`
# File name → newest revision, of artifacts that are past their first: so that `check` sees an outdated file by its
# name, without importing what rendered it.
REVISED: dict[str, int] = {}
# Rises whenever a verdict of `check` might be another than before: what an older index remembers is then forgotten.
FINGERPRINT = 6
RULES = (
    "schema",
    "names",
    "pods",
    "containers",
    "probes",
    "services",
    "schedule",
    "waiting",
    "returning_jobs",
    "references",
    "autoscalers",
    "selectors",
    "routes",
    "retired_ingress",
    "gateway_routes",
    "gateway_backends",
    "images",
    "image_ports",
    "podsecurity_baseline",
    "podsecurity_restricted",
    "dockerfile_stages",
    "dockerfile_steps",
    "dockerfile_workloads",
    "dockerfile_context",
    "source_state",
    "commands",
    "processes",
    "programs",
    "wiring",
    "wiring_local_default",
    "wiring_lost_data",
    "wiring_config_file",
    "platforms",
    "store_logins",
    "wishes",
    "ingress_backends",
    "encryption",
    "dollars",
    "jobs",
    "build_variables",
    "component",
    "kustomize",
    "untracked_files",
)


def _shelf(package: str, names: tuple[str, ...], attribute: str) -> tuple[Any, ...]:
    return tuple(getattr(import_module(f"kforge.{package}.{name}"), attribute) for name in names)


def languages() -> Languages:
    """The records of all languages, in the order in which their detectors are tried."""
    return _records(tuple(LANGUAGES))


@cache
def _records(names: tuple[str, ...]) -> Languages:
    from kforge.domain.language import Languages

    return Languages(_shelf("languages", names, "LANGUAGE"))


def detectors() -> tuple[Detector, ...]:
    """Every detector, in the order in which they are tried; each is imported for the first source with a file for it."""
    from kforge.domain.artifact import Detector

    tried = [(each.name, LANGUAGES[each.name], each.ends, each.detect, each.proposed) for each in languages()]
    tried += [(name, revision, ends, partial(_complete, name), False) for name, (revision, ends) in COMPLETING.items()]
    return tuple(
        Detector(name, revision, partial(_detect, ends, detect), last) for name, revision, ends, detect, last in tried
    )


def _detect(ends: tuple[str, ...], detect: Callable[[Tree], Facts | None], tree: Tree) -> Facts | None:
    return detect(tree) if any(path.endswith(ends) for path in _names(tree)) else None


def _names(tree: Tree) -> tuple[str, ...]:
    """Files of a source, and its Dockerfile where the spec names one elsewhere, by the name that one has in a source."""
    from kforge.domain.artifact import around

    place = around(tree)
    return (*tree.files, "Dockerfile") if place and place.pins.dockerfile is not None else tree.files


def _complete(name: str, tree: Tree) -> Any:
    return import_module(f"kforge.detectors.{name}").DETECTOR.detect(tree)


def topics() -> tuple[Any, ...]:
    from kforge.topics.build import topic

    others = tuple(name for name in TOPICS if name != BUILD)
    return (topic(languages()), *_shelf("topics", others, "TOPIC"))


def artifacts() -> tuple[Any, ...]:
    return _shelf("artifacts", ARTIFACTS, "ARTIFACT")


def targets(outputs: Collection[str] | None = None) -> dict[str, Target]:
    """The forms of output that a spec's `outputs` lists (None: all) by name, in the order in which files are made."""
    names = [name for name in TARGETS if outputs is None or name in outputs]
    return {name: import_module(f"kforge.render.{name.replace('-', '_')}.target").TARGET for name in names}


def rules() -> tuple[Any, ...]:
    """Every rule; a module of the shelf holds one or a family, always as the tuple `RULES`."""
    return tuple(rule for family in _shelf("rules", RULES, "RULES") for rule in family)


def providers() -> dict[str, Provider]:
    """Every wire protocol by its name: those that the rows of vendors and servers name."""
    from kforge.domain.model.vendors import PROTOCOLS

    return {provider.name: provider for provider in _shelf("providers", PROTOCOLS, "PROVIDER")}


def revisions() -> Revisions:
    """The newest revision of every topic and detector: what a lock is measured against."""
    from kforge.domain.lock import Revisions

    completing = {name: revision for name, (revision, _) in COMPLETING.items()}
    return Revisions(topics=TOPICS, detectors={**LANGUAGES, **completing})

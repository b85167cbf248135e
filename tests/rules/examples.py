"""An example of a rule's page → the environment in which the rule is asked.

The fields of a container replace those of Deployment/web's; below `spec:` stand those of its pod; with `kind:` those of
the good object of that kind and name, or of another one like it, each a step deep. Lines of a Dockerfile, of a
.dockerignore and of an image component become such a file.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import yaml

from kforge import catalog
from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.finding import Rule
from kforge.domain.kubernetes.image_component import Component
from kforge.spec.read import read
from tests.domain.kubernetes.test_image_component import HEAD
from tests.rules.objects import GOOD, document, documents

_KEPT = ("apiVersion", "kind", "metadata")
COMPONENT = "deploy/images/prod/kustomization.yaml"
BASE = "FROM docker.io/library/debian:trixie-slim AS runtime"


def environment(rule: Rule, text: str, spoil: Callable[[Any], Any] = lambda value: value) -> Documents:
    """The good environment with an example in it, whose values in manifests are spoilt."""
    if rule.kinds == ("Component",):
        return replace(documents(), component=Component(COMPONENT, read(HEAD + text, COMPONENT)))
    if rule.kinds == ("Dockerfile",):
        return Documents(
            (Document(path="web/Dockerfile", artifact="x", dockerfile=dockerfile(text)),),
            registries=("ghcr.io/acme",),
            digests=rule.id == "dockerfile-digest",
            languages=catalog.languages(),
        )
    if rule.kinds == (".dockerignore",):
        return Documents((Document(path="web/.dockerignore", artifact="x", lines=tuple(text.splitlines())),))
    held: dict[str, dict[str, Any]] = dict(GOOD)
    taken: set[str] = set()
    for part in yaml.safe_load_all(text):
        named = f"{part.get('kind', '')}/{part.get('metadata', {}).get('name', '')}"
        _place(held, taken, {key: value if key in _KEPT else spoil(value) for key, value in part.items()}, named)
    return replace(documents(), items=tuple(document(data, target) for target, data in held.items()))


def _place(held: dict[str, dict[str, Any]], taken: set[str], part: dict[str, Any], named: str) -> None:
    if "kind" not in part:
        target, web = "Deployment/web", held["Deployment/web"]
        template = web["spec"]["template"]
        pod = template["spec"]
        if set(part) == {"spec"}:
            pod = {**pod, **part["spec"]} if isinstance(part["spec"], dict) else part["spec"]
        else:
            pod = {**pod, "containers": [{**pod["containers"][0], **part}]}
        held[target] = {**web, "spec": {**web["spec"], "template": {**template, "spec": pod}}}
        return
    alike = [target for target in held if target.startswith(f"{part['kind']}/")]
    free = [target for target in alike if target not in taken]
    target = named if named in free else next(iter(free), f"another {named}")
    good = GOOD.get(target) or next((GOOD[each] for each in alike), {})
    held[target] = {
        **good,
        **{key: {**good.get(key, {}), **value} if isinstance(value, dict) else value for key, value in part.items()},
    }
    taken.add(target)


def dockerfile(text: str) -> Dockerfile:
    """Instructions as kforge holds them, one a line; without a FROM, those of a stage."""
    lines = text.splitlines() if text.startswith("FROM") else [BASE, *text.splitlines()]
    stages: list[Stage] = []
    for line in lines:
        name, _, rest = line.partition(" ")
        if name == "FROM":
            image, _, stage = rest.split()
            stages.append(Stage(stage, image, ()))
            continue
        listed = rest.startswith("[")
        words = json.loads(rest) if listed else shlex.split(rest)
        flags = tuple(
            word for word in words if word.startswith("--") and name in ("RUN", "COPY") and words.index(word) == 0
        )
        instruction = Instruction(name, tuple(words[len(flags) :]), flags, json=listed)
        stages[-1] = replace(stages[-1], instructions=(*stages[-1].instructions, instruction))
    return Dockerfile(tuple(stages))

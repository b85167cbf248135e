"""Every field of every object can say who decided it, why, from what, and at which line of the spec."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kforge.domain.fieldpath import text
from kforge.domain.origin import paths_of
from kforge.domain.spec.pins import leaves
from kforge.stages.explain import Explainable, explain
from kforge.stages.inputs import Inputs
from tests.conftest import run
from tests.golden.examples import EXAMPLES, outcome

POD = "spec.template.spec"
BOX = f"{POD}.containers[0]"
SECURITY = f"{BOX}.securityContext"
# Target, field → who decided, and what the answer must hold.
STORIES = [
    ("Deployment/web", f"{BOX}.resources.limits.memory", "heuristics", ("decision  web/resources: memory", "why ", "inputs ", "file      deploy/kubernetes/web/deployment.yaml")),
    ("Deployment/web", f"{BOX}.readinessProbe.httpGet.path", "heuristics", ("web/probes: readiness.path", "value     /readyz")),
    ("Deployment/cache", f"{BOX}.resources.limits.memory", "pinned in app.kforge.yaml:", ("cache/resources: memory", "value     256Mi")),
    ("Deployment/catalog", f"{BOX}.image", "spec in app.kforge.yaml:", ("value     ghcr.io/acme/shop-catalog:1.4.2",)),
    ("Deployment/web", "spec.minReadySeconds", "spec in app.kforge.yaml:", ("the first requests after a start fill the connection pools", "value     10")),
    ("CronJob/nightly", "spec.jobTemplate.spec.template.spec.tolerations[0].key", "spec in app.kforge.yaml:", ("kubernetes", "value     spot")),
    ("CronJob/nightly", "spec.schedule", "spec in app.kforge.yaml:", ("schedule", "value     0 3 * * *")),
    ("Deployment/web", f"{SECURITY}.allowPrivilegeEscalation", "kforge", ("value     false",)),
    ("Deployment/web", f"{POD}.automountServiceAccountToken", "kforge", ("value     false",)),
    ("HorizontalPodAutoscaler/web", "spec.maxReplicas", "spec in app.kforge.yaml:", ("value     10",)),
    ("Ingress/web", "spec.rules[0].host", "spec in app.kforge.yaml:", ("value     shop.example.com",)),
    ("web/build", "recipe", "heuristics", ("web/build: recipe", "value     node")),
    ("cache/resources", "memory", "pinned in app.kforge.yaml:", ("the spec says it",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "field", "decided", "holds"), STORIES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_field_tells_its_story(
    target: str, field: str, decided: str, holds: tuple[str, ...], built_shop: Path
) -> None:
    out = run("explain", target, field, cwd=built_shop, code=0).out
    assert f"  decided   {decided}" in out, out
    assert not [text for text in holds if text not in out], out


def test_a_pinned_field_names_its_line(built_shop: Path) -> None:
    lines = (built_shop / "app.kforge.yaml").read_text().splitlines()
    told = json.loads(run("explain", "cache/resources", "memory", "--format", "json", cwd=built_shop, code=0).out)
    _, line, column = told[0]["where"].split(":")
    assert lines[int(line) - 1][int(column) - 1 :].startswith("256Mi")


def test_an_environment_tells_its_own_values(built_shop: Path) -> None:
    lines = (built_shop / "app.kforge.yaml").read_text().splitlines()
    for target, field, value in (
        ("HorizontalPodAutoscaler/web", "spec.maxReplicas", 20),
        ("StatefulSet/db", f"{BOX}.resources.limits.memory", "4Gi"),
    ):
        (told,) = json.loads(
            run("explain", "-e", "prod", target, field, "--format", "json", cwd=built_shop, code=0).out
        )
        _, line, column = told["where"].split(":")
        assert told["value"] == value
        assert lines[int(line) - 1][int(column) - 1 :].startswith(str(value))
    out = run("explain", "-e", "staging", "Deployment/web", "metadata.namespace", cwd=built_shop, code=0).out
    assert "value     shop-staging" in out


def test_a_whole_decision_tells_every_field(built_shop: Path) -> None:
    told = json.loads(run("explain", "web/probes", "--format", "json", cwd=built_shop, code=0).out)
    assert [each["field"] for each in told] == sorted(leaves(outcome("shop").settled.decisions["web", "probes"].value))
    assert all(each["why"] and each["decided"] == "heuristics" for each in told)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Deployment/wbe", "spec.replicas"], "did you mean `Deployment/web`"),
        (["web/probe"], "did you mean `web/probes`"),
        (["Deployment/web", "spec.template.spec.containers[0].resources.limit.memory"], "did you mean `spec.template.spec.containers[0].resources.limits.memory`"),
        (["Deployment/web", "spec.template.spec.containers[7].image"], "has no field"),
        (["Deployment/web", "spec..x"], "spec..x"),
        (["web/resources", "memroy"], "did you mean `memory`"),
        (["Deployment/web"], "which field of `Deployment/web`?"),
        (["-e", "prd", "Deployment/web", "spec.replicas"], "there is no environment `prd`"),
        (["nonsense"], "there is no `nonsense`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_what_is_not_there_is_told_with_the_nearest_names(words: list[str], says: str, built_shop: Path) -> None:
    ended = run("explain", *words, cwd=built_shop, code=2)
    assert says in ended.err and "help: " in ended.err, ended.err


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_field_of_every_object_can_be_explained(name: str) -> None:
    worked = outcome(name)
    world = worked.loaded.world
    inputs = Inputs(world.raw, world.facts, worked.settled.values)
    silent = []
    for environment, documents in worked.documents.items():
        known = Explainable(documents.items, worked.settled.decisions, worked.loaded.raw.place, inputs.value)
        for document in documents.objects():
            for path in paths_of(document.data):
                for told in explain(known, document.target, path if isinstance(path, str) else text(path)):
                    if not told.why or not told.decided:
                        silent.append(f"{environment} {document.target} {path}: {told.decided} {told.why!r}")
    assert silent == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_field_of_every_decision_has_a_reason(name: str) -> None:
    worked = outcome(name)
    world = worked.loaded.world
    known = Explainable(
        (),
        worked.settled.decisions,
        worked.loaded.raw.place,
        Inputs(world.raw, world.facts, worked.settled.values).value,
    )
    silent = [
        f"{service}/{topic}: {told.field}"
        for service, topic in worked.settled.decisions
        for told in explain(known, f"{service}/{topic}", "")
        if not told.why
    ]
    assert silent == []


def test_fields_that_kforge_fixes_say_more_than_that_it_does() -> None:
    """Hardening is argued for, not stated."""
    worked = outcome("shop")
    world = worked.loaded.world
    known = Explainable(
        worked.documents[""].items,
        worked.settled.decisions,
        worked.loaded.raw.place,
        Inputs(world.raw, world.facts, {}).value,
    )
    (told,) = explain(known, "Deployment/web", f"{SECURITY}.readOnlyRootFilesystem")
    assert told.decided == "kforge" and len(told.why.split()) > 5, told.why

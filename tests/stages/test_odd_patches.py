"""Patches and fragments with values of any type at any path: findings, or an error with the spec's place, never a
crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog, pipeline
from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import parse
from kforge.domain.finding import Finding
from kforge.domain.spec.patch_types import Patch
from kforge.domain.spec.project import Project
from kforge.domain.spec.types import EnvironmentService, Spec
from kforge.errors import InputError
from kforge.outcome import Options
from kforge.render import outputs
from kforge.stages.check import check_all
from kforge.stages.inputs import Inputs
from kforge.stages.origins import locate
from kforge.stages.patch import patched
from kforge.system.schemas import validator
from tests.conftest import write
from tests.stages.junk import JUNK, fields
from tests.trials import sample

TODAY = date(2027, 1, 1)
SPEC = """\
apiVersion: kforge.dev/v1
app: shop
services:
  web:
    image: "ghcr.io/acme/x:1"
    port: 3000
    user: 1000
    config: {path: /etc/web, files: {a.yaml: "x"}}
    volumes: [{name: up, path: /app/up, size: 1Gi, shared: true}]
    scale: {min: 2, max: 10, cpu: 70}
    expose: {host: shop.example.com}
  db: {image: "ghcr.io/acme/db:1", port: 5432, user: 1000, volumes: [{name: d, path: /data, size: 1Gi}]}
  nightly: {image: "ghcr.io/acme/n:1", user: 1000, schedule: "0 3 * * *"}
  once: {image: "ghcr.io/acme/o:1", user: 1000, job: true}
environments:
  prod: {services: {web: {scale: {min: 3, max: 12}}}}
"""
KINDS = (
    "ServiceAccount/web", "ConfigMap/web", "PersistentVolumeClaim/web-up", "Deployment/web", "StatefulSet/db", "Job/once",
    "CronJob/nightly", "Service/web", "Ingress/web", "HorizontalPodAutoscaler/web", "PodDisruptionBudget/web", "NetworkPolicy/web",
)  # fmt: skip


class Shop:
    """A small app, settled once; `judge` patches, checks and renders the objects of one service anew."""

    def __init__(self, folder: Path) -> None:
        write(folder, {"app.kforge.yaml": SPEC})
        self.outcome = pipeline.run(Project(folder / "app.kforge.yaml", folder), Options(TODAY))
        self.spec, self.validate = self.outcome.loaded.world.spec, validator("1.34")
        self.rules = tuple(catalog.rules())
        self.place = locate(self.outcome.loaded.raw, self.outcome.settled.decisions)

    def objects(self, kind: str) -> Document:
        return next(item for item in self.outcome.assembled.documents[""] if item.target.startswith(kind))

    def judge(self, spec: Spec, service: str) -> tuple[Finding, ...]:
        documents = {}
        loaded = self.outcome.loaded
        for environment, made in self.outcome.assembled.documents.items():
            items = patched([item for item in made if item.service == service], spec, environment, loaded.raw)
            documents[environment] = Documents(items=items, environment=environment, validate=self.validate)
        findings = check_all(documents.values(), self.rules, (), TODAY, lambda document, origin: None)
        inputs = Inputs(loaded.world.raw, loaded.world.facts, self.outcome.settled.values)
        artifacts = {each.name: (each.output, each.revision) for each in catalog.artifacts()}
        rendering = outputs.Rendering(
            spec, inputs, loaded.world.raw, "app.kforge.yaml", artifacts, catalog.targets(), self.place
        )
        outputs.files(rendering, documents)
        return findings

    def patch(self, patch: Patch, environment: bool) -> Spec:
        if not environment:
            return self.spec.model_copy(update={"patches": [patch]})
        prod = self.spec.environments["prod"].model_copy(update={"patches": [patch]})
        return self.spec.model_copy(update={"environments": {"prod": prod}})

    def fragment(self, service: str, kind: str, value: Any, environment: bool) -> Spec:
        if not environment:
            changed = self.spec.services[service].model_copy(update={"kubernetes": {kind: value}})
            return self.spec.model_copy(update={"services": {**self.spec.services, service: changed}})
        prod = self.spec.environments["prod"]
        own = prod.services.get(service, EnvironmentService()).model_copy(update={"kubernetes": {kind: value}})
        return self.spec.model_copy(
            update={"environments": {"prod": prod.model_copy(update={"services": {**prod.services, service: own}})}}
        )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop"))


def holds(shop: Shop, spec: Spec, service: str, *what: Any) -> None:
    try:
        shop.judge(spec, service)
    except InputError as error:
        assert all(problem.where and problem.where.line for problem in error.problems), what


def patches(target: str, data: Any) -> Iterator[Patch]:
    """Every value set at every path, every second one merged, and every path removed."""
    for number, path in enumerate(fields(data)):
        yield Patch.model_construct(target=target, op="remove", path=path, value=None, reason="because")
        for op, values in (("set", JUNK), ("merge", JUNK[number % 2 :: 2])):
            yield from (
                Patch.model_construct(target=target, op=op, path=path, value=value, reason="because")
                for value in values
            )


@pytest.mark.parametrize("kind", sample(KINDS, 4))
def test_a_patch_of_any_type_anywhere_is_found_or_refused(kind: str, shop: Shop) -> None:
    found = shop.objects(kind)
    for number, patch in enumerate(patches(found.target, found.data)):
        holds(shop, shop.patch(patch, environment=number % 2 == 1), found.service, patch)


def nested(path: str, value: Any, within: int = 0) -> Any:
    for part in reversed(parse(path)[within:]):
        value = [value] if isinstance(part, int) else {part: value}
    return value


@pytest.mark.parametrize(
    ("kind", "fragment", "within"),
    sample([*((kind, kind.partition("/")[0], 0) for kind in KINDS), ("Deployment/web", "Pod", 3)], 4),
)
def test_a_fragment_of_any_type_anywhere_is_found_or_refused(kind: str, fragment: str, within: int, shop: Shop) -> None:
    found = shop.objects(kind)
    pods = kind == "Deployment/web"  # its pod's fields go into the fragment for pods
    paths = [
        path
        for path in fields(found.data)
        if len(parse(path)) > within and (not pods or path.startswith("spec.template.spec.") == bool(within))
    ]
    for number, (path, value) in enumerate((path, value) for path in paths for value in JUNK):
        spec = shop.fragment(found.service, fragment, nested(path, value, within), environment=number % 2 == 1)
        holds(shop, spec, found.service, path, value)


DEEP: Any = {"a": 1}
for _ in range(60):
    DEEP = {"a": DEEP}
ODD_VALUES = (DEEP, {"--- \nkind: Pod": "v"}, {"$patch": "delete"}, [{"$patch": "replace"}], {"$patch": []}, [{"name": "²", "containerPort": "²"}],
              [{"name": str(number)} for number in range(1200)], [None, [], {}], 1e300, 10**30, "\\", "a\nb", True)  # fmt: skip


@pytest.mark.parametrize("path", [
    "", "spec.C:\\x", 'metadata.annotations["a\\nb"]', 'metadata.annotations["C:\\x"]', 'a["\\ud800"]', "a." * 5000 + "b", ".".join("a" * 99),
    "[0]", "spec[0]", "spec.template.spec.containers[99]", f"spec[{'9' * 5000}]", "spec.template.spec.containers[name=web].env", "a[b=c]",
    "spec.template.spec.containers", "spec.template.metadata.annotations", "metadata", "kind", "...", 'x["',
])  # fmt: skip
def test_an_odd_path_is_found_or_refused(path: str, shop: Shop) -> None:
    for op in ("set", "merge", "remove"):
        for number, value in enumerate((*ODD_VALUES, *JUNK) if op != "remove" else (None,)):
            patch = Patch.model_construct(target="Deployment/*", op=op, path=path, value=value, reason="because")
            holds(shop, shop.patch(patch, environment=number % 2 == 0), "web", op, path[:50])


def test_a_wrong_type_is_the_only_finding(shop: Shop) -> None:
    patch = Patch(
        target="Deployment/web", op="set", path="spec.template.spec.containers", value=["nginx"], reason="because it is"
    )
    found = shop.judge(shop.patch(patch, environment=False), "web")
    assert {(finding.rule, finding.field) for finding in found} == {("schema", "spec.template.spec.containers[0]")}

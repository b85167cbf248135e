"""An included manifest with a wrong type anywhere ends in findings or in an error with its line, never in a crash."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import put
from kforge.errors import InputError
from kforge.render.kubernetes.kustomize import placed
from kforge.spec.manifests import included, refuse_misfits
from kforge.stages.check import check
from kforge.system.schemas import validator
from tests.rules.objects import GOOD, document, named
from tests.stages.junk import JUNK, fields

VALIDATE = validator("1.34")
RULES = tuple(catalog.rules())
CLAIM = named(
    "PersistentVolumeClaim",
    "v1",
    "data",
    spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
)
OBJECTS = {**GOOD, "PersistentVolumeClaim/data": CLAIM}
# What a rule holds against the spoilt object: its own kind's neighbours are enough.
OTHERS = [document(GOOD[target], target) for target in ("Service/web", "HorizontalPodAutoscaler/web")]


def validate(data: Any) -> int:
    """Findings of a manifest, as `kforge check` has it; raises InputError."""
    theirs = placed(included({"a.yaml": json.dumps(data, indent=1).encode()}), "shop", "shop")
    refuse_misfits(theirs, VALIDATE)
    others: list[Document] = (
        [] if isinstance(data, dict) and data.get("kind") in ("Service", "HorizontalPodAutoscaler") else OTHERS
    )
    environment = Documents(items=(*theirs, *others), registries=("ghcr.io/acme",), validate=VALIDATE)
    return len(check(environment, RULES, (), date(2027, 1, 1), lambda document, origin: None))


@pytest.mark.parametrize("target", OBJECTS)
def test_a_wrong_type_in_a_manifest_has_a_line(target: str) -> None:
    for path in fields(OBJECTS[target]):
        for value in JUNK:
            try:
                validate(put(OBJECTS[target], path, value) if path else value)
            except InputError as error:
                assert all(
                    problem.where and problem.where.file == "a.yaml" and problem.where.line
                    for problem in error.problems
                ), (path, value)


@pytest.mark.parametrize("target", OBJECTS)
def test_a_wrong_type_where_no_schema_looks_stops_no_rule(target: str) -> None:
    custom = {**OBJECTS[target], "apiVersion": "example.com/v1"}
    for number, path in enumerate(fields(custom)):
        for value in JUNK[number % 2 :: 2] if path and not path.startswith(("metadata", "kind", "apiVersion")) else ():
            assert validate(put(custom, path, value)) >= 0, (path, value)


def test_a_manifest_without_a_fault_is_taken() -> None:
    assert validate(CLAIM) == validate(OBJECTS["ConfigMap/web"])

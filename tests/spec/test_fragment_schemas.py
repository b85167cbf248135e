"""The schema with Kubernetes' own fields, by which an editor completes fragments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from kforge import catalog
from kforge.errors import InputError
from kforge.spec.json_schema import schema
from kforge.spec.read import read
from kforge.spec.validate_service import KINDS
from kforge.system.fragment_schemas import fragment_schemas
from kforge.system.schemas import versions
from tests.conftest import run
from tests.spec.test_json_schema import GOOD, elsewhere, strange

SCHEMA = schema(catalog.LANGUAGES, catalog.TARGETS, fragment_schemas(KINDS, "1.36"))
VALID = jsonschema_rs.Draft7Validator(SCHEMA)


def spec(block: str, fragment: dict[str, Any]) -> dict[str, Any]:
    web: dict[str, Any] = {"source": "./web"}
    made: dict[str, Any] = {"apiVersion": "kforge.dev/v1", "app": "shop", "services": {"web": web}}
    if block == "service":
        web["kubernetes"] = fragment
    elif block == "defaults":
        made["defaults"] = {"kubernetes": fragment}
    else:
        made["environments"] = {"prod": {"services": {"web": {"kubernetes": fragment}}}}
    return made


def test_it_is_a_schema_of_draft_07() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert (strange(SCHEMA), elsewhere(SCHEMA)) == (set(), set())


def test_every_kind_that_takes_fragments_is_known() -> None:
    assert set(SCHEMA["definitions"]["Service"]["properties"]["kubernetes"]["properties"]) == set(KINDS)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.parent.name)
def test_good_specs_are_valid_by_it(path: Path) -> None:
    assert VALID.is_valid(read(path.read_bytes(), path.name).data)


@pytest.mark.parametrize("block", ["service", "defaults", "environment"])
@pytest.mark.parametrize(
    "fragment",
    [
        {"Pod": {"tolerations": [{"key": "spot", "operator": "Exists"}]}},
        {"Pod": {"metadata": {"annotations": {"a": "b"}}, "spec": {"hostname": "web"}}},
        {"Pod": {"containers": [{"name": "web", "$patch": "delete"}]}},
        {"Deployment": {"spec": {"minReadySeconds": 5, "progressDeadlineSeconds": None}}},
        {"Deployment": {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}},
        {"HTTPRoute": {"spec": {"rules": [{"timeouts": {"request": "5s"}}]}}},
        {"HorizontalPodAutoscaler": {"spec": {"behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}}}}},
    ],
    ids=str,
)
def test_a_part_of_an_object_is_valid(block: str, fragment: dict[str, Any]) -> None:
    assert VALID.is_valid(spec(block, fragment))


@pytest.mark.parametrize(
    "fragment",
    [
        {"Pod": {"tolerashuns": []}},
        {"Pod": {"tolerations": [{"operater": "Exists"}]}},
        {"Pod": {"containers": [{"name": "web", "ports": [{"containerPort": "http"}]}]}},
        {"Deployment": {"spec": {"minReadySeconds": "5"}}},
        {"HTTPRoute": {"spec": {"rules": [{"timeout": {}}]}}},
        {"Deploiment": {"spec": {}}},
    ],
    ids=str,
)
def test_a_field_that_the_api_does_not_have_is_marked(fragment: dict[str, Any]) -> None:
    assert not VALID.is_valid(spec("service", fragment))


def test_fields_are_explained_in_the_words_of_the_api() -> None:
    pod = SCHEMA["definitions"]["Service"]["properties"]["kubernetes"]["properties"]["Pod"]
    assert "node" in pod["properties"]["nodeSelector"]["description"]


def test_a_field_is_offered_from_the_version_on_that_has_it() -> None:
    has = ["resizePolicy" in fragment_schemas(("Pod",), minor)[1]["kubernetes.io.k8s.api.core.v1.Container"]["properties"] for minor in ("1.26", "1.36")]  # fmt: skip
    assert has == [False, True]


def test_a_version_without_schemas_is_an_error_that_names_those_that_have_some() -> None:
    with pytest.raises(InputError) as raised:
        fragment_schemas(KINDS, "1.2")
    assert versions()[-1] in str(raised.value.problems[0].hint)


def test_the_command_says_where_a_version_belongs(tmp_path: Path) -> None:
    ended = run("schema", "--kubernetes", "1.36", cwd=tmp_path)
    assert (ended.code, "add `--fragments`" in ended.err) == (2, True)

"""The bundled Kubernetes schemas: what they find, how it is said, and what they do not know."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Misfit
from kforge.domain.near_words import ADVISED
from kforge.errors import InputError
from kforge.system.schemas import FAULTS, validator, versions

CONTAINER = {"name": "web", "image": "web:1"}


def deployment(container: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    pod = {"containers": [{**CONTAINER, **(container or {})}]}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": pod}
    body = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": body}


def test_a_right_object_has_no_fault() -> None:
    resources = {"limits": {"cpu": "500m", "memory": 1, "x/y": "1.5Gi"}}
    assert validator("1.34")(deployment({"resources": resources, "imagePullPolicy": "Always"}, replicas=2)) == ()


AT = "spec.template.spec.containers[0]"


@pytest.mark.parametrize(
    ("container", "fault"),
    [
        ({"imagePullPolcy": "Always"}, (f"{AT}.imagePullPolcy", "unknown field `imagePullPolcy`", "did you mean `imagePullPolicy`")),
        ({"imagepullpolicy": "Always"}, (f"{AT}.imagepullpolicy", "unknown field `imagepullpolicy`", "did you mean `imagePullPolicy`")),
        ({"command": "run"}, (f"{AT}.command", "expected list, got string `run`", "")),
        ({"stdin": "yes"}, (f"{AT}.stdin", "expected boolean, got string `yes`", "")),
        ({"ports": [{"containerPort": "x"}]}, (f"{AT}.ports[0].containerPort", "expected integer, got string `x`", "")),
        ({"ports": [{}]}, (f"{AT}.ports[0].containerPort", "`containerPort` is missing", "")),
        ({"env": [{"name": "A", "value": True}]}, (f"{AT}.env[0].value", "expected string, got boolean `true`", "")),
        ({"env": {"A": "1"}}, (f"{AT}.env", "expected list, got mapping", "")),
        ({"livenessProbe": {"httpGet": {"port": []}}}, (f"{AT}.livenessProbe.httpGet.port", "expected integer or string, got list", "")),
        ({"resources": {"limits": {"memory": "1 Gi"}}},
         (f"{AT}.resources.limits.memory", "expected a quantity, got string `1 Gi`", "write `500m`, `2`, `512Mi` or `1Gi`")),
        ({"resources": {"limits": {"example.com/gpu": []}}},
         (f'{AT}.resources.limits["example.com/gpu"]', "expected number or string, got list", "")),
    ],
)  # fmt: skip
def test_a_fault_has_a_field_path_a_message_and_a_hint(container: dict[str, Any], fault: tuple[str, str, str]) -> None:
    assert validator("1.34")(deployment(container)) == (fault,)


@pytest.mark.parametrize(
    "fields",
    [
        {"stringData": {"a": 735019}},
        {"data": {"a": 735019}},
        {"data": 735019},
        {"type": 735019},
        {"immutable": "735019"},
    ],
)
@pytest.mark.parametrize("version", ["1.34", "1.28"])
def test_a_value_of_a_secret_is_not_repeated(fields: dict[str, Any], version: str) -> None:
    data = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, **fields}
    (fault,) = validator(version)(data) or ()
    assert isinstance(fault, Misfit) and "735019" not in str(fault) and "got " in fault.message


@pytest.mark.parametrize("quantity", ["256K", "256mi", "1GB", "0,5", "", "x", "1e", "--1"])
def test_what_the_api_server_refuses_as_quantity_is_refused(quantity: str) -> None:
    assert len(validator("1.34")(deployment({"resources": {"limits": {"memory": quantity}}})) or ()) == 1


@pytest.mark.parametrize("quantity", ["256k", "1e3", "0.0001", "1Ki", "2.5Gi", "100m", "12E", ".5", "5.", "+1"])
def test_what_the_api_server_takes_as_quantity_is_taken(quantity: str) -> None:
    assert validator("1.34")(deployment({"resources": {"limits": {"memory": quantity}}})) == ()


def test_faults_are_all_reported_in_order() -> None:
    faults = validator("1.34")(deployment({"b": 1, "a": 1}, replicas="x"))
    assert [field for field, _, _ in faults or ()] == ["spec.replicas", f"{AT}.a", f"{AT}.b"]


def test_null_is_no_fault_because_the_server_drops_it() -> None:
    assert validator("1.34")({**deployment({"command": None}), "status": None}) == ()


def test_an_integer_that_does_not_fit_is_a_fault() -> None:
    assert validator("1.34")(deployment(replicas=2**40)) != ()


def test_a_custom_resource_has_no_schema() -> None:
    assert validator("1.34")({"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor"}) is None


def test_a_custom_group_that_begins_like_a_known_one_has_no_schema() -> None:
    assert validator("1.34")({"apiVersion": "networking.example.com/v1", "kind": "Ingress"}) is None


def test_a_version_that_is_gone_is_named_with_the_one_to_write() -> None:
    fault = ("apiVersion", "`batch/v1beta1` has no CronJob in Kubernetes 1.34", "write `apiVersion: batch/v1`")
    assert validator("1.34")({"apiVersion": "batch/v1beta1", "kind": "CronJob"}) == (fault,)


def test_a_kind_with_a_slip_is_named_with_the_one_meant() -> None:
    fault = ("kind", "`apps/v1` has no kind `Deploymnt` in Kubernetes 1.34", "did you mean `Deployment`")
    assert validator("1.34")({"apiVersion": "apps/v1", "kind": "Deploymnt"}) == (fault,)


def test_an_object_without_kind_is_a_fault() -> None:
    assert validator("1.34")({"apiVersion": "v1"}) == (("kind", "`kind` is missing", ""),)


def test_a_kind_cannot_lead_out_of_the_schemas() -> None:
    assert validator("1.34")({"apiVersion": "x/v1", "kind": "../../secrets"}) is None


def test_a_minor_without_schemas_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError) as failure:
        validator("1.99")
    assert "1.34" in failure.value.problems[0].hint


@pytest.mark.parametrize("version", versions())
def test_every_minor_compiles(version: str) -> None:
    assert validator(version)(deployment()) == ()


@pytest.mark.parametrize(
    ("container", "misfit"),
    [
        ({"command": "run"}, True),
        ({"ports": [80]}, True),
        ({"imagePullPolicy": 5}, True),
        ({"imagePullPolcy": "x"}, False),
        ({"ports": [{}]}, False),
    ],
)
def test_a_wrong_type_is_told_from_other_faults(container: dict[str, Any], misfit: bool) -> None:
    faults = validator("1.34")(deployment(container)) or ()
    assert any(isinstance(fault, Misfit) for fault in faults) is misfit


def broken(names: int) -> dict[str, Any]:
    return deployment(**{f"wrong{number}": 1 for number in range(names)})


def test_an_object_is_looked_at_once() -> None:
    validate, held = validator("1.34"), broken(3)
    assert validate(held) is validate(held)


def test_the_first_misspelt_fields_are_told_with_the_one_meant() -> None:
    found = validator("1.34")(deployment(**{f"replica{number:02}": 1 for number in range(ADVISED + 10)})) or ()
    assert [bool(fault.hint) for fault in found] == [True] * ADVISED + [False] * 10


def test_of_objects_beyond_many_faults_the_first_fault_is_told_and_that_there_are_more() -> None:
    validate = validator("1.34")
    first, second = validate(broken(FAULTS - 100)) or (), validate(broken(200)) or ()
    assert (len(first), len(second), isinstance(second[-1], Misfit)) == (FAULTS - 100, 2, True)

"""The bundled schemas of the Gateway API: what they are of, and what they say of objects."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Misfit
from kforge.domain.kubernetes.cel import compiled
from kforge.system import gateway_schemas
from kforge.system.schemas import validator
from schemas import gateway_api

GROUP = gateway_schemas.GROUP
ROUTE: dict[str, Any] = {
    "apiVersion": f"{GROUP}/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "web", "labels": {"a": "b"}},
    "spec": {"parentRefs": [{"name": "shared"}], "rules": [{"backendRefs": [{"name": "web", "port": 80}]}]},
}


def faults(**changes: Any) -> list[tuple[str, str]] | None:
    found = validator("1.34")({**ROUTE, **changes})
    return None if found is None else [(each.field, each.message) for each in found]


def test_what_is_bundled_is_what_the_crds_of_the_module_give() -> None:
    try:
        text = gateway_api.text()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    assert text == gateway_api.TARGET.read_text(encoding="utf-8"), "run `python schemas/gateway_api.py`"


def test_the_kinds_of_the_standard_channel_are_here() -> None:
    kinds = {kind for version, kind in gateway_schemas.served() if version == f"{GROUP}/v1"}
    assert kinds >= {
        "HTTPRoute",
        "GRPCRoute",
        "TLSRoute",
        "Gateway",
        "ListenerSet",
        "BackendTLSPolicy",
        "ReferenceGrant",
    }
    assert gateway_schemas.release() == "1.7"


def test_every_rule_of_the_crds_can_be_read() -> None:
    found: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, dict):
            found.update(rule for rule, _ in node["cel"]) if isinstance(node.get("cel"), list) else None
            for each in node.values():
                look(each)
        elif isinstance(node, list):
            for each in node:
                look(each)

    look(gateway_schemas._data())
    assert len(found) > 50
    for rule in found:
        compiled(rule)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"status": {"parents": []}}, []),
        ({"metadata": {"name": "web", "label": {}}}, [("metadata.label", "unknown field `label`")]),
        ({"specs": {}}, [("specs", "unknown field `specs`")]),
        ({"spec": {"hostname": "a"}}, [("spec.hostname", "unknown field `hostname`")]),
        ({"apiVersion": f"{GROUP}/v1alpha2"}, [("apiVersion", f"`{GROUP}/v1alpha2` has no HTTPRoute in the standard channel of the Gateway API 1.7")]),
        ({"kind": "HttpRoute"}, [("kind", f"`{GROUP}/v1` has no kind `HttpRoute` in the standard channel of the Gateway API 1.7")]),
        ({"spec": {"hostnames": ["a_b"]}}, [("spec.hostnames[0]", r"string `a_b` does not match `^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`")]),
        ({"spec": {"rules": [{"backendRefs": [{"name": "web"}]}]}}, [("spec.rules[0].backendRefs[0]", "must have port for Service reference")]),
    ],
)  # fmt: skip
def test_an_object_is_held_against_its_crd(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert faults(**changes) == expected


def test_a_wrong_type_is_a_misfit_and_asks_no_rule() -> None:
    (fault,) = validator("1.34")({**ROUTE, "spec": {"rules": "none"}}) or ()
    assert isinstance(fault, Misfit) and fault.field == "spec.rules"


def test_kinds_of_other_groups_by_the_same_names_are_not_known() -> None:
    assert faults(apiVersion="policy.linkerd.io/v1beta3") is None
    assert faults(apiVersion="gateway.networking.x-k8s.io/v1alpha1", kind="XMesh") is None

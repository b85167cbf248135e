"""A field is written from the minor on that has it, and on no minor before: `features.json` against the schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.kubernetes.features import features, first
from kforge.domain.kubernetes.releases import default, end_of_support
from kforge.system import schemas
from tests.artifacts.making import HTTP, make

SERVICES: dict[str, Any] = {
    "web": {"image": "ghcr.io/acme/web:1", "scale": {"min": 3, "max": 6, "cpu": 60}},
    "old": {"image": "ghcr.io/acme/old:1", "hardening": "baseline"},
    "shared": {
        "image": "ghcr.io/acme/old:1",
        "hardening": "baseline",
        "volumes": [{"name": "m", "path": "/m", "size": "1Gi", "shared": True}],
    },
}
DECIDED = {
    (name, "process"): {"command": None, "ports": [HTTP], "user": None, "writable": ["/tmp"]}
    for name in ("old", "shared")
}
WHERE = {
    "eviction": ("PodDisruptionBudget/web", "unhealthyPodEvictionPolicy"),
    "revision-spread": ("Deployment/web", "matchLabelKeys"),
    "sleep": ("Deployment/web", "preStop"),
    "container-metrics": ("HorizontalPodAutoscaler/web", "containerResource"),
    "traffic-close": ("Service/web", "trafficDistribution"),
    "traffic-zone": ("Service/web", "PreferSameZone"),
    "user-namespace": ("Deployment/old", "hostUsers"),
}


def text(minor: int, target: str) -> str:
    made = make(SERVICES, kubernetes=f"1.{minor}", decided=DECIDED)
    return json.dumps(made[target].data)


@pytest.mark.parametrize("name", sorted(WHERE))
def test_a_field_is_there_from_its_minor_on_and_not_before(name: str) -> None:
    target, word = WHERE[name]
    assert word in text(first(name), target)
    assert word not in text(first(name) - 1, target)


def test_every_feature_that_is_no_matter_of_a_fragment_is_looked_at() -> None:
    assert features().keys() - WHERE.keys() == {"resize", "sidecar"}


def test_user_namespaces_are_left_out_where_a_volume_or_a_platform_may_refuse_them() -> None:
    assert "hostUsers" not in text(36, "Deployment/shared")
    assert "hostUsers" not in text(36, "Deployment/web")


@pytest.mark.parametrize("name", sorted(features()))
def test_the_schema_of_its_minor_has_the_field(name: str) -> None:
    row = features()[name]
    word = row["field"].replace(" ", ".").split(".")[-1].rstrip("[]").partition(":")[0]
    word = {"PreferClose": "trafficDistribution", "PreferSameZone": "trafficDistribution"}.get(word, word)
    definitions = schemas.kubernetes_definitions(row["since"])
    assert any(word in each.get("properties", {}) for each in definitions.values())


def test_every_minor_that_a_spec_may_name_has_an_end_of_support() -> None:
    assert [minor for minor in schemas.versions() if not end_of_support(minor)] == []
    assert default() in schemas.versions()


def test_the_default_is_the_same_wherever_it_is_written() -> None:
    from kforge.domain.document import Documents

    assert Documents(()).kubernetes == default()
    schema = json.loads((Path(__file__).parents[2] / "schemas/app.schema.json").read_text())
    assert schema["properties"]["kubernetes"]["default"] == default()


def test_the_page_is_written_from_the_data() -> None:
    from docs import platforms

    page = Path(platforms.__file__).with_name("platforms.md").read_text(encoding="utf-8")
    assert page == platforms.document(), "run: python docs/platforms.py"

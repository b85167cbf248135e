"""Every object fits the bundled schema of every Kubernetes version that a spec may name."""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from kforge import pipeline
from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.spec.edit import set_value
from tests.artifacts.making import GRPC, HTTP, make
from tests.conftest import copied
from tests.golden.examples import EXAMPLES
from tests.trials import sample

DATA = {"name": "data", "path": "/data", "size": "5Gi"}
EVERYTHING: dict[str, Any] = {
    "web": {
        "source": "./web", "env": {"API": "${services.api.url}"}, "secrets": {"KEY": {"secret": "web", "key": "k", "optional": True}},
        "expose": {"host": "a.example.com", "class": "nginx"}, "scale": {"min": 2, "max": 5, "cpu": 60, "memory": 80},
        "config": {"path": "/etc/web", "files": {"a.yaml": "a: 1\n"}}, "volumes": [{**DATA, "shared": True}],
        "allowFrom": [{"namespace": "monitoring"}], "egress": [{"cidr": "10.0.0.0/8"}],
    },
    "api": {"source": "./api", "scale": {"min": 3}, "expose": {"host": "b.example.com", "class": "nginx", "tls": False}},
    "db": {"image": "postgres:16", "volumes": [{**DATA, "class": "fast"}], "scale": {"min": 2}},
    "nightly": {"image": "n:1", "schedule": "0 3 * * *", "volumes": [DATA]},
    "migrate": {"image": "m:1", "job": True},
}  # fmt: skip


@pytest.mark.parametrize(
    ("minor", "network"), sample(product((25, 26, 27, 29, 30, 33, 34, 35, 36, 37), ("app", "strict")), 19)
)
def test_every_object_fits_the_schema_of_every_version(minor: int, network: str) -> None:
    made = make(
        EVERYTHING,
        kubernetes=f"1.{minor}",
        network=network,
        namespace={"name": "shop", "create": True},
        decided={("api", "process"): {"ports": [GRPC, {**HTTP, "port": 80}]}, ("web", "resources"): {"storage": "1Gi"}},
    )
    assert len(made) > 25
    for document in made.values():
        kubernetes_validate.validate(document.data, f"1.{minor}", strict=True)


@pytest.mark.parametrize(("name", "minor"), [*product(EXAMPLES, ("1.33", "1.34", "1.35", "1.36", "1.37"))])
def test_every_example_is_in_order_under_every_version_that_is_tested(name: str, minor: str, tmp_path: Path) -> None:
    """By schemas and rules, in every environment; `tests/cluster/test_minors.py` asks the API servers themselves."""
    folder = copied(name, tmp_path.resolve() / name)
    spec = folder / "app.kforge.yaml"
    text = set_value(spec.read_text(), ("kubernetes",), minor)
    found = pipeline.run(Project(spec, folder), Options(date(2026, 1, 1), text=text))
    assert [item.message for item in found.errors] == []
    assert {each.kubernetes for each in found.documents.values()} == {minor}

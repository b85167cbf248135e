"""Every object fits the bundled schema of every Kubernetes version that a spec may name."""

from __future__ import annotations

from itertools import product
from typing import Any

import kubernetes_validate
import pytest

from tests.artifacts.making import GRPC, HTTP, make
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


@pytest.mark.parametrize(("minor", "network"), sample(product((25, 26, 27, 29, 30, 33, 34, 35, 36, 37), ("app", "strict")), 19))
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

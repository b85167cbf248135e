"""Resources: by image, language, framework, library, or the base of the user's Dockerfile."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.quantity import number
from kforge.topics.profiles import _table
from kforge.topics.resources import TOPIC
from tests.topics.asking import ask

WEB = {"source": "./web"}


@pytest.mark.parametrize(("block", "held", "memory"), [
    (WEB, {"language": "go"}, "64Mi"),
    (WEB, {"language": "node", "framework": "express"}, "256Mi"),
    (WEB, {"language": "node", "framework": "next"}, "512Mi"),
    (WEB, {"language": "node", "recipe": "static"}, "64Mi"),
    (WEB, {"language": "python", "framework": "django"}, "256Mi"),
    (WEB, {"language": "python", "dependencies": ["flask", "pandas", "torch"]}, "2Gi"),
    (WEB, {"language": "python", "dependencies": ["flask"]}, "192Mi"),
    (WEB, {"dockerfile": {"base": "docker.io/library/eclipse-temurin:21-jre"}}, "512Mi"),
    (WEB, {"dockerfile": {"base": "nginx:1.27-alpine"}, "language": "node"}, "256Mi"),
    ({"image": "registry.acme.internal/library/redis:7.4@sha256:0"}, {}, "128Mi"),
    ({"image": "ghcr.io/acme/unheard-of:1"}, {}, "256Mi"),
])  # fmt: skip
def test_memory_fits_the_kind_of_program(block: dict[str, Any], held: dict[str, Any], memory: str) -> None:
    block = {**block, "image": block["image"].partition("@")[0]} if "image" in block else block
    assert ask(TOPIC, block, **held).value["memory"] == memory


def test_cpu_is_promised_and_not_capped_memory_is_both() -> None:
    value = ask(TOPIC, WEB, language="go").value
    assert value == {"cpu": "50m", "memory": "64Mi", "cpuLimit": None, "memoryLimit": None, "storage": None}


def test_a_library_that_asks_for_much_is_named_in_the_reason() -> None:
    assert "`torch`" in ask(TOPIC, WEB, language="python", dependencies=["numpy", "torch"]).reasons["memory"]


def test_every_row_of_the_table_is_whole() -> None:
    table = _table()
    rows = [*table["languages"].values(), *(row for row in table["images"].values() if isinstance(row, dict)), table["unknown"]]
    assert all(row["is"] and number(row["cpu"]) > 0 and number(row["memory"]) > 0 and row["startup"] > 0 for row in rows)
    assert {row for row in table["images"].values() if isinstance(row, str)} <= set(table["languages"])
    assert all(number(memory) > 0 for memory in table["libraries"].values())

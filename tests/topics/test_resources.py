"""Resources: by image, language, framework, library, or the base of the user's Dockerfile."""

from __future__ import annotations

from typing import Any

import pytest

from kforge import catalog
from kforge.domain.kubernetes.quantity import number
from kforge.domain.language import Language
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
    (WEB, {"dockerfile": {"base": "debian:bookworm-slim", "stages": [{"name": "b", "image": "rust:1.80"}]}}, "64Mi"),
    (WEB, {"dockerfile": {"base": "alpine:3", "stages": [{"name": "", "image": "golang:1.26"}, {"name": "", "image": "alpine:3"}]}}, "64Mi"),
    (WEB, {"dockerfile": {"base": "openjdk:8", "cmd": ["java", "-Xmn256m", "-Xmx768m", "-jar", "a.jar"]}}, "1088Mi"),
    (WEB, {"dockerfile": {"base": "openjdk:8", "env": {"JAVA_TOOL_OPTIONS": "-Xmx256m -Xmx2g"}}}, "2688Mi"),
    (WEB, {"dockerfile": {"base": "openjdk:8", "cmd": ["java", "-Xmx64m", "-jar", "a.jar"]}}, "512Mi"),
    ({**WEB, "command": ["node", "--max-old-space-size=1024", "a.js"]}, {"language": "node"}, "1408Mi"),
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


def test_a_program_of_an_unknown_kind_asks_to_be_measured() -> None:
    assert "pin `resources.memory`" in ask(TOPIC, {"image": "ghcr.io/acme/unheard-of:1"}).reasons["memory"]


def test_a_heap_that_the_command_allows_is_named_in_the_reason() -> None:
    dockerfile = {"base": "openjdk:8", "cmd": ["java", "-Xmx768m", "-jar", "a.jar"]}
    assert "`-Xmx768m`" in ask(TOPIC, WEB, dockerfile=dockerfile).reasons["memory"]


def test_every_row_of_the_table_is_whole() -> None:
    table = _table()
    rows = [*table["languages"].values(), table["unknown"]]
    assert all(
        row["is"] and number(row["cpu"]) > 0 and number(row["memory"]) > 0 and row["startup"] > 0 for row in rows
    )
    assert {*table["images"].values()} <= {*table["languages"]}


@pytest.mark.parametrize("language", catalog.languages().records, ids=lambda language: language.name)
def test_what_a_language_needs_is_a_quantity(language: Language) -> None:
    needs = [language.needs, *language.frameworks.values()]
    amounts = [*language.libraries.values(), *(each for one in needs for each in (one.cpu, one.memory))]
    assert all(number(amount) > 0 for amount in amounts) and all(one.kind and one.startup > 0 for one in needs)


@pytest.mark.parametrize(("command", "memory"), [
    (["gunicorn", "shop:app"], "192Mi"),
    (["gunicorn", "--workers", "1", "shop:app"], "192Mi"),
    (["gunicorn", "--workers=4", "shop:app"], "512Mi"),
    (["uvicorn", "shop:app", "--workers", "2"], "320Mi"),
    (["celery", "-A", "shop", "worker", "-c", "8"], "896Mi"),
    (["celery", "-A", "shop", "worker", "-P", "gevent", "-c", "500"], "192Mi"),
    (["celery", "-A", "shop", "worker"], "320Mi"),
    (["celery", "-A", "shop", "beat"], "192Mi"),
    (["sh", "-c", "exec gunicorn -w 3 shop:app"], "384Mi"),
])  # fmt: skip
def test_memory_grows_with_the_processes_that_the_command_starts(command: list[str], memory: str) -> None:
    answer = ask(TOPIC, {**WEB, "command": command}, language="python", framework="flask")
    assert answer.value["memory"] == memory


def test_a_variable_that_tells_the_processes_counts_as_the_option() -> None:
    block = {**WEB, "command": ["gunicorn", "shop:app"], "env": {"WEB_CONCURRENCY": "4"}}
    assert ask(TOPIC, block, language="python", framework="flask").value["memory"] == "512Mi"

"""`kforge pin` with a value of one's own: what a message offers can be pasted."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.wishes.heard import asked_for, pin_command
from kforge.domain.wishes.readings import readings
from tests.conftest import copied, edit, run


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    return copied("hello", tmp_path / "hello")


def web(folder: Path) -> dict[str, Any]:
    held: dict[str, Any] = yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]["web"]
    return held


@pytest.mark.parametrize(
    ("pin", "words"),
    [
        ("resources: {memory: 2Gi}", "resources.memory 2Gi"),
        ("scale: {min: 3, max: 3}", "scale '{min: 3, max: 3}'"),
        ("probes: {startup: {period: 2, failures: 300}}", "probes.startup '{period: 2, failures: 300}'"),
        ("build: {packages: [a, b]}", "build.packages '[a, b]'"),
        ("port: 8081", "port 8081"),
        ("build: {base: …, runtime: …} with images of it", ""),
    ],
)
def test_a_pin_is_a_command(pin: str, words: str) -> None:
    assert pin_command("web", pin) == (f"kforge pin web {words}" if words else "")


@pytest.mark.parametrize(
    "wish",
    [
        "2 GiB of memory",
        "never more than two CPUs",
        "three replicas",
        "port 8081",
        "ten minutes to start",
        "120 seconds to finish",
        "drei Kopien",
        "2 Go de mémoire",
        "readiness should ask /status/ready",
        "run as uid 1001",
    ],
)
def test_the_command_of_a_wish_can_be_pasted(wish: str, hello: Path) -> None:
    (reading,) = readings(wish)
    found = asked_for(reading)
    assert found
    run(*shlex.split(found.command("web"))[1:], cwd=hello, code=0)
    assert web(hello) == {"source": "./web", **yaml.safe_load(found.pin)}
    assert "Traceback" not in run("plan", cwd=hello).err


def test_what_stands_beside_a_value_stays(hello: Path) -> None:
    edit(hello / "app.kforge.yaml", "{source: ./web}", "{source: ./web, scale: {min: 1, max: 9, cpu: 70}}")
    run("pin", "web", "scale", "{min: 3}", cwd=hello, code=0)
    assert web(hello)["scale"] == {"min": 3, "max": 9, "cpu": 70}


def test_a_decision_is_a_target_too(hello: Path) -> None:
    ended = run("pin", "web/resources", "memory", "2Gi", cwd=hello, code=0)
    assert web(hello)["resources"] == {"memory": "2Gi"}
    assert "pinned `resources.memory` of `web`" in ended.err


def test_a_dry_run_writes_nothing(hello: Path) -> None:
    ended = run("pin", "web", "port", "8081", "--dry-run", cwd=hello, code=0)
    assert "port: 8081" in ended.out
    assert "port" not in web(hello)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["api", "port", "1"], "there is no `api`"),
        (["web/resources", "colour", "red"], "`colour` is not a key of"),
        (["web/resources", "memory", "much"], "resources.memory"),
        (["web", "port", "[1"], "opened here and not closed"),
        (["web", "source.folder", "x"], "is not a mapping"),
    ],
)
def test_a_value_that_the_spec_cannot_have_is_refused_and_nothing_is_written(
    words: list[str], said: str, hello: Path
) -> None:
    before = (hello / "app.kforge.yaml").read_bytes()
    ended = run("pin", *words, cwd=hello, code=2)
    assert said in ended.err
    assert (hello / "app.kforge.yaml").read_bytes() == before

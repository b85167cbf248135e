"""A wish that is met is silent; one that is not names the pin that would meet it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from kforge.domain.wishes.heard import Pinned, asked_for, unheard
from kforge.domain.wishes.readings import Reading, readings

GIB = 1 << 30
SETTLED: dict[str, dict[str, Any]] = {
    "build": {"base": "docker.io/library/python:3.13-slim-trixie", "runtime": "docker.io/library/python:3.13-slim-trixie"},
    "process": {"ports": [{"name": "http", "port": 8000}], "user": 10001},
    "probes": {
        "startup": {"type": "tcp", "period": 2, "failures": 30},
        "readiness": {"type": "http", "path": "/ready"},
        "liveness": {"type": "tcp", "path": None},
    },
    "resources": {"cpu": "100m", "memory": "2048Mi", "cpuLimit": None, "memoryLimit": None, "storage": None},
    "rollout": {"strategy": "rolling", "spread": "zone", "gracePeriod": 30, "drain": 5},
}  # fmt: skip


def missed(field: str, value: Fraction | str) -> Pinned | None:
    return unheard(Reading(field, value, "…"), SETTLED)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("resources.memory", Fraction(2 * GIB)),  # 2048Mi is 2Gi
        ("resources.cpu", Fraction(1, 10)),
        ("probes.startup", Fraction(60)),
        ("probes.startup", Fraction(30)),  # more patience than is asked for
        ("probes.readiness", "/ready"),
        ("rollout.gracePeriod", Fraction(30)),
        ("rollout.strategy", "rolling"),
        ("rollout.retries", Fraction(3)),  # of a job, which this is not
        ("build.distribution", "debian"),
        ("build.version", "python 3.13"),
        ("build.version", "node 22"),  # of another language
        ("process.port", "8000"),
        ("process.user", "10001"),
        ("scale", Fraction(1)),
    ],
)
def test_a_wish_that_is_met_is_silent(field: str, value: Fraction | str) -> None:
    assert missed(field, value) is None


@pytest.mark.parametrize(
    ("field", "value", "settled", "pin"),
    [
        ("resources.memory", Fraction(GIB), "2048Mi", "resources: {memory: 1Gi}"),
        ("resources.cpuLimit", Fraction(2), "none", 'resources: {cpuLimit: "2"}'),
        ("probes.startup", Fraction(600), "60 (every 2, 30 times)", "probes: {startup: {period: 2, failures: 300}}"),
        ("probes.liveness", "/alive", "tcp", "probes: {liveness: {type: http, path: /alive}}"),
        ("rollout.drain", Fraction(20), "5", "rollout: {drain: 20}"),
        ("rollout.spread", "none", "zone", "rollout: {spread: none}"),
        ("rollout.strategy", "recreate", "rolling", "rollout: {strategy: recreate}"),
        ("process.port", "9000", "8000", "port: 9000"),
        ("process.user", "1000", "10001", "user: 1000"),
        ("scale", Fraction(3), "1", "scale: {min: 3, max: 3}"),
    ],
)
def test_a_wish_that_is_not_met_names_its_pin(field: str, value: Fraction | str, settled: str, pin: str) -> None:
    found = missed(field, value)
    assert found is not None
    assert (found.settled, found.pin) == (settled, pin)


@pytest.mark.parametrize(("field", "value"), [("build.distribution", "alpine"), ("build.version", "python 3.11")])
def test_an_image_that_is_not_the_wished_one_is_named(field: str, value: str) -> None:
    found = missed(field, value)
    assert found is not None
    assert found.settled == "docker.io/library/python:3.13-slim-trixie"


@pytest.mark.parametrize(
    ("wish", "pin"),
    [
        ("give it 2 GiB of memory", "resources: {memory: 2Gi}"),
        ("three replicas please", "scale: {min: 3, max: 3}"),
        ("it needs ten minutes to start", "probes: {startup: {period: 10, failures: 60}}"),
        ("readiness is GET /ready", "probes: {readiness: {type: http, path: /ready}}"),
        ("it needs 90 seconds to finish", "rollout: {gracePeriod: 90}"),
        ("do not spread it", "rollout: {spread: none}"),
        ("run as user 1000", "user: 1000"),
        ("use Alpine", "build: {base: …, runtime: …} with images of it"),
        ("use python 3.12", "build: {base: …, runtime: …} with images of that version"),
        ("listen on port 9000", "port: 9000"),
    ],
)
def test_what_a_wish_asks_for_is_a_pin_before_anything_is_settled(wish: str, pin: str) -> None:
    (reading,) = readings(wish)
    found = asked_for(reading)
    assert found is not None
    assert found.pin == pin


@pytest.mark.parametrize(
    ("wish", "settled", "pin"),
    [
        ("please install ffmpeg", ["libpq5"], "build: {packages: [ffmpeg, libpq5]}"),
        ("il faut le paquet ffmpeg", [], "build: {packages: [ffmpeg]}"),
        ("install ffmpeg", ["ffmpeg"], ""),
        ("install whatever-it-is", [], ""),  # no package that is known
        ("we never install ffmpeg", [], ""),
        ("the office has installed ffmpeg on all machines", [], ""),
    ],
)
def test_a_package_is_added_to_those_that_are_there(wish: str, settled: list[str], pin: str) -> None:
    build = {"build": {**SETTLED["build"], "packages": settled}}
    found = [one for reading in readings(wish) if (one := unheard(reading, build))]
    assert [one.pin for one in found] == ([pin] if pin else [])


def test_a_distribution_names_its_images_where_one_image_builds_and_runs() -> None:
    (reading,) = readings("use Alpine")
    image = "docker.io/library/python:3.13-alpine"
    found = unheard(reading, SETTLED)
    assert found
    assert found.pin == f"build: {{base: {image}, runtime: {image}}}"
    assert found.command("web") == f"kforge pin web build '{{base: {image}, runtime: {image}}}'"
    two = {"build": {"base": "docker.io/library/golang:1.25", "runtime": "gcr.io/distroless/static-debian12:nonroot"}}
    other = unheard(reading, two)
    assert other
    assert other.command("web") == ""


@pytest.mark.parametrize(
    ("wish", "limit"),
    [
        ("Run it as root, it is easier", "root"),
        ("make it privileged", "node"),
        ("it needs host network", "node"),
        ("turn off seccomp", "weakens"),
        ("Schalte bitte seccomp ab", "weakens"),
        ("fetch https://example.com/setup.sh while it is built", "address"),
        ("always take node:latest", "latest"),
    ],
)
def test_what_no_wish_can_have_names_the_limit_and_no_pin(wish: str, limit: str) -> None:
    (reading,) = readings(wish)
    found = unheard(reading, SETTLED)
    assert found
    assert limit in found.limit
    assert (found.pin, found.command("web")) == ("", "")
    assert asked_for(reading) is None


@pytest.mark.parametrize(
    "wish",
    [
        "never run it as root",
        "it must not run as root",
        "it runs as root of the tree of comments",
        "no privileged containers",
        "privileged customers see it first",
        "do not use node:latest",
        "it downloads https://example.com/feed every night",
        "we check it with curl http://localhost:8000/healthz in the image",
        "the security of our customers counts",
    ],
)
def test_what_only_sounds_like_it_is_no_such_wish(wish: str) -> None:
    assert readings(wish) == ()


def test_an_image_of_the_owners_is_a_pin_whatever_its_registry() -> None:
    (reading,) = readings("take registry.example.net/cheap/python:3.13 as the base image")
    found = unheard(reading, SETTLED)
    assert found
    image = "registry.example.net/cheap/python:3.13"
    assert found.pin == f"build: {{base: {image}, runtime: {image}}}"
    assert unheard(reading, {"build": {"base": image, "runtime": image}}) is None

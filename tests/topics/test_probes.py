"""Probes: what each asks, and that no dependency can make liveness fail."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.topics.probes import TOPIC
from tests.topics.asking import ask, view

WEB = {"source": "./web"}
HTTP = {"name": "http", "port": 8080, "protocol": "http", "env": ""}
GRPC = {"name": "grpc", "port": 9090, "protocol": "grpc", "env": ""}
TCP = {"name": "tcp", "port": 5432, "protocol": "tcp", "env": ""}


def asks(probe: dict[str, Any]) -> tuple[str, str | None, str]:
    return probe["type"], probe["path"], probe["port"]


@pytest.mark.parametrize(
    ("health", "ready", "alive"),
    [
        (["/ready", "/live"], ("http", "/ready", "http"), ("http", "/live", "http")),
        (["/livez", "/readyz"], ("http", "/readyz", "http"), ("http", "/livez", "http")),
        (["/healthz", "/api/ready"], ("http", "/api/ready", "http"), ("http", "/healthz", "http")),
        (["/health", "/ping"], ("http", "/health", "http"), ("http", "/ping", "http")),
        (["/health", "/status"], ("http", "/health", "http"), ("tcp", None, "http")),
        (["/healthz"], ("http", "/healthz", "http"), ("tcp", None, "http")),
        ([], ("tcp", None, "http"), ("tcp", None, "http")),
    ],
)  # fmt: skip
def test_routes_go_to_the_probe_that_they_are_named_for(health: list[str], ready: object, alive: object) -> None:
    value = ask(TOPIC, WEB, [HTTP], language="node", health=health).value
    assert (asks(value["readiness"]), asks(value["liveness"]), asks(value["startup"])) == (ready, alive, alive)


def test_the_grpc_health_service_is_asked_for_readiness_where_it_is_registered() -> None:
    value = ask(TOPIC, WEB, [GRPC], language="go", health=["grpc"]).value
    assert (asks(value["readiness"]), asks(value["liveness"])) == (("grpc", None, "grpc"), ("tcp", None, "grpc"))
    assert asks(ask(TOPIC, WEB, [GRPC], language="go").value["readiness"]) == ("tcp", None, "grpc")


def test_a_health_route_beside_grpc_is_asked_on_its_own_port() -> None:
    value = ask(TOPIC, WEB, [GRPC, HTTP], language="go", health=["/healthz"]).value
    assert asks(value["readiness"]) == ("http", "/healthz", "http")


def test_a_route_behind_tls_is_asked_as_one_without() -> None:
    value = ask(TOPIC, WEB, [{**HTTP, "name": "https", "protocol": "https"}], language="go", health=["/healthz"]).value
    assert (asks(value["readiness"]), asks(value["liveness"])) == (
        ("http", "/healthz", "https"),
        ("tcp", None, "https"),
    )


def test_what_speaks_neither_is_asked_whether_its_port_accepts() -> None:
    value = ask(TOPIC, {"image": "postgres:16"}, [TCP]).value
    assert [asks(value[name]) for name in ("startup", "readiness", "liveness")] == [("tcp", None, "tcp")] * 3


def test_liveness_waits_longer_than_readiness_before_it_restarts_anything() -> None:
    value = ask(TOPIC, WEB, [HTTP], language="node").value
    assert (
        value["liveness"]["period"] * value["liveness"]["failures"]
        >= 3 * value["readiness"]["period"] * value["readiness"]["failures"]
    )


@pytest.mark.parametrize(("block", "held", "budget"), [
    (WEB, {"language": "go"}, 30), (WEB, {"language": "node", "framework": "next"}, 90), (WEB, {"dockerfile": {"base": "openjdk:17"}}, 180),
    ({"image": "docker.io/library/mysql:8"}, {}, 300), ({"image": "ghcr.io/acme/x:1"}, {}, 150),
])  # fmt: skip
def test_the_startup_budget_fits_the_kind_of_program(block: dict[str, Any], held: dict[str, Any], budget: int) -> None:
    startup = ask(TOPIC, block, [HTTP], **held).value["startup"]
    assert startup["period"] * startup["failures"] == budget


def test_known_images_are_asked_on_the_routes_that_they_have() -> None:
    value = ask(TOPIC, {"image": "quay.io/prometheus/prometheus:v3"}, [HTTP]).value
    assert (asks(value["readiness"]), asks(value["liveness"])) == (
        ("http", "/-/ready", "http"),
        ("http", "/-/healthy", "http"),
    )


def test_static_files_are_asked_for_their_index_unless_the_project_brings_its_own_server() -> None:
    assert asks(ask(TOPIC, WEB, [HTTP], recipe="static", language="node").value["readiness"]) == ("http", "/", "http")
    value = ask(TOPIC, WEB, [HTTP], recipe="static", language="node", webserver="nginx.conf").value
    assert asks(value["readiness"]) == ("tcp", None, "http")


def test_what_listens_on_nothing_is_asked_nothing() -> None:
    assert {probe["type"] for probe in ask(TOPIC, WEB, [], language="python").value.values()} == {"none"}


@pytest.mark.parametrize("block", [{"job": True}, {"schedule": "@daily"}])
def test_jobs_pose_no_question(block: dict[str, Any]) -> None:
    assert not TOPIC.applies(view(TOPIC, {**WEB, **block}))
    assert TOPIC.applies(view(TOPIC, WEB))


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("prefix", "`/status/` of api/urls.py stands below a prefix that nothing shows, so it asks whether port `http` accepts"),
        ("login", "`/status/` of api/urls.py wants a login, so it asks whether port `http` accepts"),
        ("method", "`/status/` of api/urls.py takes no GET, so it asks whether port `http` accepts"),
        ("host", "a probe calls the pod's address, so it asks whether port `http` accepts"),
        ("tls", "answers plain HTTP by sending it to https, so it asks whether port `http` accepts"),
    ],
)  # fmt: skip
def test_a_route_that_nothing_can_ask_means_a_tcp_probe_with_the_reason(why: str, said: str) -> None:
    unprobed = [{"path": "/status/", "file": "api/urls.py", "why": why}]
    made = ask(TOPIC, WEB, [HTTP], language="python", unprobed=unprobed)
    assert asks(made.value["readiness"]) == ("tcp", None, "http")
    assert said in made.reasons["readiness"]


def test_a_route_that_can_be_asked_is_asked_whatever_others_are_like() -> None:
    unprobed = [{"path": "/status/", "file": "api/urls.py", "why": "login"}]
    made = ask(TOPIC, WEB, [HTTP], language="python", health=["/healthz"], unprobed=unprobed)
    assert asks(made.value["readiness"]) == ("http", "/healthz", "http")


def test_a_route_on_a_second_port_is_asked_there() -> None:
    admin = {"name": "http-9090", "port": 9090, "protocol": "http", "env": ""}
    known = [{"path": "/healthz", "port": 9090}, {"path": "/elsewhere", "port": 7777}]
    value = ask(TOPIC, WEB, [HTTP, admin], language="go", health_ports=known).value
    assert asks(value["readiness"]) == ("http", "/healthz", "http-9090")
    assert asks(value["liveness"]) == ("tcp", None, "http-9090")


@pytest.mark.parametrize(
    "command",
    [["celery", "-A", "shop", "worker"], ["python", "manage.py", "sendalerts"], ["celery", "-A", "shop", "beat"]],
)
def test_what_takes_work_from_elsewhere_is_not_restarted_with_its_broker(command: list[str]) -> None:
    answer = ask(TOPIC, {"source": ".", "command": command}, [], language="python", health=["/healthz"])
    assert answer.value["liveness"]["type"] == "none"
    assert "the kubelet sees its end" in answer.reasons["liveness"]

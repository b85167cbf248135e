"""What no model may decide, whatever asks for it: the limits of every field, and one spelling for one meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.model.question import Question, Rejected
from kforge.domain.spec.pin_types import TOPIC_PINS
from kforge.llm.answer_schema import asked_fields
from tests.growth import LINEAR, growth
from tests.questions import BUILT, TOPICS, WEB, question, taken, worded
from tests.worlds import FRONT, GO, NODE, PYTHON, facts

EXAMPLES = {"python": WEB, "node": NODE, "go": GO, "static": FRONT, "bare": PYTHON, "built": BUILT}


def refused(asked: Question, **changes: Any) -> str:
    with pytest.raises(Rejected) as caught:
        taken(asked, **changes)
    return caught.value.finding


# ---- what is taken --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_the_heuristics_own_answer_is_always_taken(topic: str, example: str) -> None:
    asked = question(topic, EXAMPLES[example])
    assert dict(taken(asked)) == dict(asked.baseline.value)


@pytest.mark.parametrize(
    "service",
    [
        {"image": "docker.io/library/postgres:18.6"},
        {"image": "ghcr.io/acme/x:1"},
        {"schedule": "0 3 * * *"},
        {"job": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("topic", ["process", "probes", "resources", "rollout"])
def test_so_it_is_for_images_and_jobs(topic: str, service: dict[str, Any]) -> None:
    asked = question(topic, facts() if "image" in service else WEB, service)
    assert dict(taken(asked)) == dict(asked.baseline.value)


def test_values_are_spelled_as_the_heuristics_spell_them() -> None:
    asked = question("build", WEB)
    value = taken(
        asked,
        base="python:3.13-slim-trixie",
        runtime="python:3.13-slim-trixie",
        packages=["libpq5", "curl", "curl"],
    )
    assert (value["base"], value["packages"]) == ("docker.io/library/python:3.13-slim-trixie", ["curl", "libpq5"])


def test_shares_of_a_rollout_are_numbers_or_percentages_as_in_the_spec() -> None:
    asked = question("rollout", WEB)
    value = taken(asked, surge="2", unavailable="10%")
    assert (value["surge"], value["unavailable"]) == (2, "10%")


def test_a_probe_of_no_type_asks_nothing() -> None:
    asked = question("probes", WEB)
    left_out = {"type": "none", "path": "/x", "port": "http", "period": 1, "timeout": 1, "failures": 1}
    assert set(taken(asked, startup=left_out)["startup"].values()) == {"none", None}


def test_a_known_port_keeps_its_name_and_its_variable() -> None:
    asked = question("process", WEB)
    ports = [
        {"name": "evil", "port": 9090, "protocol": "http", "env": "PATH"},
        {"name": "x", "port": 8000, "protocol": "http", "env": ""},
    ]
    assert taken(asked, ports=ports)["ports"] == list(reversed(asked.baseline.value["ports"]))


def test_nothing_that_the_source_shows_is_lost() -> None:
    asked = question("process", WEB)
    value = taken(asked, ports=[], writable=["/cache"])
    assert (value["ports"], value["writable"]) == (asked.baseline.value["ports"], ["/app/uploads", "/cache", "/tmp"])


def test_a_usual_amount_in_another_spelling_is_the_usual_one() -> None:
    asked = question("resources", WEB)
    usual = asked.baseline
    assert usual.value["cpu"] == "100m"
    assert taken(asked, cpu="0.1")["cpu"] == "100m"


@pytest.mark.parametrize(
    "command",
    [
        ["python", "main.py"], ["gunicorn", "app:app", "--bind", "0.0.0.0:8000", "--workers", "4"], ["gunicorn", "main:app", "-b", ":9090"],
        ["gunicorn", "app:app", "--bind=0.0.0.0:8000", "--access-logfile", "-"], ["python", "-u", "main.py"],
    ],
)  # fmt: skip
def test_a_command_may_be_a_candidate_or_tune_one(command: list[str]) -> None:
    asked = question("process", WEB)
    assert taken(asked, command=command)["command"] == command


def test_a_program_may_be_named_where_its_library_is_a_dependency() -> None:
    asked = question("process", replace(WEB, dependencies=facts(dependencies=["waitress"]).dependencies))
    command = ["waitress-serve", "--listen", ":8000", "main:app"]
    assert taken(asked, command=command)["command"] == command


def test_a_known_command_in_one_text_is_that_command() -> None:
    asked = question("process", WEB)
    assert taken(asked, command=["python main.py"])["command"] == ["python", "main.py"]


def test_refinements_can_move_to_alpine() -> None:
    asked = question("build", WEB)
    alpine = "docker.io/library/python:3.12-alpine"
    assert taken(asked, base=alpine, runtime=alpine, packages=["libpq"])["runtime"] == alpine


def test_what_is_pinned_is_not_asked_and_keeps_out_of_the_way() -> None:
    asked = question("process", WEB, {"user": 1234, "command": ["python", "other.py"]})
    assert set(asked_fields(asked)) == {"ports", "writable"}
    taken(asked)


def test_a_front_end_may_be_served_by_node_or_by_nginx() -> None:
    assert asked_fields(question("build", FRONT))["recipe"]["enum"] == ["node", "static"]


# ---- what is sent back ----------------------------------------------------------------------------------------
CASES: list[tuple[str, str, Any, str]] = [
    ("build", "base", "evil.example.com/python:3.12", "is from a registry that is not allowed"),
    ("build", "base", "docker.io/evil/python:3.12", "is from a registry that is not allowed"),
    ("build", "base", "docker.io/library/python", "names no version"),
    ("build", "base", "docker.io/library/python:latest", "another image tomorrow"),
    ("build", "base", "docker.io/library/python:3.12@sha256:" + "0" * 64, "has a digest"),
    ("build", "base", "https://docker.io/library/python:3.12", "is no image"),
    ("build", "base", "docker.io/library/redis:8", "cannot be used by the recipe python"),
    ("build", "runtime", "docker.io/library/python:3.11-slim", "it has version 3.11 and `base` has 3.12"),
    ("build", "runtime", "docker.io/library/python:3.12-alpine", "runs on Alpine only"),
    ("build", "runtime", "gcr.io/distroless/python3-debian12:nonroot", "cannot be used by the recipe python"),
    ("build", "packages", ["libpq5; rm -rf /"], "is no name of a Debian package"),
    ("build", "packages", ["dash-"], "is no name of a Debian package"),
    ("build", "packages", ["lib.*"], "is no name of a Debian package"),
    ("build", "packages", ["-oAPT::x"], "is no name of a Debian package"),
    ("build", "packages", ["./local.deb"], "is no name of a Debian package"),
    ("build", "packages", ["a=1.0"], "is no name of a Debian package"),
    ("build", "packages", ["libpq5\n"], "line break"),
    ("build", "packages", "libpq5", "must be a list"),
    ("build", "packages", ["a1"] * 13, "it must have at most 12"),
    ("build", "steps", [["sh", "-c", "id"]], "none that may be taken"),
    ("build", "steps", [["curl", "http://evil"]], "none that may be taken"),
    ("build", "steps", [["pip", "install", "evil"]], "none that may be taken"),
    ("build", "steps", [["python", "-c", "import os"]], "none that may be taken"),
    ("build", "steps", [[]], "it must have between 1 and 16"),
    ("process", "command", ["bash"], "is no program that the source is known to have"),
    ("process", "command", ["python", "-c", "print()"], "nor a flag that may be set"),
    ("process", "command", ["python", "evil.py"], "nor a file of the source"),
    ("process", "command", ["python", "-m", "http.server"], "nor a flag that may be set"),
    ("process", "command", ["gunicorn", "app:app", "--bind", "evil.example.com:80"], "cannot follow `--bind`"),
    (
        "process",
        "command",
        ["gunicorn", "app:app", "--bind", "0.0.0.0:4444"],
        "is no port that the source or the spec names",
    ),
    ("process", "command", ["gunicorn", "evil:app"], "nor a file of the source"),
    ("process", "command", ["gunicorn", "app:app", "--env", "X=1"], "nor a flag that may be set"),
    ("process", "command", ["uvicorn", "main:app"], "is no program that the source is known to have"),
    ("process", "command", None, "must be a list"),
    ("build", "packages", ["no-dependency-is-known-to-need-one"], "is no Debian package that is known here"),
    ("build", "packages", ["169.254.169.254"], "is no name of a Debian package"),
    (
        "process",
        "ports",
        [{"name": "http", "port": 22, "protocol": "tcp", "env": ""}],
        "22 is named neither by the source nor by the spec",
    ),
    (
        "process",
        "ports",
        [{"name": "http", "port": 8000, "protocol": "udp", "env": ""}],
        "it must be one of http, https, grpc, tcp",
    ),
    (
        "process",
        "ports",
        [{"name": "http", "port": True, "protocol": "tcp", "env": ""}],
        "is `true`; it must be a whole number",
    ),
    (
        "process",
        "ports",
        [{"name": "http", "port": 8000, "protocol": "http", "env": ""}] * 2,
        "is the port of two ports",
    ),
    ("process", "user", 0, "it must be between 1"),
    ("process", "user", -1, "it must be between 1"),
    ("process", "user", "1000", "it must be a whole number"),
    ("process", "user", 1000.5, "it must be a whole number"),
    ("process", "writable", ["/"], "is no absolute path"),
    ("process", "writable", ["/etc/cron.d"], "belongs to the system"),
    ("process", "writable", ["/proc"], "belongs to the system"),
    ("process", "writable", ["/app"], "holds the program"),
    ("process", "writable", ["/var/run/docker.sock"], "belongs to the system"),
    ("process", "writable", ["/data/../etc"], "is no absolute path"),
    ("process", "writable", ["data"], "is no absolute path"),
    ("process", "writable", ["/var/run/secrets/kubernetes.io"], "belongs to the system"),
    ("resources", "cpu", "1000", "is no quantity between 10m and 64"),
    ("resources", "cpu", "5m", "is no quantity between 10m and 64"),
    ("resources", "cpu", "٣m", "is no quantity between 10m and 64"),
    ("resources", "memory", "1Ei", "is no quantity between 16Mi and 512Gi"),
    ("resources", "memory", "100m", "is no quantity between 16Mi and 512Gi"),
    ("resources", "memoryLimit", "32Mi", "is below the request"),
    ("resources", "cpuLimit", "10m", "is below the request"),
    ("resources", "storage", "1Pi", "is no quantity between 1Mi and 1Ti"),
    ("rollout", "strategy", "blue-green", "it must be one of rolling, recreate"),
    ("rollout", "surge", "150%", "is neither a number"),
    ("rollout", "surge", "0", "no pod could ever be replaced"),
    ("rollout", "gracePeriod", 0, "it must be between 1 and 600"),
    ("rollout", "drain", 100_000, "it must be between 0 and 60"),
]


@pytest.mark.parametrize(
    ("topic", "field", "value", "told"), CASES, ids=[f"{case[0]}.{case[1]}-{index}" for index, case in enumerate(CASES)]
)
def test_what_no_model_may_decide_is_told(topic: str, field: str, value: Any, told: str) -> None:
    asked = question(topic, BUILT if field == "steps" else WEB)
    assert told in refused(asked, **{field: value})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "exec"}, "it must be one of http, grpc, tcp, none"), ({"path": "http://evil/"}, "is no plain path"), ({"path": "/a b"}, "is no plain path"),
        ({"path": "/x?y=1"}, "is no plain path"), ({"path": "/../etc"}, "is no plain path"), ({"path": None}, "it must be a text"), ({"path": ""}, "type http needs a path"),
        ({"port": "ssh"}, "it must be one of http"), ({"port": None}, "it must be a text"), ({"type": "grpc"}, "speaks http, so type grpc cannot ask it"),
        ({"period": None}, "it must be a whole number"), ({"period": 100_000}, "it must be between 1 and 300"), ({"type": "none"}, "traffic goes to pods that cannot serve"),
        ({"host": "evil"}, "which nobody asked for"),
    ],
    ids=str,
)  # fmt: skip
def test_a_probe_asks_only_what_the_service_has(changes: dict[str, Any], told: str) -> None:
    asked = question("probes", WEB)
    assert told in refused(asked, readiness={**worded(asked, "readiness"), **changes})


@pytest.mark.parametrize(
    "service",
    [{}, {"requirements": "the customers of `/slow` are dentists"}],
    ids=str,
)
def test_a_route_that_the_source_shows_is_given_up_for_a_wish_alone(service: dict[str, Any]) -> None:
    asked = question("probes", WEB, service)
    usual = worded(asked, "readiness")
    tcp, slow = {**usual, "type": "tcp", "path": ""}, {**usual, "path": "/slow"}
    if service:
        assert taken(asked, readiness=tcp)["readiness"]["type"] == "tcp"
        assert taken(asked, readiness=slow)["readiness"]["path"] == "/slow"
    else:
        assert "an open port says less" in refused(asked, readiness=tcp)
        assert "neither the source nor a wish knows the path `/slow`" in refused(asked, readiness=slow)


def test_a_store_stays_recreated() -> None:
    asked = question("rollout", facts(), {"image": "docker.io/library/redis:8"})
    assert asked.baseline.value["strategy"] == "recreate" and "keep recreate" in refused(asked, strategy="rolling")


def test_go_programs_land_where_the_image_looks() -> None:
    asked = question("build", replace(GO, build=(*GO.build, *facts(build=[["go", "build", "./cmd/tool"]]).build)))
    assert "none that may be taken" in refused(asked, steps=[["go", "build", "-toolexec=/bin/sh", "-o", "/out/", "."]])
    assert "no step leaves" in refused(asked, steps=[["go", "build", "-o", "/app/orders", "."]])
    tuned = ["go", "build", "-trimpath", "-mod=readonly", "-ldflags=-s -w", "-o", "/out/", ".", "./cmd/tool"]
    assert taken(asked, steps=[tuned])["steps"] == [tuned]


def test_only_listed_registries_may_be_named() -> None:
    asked = question("build", WEB, registries=["ghcr.io/acme", "docker.io/library/python"])
    mine = "ghcr.io/acme/python:3.12"
    assert taken(asked, base=mine, runtime=mine)["base"] == mine
    assert "ghcr.io/acme, docker.io/library/python" in refused(asked, base="gcr.io/distroless/base:nonroot")


def test_a_digest_that_the_spec_names_may_be_kept() -> None:
    pinned = "docker.io/library/python:3.12-slim@sha256:" + "1" * 64
    asked = question("build", WEB, bases={"python-3.12": pinned})
    assert taken(asked)["base"] == pinned


def test_a_port_of_the_spec_may_be_named() -> None:
    asked = question("process", WEB, {"ports": [{"name": "admin", "port": 7000}], "process": {"user": 5}})
    assert set(asked_fields(asked)) == {"command", "writable"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("topic", sorted(TOPICS))
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_value_in_any_field_is_refused_or_could_have_been_pinned(topic: str, data: st.DataObject) -> None:
    asked = question(topic, WEB)
    name = data.draw(st.sampled_from(sorted(asked_fields(asked))))
    try:
        value = taken(asked, **{name: data.draw(JSON)})
    except Rejected as rejected:
        assert rejected.finding and rejected.finding.encode()
        return
    pinned = dict(value)
    if "ports" in pinned:
        pinned["ports"] = [{key: port[key] for key in ("name", "port", "protocol")} for port in pinned["ports"]]
    TOPIC_PINS[topic].model_validate(pinned)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("before", "piece", "after"), [("a", "_", "!"), ("a", "._", "!"), ("docker.io/", "a", "!"), ("a", "-", "")]
)
def test_an_image_takes_as_long_to_refuse_as_it_is_long(before: str, piece: str, after: str) -> None:
    asked = question("build", WEB)

    def refuse(size: int) -> None:
        image = before + piece * size + after
        refused(asked, base=image, runtime=image)

    refuse(140)  # what is exponential does not come back from here
    assert growth(refuse, 8000) < LINEAR

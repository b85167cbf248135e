"""A completion's text → an Answer, or every fault of it in words that can be sent back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.model.question import Question, Rejected
from kforge.domain.spec.pin_types import TOPIC_PINS
from kforge.llm.answer import read_answer
from kforge.llm.answer_schema import asked_fields, worded
from kforge.llm.reasons import is_reason, reason
from tests.growth import LINEAR, growth
from tests.questions import TOPICS, question, said
from tests.worlds import FRONT, GO, NODE, PYTHON, facts

WEB = facts(
    language="python", version="3.12", package_manager="pip", framework="flask", dependencies=["flask", "gunicorn"],
    start=[["gunicorn", "app:app", "--bind", "0.0.0.0:8000"], ["python", "main.py"]], manifests=["requirements.txt"], lockfile="requirements.txt",
    ports=[{"port": 8000, "protocol": "http", "env": "PORT"}, {"port": 9090, "protocol": "http", "env": ""}], health=["/healthz", "/readyz"],
    writable=["/app/uploads"], packages=["libpq5"], build=[["pip", "install", "--no-deps", "."]],
)  # fmt: skip
BUILT = replace(NODE, build=facts(build=[["npm", "run", "build"], ["npm", "run", "build:prod"]]).build)
EXAMPLES = {"python": WEB, "node": NODE, "go": GO, "static": FRONT, "bare": PYTHON, "built": BUILT}


def refused(text: str, asked: Question) -> str:
    with pytest.raises(Rejected) as caught:
        read_answer(text, asked)
    return caught.value.finding


# ---- what is taken --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_the_heuristics_own_answer_is_always_taken(topic: str, example: str) -> None:
    asked = question(topic, EXAMPLES[example])
    assert dict(read_answer(said(asked), asked).value) == dict(asked.baseline.value)


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
    assert dict(read_answer(said(asked), asked).value) == dict(asked.baseline.value)


@pytest.mark.parametrize(
    "wrap",
    [
        "{}", "```json\n{}\n```", "Sure! Here it is:\n\n```\n{}\n```\nHope that helps.", "<think>{{\"value\": 1}} hm</think>\n{}", "I chose {} because it fits.",
        "\ufeff{}", "thinking about {{braces}} and \"quotes\"\n</think>{}", "{}\n{{\"value\": {{}}}}", "First {{\"a\": 1}} then {}",
    ],
)  # fmt: skip
def test_an_answer_is_found_in_fences_thoughts_and_prose(wrap: str) -> None:
    asked = question("resources", WEB)
    assert read_answer(wrap.format(said(asked, memory="512Mi")), asked).value["memory"] == "512Mi"


def test_commas_before_brackets_are_forgiven_and_those_in_texts_stay() -> None:
    asked = question("build", WEB)
    text = said(asked, reason="small, }fast, ]and safe").replace('["libpq5"]', '["libpq5",]').replace("}}", "},}")
    assert read_answer(text, asked).reasons["base"] == "small, }fast, ]and safe"


def test_values_are_spelled_as_the_heuristics_spell_them() -> None:
    asked = question("build", WEB)
    value = read_answer(
        said(
            asked,
            base="python:3.13-slim-trixie",
            runtime="python:3.13-slim-trixie",
            packages=["libpq5", "curl", "curl"],
        ),
        asked,
    ).value
    assert (value["base"], value["packages"]) == ("docker.io/library/python:3.13-slim-trixie", ["curl", "libpq5"])


def test_shares_of_a_rollout_are_numbers_or_percentages_as_in_the_spec() -> None:
    asked = question("rollout", WEB)
    value = read_answer(said(asked, surge="2", unavailable="10%"), asked).value
    assert (value["surge"], value["unavailable"]) == (2, "10%")


@pytest.mark.parametrize(
    "rest",
    [{"path": "/x", "port": "http", "period": 1, "timeout": 1, "failures": 1}, {"path": None, "port": None}, {}],
    ids=str,
)
def test_a_probe_of_no_type_asks_nothing(rest: dict[str, Any]) -> None:
    asked = question("probes", WEB)
    left_out = {**rest, "type": "none"}
    assert set(read_answer(said(asked, startup=left_out), asked).value["startup"].values()) == {"none", None}


def test_a_known_port_keeps_its_name_and_its_variable() -> None:
    asked = question("process", WEB)
    ports = [
        {"name": "evil", "port": 9090, "protocol": "http", "env": "PATH"},
        {"name": "x", "port": 8000, "protocol": "http", "env": ""},
    ]
    assert read_answer(said(asked, ports=ports), asked).value["ports"] == list(reversed(asked.baseline.value["ports"]))


def test_nothing_that_the_source_shows_is_lost() -> None:
    asked = question("process", WEB)
    value = read_answer(said(asked, ports=[], writable=["/cache"]), asked).value
    assert (value["ports"], value["writable"]) == (asked.baseline.value["ports"], ["/app/uploads", "/cache", "/tmp"])


@pytest.mark.parametrize("why", [":{", "},", "ok", "1 2 3", "a b c d"])
def test_a_reason_has_words(why: str) -> None:
    asked = question("resources", WEB)
    assert "`reasons.cpu` says nothing" in refused(said(asked, why, cpu="300m"), asked)
    assert read_answer(said(asked, why), asked).reasons == asked.baseline.reasons


def test_a_usual_amount_in_another_spelling_is_the_usual_one() -> None:
    asked = question("resources", WEB)
    usual = asked.baseline
    assert usual.value["cpu"] == "100m"
    taken = read_answer(said(asked, usual.reasons["cpu"], cpu="0.1"), asked)
    assert (taken.value["cpu"], taken.reasons["cpu"]) == ("100m", usual.reasons["cpu"])


def test_the_reason_for_the_usual_value_is_none_for_another() -> None:
    asked = question("resources", WEB)
    usual = asked.baseline.reasons["cpu"]
    assert "`reasons.cpu` says why the usual value is taken" in refused(said(asked, f"  {usual}. ", cpu="300m"), asked)
    assert read_answer(said(asked, "it sorts pictures", cpu="300m"), asked).reasons["cpu"] == "it sorts pictures"


@pytest.mark.parametrize(
    "command",
    [
        ["python", "main.py"], ["gunicorn", "app:app", "--bind", "0.0.0.0:8000", "--workers", "4"], ["gunicorn", "main:app", "-b", ":9090"],
        ["gunicorn", "app:app", "--bind=0.0.0.0:8000", "--access-logfile", "-"], ["python", "-u", "main.py"],
    ],
)  # fmt: skip
def test_a_command_may_be_a_candidate_or_tune_one(command: list[str]) -> None:
    asked = question("process", WEB)
    assert read_answer(said(asked, command=command), asked).value["command"] == command


def test_a_program_may_be_named_where_its_library_is_a_dependency() -> None:
    asked = question("process", replace(WEB, dependencies=facts(dependencies=["waitress"]).dependencies))
    command = ["waitress-serve", "--listen", ":8000", "main:app"]
    assert read_answer(said(asked, command=command), asked).value["command"] == command


def test_a_known_command_in_one_text_is_that_command() -> None:
    asked = question("process", WEB)
    assert read_answer(said(asked, command=["python main.py"]), asked).value["command"] == ["python", "main.py"]


def test_refinements_can_move_to_alpine() -> None:
    asked = question("build", WEB)
    alpine = "docker.io/library/python:3.12-alpine"
    assert read_answer(said(asked, base=alpine, runtime=alpine, packages=["libpq"]), asked).value["runtime"] == alpine


def test_what_is_pinned_is_not_asked_and_keeps_out_of_the_way() -> None:
    asked = question("process", WEB, {"user": 1234, "command": ["python", "other.py"]})
    assert set(asked_fields(asked)) == {"ports", "writable"}
    read_answer(said(asked), asked)


def test_a_field_without_a_choice_keeps_the_heuristics_value_and_reason() -> None:
    asked = question("build", WEB)
    answer = read_answer(said(asked), asked)
    assert "recipe" not in asked_fields(asked) and answer.reasons["recipe"] == asked.baseline.reasons["recipe"]


def test_a_front_end_may_be_served_by_node_or_by_nginx() -> None:
    assert asked_fields(question("build", FRONT))["recipe"]["enum"] == ["node", "static"]


# ---- what is sent back ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no JSON object"), ("no", "holds no JSON object"), ("[1]", "holds no JSON object"), ('{"value": {"cpu": "1', "is no JSON"),
        ('{"value": 1, "value": 2}', "names a key twice"), ('{"value": NaN}', "`NaN`, which JSON lacks"), ("{" * 5000, "JSON"),
        ('{"value": {}, "reasons": {}}', "`value.cpu` is missing"), ('{"value": [], "reasons": {}}', "`value` is a list; it must be an object"),
        ('{"reasons": {}}', "`value` is missing"), ('{"value": ' + "9" * 400 + "}", "far too large"), ("x" * 70_000, "has 70000 characters"),
        ('{"value":' + "[" * 4000 + "]" * 4000 + "}", "nested too deeply"),
    ],
    ids=range(13),
)  # fmt: skip
def test_what_is_no_answer_is_told(text: str, told: str) -> None:
    assert told in refused(text, question("resources", WEB))


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
    assert told in refused(said(asked, **{field: value}), asked)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"type": "exec"}, "it must be one of http, grpc, tcp, none"), ({"path": "http://evil/"}, "is no plain path"), ({"path": "/a b"}, "is no plain path"),
        ({"path": "/x?y=1"}, "is no plain path"), ({"path": "/../etc"}, "is no plain path"), ({"path": None}, "type http needs a path"),
        ({"port": "ssh"}, "it must be one of http"), ({"port": None}, "it must be a text"), ({"type": "grpc"}, "speaks http, so type grpc cannot ask it"),
        ({"period": None}, "it must be a whole number"), ({"period": 100_000}, "it must be between 1 and 300"), ({"type": "none"}, "traffic goes to pods that cannot serve"),
        ({"host": "evil"}, "which nobody asked for"),
    ],
    ids=str,
)  # fmt: skip
def test_a_probe_asks_only_what_the_service_has(changes: dict[str, Any], told: str) -> None:
    asked = question("probes", WEB)
    assert told in refused(
        said(asked, readiness={**worded(asked, asked.baseline.value)["readiness"], **changes}), asked
    )


@pytest.mark.parametrize(
    "service",
    [{}, {"requirements": "the customers of `/slow` are dentists"}],
    ids=str,
)
def test_a_route_that_the_source_shows_is_given_up_for_a_wish_alone(service: dict[str, Any]) -> None:
    asked = question("probes", WEB, service)
    usual = worded(asked, asked.baseline.value)["readiness"]
    tcp, slow = said(asked, readiness={**usual, "type": "tcp"}), said(asked, readiness={**usual, "path": "/slow"})
    if service:
        assert read_answer(tcp, asked).value["readiness"]["type"] == "tcp"
        assert read_answer(slow, asked).value["readiness"]["path"] == "/slow"
    else:
        assert "an open port says less" in refused(tcp, asked)
        assert "neither the source nor a wish knows the path `/slow`" in refused(slow, asked)


def test_every_fault_is_told_at_once_and_not_endlessly() -> None:
    asked = question("build", BUILT)
    finding = refused(said(asked, base="evil/x:1", packages=["a;b"], steps=[["sh"]]), asked)
    assert len(finding.split("\n")) >= 3
    assert refused(
        said(asked, packages=[f"bad_{index}" for index in range(12)], buildPackages=["bad_"]), asked
    ).endswith("\nand more")


def test_a_store_stays_recreated() -> None:
    asked = question("rollout", facts(), {"image": "docker.io/library/redis:8"})
    assert asked.baseline.value["strategy"] == "recreate" and "keep recreate" in refused(
        said(asked, strategy="rolling"), asked
    )


def test_go_programs_land_where_the_image_looks() -> None:
    asked = question("build", replace(GO, build=(*GO.build, *facts(build=[["go", "build", "./cmd/tool"]]).build)))
    assert "none that may be taken" in refused(
        said(asked, steps=[["go", "build", "-toolexec=/bin/sh", "-o", "/out/", "."]]), asked
    )
    assert "no step leaves" in refused(said(asked, steps=[["go", "build", "-o", "/app/orders", "."]]), asked)
    tuned = ["go", "build", "-trimpath", "-mod=readonly", "-ldflags=-s -w", "-o", "/out/", ".", "./cmd/tool"]
    assert read_answer(said(asked, steps=[tuned]), asked).value["steps"] == [tuned]


def test_only_listed_registries_may_be_named() -> None:
    asked = question("build", WEB, registries=["ghcr.io/acme", "docker.io/library/python"])
    mine = "ghcr.io/acme/python:3.12"
    assert read_answer(said(asked, base=mine, runtime=mine), asked).value["base"] == mine
    assert "ghcr.io/acme, docker.io/library/python" in refused(
        said(asked, base="gcr.io/distroless/base:nonroot"), asked
    )


def test_a_digest_that_the_spec_names_may_be_kept() -> None:
    pinned = "docker.io/library/python:3.12-slim@sha256:" + "1" * 64
    asked = question("build", WEB, bases={"python-3.12": pinned})
    assert read_answer(said(asked), asked).value["base"] == pinned


def test_a_port_of_the_spec_may_be_named() -> None:
    asked = question("process", WEB, {"ports": [{"name": "admin", "port": 7000}], "process": {"user": 5}})
    assert set(asked_fields(asked)) == {"command", "writable"}


# ---- reasons --------------------------------------------------------------------------------------------------
def test_a_reason_may_begin_and_end_with_a_word_in_marks() -> None:
    assert reason("`/healthz` answers when it can serve `GET`") == "`/healthz` answers when it can serve `GET`"
    assert reason("** ```json fine") == "json fine"


@pytest.mark.parametrize("reasons", [{}, {"cpu": ""}, {"cpu": 3}, {"cpu": None}], ids=str)
def test_every_field_needs_a_reason(reasons: dict[str, Any]) -> None:
    asked = question("resources", WEB)
    value = {name: asked.baseline.value[name] for name in asked_fields(asked)}
    assert "`reasons.cpu` is missing or no text" in refused(json.dumps({"value": value, "reasons": reasons}), asked)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It fits.", "It fits"), ("  two\n lines\r\nhere ", "two lines here"), ("a\x1b[31mred\x07", "a [31mred"), ("x\u202ey\u200bz", "x y z"),
        ("see https://evil.example.com/?leak=1 now", "see (link) now"), ("![x](//evil.example.com/a.png)", "[x] ((link))"), ("ask @acme/ops", "ask acme/ops"),
        ("<img src=x onerror=y>", "‹img src=x onerror=y›"), ("{{ 7*7 }} {% x %}", "{ 7*7 } { x }"), ("::error::pwned", "error:pwned"), ("| a | b |", "/ a / b /"),
        (f"the key sk-ant-{'a1' * 12} is used", "the key (hidden) is used"), ("...", ""), ("`", ""), ("# Title", "Title"),
        ("needs 100 % of a core", "needs 100 % of a core"), ("uses `/healthz` (see main.py)", "uses `/healthz` (see main.py)"),
    ],
)  # fmt: skip
def test_a_reason_is_one_plain_sentence(text: str, kept: str) -> None:
    assert reason(text).strip(":") in (kept, kept.strip(":"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("use {%{ .Values.x }%} here", "use { .Values.x } here"), ("use {#%#{ x", "use { x"), ("see https:/|evil.example.com/x now", "see (link) now"),
        ("thanks @@acme/everyone", "thanks acme/everyone"), ("a #|#[error]b", "a #/#[error]b"), (f"key sk-@proj-{'aB3dE5fG7h' * 5} it is", "key (hidden) it is"),
    ],
)  # fmt: skip
def test_what_is_taken_out_of_a_reason_leaves_no_other_mark_behind(text: str, kept: str) -> None:
    assert reason(text) == kept


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "%",
                "#",
                "|",
                "/",
                "<",
                ">",
                "@",
                ":",
                "!",
                "]",
                "[",
                "(",
                "`",
                "a",
                " ",
                "http:",
                "javascript:",
                "sk-",
            ]
        ),
        max_size=60,
    )
)
def test_no_order_of_marks_makes_one(parts: list[str]) -> None:
    kept = reason("".join(parts))
    assert not any(
        mark in kept for mark in ("//", "<", ">", "{{", "}}", "{%", "%}", "{#", "::", "](", "![", "|", "##", "```")
    )
    assert not re.search(r"(?<![A-Za-z0-9])@[A-Za-z0-9]", kept)


@pytest.mark.parametrize(
    "text", ["_AKIAIOSFODNN7EXAMPLE starts it", "**_AKIAIOSFODNN7EXAMPLE_**", "-_AKIAIOSFODNN7EXAMPLE"]
)
def test_no_mark_around_a_credential_keeps_it_in_a_reason(text: str) -> None:
    assert "AKIA" not in reason(text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["`", "{{", "|", "//", "_", "AKIAIOSFODNN7EXAMPLE", "token=", "word ", ". ", "x" * 60, "@a"])
    )
)
def test_every_reason_that_is_left_is_one(parts: list[str]) -> None:
    kept = reason("".join(parts))
    assert not kept or is_reason(kept)


def test_a_long_reason_is_cut_at_its_first_sentence() -> None:
    assert reason("It is enough. " + "And more. " * 60) == "It is enough"
    assert len(reason("word " * 200)) <= 300


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600))
def test_no_reason_holds_what_a_reader_does_not_see(text: str) -> None:
    kept = reason(text)
    assert (
        len(kept) <= 300
        and not INVISIBLE.search(kept)
        and "\n" not in kept
        and not any(mark in kept for mark in ("://", "<", ">", "{{", "::", "](", "|"))
    )
    kept.encode()


# ---- whatever comes -------------------------------------------------------------------------------------------
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
        answer = read_answer(said(asked, **{name: data.draw(JSON)}), asked)
    except Rejected as rejected:
        assert rejected.finding and rejected.finding.encode()
        return
    pinned = dict(answer.value)
    if "ports" in pinned:
        pinned["ports"] = [{key: port[key] for key in ("name", "port", "protocol")} for port in pinned["ports"]]
    TOPIC_PINS[topic].model_validate(pinned)  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300) | st.text('{}[]",:`\\ \nvalue', max_size=300))
def test_any_text_is_answered_or_refused(text: str) -> None:
    with pytest.raises(Rejected):
        read_answer(text, question("resources", WEB))


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("", "{", ""),
        ("", '"', ""),
        ("", "```\n", ""),
        ("", "<think>", ""),
        ("", '{"a":', ""),
        ("", "{}", ""),
        ('{"value": "', "\\", ""),
        ("", "[", ""),
        ('{"', '\\"', ""),
        ("{", '\\"', "\\"),
    ],
    ids=range(10),
)
def test_a_text_takes_as_long_to_refuse_as_it_is_long(before: str, piece: str, after: str) -> None:
    asked = question("resources", WEB)
    assert growth(lambda size: refused(before + piece * (size // len(piece)) + after, asked), 60_000) < LINEAR


@pytest.mark.parametrize(
    ("before", "piece", "after"), [("a", "_", "!"), ("a", "._", "!"), ("docker.io/", "a", "!"), ("a", "-", "")]
)
def test_an_image_takes_as_long_to_refuse_as_it_is_long(before: str, piece: str, after: str) -> None:
    asked = question("build", WEB)

    def refuse(size: int) -> None:
        image = before + piece * size + after
        refused(said(asked, base=image, runtime=image), asked)

    refuse(140)  # what is exponential does not come back from here
    assert growth(refuse, 8000) < LINEAR

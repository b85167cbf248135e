"""What a fresh answer of a model may hold, a locked one may, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.decider import Decider
from kforge.domain.lock import LockedDecision
from kforge.domain.model.question import Question, Rejected
from kforge.domain.spec.pins import leaves, without
from kforge.llm.answer_schema import asked_fields, spelled
from kforge.llm.locked_answer import locked_faults, stale_faults
from kforge.llm.reasons import NO_CHOICE, reason
from tests.llm.test_guardrails import EXAMPLES, JSON
from tests.questions import TOPICS, WEB, question, taken

NONE = {"type": "none", "path": None, "port": None, "period": None, "timeout": None, "failures": None}
TCP = {"type": "tcp", "path": None, "port": "http", "period": 10, "timeout": 2, "failures": 3}
PORTS = [
    {"name": "http", "port": 8000, "protocol": "http", "env": "PORT"},
    {"name": "metrics", "port": 9090, "protocol": "http", "env": ""},
]


def locked(asked: Question, why: str = "it sorts pictures", **changes: Any) -> LockedDecision:
    """The usual answer with changes, taken within the limits and locked as a build does it."""
    value, usual = taken(asked, **changes), asked.baseline
    reasons = {
        name: usual.reasons.get(name, NO_CHOICE) if value[name] == usual.value.get(name) else reason(why)
        for name in value
    }
    open_ = {name: why for name, why in reasons.items() if name not in _whole(asked)}
    return LockedDecision(
        value=without(value, asked.pinned),
        reasons=open_,
        decider=Decider("model", "openai", "tiny"),
        revision=1,
        inputs={},
        pinned=tuple(sorted(leaves(asked.pinned))),
    )


def _whole(asked: Question) -> set[str]:
    return {name for name, pin in asked.pinned.items() if not isinstance(pin, dict)}


def changed(asked: Question, gone: str = "", **fields: Any) -> LockedDecision:
    """The usual answer with raw values put into the lock, each with a reason of its own."""
    held = locked(asked)
    value = {name: each for name, each in {**held.value, **fields}.items() if name != gone}
    reasons = {**held.reasons, **dict.fromkeys(fields, "it sorts pictures")}
    return LockedDecision(value=value, reasons=reasons, decider=held.decider, revision=1, inputs={}, pinned=held.pinned)


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("example", sorted(EXAMPLES))
def test_the_usual_answer_may_be_locked(topic: str, example: str) -> None:
    asked = question(topic, EXAMPLES[example])
    held = locked(asked)
    assert [*locked_faults(asked, held), *stale_faults(asked, held)] == []


PINS: dict[str, list[dict[str, Any]]] = {
    "build": [{}, {"packages": []}],
    "process": [{}, {"user": 0}],
    "resources": [{}, {"memory": "1e3"}],
    "rollout": [{}, {"surge": "99%"}],
    "probes": [
        {},
        {"readiness": {}},
        {"readiness": {"path": "/x?y=1"}},
        {"liveness": {"type": "http"}},
        {"startup": {"period": 3600, "port": "nobody"}, "readiness": {"type": "none", "failures": 1000}},
        {"readiness": {"type": "grpc", "path": "/", "port": "x", "period": 1, "timeout": 1, "failures": 1}},
    ],
}


@pytest.mark.parametrize("topic", sorted(TOPICS))
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_answer_that_is_taken_may_be_locked_whatever_is_pinned(topic: str, data: st.DataObject) -> None:
    asked = question(topic, WEB, {topic: data.draw(st.sampled_from(PINS[topic]))})
    name = data.draw(st.sampled_from(sorted(asked_fields(asked))))
    usual = spelled(asked.baseline.value[name], asked_fields(asked)[name])
    values = st.sampled_from(
        [usual, "300m", "1Gi", "3%", 40, ["/data", "/tmp"], PORTS[:1], {**TCP, "path": ""}, {**NONE, "path": ""}]
    )
    parts = st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["http", "tcp", "none"]),
            "path": st.sampled_from(["", "/healthz", "/readyz", "/x"]),
            "port": st.sampled_from(["http", "metrics"]),
            "period": st.integers(1, 300),
        },
    )
    drawn = {**usual, **data.draw(parts)} if isinstance(usual, dict) else data.draw(values | JSON)
    try:
        held = locked(asked, data.draw(st.sampled_from(["it sorts pictures", "it has `a b` in it."])), **{name: drawn})
    except Rejected:
        return
    assert [*locked_faults(asked, held)] == []


HELD: list[tuple[str, str, Any]] = [
    *(("resources", name, None) for name in ("cpu", "memory")),
    *(("rollout", name, None) for name in ("strategy", "surge", "unavailable", "gracePeriod", "drain", "spread")),
    *(("process", name, None) for name in ("command", "ports", "user", "writable")),
    *(("build", name, None) for name in ("recipe", "base", "runtime", "packages", "buildPackages", "steps")),
    *(("probes", name, None) for name in ("startup", "readiness", "liveness")),
    *(("probes", "liveness", {**TCP, part: None}) for part in TCP if part != "path"),
    *(("probes", "liveness", {key: each for key, each in TCP.items() if key != part}) for part in TCP),
    ("probes", "startup", {}),
    ("probes", "startup", {**NONE, "port": "http"}),
    ("probes", "startup", {**TCP, "path": ""}),
    ("probes", "startup", {**TCP, "path": "/forged"}),
    ("probes", "startup", {**TCP, "evil": 1}),
    ("probes", "startup", {**TCP, "failures": True}),
    ("probes", "startup", {**TCP, "failures": 3.0}),
    ("probes", "readiness", "x"),
    ("process", "ports", []),
    ("process", "ports", PORTS[:1]),
    ("process", "ports", [{**PORTS[0], "name": "x"}, PORTS[1]]),
    ("process", "ports", [{**PORTS[0], "env": ""}, PORTS[1]]),
    ("process", "ports", [{**PORTS[0], "env": None}, PORTS[1]]),
    ("process", "ports", [{**PORTS[0], "x": 1}, PORTS[1]]),
    ("process", "ports", [{key: each for key, each in PORTS[0].items() if key != "env"}, PORTS[1]]),
    ("process", "writable", []),
    ("process", "writable", ["/app/uploads"]),
    ("process", "writable", ["/tmp", "/app/uploads"]),
    ("process", "writable", ["/app/uploads", "/tmp", "/tmp"]),
    ("process", "user", 10001.0),
    ("process", "user", True),
    ("process", "user", "10001"),
    ("rollout", "surge", "025%"),
    ("rollout", "surge", "1"),
    ("rollout", "surge", 25.0),
    ("rollout", "keep", 10**9),
    ("resources", "cpu", "0.1"),
    ("resources", "cpu", 1),
    ("build", "packages", ["libpq5", "libpq5"]),
    ("build", "packages", ["libpq5", "curl"]),
    ("build", "base", "python:3.12-slim-trixie"),
    ("build", "evil", "x"),
]


@pytest.mark.parametrize(("topic", "field", "raw"), HELD, ids=lambda each: json.dumps(each)[:60])
def test_no_raw_value_stands_that_no_fresh_answer_would_leave(topic: str, field: str, raw: Any) -> None:
    asked = question(topic, WEB)
    assert any(locked_faults(asked, changed(asked, **{field: raw})))


MISSING = [(topic, field) for topic in sorted(TOPICS) for field in question(topic, WEB).baseline.value]


@pytest.mark.parametrize(("topic", "field"), MISSING)
def test_no_field_may_be_missing(topic: str, field: str) -> None:
    asked = question(topic, WEB)
    assert f"`{field}` is missing" in [*locked_faults(asked, changed(asked, gone=field))]


@pytest.mark.parametrize(
    "raw",
    [
        "x",
        [1],
        None,
        {"type": "http", "port": "http"},
        {**TCP, "evil": 1},
        {**{key: each for key, each in TCP.items() if key != "path"}, "port": "zzz"},
        {**{key: each for key, each in TCP.items() if key != "path"}, "type": ["tcp"]},
    ],
    ids=str,
)
def test_the_rest_of_a_field_that_is_pinned_in_part_is_judged(raw: Any) -> None:
    asked = question("probes", WEB, {"probes": {"readiness": {"path": "/x"}}})
    assert any(locked_faults(asked, changed(asked, readiness=raw)))


def test_a_port_may_speak_another_protocol_since_a_fresh_answer_may_say_so() -> None:
    asked = question("process", WEB)
    assert [*locked_faults(asked, changed(asked, ports=[{**PORTS[0], "protocol": "tcp"}, PORTS[1]]))] == []


REASONS: dict[str, dict[str, str] | None] = {
    "none": {},
    "of a field that is none": {"FORGED": "it sorts pictures"},
    "without words": {"memory": "-"},
    "long": {"memory": "word " * 20_000},
    "a credential": {"memory": "needs AKIAIOSFODNN7EXAMPLE to start"},
    "an address": {"memory": "see https://evil.example/x for more"},
    "a command of a workflow": {"memory": "more ::error::pwned here"},
    "several lines": {"memory": "more of it\nis better"},
    "unseen": {"memory": "more of \u202e it"},
}


@pytest.mark.parametrize("name", REASONS)
def test_reasons_are_as_a_fresh_answer_would_have_them(name: str) -> None:
    asked = question("resources", WEB)
    held = changed(asked, memory="1Gi")
    reasons = {**held.reasons, **(REASONS[name] or {})} if REASONS[name] else {}
    forged = LockedDecision(value=held.value, reasons=reasons, decider=held.decider, revision=1, inputs={})
    assert any("reasons" in fault for fault in locked_faults(asked, forged))


def test_the_reason_of_the_usual_value_is_none_for_another() -> None:
    asked = question("resources", WEB)
    held = changed(asked, memory="1Gi")
    copied = LockedDecision(
        value=held.value, reasons=asked.baseline.reasons, decider=held.decider, revision=1, inputs={}
    )
    assert [*locked_faults(asked, copied)] == [
        "`reasons.memory` says why the usual value is taken, and this is another"
    ]


STALE: list[tuple[str, str, Any]] = [
    ("resources", "memory", None),
    ("rollout", "strategy", "evil"),
    ("process", "user", None),
    ("process", "ports", [{"name": "http"}]),
    ("probes", "liveness", {}),
    ("probes", "startup", {**TCP, "period": None}),
    ("process", "command", ["sh", "-c", "x"]),
    ("build", "base", "evil.example/python:3.12"),
]


@pytest.mark.parametrize(("topic", "field", "raw"), STALE, ids=lambda each: json.dumps(each)[:60])
def test_a_stale_answer_is_kept_in_its_form_alone(topic: str, field: str, raw: Any) -> None:
    asked = question(topic, WEB)
    assert any(stale_faults(asked, changed(asked, **{field: raw})))


@pytest.mark.parametrize(
    ("topic", "field", "raw"),
    [
        ("process", "ports", [{"name": "old", "port": 1234, "protocol": "tcp", "env": ""}]),
        ("process", "writable", ["/old"]),
        ("resources", "memory", "900Gi"),
        ("probes", "liveness", {**TCP, "port": "old"}),
    ],
)
def test_ports_and_amounts_of_a_stale_answer_may_be_yesterdays(topic: str, field: str, raw: Any) -> None:
    asked = question(topic, WEB)
    assert [*stale_faults(asked, changed(asked, **{field: raw}))] == []

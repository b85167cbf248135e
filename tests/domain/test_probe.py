"""Ports and probes of a decision's value: what is read is what is written."""

from __future__ import annotations

import pytest

from kforge.domain.port import Port
from kforge.domain.probe import WHICH, Probe
from kforge.domain.spec.pins import effective
from kforge.domain.topic_names import PROBES


def test_a_port_that_was_read_is_written_as_it_was() -> None:
    record = {"name": "http", "port": 8080, "protocol": "http", "env": "PORT"}
    assert Port.of(record).record() == record


def test_a_fact_of_a_port_has_no_name_yet() -> None:
    assert Port.of({"port": 5432, "protocol": "tcp", "env": ""}) == Port("", 5432, "tcp")


def test_a_probe_that_was_read_is_written_as_it_was() -> None:
    record = {"type": "http", "path": "/ready", "port": "http", "period": 5, "timeout": 2, "failures": 3}
    assert Probe.of(record).record() == record


def test_a_missing_probe_asks_nothing() -> None:
    assert Probe.of(None).record() == {
        "type": "none",
        **dict.fromkeys(("path", "port", "period", "timeout", "failures")),
    }


def test_patience_is_the_time_that_the_failures_take() -> None:
    assert Probe("tcp", period=2, failures=30).patience == 60


ASKED = {"type": "tcp", "path": None, "port": "http", "period": 5, "timeout": 2, "failures": 3}
SILENT = Probe().record()  # what is decided where there is no port


@pytest.mark.parametrize(
    ("answer", "pinned", "kind", "times"),
    [
        (ASKED, {"path": "/ready"}, "http", (5, 2, 3)),
        (ASKED, {"path": "/ready", "type": "tcp"}, "tcp", (5, 2, 3)),
        (ASKED, {"period": 7}, "tcp", (7, 2, 3)),
        (ASKED, {"command": ["./ready"]}, "exec", (5, 2, 3)),
        (SILENT, {"command": ["./ready"]}, "exec", (10, 5, 3)),
        (SILENT, {"command": ["./ready"], "timeout": 20}, "exec", (10, 20, 3)),
        (SILENT, {"period": 7}, "none", (7, None, None)),
        (ASKED, {"type": "none"}, "none", (5, 2, 3)),
    ],
)
def test_a_pinned_route_is_asked_and_a_pinned_command_is_run(
    answer: dict[str, object], pinned: dict[str, object], kind: str, times: tuple[object, ...]
) -> None:
    settled = effective(PROBES, dict.fromkeys(WHICH, answer), {"probes": {"readiness": pinned}})
    probe = Probe.of(settled["readiness"])
    assert (probe.type, (probe.period, probe.timeout, probe.failures)) == (kind, times)
    assert probe.command == pinned.get("command") and settled["liveness"] == answer

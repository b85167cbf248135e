"""Ports and probes of a decision's value: what is read is what is written."""

from __future__ import annotations

from kforge.domain.port import Port
from kforge.domain.probe import Probe


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

"""Rollout: how copies replace one another, and how long things may take."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.topics.rollout import HOUR, TOPIC
from tests.topics.asking import ask

WEB = {"source": "./web"}
HTTP = [{"name": "http", "port": 8080, "protocol": "http", "env": ""}]
DATA = {"name": "data", "path": "/data", "size": "1Gi"}


def test_a_service_is_replaced_while_it_serves() -> None:
    value = ask(TOPIC, WEB, HTTP, language="node").value
    assert value == {
        "strategy": "rolling",
        "surge": "25%",
        "unavailable": 0,
        "drain": 5,
        "gracePeriod": 30,
        "spread": "zone",
    }


def test_volumes_that_all_replicas_share_do_not_stand_in_the_way() -> None:
    assert (
        ask(TOPIC, {**WEB, "volumes": [{**DATA, "shared": True}]}, HTTP, language="node").value["strategy"] == "rolling"
    )


def test_two_copies_of_a_store_never_meet() -> None:
    assert ask(TOPIC, {"image": "redis:7"}, HTTP).value["strategy"] == "recreate"


def test_replicas_with_volumes_of_their_own_follow_one_another() -> None:
    value = ask(TOPIC, {"image": "postgres:16", "volumes": [DATA]}, HTTP).value
    assert value["strategy"] == "rolling"
    assert "surge" not in value


def test_what_nobody_connects_to_has_nothing_to_drain() -> None:
    assert ask(TOPIC, WEB, [], language="python").value["drain"] == 0


def test_a_database_gets_the_time_to_write_out_what_it_holds() -> None:
    assert ask(TOPIC, {"image": "mysql:8", "volumes": [DATA]}, HTTP).value["gracePeriod"] == 120


@pytest.mark.parametrize(("schedule", "deadline"), [
    ("0 3 * * *", 6 * HOUR), ("@daily", 6 * HOUR), ("*/5 * * * *", HOUR), ("@hourly", HOUR), ("0 */2 * * 1-5", HOUR),
])  # fmt: skip
def test_a_run_that_hangs_does_not_hold_up_the_next_for_long(schedule: str, deadline: int) -> None:
    value = ask(TOPIC, {**WEB, "schedule": schedule}, language="python").value
    assert value == {"gracePeriod": 30, "retries": 2, "deadline": deadline}


def test_a_one_off_job_stays_for_a_week() -> None:
    value: dict[str, Any] = dict(ask(TOPIC, {"image": "m:1", "job": True}).value)
    assert value == {"gracePeriod": 30, "retries": 3, "deadline": 6 * HOUR, "keep": 7 * 24 * HOUR}


@pytest.mark.parametrize("command", [
    ["celery", "-A", "shop", "beat"], ["celery", "-A", "shop", "worker", "-B"], ["rqscheduler"], ["python", "-m", "celery", "-A", "shop", "beat"],
])  # fmt: skip
def test_a_scheduler_is_gone_before_the_next_one_starts(command: list[str]) -> None:
    assert ask(TOPIC, {**WEB, "command": command}, [], language="python").value["strategy"] == "recreate"


@pytest.mark.parametrize(("command", "seconds"), [
    (["celery", "-A", "shop", "worker"], 120), (["rq", "worker"], 120), (["python", "manage.py", "sendalerts"], 120),
    (["celery", "-A", "shop", "beat"], 30), (["gunicorn", "shop:app"], 30),
])  # fmt: skip
def test_a_worker_gets_the_time_to_end_what_it_works_on(command: list[str], seconds: int) -> None:
    assert ask(TOPIC, {**WEB, "command": command}, [], language="python").value["gracePeriod"] == seconds

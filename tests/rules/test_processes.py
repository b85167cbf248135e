"""Processes of an application: one a container, schedulers alone, and none that the source shows forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document, Documents
from kforge.domain.facts import Evidence, Fact, Facts
from tests.rules.families import family
from tests.rules.test_wiring import workload

MANAGER, REPEATED, UNSTARTED = family("processes")


def beside(name: str, role: str, command: str) -> Fact:
    value = {"name": name, "role": role, "command": command.split(), "why": "`tasks.py` has a Celery application"}
    return Fact(value, (Evidence("tasks.py", 3),))


WORKER = beside("worker", "worker", "celery --app tasks worker --loglevel INFO")
BEAT = beside("beat", "scheduler", "celery --app tasks beat")
LOOP = beside("sendmail", "worker", "python manage.py sendmail")


def unstarted(services: dict[str, str], *facts: Fact, **more: Any) -> list[tuple[str, str]]:
    items = tuple(workload(name, command=line.split()) if line else workload(name) for name, line in services.items())
    seen = {name: Facts(beside=facts, **more) for name in services}
    return [(hit.message, hit.hint) for hit in UNSTARTED.check(Documents(items=items, facts=seen))]


@pytest.mark.parametrize(
    "line",
    ["honcho start", "foreman start", "supervisord -n", "sh -c honcho", "pm2 start server.js", "npx concurrently a b", "celery multi start w1"],
)  # fmt: skip
def test_a_manager_of_processes_is_told(line: str) -> None:
    documents = Documents(items=(workload("web", command=line.split()),))
    assert len([*MANAGER.check(documents)]) == 1


@pytest.mark.parametrize(
    "line",
    ["gunicorn shop:app", "pm2-runtime server.js", "pm2 start server.js --no-daemon", "tini -- node server.js", "celery -A x worker", "python x.py"],
)  # fmt: skip
def test_a_program_that_is_started_itself_passes(line: str) -> None:
    documents = Documents(items=(workload("web", command=line.split()),))
    assert [*MANAGER.check(documents)] == []


def scaled(line: str, replicas: int, most: int = 0) -> Documents:
    held = workload("beat", command=line.split())
    data: Any = held.data
    data["spec"]["replicas"] = replicas
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "beat"}, "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "beat"}, "maxReplicas": most}}  # fmt: skip
    more = (Document(path="hpa.yaml", artifact="hpa", service="beat", data=scaler),) if most else ()
    return Documents(
        items=(held, *more), facts={"beat": Facts(beside=(beside("jobs", "scheduler", "python jobs.py"),))}
    )


@pytest.mark.parametrize(
    ("line", "replicas", "most"),
    [("celery -A x beat", 2, 0), ("celery -A x worker -B", 3, 0), ("celery -A x beat", 1, 4), ("python jobs.py", 2, 0), ("rqscheduler", 2, 0)],
)  # fmt: skip
def test_a_scheduler_in_several_copies_is_told(line: str, replicas: int, most: int) -> None:
    assert len([*REPEATED.check(scaled(line, replicas, most))]) == 1


@pytest.mark.parametrize(
    ("line", "replicas", "most"),
    [("celery -A x beat", 1, 0), ("celery -A x worker", 5, 9), ("python web.py", 3, 0), ("celery -A x beat", 1, 1)],
)
def test_what_is_alone_or_may_be_repeated_passes(line: str, replicas: int, most: int) -> None:
    assert [*REPEATED.check(scaled(line, replicas, most))] == []


def test_a_process_that_no_service_starts_is_told_with_the_block_to_add() -> None:
    assert unstarted({"web": "gunicorn shop:app"}, WORKER) == [
        (
            "no service starts `celery --app tasks worker --loglevel INFO` (tasks.py:3)",
            'add `services.worker: {like: web, command: [celery, "--app", tasks, worker, "--loglevel", INFO]}`',
        )
    ]


@pytest.mark.parametrize(
    ("services", "facts"),
    [
        ({"web": "gunicorn a:b", "mail": "celery -A other worker -Q mail"}, (WORKER,)),
        ({"web": "gunicorn a:b", "all": "celery -A tasks worker -B"}, (WORKER, BEAT)),
        ({"web": "gunicorn a:b", "mail": "python manage.py sendmail --loop"}, (LOOP,)),
        ({"web": "gunicorn a:b", "worker": "./start.sh"}, (WORKER,)),
        ({"web": ""}, (beside("migrate", "migration", "/app/shop --migrate"),)),
        ({"web": ""}, ()),
    ],
    ids=["other options", "a worker with beat", "a loop", "by its name", "a migration", "nothing"],
)
def test_what_a_service_starts_is_not_told(services: dict[str, str], facts: tuple[Fact, ...]) -> None:
    assert unstarted(services, *facts) == []


@pytest.mark.parametrize(
    ("services", "facts"),
    [
        ({"web": "gunicorn a:b", "worker": "gunicorn a:b"}, (WORKER,)),
        ({"web": "", "beat": "celery -A tasks beat"}, (WORKER, BEAT)),
        ({"web": "", "mail": "python manage.py sendsms"}, (LOOP,)),
    ],
)
def test_another_process_is_not_the_same(services: dict[str, str], facts: tuple[Fact, ...]) -> None:
    assert len(unstarted(services, *facts)) == 1


def test_what_a_doubt_names_is_said_once() -> None:
    doubt = Fact({"said": "x", "hint": "y"}, (Evidence("tasks.py", 3),))
    assert unstarted({"web": "gunicorn a:b"}, WORKER, doubts=(doubt,)) == []


def test_what_a_source_shows_is_a_warning() -> None:
    assert {rule.id for rule in (MANAGER, REPEATED, UNSTARTED) if rule.level != "warning"} == set()
    assert UNSTARTED.id == "unstarted-process"

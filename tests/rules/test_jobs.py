"""A job that starts a server is told, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document, Documents
from kforge.rules.jobs import RULES
from tests.conftest import run, write
from tests.worlds import facts

PORTS = [{"name": "http", "containerPort": 5001}]
STARTS = {"report": {"process.command": "its Dockerfile says what starts"}}


def workload(kind: str, name: str, **container: Any) -> Document:
    template = {"template": {"spec": {"containers": [{"name": name, "image": "acme/ai:1", **container}]}}}
    spec = {"jobTemplate": {"spec": template}} if kind == "CronJob" else template
    return Document(path=f"{name}.yaml", artifact=kind.lower(), service=name, data={"kind": kind, "metadata": {"name": name}, "spec": spec})


def hits(*items: Document, **more: Any) -> list[str]:
    return [hit.message for rule in RULES for hit in rule.check(Documents(items=items, **more))]


AI = workload("Deployment", "ai", ports=PORTS)


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_task_that_starts_a_service_that_listens_is_told(kind: str) -> None:
    assert hits(AI, workload(kind, "report")) == ["container `report` runs what `ai` runs, a server that listens on 5001 and does not end"]


@pytest.mark.parametrize(
    "other", [{"command": ["python", "report.py"]}, {"args": ["report"]}, {"image": "acme/report:1"}], ids=["command", "arguments", "image"]
)
def test_a_task_with_a_process_of_its_own_is_fine(other: dict[str, Any]) -> None:
    assert hits(AI, workload("CronJob", "report", **other)) == []


def test_a_task_may_share_what_a_worker_runs() -> None:
    assert hits(workload("Deployment", "ai"), workload("CronJob", "report")) == []


def test_a_task_alone_is_told_where_its_source_listens_and_nobody_says_what_runs() -> None:
    known = {"report": facts(ports=[{"port": 5001, "protocol": "http", "env": ""}])}
    assert hits(workload("CronJob", "report"), facts=known, reasons=STARTS) == [
        "container `report` starts what its source starts, and that listens on 5001 (main.py:12)"
    ]
    assert hits(workload("CronJob", "report"), facts=known) == []
    assert hits(workload("CronJob", "report"), facts={"report": facts()}, reasons=STARTS) == []


SPEC = 'apiVersion: kforge.dev/v1\napp: x\nservices:\n  {ai}report: {{source: ./ai, schedule: "0 3 * * *"{command}}}\n'


@pytest.mark.parametrize(
    ("ai", "command", "told"),
    [("ai: {source: ./ai}\n  ", "", "runs what `ai` runs"), ("", "", "starts what its source starts"), ("ai: {source: ./ai}\n  ", ", command: [python, r.py]", ""), ("", ", command: [python, r.py]", "")],
)  # fmt: skip
@pytest.mark.parametrize("own", [False, True], ids=["detected", "Dockerfile"])
def test_build_warns_of_a_schedule_that_starts_a_server(ai: str, command: str, told: str, own: bool, tmp_path: Any) -> None:
    server = "from flask import Flask\napp = Flask(__name__)\napp.run(port=5001)\n"
    files = {"ai/requirements.txt": "flask==3.1.0\n", "ai/app.py": server, "ai/r.py": "print(1)\n", "app.kforge.yaml": SPEC.format(ai=ai, command=command)}
    if own:
        files["ai/Dockerfile"] = 'FROM docker.io/library/python:3.13-slim-trixie\nCOPY . /app\nWORKDIR /app\nUSER 1000\nEXPOSE 5001\nCMD ["python", "app.py"]\n'
    ended = run("build", "--offline", cwd=write(tmp_path, files), code=0)
    assert ("warning[endless-job]" in ended.err + ended.out) is bool(told)
    assert told in ended.err + ended.out

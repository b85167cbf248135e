"""A job that starts a server is told, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.facts import Evidence, Fact, Facts
from tests.conftest import run, write
from tests.rules.families import family
from tests.worlds import facts

RULES = family("jobs")

PORTS = [{"name": "http", "containerPort": 5001}]
HTTP = {"port": 5001, "protocol": "http", "env": ""}
STARTS = {"report": {"process.command": "its Dockerfile says what starts"}}


def workload(kind: str, name: str, **container: Any) -> Document:
    template = {"template": {"spec": {"containers": [{"name": name, "image": "acme/ai:1", **container}]}}}
    spec = {"jobTemplate": {"spec": template}} if kind == "CronJob" else template
    return Document(
        path=f"{name}.yaml",
        artifact=kind.lower(),
        service=name,
        data={"kind": kind, "metadata": {"name": name}, "spec": spec},
    )


def hits(*items: Document, **more: Any) -> list[str]:
    return [
        hit.message
        for rule in RULES
        for hit in rule.check(Documents(items=items, languages=catalog.languages(), **more))
    ]


AI = workload("Deployment", "ai", ports=PORTS)


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_task_that_starts_a_service_that_listens_is_told(kind: str) -> None:
    assert hits(AI, workload(kind, "report")) == [
        "container `report` runs what `ai` runs, a server that listens on 5001 and does not end"
    ]


@pytest.mark.parametrize(
    "other",
    [{"command": ["python", "report.py"]}, {"args": ["report"]}, {"image": "acme/report:1"}],
    ids=["command", "arguments", "image"],
)
def test_a_task_with_a_process_of_its_own_is_fine(other: dict[str, Any]) -> None:
    assert hits(AI, workload("CronJob", "report", **other)) == []


def test_a_task_may_share_what_a_worker_runs() -> None:
    assert hits(workload("Deployment", "ai"), workload("CronJob", "report")) == []


def test_a_task_alone_is_told_where_its_source_listens_and_nobody_says_what_runs() -> None:
    known = {"report": facts(ports=[HTTP], start=[["python", "main.py"]])}
    assert hits(workload("CronJob", "report"), facts=known, reasons=STARTS) == [
        "container `report` runs the start command of its source, which listens on 5001 (main.py:12) and does not end"
    ]
    assert hits(workload("CronJob", "report"), facts=known) == []
    assert hits(workload("CronJob", "report"), facts={"report": facts()}, reasons=STARTS) == []


@pytest.mark.parametrize(
    ("command", "file", "told"),
    [
        (["python", "main.py"], "main.py", True), (["gunicorn", "app:app"], "app.py", True), (["node", "my-app.js"], "my-app.js", True), (["python", "-m", "shop"], "shop/__main__.py", True),
        (["flask", "run", "--port=5001"], "requirements.txt", True), (["/app/server"], "cmd/server/main.go", True), (["/app/report"], "main.go", True),
        (["python", "report.py"], "server.py", False), (["python", "report.py"], "main.py", False), (["python", "jobs/r.py"], "jobs/server.py", False),
        (["/app/report"], "cmd/server/main.go", False), ([], "server.py", False), ([], "Dockerfile", True), (["python", "report.py"], "Dockerfile", True),
    ],
)  # fmt: skip
def test_what_the_source_starts_must_be_what_listens(command: list[str], file: str, told: bool) -> None:
    known = Facts(ports=(Fact(HTTP, (Evidence(file, 3),)),), start=(Fact(command, ()),) if command else ())
    assert bool(hits(workload("Job", "report"), facts={"report": known}, reasons=STARTS)) is told


def test_what_is_started_is_the_containers_else_the_images_else_the_sources() -> None:
    known = {
        "report": Facts(ports=(Fact(HTTP, (Evidence("server.py", 3),)),), start=(Fact(["python", "server.py"], ()),))
    }
    stage = Stage("runtime", "python", (Instruction("CMD", ("python", "report.py"), json=True),))
    image = Document(path="Dockerfile", artifact="dockerfile", service="report", dockerfile=Dockerfile((stage,)))
    assert hits(workload("Job", "report"), facts=known, reasons=STARTS)
    assert not hits(image, workload("Job", "report"), facts=known, reasons=STARTS)
    assert hits(image, workload("Job", "report", command=["python", "server.py"]), facts=known, reasons=STARTS)
    assert not hits(workload("Job", "report", command=["python", "report.py"]), facts=known, reasons=STARTS)
    own = replace(known["report"], dockerfile=Fact({"entrypoint": ["python"], "cmd": ["report.py"]}, ()))
    assert not hits(workload("Job", "report"), facts={"report": own}, reasons=STARTS)


def test_variables_of_its_own_may_tell_a_task_what_to_do() -> None:
    (told,) = hits(AI, workload("Job", "report", env=[{"name": "ROLE", "value": "migrate"}]))
    assert told.endswith("does not end, unless its variables make it end")


SPEC = 'apiVersion: kforge.dev/v1\napp: x\nservices:\n  {ai}report: {{source: ./ai, schedule: "0 3 * * *"{command}}}\n'


@pytest.mark.parametrize(
    ("ai", "command", "told"),
    [("ai: {source: ./ai}\n  ", "", "runs what `ai` runs"), ("", "", "runs the start command of its source"), ("ai: {source: ./ai}\n  ", ", command: [python, r.py]", ""), ("", ", command: [python, r.py]", "")],
)  # fmt: skip
@pytest.mark.parametrize("own", [False, True], ids=["detected", "Dockerfile"])
def test_build_warns_of_a_schedule_that_starts_a_server(
    ai: str, command: str, told: str, own: bool, tmp_path: Any
) -> None:
    server = "from flask import Flask\napp = Flask(__name__)\napp.run(port=5001)\n"
    files = {
        "ai/requirements.txt": "flask==3.1.0\n",
        "ai/app.py": server,
        "ai/r.py": "print(1)\n",
        "app.kforge.yaml": SPEC.format(ai=ai, command=command),
    }
    if own:
        files["ai/Dockerfile"] = (
            'FROM docker.io/library/python:3.13-slim-trixie\nCOPY . /app\nWORKDIR /app\nUSER 1000\nEXPOSE 5001\nCMD ["python", "app.py"]\n'
        )
    ended = run("build", "--offline", cwd=write(tmp_path, files), code=0)
    assert ("warning[endless-job]" in ended.err + ended.out) is bool(told)
    assert told in ended.err + ended.out

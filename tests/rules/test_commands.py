"""Commands of containers: what is made for development is told, what only its own pod reaches is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.facts import Fact, Facts
from tests.rules.families import family
from tests.rules.test_wiring import workload

DEVELOPMENT, LOOPBACK = family("commands")
PORTS = [{"containerPort": 8000}]


def found(line: str, rule: str, **more: object) -> list[str]:
    held = workload("web", command=line.split(), ports=PORTS)
    data: Any = held.data
    data["spec"]["template"]["spec"]["containers"][0].update(more)
    documents = Documents(items=(held,))
    checked = DEVELOPMENT if rule == "development-server" else LOOPBACK
    return [hit.message for hit in checked.check(documents)]


@pytest.mark.parametrize(
    "line",
    [
        "python manage.py runserver 0.0.0.0:8000", "flask run --host 0.0.0.0", "uvicorn main:app --host 0.0.0.0 --reload", "next dev",
        "nodemon server.js", "node --watch server.js", "node --inspect server.js", "tsx watch src/index.ts", "vite --host 0.0.0.0", "air", "go run .",
        "sh -c", "npx nodemon server.js",
    ],
)  # fmt: skip
def test_what_is_made_for_development_is_told(line: str) -> None:
    words = line.split() if not line.startswith("sh") else ["sh", "-c", "echo x && air"]
    documents = Documents(items=(workload("web", command=words, ports=PORTS),))
    assert len([*DEVELOPMENT.check(documents)]) == 1


@pytest.mark.parametrize(
    "line",
    ["gunicorn app:app", "node server.js", "next start", "tsx src/index.ts", "/app/server", "celery -A x worker", "python main.py"],
)  # fmt: skip
def test_what_serves_in_production_passes(line: str) -> None:
    assert found(line, "development-server") == []


@pytest.mark.parametrize(
    "line",
    [
        "uvicorn main:app --host 127.0.0.1", "uvicorn main:app", "gunicorn -b localhost:8000 app:app", "next start -H localhost",
        "http-server -a 127.0.0.1", "daphne x:y",
    ],
)  # fmt: skip
def test_a_server_on_loopback_is_refused(line: str) -> None:
    assert len(found(line, "loopback")) == 1


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ("uvicorn main:app --host 0.0.0.0", {}),
        ("gunicorn app:app", {}),  # its own file may say where
        ("uvicorn main:app", {"env": [{"name": "UVICORN_HOST", "value": "0.0.0.0"}]}),
        ("uvicorn main:app", {"ports": []}),
        ("node server.js", {}),
        ("celery -A x worker", {}),
    ],
)
def test_what_others_reach_or_nobody_asks_for_passes(line: str, more: dict[str, object]) -> None:
    assert found(line, "loopback", **more) == []


def test_the_image_of_a_users_dockerfile_is_judged_by_its_own_command() -> None:
    known = Facts(dockerfile=Fact({"cmd": ["python", "manage.py", "runserver", "0.0.0.0:8000"]}))
    documents = Documents(items=(workload("web", ports=PORTS),), facts={"web": known})
    assert len([*DEVELOPMENT.check(documents)]) == 1


def test_a_dockerfile_is_judged_by_what_its_last_stage_starts() -> None:
    stages = (
        Stage("build", "x", (Instruction("CMD", ("vite",)),)),
        Stage("run", "x", (Instruction("EXPOSE", ("80",)), Instruction("CMD", ("uvicorn", "main:app"), json=True))),
    )
    image = Document(path="web/Dockerfile", artifact="dockerfile", service="web", dockerfile=Dockerfile(stages))
    documents = Documents(items=(image,))
    assert [*DEVELOPMENT.check(documents)] == []
    assert [hit.field for hit in LOOPBACK.check(documents)] == ["run[1].CMD"]

"""Commands of containers: what is made for development is told, what only its own pod reaches is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.facts import Fact, Facts
from tests.rules.families import family
from tests.rules.test_wiring import workload

DEVELOPMENT, LOOPBACK, COMMAND_PORT, SHELL_WORDS = family("commands")
PORTS = [{"containerPort": 8000}]


def found(line: str, rule: str, **more: object) -> list[str]:
    held = workload("web", command=line.split(), ports=PORTS)
    data: Any = held.data
    data["spec"]["template"]["spec"]["containers"][0].update(more)
    documents = Documents(items=(held,))
    checked = {"development-server": DEVELOPMENT, "loopback": LOOPBACK, "command-port": COMMAND_PORT}[rule]
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


@pytest.mark.parametrize("line", ["gunicorn --bind 0.0.0.0:8080 shop:app", "uvicorn shop:app --host 0.0.0.0 --port 9090", "uwsgi --http-socket 0.0.0.0:8080 --module shop"])  # fmt: skip
def test_a_server_on_another_port_than_its_pod_is_asked_on_is_told(line: str) -> None:
    assert len(found(line, "command-port")) == 1


@pytest.mark.parametrize("line", [
    "gunicorn --bind 0.0.0.0:8000 shop:app", "gunicorn shop:app", "gunicorn --bind 127.0.0.1:9000 shop:app", "./shop --port 9000",
    "celery -A shop worker", "gunicorn --bind 0.0.0.0:$WHERE shop:app",
])  # fmt: skip
def test_a_server_on_the_port_of_its_pod_or_of_none_that_is_known_passes(line: str) -> None:
    assert found(line, "command-port") == []


def test_the_pods_other_port_is_one_that_it_is_asked_on() -> None:
    assert found("gunicorn --bind 0.0.0.0:9000 shop:app", "command-port", ports=[*PORTS, {"containerPort": 9000}]) == []


def shell(words: list[str], field: str = "command") -> list[str]:
    return [
        hit.message for hit in SHELL_WORDS.check(Documents(items=(workload("web", **{field: words}, ports=PORTS),)))
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["PORT=8080", "node", "server.js"], "`PORT=…` before a program"),
        (["DEBUG=", "gunicorn", "app:app"], "`DEBUG=…` before a program"),
        (["exec", "gunicorn", "app:app"], "`exec` is a command of the shell"),
        (["cd", "web", "&&", "node", "server.js"], "`cd` is a command of the shell"),
        (["alembic", "upgrade", "head", "&&", "uvicorn", "main:app"], "`&&` reaches `alembic`"),
        (["./server", "||", "true"], "`||` reaches `./server`"),
    ],
)
def test_words_of_a_shell_are_refused_where_no_shell_reads_them(words: list[str], said: str) -> None:
    assert [message.startswith(said) for message in shell(words)] == [True]


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "PORT=8080 exec node server.js && true"], ["env", "PORT=8080", "node", "server.js"], ["cross-env", "PORT=8080", "node", "a.js"],
        ["npm", "run", "a&&b"], ["java", "-Da=b", "-jar", "a.jar"], ["./exec", "x"],
    ],
)  # fmt: skip
def test_words_of_a_shell_that_something_reads_pass(words: list[str]) -> None:
    assert shell(words) == []


def test_arguments_of_an_entry_point_may_look_like_assignments() -> None:
    assert shell(["PORT=8080"], "args") == []

"""The ports of a service are what its command says, before every other sign."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.worlds import PYTHON, facts, one, world

API = facts(
    language="python", framework="fastapi", start=[["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]],
    ports=[{"port": 8000, "protocol": "http", "env": ""}], manifests=["requirements.txt"],
)  # fmt: skip


def ports(made: Any, service: str = "web") -> list[int]:
    return [port["port"] for port in made.values[service, "process"]["ports"]]


DESCRIBED = {"path": "Dockerfile", "stages": [], "base": "", "user": "1000", "expose": [], "env": {}}


def own(cmd: list[str], **described: Any) -> Any:
    """Facts of a source with a Dockerfile of the user's own."""
    held = {**DESCRIBED, "cmd": cmd, **described}
    return facts(ports=[{"port": 8000, "protocol": "http", "env": ""}], dockerfile=held)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["uvicorn", "main:app", "--port", "9000"], [9000]),
        (["uvicorn", "main:app"], [8000]),
        (["sh", "-c", "alembic upgrade head && exec uvicorn main:app --port 9000"], [9000]),
        (["sh", "-c", "uvicorn main:app --port $PORT"], [7000]),
        (["gunicorn", "main:app"], [7000]),
        (["python", "main.py"], [8000]),
        (["python", "main.py", "--port", "9000"], [9000]),
        (["flask", "run"], [5000]),
        (["celery", "-A", "tasks", "worker"], []),
        (["celery", "-A", "tasks", "beat"], []),
        (["celery", "-A", "tasks", "flower"], [5555]),
        (["python", "manage.py", "sendalerts"], []),
        (["python", "manage.py", "migrate"], []),
        (["python", "worker.py"], []),
        (["python", "-m", "shop.consumer"], []),
    ],
)
def test_a_pinned_command_says_the_ports(command: list[str], expected: list[int]) -> None:
    assert ports(one(API, {"command": command, "env": {"PORT": "7000"}})) == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["uvicorn", "main:app", "--ssl-keyfile", "k.pem", "--ssl-certfile", "c.pem"], (8000, "https")),
        (["uvicorn", "main:app", "--port", "8443", "--ssl-keyfile=k.pem"], (8443, "https")),
        (["gunicorn", "--certfile", "c.pem", "-b", "0.0.0.0:8443", "main:app"], (8443, "https")),
        (["hypercorn", "--keyfile", "k.pem", "-b", "0.0.0.0:8443", "main:app"], (8443, "https")),
        (["uwsgi", "--https", "0.0.0.0:8443,c.crt,k.key", "--module", "main"], (8443, "https")),
        (["daphne", "-e", "ssl:8443:privateKey=k.pem:certKey=c.pem", "main:app"], (8443, "https")),
        (["uvicorn", "main:app", "--port", "8001"], (8001, "http")),
        (["celery", "-A", "tasks", "flower"], (5555, "http")),
    ],
)
def test_a_command_that_names_a_certificate_speaks_https(command: list[str], expected: tuple[int, str]) -> None:
    first = one(API, {"command": command}).values["web", "process"]["ports"][0]
    assert (first["port"], first["protocol"]) == expected


@pytest.mark.parametrize(
    "command",
    [
        ["cross-env", "NODE_ENV=production", "PORT=9000", "node", "server.js"],
        ["env", "PORT=9000", "node", "server.js"],
        ["sh", "-c", "PORT=9000 exec node server.js"],
        ["sh", "-c", "export PORT=9000; node server.js"],
    ],
)
def test_a_variable_that_the_command_sets_outweighs_the_containers(command: list[str]) -> None:
    known = facts(
        language="node", start=[["node", "server.js"]], ports=[{"port": 3000, "protocol": "http", "env": "PORT"}]
    )
    made = one(known, {"command": command, "env": {"MODE": "x"}})
    assert [(port["port"], port["env"]) for port in made.values["web", "process"]["ports"]] == [(9000, "")]
    assert made.answers["web", "process"].reasons["ports"] == "the command, by `PORT=9000`, listens on 9000"
    asked = one(known, {"command": ["sh", "-c", "PORT=${PORT:-4000} node server.js"]})
    assert ports(asked) == [3000]  # what the container holds, and the command hands on


@pytest.mark.parametrize(
    ("cmd", "expected"),
    [
        (["/bin/sh", "-c", "exec gunicorn --bind :$PORT --workers 1 app:app"], (8000, "PORT")),
        (["/bin/sh", "-c", "uvicorn main:app --host 0.0.0.0 --port ${WEB_PORT}"], (8000, "WEB_PORT")),
        (["/bin/sh", "-c", "uvicorn main:app --host 0.0.0.0 --port ${WEB_PORT:-7000}"], (7000, "WEB_PORT")),
        (["sh", "-c", "PORT=7100 python app.py"], (7100, "")),
        (["sh", "-c", "OTHER=7100 python app.py"], (8000, "")),
    ],
)
def test_a_variable_that_a_dockerfiles_command_names_is_set(cmd: list[str], expected: tuple[int, str]) -> None:
    known = own(cmd, shell=cmd[0] == "/bin/sh")
    known = replace(known, env=facts(env=[{"name": "PORT", "default": "8000", "required": False}]).env)
    first = one(known, {}).values["web", "process"]["ports"][0]
    assert (first["port"], first["env"]) == expected


def test_a_variable_for_the_port_is_set_where_nothing_shows_a_number() -> None:
    known = facts(language="python", start=[["python", "x.py"]])
    made = one(known, {"command": ["sh", "-c", "gunicorn -b :$PORT app:app"]})
    assert [(port["port"], port["env"]) for port in made.values["web", "process"]["ports"]] == [(8080, "PORT")]


def test_the_reason_quotes_the_words() -> None:
    made = one(API, {"command": ["uvicorn", "main:app", "--port", "9000"]})
    assert made.answers["web", "process"].reasons["ports"] == "the command says `--port 9000`"


def test_a_second_port_of_the_source_stays() -> None:
    known = facts(
        language="python",
        start=[["uvicorn", "main:app"]],
        ports=[{"port": 8000, "protocol": "http", "env": ""}, {"port": 9090, "protocol": "http", "env": ""}],
    )
    assert ports(one(known, {"command": ["uvicorn", "main:app", "--port", "9000"]})) == [9000, 9090]


def test_a_pinned_port_wins_over_the_command() -> None:
    assert ports(one(API, {"command": ["uvicorn", "main:app", "--port", "9000"], "port": 9001})) == [9001]


def test_a_worker_of_the_servers_source_listens_on_nothing() -> None:
    worker = {"source": "./web", "command": ["celery", "-A", "web", "worker"]}
    made = world({"web": {"source": "./web"}, "worker": worker}, {"web": PYTHON, "worker": PYTHON})
    assert (ports(made), ports(made, "worker")) == ([8000], [])


@pytest.mark.parametrize(
    ("cmd", "described", "expected"),
    [
        (["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "9100"], {}, [9100]),
        (["/bin/sh", "-c", "uvicorn main:app --port $PORT"], {"env": {"PORT": "9101"}}, [9101]),
        (["uvicorn", "main:app"], {}, [8000]),
        (["--port", "9102"], {"entrypoint": ["uvicorn", "main:app"]}, [9102]),
        (["--port", "9103"], {"entrypoint": ["/bin/sh", "-c", "uvicorn main:app"], "shell": True}, [8000]),
        (["celery", "-A", "x", "worker"], {}, []),
        (["./start.sh"], {}, [8000]),
        (None, {}, [8000]),
    ],
)
def test_the_command_of_an_own_dockerfile_says_the_ports(cmd: Any, described: Any, expected: list[int]) -> None:
    assert ports(one(own(cmd, **described))) == expected


@pytest.mark.parametrize(
    ("cmd", "number", "reason"),
    [
        (["serve"], 7000, "its Dockerfile listens on 7000"),  # 5000 up to its version 13, then 3000
        (["serve", "-l", "7100"], 7100, "the command says `-l 7100`"),
        (["uvicorn", "a:b"], 8000, "Uvicorn listens on 8000 unless it is told otherwise, whatever `EXPOSE 7000` says: pin `port:` if it listens there"),
        (["gunicorn", "a:b"], 7000, "its Dockerfile says 7000, and `PORT` tells Gunicorn so"),
        (["./api"], 7000, "its Dockerfile listens on 7000"),
    ],
)  # fmt: skip
def test_the_reason_weighs_expose_against_the_command(cmd: list[str], number: int, reason: str) -> None:
    exposed = [{"port": 7000, "protocol": "tcp"}]
    found = facts(ports=[{**exposed[0], "env": ""}], dockerfile={**DESCRIBED, "cmd": cmd, "expose": exposed})
    made = one(found)
    assert (ports(made), made.answers["web", "process"].reasons["ports"]) == ([number], reason)


@pytest.mark.parametrize(
    ("command", "expected"), [(["gunicorn", "-b", ":9000", "x:y"], [9000]), (["celery", "worker"], []), (["x"], [])]
)
def test_an_image_that_is_not_known_listens_as_its_pinned_command_says(command: list[str], expected: list[int]) -> None:
    made = world({"web": {"image": "ghcr.io/acme/x:1", "command": command}}, {})
    assert ports(made) == expected

"""Configuration files of servers: host, port, processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, ports, starts, values

APP = "from flask import Flask\napp = Flask(__name__)\n"
ASGI = "from fastapi import FastAPI\napp = FastAPI()\n"
NEEDS = "flask==3.1.0\ngunicorn==23.0.0\n"


@pytest.mark.parametrize(("bind", "port", "env"), [
    ('bind = "0.0.0.0:8080"', 8080, ""),
    ('bind = ["0.0.0.0:8080"]', 8080, ""),
    ('bind = f"0.0.0.0:{os.environ.get(\'PORT\', 5006)}"', 5006, "PORT"),
    ('bind = ["[::]:{}".format(os.environ.get("PORT", 5006))]', 5006, "PORT"),
    ('bind = "0.0.0.0:" + os.getenv("PORT", "7000")', 7000, "PORT"),
    ('bind = os.environ.get("BIND", "0.0.0.0:8081")', 8081, ""),
    ('port = 9001\nbind = f":{port}"', 9001, ""),
    ('bind = ["unix:/run/a.sock", "0.0.0.0:8082"]', 8082, ""),
])  # fmt: skip
@pytest.mark.parametrize(
    "start", [None, "web: gunicorn --config gunicorn.conf.py app:app\n", "web: gunicorn app:app\n"]
)
def test_the_port_is_that_of_gunicorns_file(tmp_path: Path, bind: str, port: int, env: str, start: str | None) -> None:
    files = {"app.py": APP, "requirements.txt": NEEDS, "gunicorn.conf.py": f"import os\n{bind}\n"}
    found = facts(tmp_path, {**files, **({"Procfile": start} if start else {})})
    assert ports(found) == [(port, "http", env)]
    line = 2 + bind.count("\n")
    assert places(found, "ports") == [f"gunicorn.conf.py:{line}"]
    assert not any("--bind" in words for words in starts(found))


@pytest.mark.parametrize(("line", "file"), [
    ("gunicorn -c deploy/gunicorn.py app:app", "deploy/gunicorn.py"),
    ("gunicorn --config=./gunicorn_conf.py app:app", "gunicorn_conf.py"),
    ("gunicorn -c python:conf.gunicorn app:app", "conf/gunicorn.py"),
    ("gunicorn -c file:gunicorn_conf.py app:app", "gunicorn_conf.py"),
])  # fmt: skip
def test_a_command_names_its_file_in_many_ways(tmp_path: Path, line: str, file: str) -> None:
    found = facts(
        tmp_path,
        {"app.py": APP, "requirements.txt": NEEDS, file: 'bind = "0.0.0.0:8443"\n', "Procfile": f"web: {line}\n"},
    )
    assert ports(found) == [(8443, "http", "")]


def test_options_come_before_the_file(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "app.py": APP,
            "requirements.txt": NEEDS,
            "gunicorn.conf.py": 'bind = "0.0.0.0:8443"\n',
            "Procfile": "web: gunicorn -b 0.0.0.0:8100 app:app\n",
        },
    )
    assert [port for port, _, _ in ports(found)] == [8100]


@pytest.mark.parametrize("start", [None, "web: gunicorn app:app\n"])
def test_loopback_and_a_process_for_every_processor_are_mended(tmp_path: Path, start: str | None) -> None:
    conf = 'import multiprocessing\nbind = "127.0.0.1:8080"\nworkers = multiprocessing.cpu_count() * 2 + 1\n'
    found = facts(
        tmp_path,
        {"app.py": APP, "requirements.txt": NEEDS, "gunicorn.conf.py": conf, **({"Procfile": start} if start else {})},
    )
    assert sorted(starts(found)[0].split()) == sorted(
        ["gunicorn", "--bind", "0.0.0.0:8080", "--workers", "2", "app:app"]
    )


def test_a_file_for_another_program_is_left_alone(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "app.py": ASGI,
            "requirements.txt": "fastapi\nuvicorn\n",
            "gunicorn.conf.py": 'bind = "0.0.0.0:9999"\n',
            "Procfile": "web: uvicorn app:app --host 0.0.0.0 --port 8123\n",
        },
    )
    assert [port for port, _, _ in ports(found)] == [8123]


@pytest.mark.parametrize(("text", "port", "protocol"), [
    ("[uwsgi]\nmodule = app:app\nhttp-socket = 0.0.0.0:9090\n", 9090, "http"),
    ("[uwsgi]\nmodule = app:app\nhttp = :9091\n", 9091, "http"),
    # uWSGI's own protocol is for a web server before it: nothing here speaks it, so HTTP is added
    ("[uwsgi]\nmodule = app:app\nsocket = 0.0.0.0:9092\n", 8000, "http"),
    ("[uwsgi]\nmodule = app:app\nsocket = 0.0.0.0:9093\nprotocol = http\n", 9093, "http"),
])  # fmt: skip
def test_a_procfile_that_names_uwsgis_file(tmp_path: Path, text: str, port: int, protocol: str) -> None:
    found = facts(
        tmp_path,
        {"app.py": APP, "requirements.txt": "flask\nuwsgi\n", "uwsgi.ini": text, "Procfile": "web: uwsgi uwsgi.ini\n"},
    )
    assert ports(found) == [(port, protocol, "")]


def test_hypercorns_file(tmp_path: Path) -> None:
    text = 'workers = 3\nbind = ["0.0.0.0:8200"]\n'
    found = facts(
        tmp_path,
        {
            "app.py": ASGI,
            "requirements.txt": "fastapi\nhypercorn\n",
            "hypercorn.toml": text,
            "Procfile": "web: hypercorn -c hypercorn.toml app:app\n",
        },
    )
    assert places(found, "ports") == ["hypercorn.toml:2"]
    assert values(found, "server_files")[0]["workers"] == 3


@pytest.mark.parametrize("text", ["bind = [", "bind = None\n", "", "bind = open('x').read()\n", "workers = -1\n"])
def test_a_file_that_says_nothing_changes_nothing(tmp_path: Path, text: str) -> None:
    found = facts(
        tmp_path,
        {"app.py": APP, "requirements.txt": NEEDS, "gunicorn.conf.py": text, "hypercorn.toml": text, "uwsgi.ini": text},
    )
    assert starts(found)[0] == "gunicorn --bind 0.0.0.0:8000 app:app"


def test_a_file_that_says_no_more_than_the_port_adds_nothing_to_the_facts(tmp_path: Path) -> None:
    files = {"app.py": APP, "requirements.txt": NEEDS, "gunicorn.conf.py": 'bind = "0.0.0.0:8100"\n'}
    assert values(facts(tmp_path, files), "server_files") == []

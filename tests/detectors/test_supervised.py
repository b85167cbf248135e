"""supervisord's file → the program that a container starts, or a doubt that names several."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, starts, values

NODE: dict[str, str | bytes] = {
    "package.json": '{"name": "x", "dependencies": {"express": "4"}}',
    "server.js": "require('http').createServer(h).listen(process.env.PORT || 3000)\n",
    "worker.js": "",
}
PYTHON: dict[str, str | bytes] = {
    "requirements.txt": "flask==3.0\ngunicorn==23.0\n",
    "shop.py": "from flask import Flask\napp = Flask(__name__)\n",
}


@pytest.mark.parametrize(
    ("files", "config", "start"),
    [
        (NODE, "[supervisord]\nnodaemon=true\n\n[program:web]\ncommand=node server.js --port 4100 ; the server\nautorestart=true\n", "node server.js --port 4100"),
        (NODE, "[program:nginx]\ncommand=/usr/sbin/nginx -g 'daemon off;'\n[program:web]\ncommand = /usr/local/bin/node server.js\n", "node server.js"),
        (NODE, "[program:off]\ncommand=node worker.js\nautostart=false\n[program:web]\ncommand=node server.js --port %(ENV_PORT)s\n", "node server.js --port 3000"),
        (PYTHON, "[program:web]\ncommand=/srv/venv/bin/gunicorn -b 127.0.0.1:8123 shop:app\ndirectory=/srv\n", "gunicorn -b 0.0.0.0:8123 shop:app"),
    ],
)  # fmt: skip
def test_the_only_program_is_the_start(tmp_path: Path, files: dict[str, str | bytes], config: str, start: str) -> None:
    assert starts(facts(tmp_path, {**files, "docker/supervisord.conf": config}))[0] == start


@pytest.mark.parametrize("files", [NODE, PYTHON])
def test_several_programs_are_named(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    config = "[program:web]\ncommand=node server.js\n\n[program:jobs]\ncommand=node worker.js\n"
    found = facts(tmp_path, {**files, "supervisord.conf": config})
    assert [one["said"] for one in values(found, "doubts") if "`jobs`" in one["said"] and "`web`" in one["said"]]


@pytest.mark.parametrize("config", ["", "[", "[program:x]", "[program:x]\ncommand=%(here)s/run\n", "=\n" * 1000])
def test_what_says_nothing_changes_nothing(tmp_path: Path, config: str) -> None:
    assert starts(facts(tmp_path, {**NODE, "supervisord.conf": config}))[0] == "node server.js"

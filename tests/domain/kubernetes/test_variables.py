"""What a command needs to hear where its words do not say it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import run, write

SPEC = "apiVersion: kforge.dev/v1\napp: x\nregistry: ghcr.io/acme\nservices:\n  web: {{source: ., command: {command}{more}}}\n"
FILES = {
    "app.py": "from flask import Flask\napp = Flask(__name__)\n",
    "requirements.txt": "flask==3.1.0\ngunicorn==23.0.0\ncelery==5.4.0\n",
}


def told(folder: Path, command: str, more: str = "") -> dict[str, str]:
    write(folder, {**FILES, "app.kforge.yaml": SPEC.format(command=command, more=more)})
    run("build", cwd=folder, code=0)
    text = (folder / "deploy/kubernetes/web/deployment.yaml").read_text()
    container = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]
    return {one["name"]: one["value"] for one in container.get("env", ())}


@pytest.mark.parametrize(("command", "variables"), [
    ("[gunicorn, 'app:app']", {"PORT": "8000"}),
    ("[gunicorn, -b, '0.0.0.0:8100', 'app:app']", {}),
    ("[flask, run]", {"FLASK_RUN_HOST": "0.0.0.0"}),
    ("[celery, -A, app, beat]", {"CELERY_BEAT_SCHEDULE": "/tmp/celerybeat-schedule"}),
    ("[celery, -A, app, worker, -B, -c, '1']", {"CELERY_WORKER_SCHEDULE_FILENAME": "/tmp/celerybeat-schedule"}),
    ("[celery, -A, app, worker, -B, -c, '1', -s, /data/beat]", {}),
    ("[celery, -A, app, worker, -B, -c, '1', --scheduler, redbeat.RedBeatScheduler]", {}),
    ("[celery, -A, app, worker, -c, '1']", {}),
    ("[celery, -A, app, beat, -s, /tmp/s]", {}),
    ("[celery, -A, app, beat, -S, django]", {}),
    ("[celery, -A, app, worker]", {"CELERY_WORKER_CONCURRENCY": "2"}),
    ("[celery, -A, app, worker, -c, '4']", {}),
    ("[python, app.py]", {}),
])  # fmt: skip
def test_a_pinned_command_is_told_by_variables_what_a_container_needs(
    tmp_path: Path, command: str, variables: dict[str, str]
) -> None:
    assert told(tmp_path, command) == variables


def test_what_the_spec_sets_stays(tmp_path: Path) -> None:
    assert told(tmp_path, "[celery, -A, app, worker]", ", env: {CELERY_WORKER_CONCURRENCY: '6'}") == {
        "CELERY_WORKER_CONCURRENCY": "6"
    }


def test_a_configuration_file_that_says_the_port_is_told_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"gunicorn.conf.py": 'bind = "0.0.0.0:8100"\nworkers = 3\n'})
    assert told(tmp_path, "[gunicorn, 'app:app']") == {}
    text = (tmp_path / "deploy/kubernetes/web/deployment.yaml").read_text()
    container = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"][0]["containerPort"] == 8100
    assert container["resources"]["requests"]["memory"] == "384Mi"

"""One row a service: what it is, what it starts, where it listens, memory, copies, and who decided."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import wishes
from tests.conftest import copied, run, write
from tests.llm.server import MODEL, serving
from tests.mutations import SPEC

REDIS = "docker.io/library/redis:8.8.3"
FLASK = {
    "web/app.py": "import flask\napp = flask.Flask(__name__)\n@app.get('/healthz')\ndef h(): return ''\n",
    "web/requirements.txt": "flask==3.0.0\ngunicorn==22.0.0\n",
    "web/work.py": "print(1)\n",
}


def rows(folder: Path, services: str, **files: str) -> dict[str, list[str]]:
    """Cells behind the name of each row of a first build; those that are empty are left out."""
    write(folder, {SPEC: f"apiVersion: kforge.dev/v1\napp: x\nnamespace: x\nservices:\n{services}", **files})
    table = run("build", cwd=folder, code=0).out.partition("\n\n")[0].splitlines()[1:]
    cells = [re.split(r" {2,}", line) for line in table]
    return {first: others for first, *others in cells}


def row(folder: Path, services: str, **files: str) -> list[str]:
    (found,) = rows(folder, services, **files).values()
    return found


def test_a_source_is_told_by_language_and_framework(tmp_path: Path) -> None:
    assert row(tmp_path, "  web: {source: ./web}\n", **FLASK) == [
        "Python, Flask",
        "gunicorn --bind 0.0.0.0:8000 …",
        "8000 http /healthz",
        "192Mi",
        "1",
        "heuristics",
    ]


def test_an_image_is_told_by_its_short_name(tmp_path: Path) -> None:
    assert row(tmp_path, f"  cache: {{image: '{REDIS}'}}\n") == [
        "redis:8.8.3",
        "the image's own",
        "6379 tcp",
        "128Mi",
        "1",
        "heuristics",
    ]


@pytest.mark.parametrize(
    ("image", "short"),
    [
        ("docker.io/acme/web:1.2", "acme/web:1.2"),
        ("ghcr.io/acme/a-team/a-service-with-a-name:1.2.3", "a-service-with-a-name:1.2.3"),
        (f"docker.io/library/redis@sha256:{'a' * 64}", "redis@sha256:aaaaaaa…"),
    ],
)
def test_a_long_image_is_told_by_its_end(image: str, short: str, tmp_path: Path) -> None:
    service = f"  one: {{image: '{image}', user: 1000, port: 80, resources: {{memory: 64Mi}}}}\n"
    assert row(tmp_path, service)[0] == short


def test_jobs_say_when_they_run_and_have_no_port(tmp_path: Path) -> None:
    services = (
        "  web: {source: ./web}\n"
        "  job: {like: web, command: [python, work.py], job: true, before: [web]}\n"
        "  cron: {like: web, command: [python, work.py], schedule: '5 3 * * *'}\n"
        "  odd: {like: web, command: [python, work.py], schedule: '5 3 * * 1-5'}\n"
    )
    found = rows(tmp_path, services, **FLASK)
    assert found["job"][1:] == ["python work.py", "192Mi", "once, before web", "heuristics, 1 pinned"]
    assert (found["cron"][3], found["odd"][3]) == ("daily 03:05", "5 3 * * 1-5")


def test_a_worker_has_no_port(tmp_path: Path) -> None:
    services = "  web: {source: ./web}\n  worker: {like: web, command: [python, work.py], ports: []}\n"
    assert rows(tmp_path, services, **FLASK)["worker"][2] == "no port"


def test_a_dockerfile_of_the_user_is_told(tmp_path: Path) -> None:
    docker = (
        'FROM docker.io/library/python:3.13-slim\nCOPY app.py /\nUSER 1000\nEXPOSE 8000\nCMD ["python", "/app.py"]\n'
    )
    found = row(tmp_path, "  web: {source: ./web}\n", **{"web/Dockerfile": docker, "web/app.py": "print(1)\n"})
    assert found[0] == "Python, own Dockerfile"


def test_pages_are_served_by_nginx(tmp_path: Path) -> None:
    found = row(tmp_path, "  site: {source: ./site}\n", **{"site/index.html": "<title>x</title>\n"})
    assert found[:3] == ["HTML, nginx", "nginx", "8080 http /"]


def test_a_proposal_is_told_as_such(tmp_path: Path) -> None:
    files = {
        "web/Gemfile": 'source "https://rubygems.org"\ngem "sinatra"\ngem "puma"\n',
        "web/Gemfile.lock": "GEM\n  specs:\n    puma (6.0)\n    sinatra (4.0.0)\n",
        "web/config.ru": 'require "./app"\nrun Sinatra::Application\n',
        "web/app.rb": 'require "sinatra"\n',
    }
    found = row(tmp_path, "  web: {source: ./web}\n", **files)
    assert (found[0], found[-1]) == ("Ruby", "proposal, heuristics")


def test_what_scales_shows_both_ends(tmp_path: Path) -> None:
    assert row(tmp_path, f"  cache: {{image: '{REDIS}', scale: {{min: 2, max: 5}}}}\n")[4] == "2–5"


def test_a_long_command_is_cut_between_words_unless_all_is_asked_for(tmp_path: Path) -> None:
    words = "[redis-server, --save, '', --maxmemory, 192mb, --maxmemory-policy, allkeys-lru]"
    assert row(tmp_path, f"  cache: {{image: '{REDIS}', command: {words}}}\n")[1] == "redis-server --save '' …"
    assert "192mb --maxmemory-policy allkeys-lru" in run("build", "-v", cwd=tmp_path, code=0).out


def test_who_decided_names_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = copied("hello", tmp_path / "hello")
    wishes.wish(folder / SPEC)
    with (folder / SPEC).open("a") as spec:
        spec.write(f"model: {{name: {MODEL}}}\n")
    with serving() as server:
        monkeypatch.setenv("KFORGE_BASE_URL", server.url)
        assert f"  {MODEL}\n" in run("build", cwd=folder, code=0).out


def test_of_many_services_the_first_are_shown(tmp_path: Path) -> None:
    services = "".join(f"  s{number:02}: {{image: '{REDIS}'}}\n" for number in range(35))
    write(tmp_path, {SPEC: f"apiVersion: kforge.dev/v1\napp: x\nservices:\n{services}"})
    shown = run("build", cwd=tmp_path, code=0).out
    assert "\ns29 " in shown and "\ns30 " not in shown and "\nand 5 more services: `-v` shows all\n" in shown
    assert "\ns34 " in run("build", "-v", cwd=tmp_path, code=0).out

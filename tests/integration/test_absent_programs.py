"""Commands that a spec, a Procfile or a package script names → their programs are installed, or the build says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Ended, run, write

FLASK = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get('/healthz')\ndef healthz():\n    return 'ok'\n"
SERVER = "require('http').createServer((q, r) => r.end('x')).listen(3000);\n"
GO = 'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
PROJECT = '[project]\nname = "shop"\nversion = "1.0"\ndependencies = ["flask"]\n'


def built(root: Path, files: dict[str, str], *commands: str, code: int | None = None) -> Ended:
    """A build of services that share a source; "" pins no command."""
    blocks = [f"  s{n}: {{source: .{f', command: [{line}]' if line else ''}}}\n" for n, line in enumerate(commands)]
    head = "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices:\n"
    write(root, {**files, "app.kforge.yaml": head + "".join(blocks)})
    (root / ".git").mkdir(exist_ok=True)
    return run("build", cwd=root, code=code)


def python(requirements: str, **files: str) -> dict[str, str]:
    return {"app.py": FLASK, "requirements.txt": requirements, **files}


def node(scripts: str, dependencies: str = '"express": "4"', dev: str = "") -> dict[str, str]:
    manifest = f'{{"name": "n", "version": "1.0.0",\n"scripts": {{{scripts}}},\n"dependencies": {{{dependencies}}},\n"devDependencies": {{{dev}}}}}'
    return {"server.js": SERVER, "work.ts": "setInterval(() => 1, 1000);\n", "package.json": manifest}


START = '"start": "node server.js"'


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ('gunicorn, "app:app"', "gunicorn"),
        ('python, -m, uvicorn, "app:app"', "uvicorn"),
        ('python3, -m, gunicorn, "app:app"', "gunicorn"),
        ('sh, -c, "exec hypercorn app:app"', "hypercorn"),
        ('waitress-serve, "app:app"', "waitress"),
        ("celery, --app, app, worker", "celery"),
        ("rq, worker", "rq"),
        ('ddtrace-run, flask, --app, app, run, --host, "0.0.0.0"', "ddtrace-run"),
        ("alembic, upgrade, head", "alembic"),
        ("dbmate, up", "dbmate"),
    ],
)
def test_a_pinned_program_that_no_manifest_brings_is_an_error(tmp_path: Path, command: str, program: str) -> None:
    ended = built(tmp_path, python("flask==3.0.0\n"), "", command, code=1)
    assert "error[absent-program]" in ended.err
    assert f"`{program}" in ended.err
    assert "app.kforge.yaml:6" in ended.err


@pytest.mark.parametrize(
    "line",
    ['poetry, run, flask, --app, app, run, --host, "0.0.0.0"', 'uv, run, flask, --app, app, run, --host, "0.0.0.0"'],
)
def test_what_builds_an_image_is_not_in_it(tmp_path: Path, line: str) -> None:
    ended = built(tmp_path, python("flask\n"), line, code=1)
    assert "is used to build the image, and is not part of it" in ended.err
    assert "start `flask --app app run --host 0.0.0.0` itself" in ended.err


@pytest.mark.parametrize(
    ("requirements", "command"),
    [
        ("flask\ngunicorn\n", 'gunicorn, "app:app"'),
        ("flask\nfastapi[standard]\n", 'uvicorn, "app:app"'),
        ("flask\nflower\n", "celery, --app, app, worker"),
        ("flask\nflask-migrate\n", "alembic, upgrade, head"),
        ("flask\n", "./start.sh"),
        ("flask\n", "python, manage.py, migrate"),
        ("flask\n", "my-own-program"),
    ],
)
def test_what_a_manifest_brings_or_kforge_does_not_know_passes(tmp_path: Path, requirements: str, command: str) -> None:
    ended = built(tmp_path, python(requirements), "", command)
    assert "absent-program" not in ended.err


def test_a_list_that_is_not_installed_is_named(tmp_path: Path) -> None:
    files = {**python("flask\n"), "requirements-prod.txt": "-r requirements.txt\ngunicorn\n"}
    assert "only requirements-prod.txt:2 has it" in built(tmp_path, files, 'gunicorn, "app:app"', code=1).err


def test_setup_that_only_python_can_read_is_not_judged(tmp_path: Path) -> None:
    setup = "from setuptools import setup\nsetup(name='x', install_requires=open('deps').read().split())\n"
    ended = built(tmp_path, {"app.py": FLASK, "setup.py": setup}, 'gunicorn, "app:app"')
    assert "absent-program" not in ended.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[project.optional-dependencies]\nserve = ["gunicorn"]\n', "--extra serve"),
        ('[dependency-groups]\nserve = ["gunicorn"]\n', "--group serve"),
    ],
)
def test_the_group_that_brings_a_pinned_program_is_installed(tmp_path: Path, more: str, words: str) -> None:
    built(tmp_path, {"app.py": FLASK, "pyproject.toml": PROJECT + more}, 'gunicorn, "app:app"', code=0)
    assert words in (tmp_path / "Dockerfile").read_text()


def test_services_of_one_source_share_what_their_commands_need(tmp_path: Path) -> None:
    more = '[project.optional-dependencies]\nserve = ["gunicorn"]\nwork = ["celery"]\n'
    files = {"app.py": FLASK, "pyproject.toml": PROJECT + more}
    built(tmp_path, files, 'gunicorn, --bind, "0.0.0.0:8000", "app:app"', "celery, --app, app, worker", code=0)
    assert "--extra work --extra serve" in (tmp_path / "Dockerfile").read_text()


def test_a_missing_server_of_a_procfile_is_told_with_its_line(tmp_path: Path) -> None:
    ended = built(tmp_path, python("flask\n", Procfile="web: gunicorn app:app\n"), "", code=1)
    assert (
        "`gunicorn`, which Procfile:1 starts, is not in the image: no package of `requirements.txt` has it" in ended.err
    )


@pytest.mark.parametrize(
    "command", ["pm2-runtime, server.js", "npx, ts-node, work.ts", "yarn, ts-node, work.ts", "next, start"]
)
def test_a_pinned_program_that_package_json_does_not_name_is_an_error(tmp_path: Path, command: str) -> None:
    assert "no package of `package.json` has it" in built(tmp_path, node(START), command, code=1).err


@pytest.mark.parametrize("command", ["tsx, work.ts", "npx, tsx, work.ts", "npm, run, work", "yarn, work"])
def test_a_development_dependency_that_a_command_needs_stays_in_the_image(tmp_path: Path, command: str) -> None:
    files = node(f'{START}, "work": "tsx work.ts"', dev='"tsx": "4"')
    built(tmp_path, files, "", command, code=0)
    assert "--omit=dev" not in (tmp_path / "Dockerfile").read_text()


def test_a_script_is_judged_for_the_service_that_runs_it(tmp_path: Path) -> None:
    ended = built(tmp_path, node(f'{START}, "work": "ts-node work.ts"'), "", "npm, run, work", code=1)
    assert ended.err.count("error[absent-program]") == 1
    assert "`ts-node`" in ended.err


def test_a_package_script_whose_program_is_missing_is_told_with_its_line(tmp_path: Path) -> None:
    files = {**node('"start": "tsx server.ts"'), "server.ts": SERVER.replace("require('http')", "import('http')")}
    del files["server.js"]
    assert "`tsx`, which package.json:2 starts, is not in the image" in built(tmp_path, files, "", code=1).err


def test_a_package_manager_that_only_builds_is_told(tmp_path: Path) -> None:
    files = node(START, dev='"tsx": "4"')
    assert "start `tsx work.ts` itself" in built(tmp_path, files, "pnpm, exec, tsx, work.ts", code=1).err


def test_an_image_of_go_holds_what_is_built(tmp_path: Path) -> None:
    files = {"go.mod": "module shop\n\ngo 1.24\n", "main.go": GO}
    ended = built(tmp_path, files, "", "goose, up", "/app/shop, -v", code=1)
    assert ended.err.count("error[absent-program]: `goose`") == 1


def test_a_person_who_names_the_image_is_not_contradicted(tmp_path: Path) -> None:
    write(tmp_path, python("flask\n"))
    spec = 'apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices:\n  web:\n    source: .\n    command: [gunicorn, "app:app"]\n    build: {runtime: "ghcr.io/acme/python:3.12"}\n'
    write(tmp_path, {"app.kforge.yaml": spec})
    (tmp_path / ".git").mkdir()
    assert "absent-program" not in run("build", cwd=tmp_path).err

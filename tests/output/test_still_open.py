"""A build ends with what its services still need before they run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run, write

API = (
    "import os\nfrom fastapi import FastAPI\napp = FastAPI()\nKEY = os.environ['LEDGER']\n"
    "@app.get('/healthz')\ndef healthz(): return {}\n"
)
REQUIREMENTS = "fastapi==0.115.6\nuvicorn==0.34.0\n"


def ended(folder: Path, services: str, registry: str = "ghcr.io/acme", **files: str) -> list[str]:
    """Lines of what a build says is still to be done, commands left out."""
    text = f"apiVersion: kforge.dev/v1\napp: x\nregistry: {registry}\nservices:\n{services}"
    write(folder, {"app.kforge.yaml": text, **files})
    told = run("build", cwd=folder, code=0).out
    return [line[4:] for line in told.partition("needed from you\n")[2].splitlines() if line.startswith("  ! ")]


@pytest.fixture
def api(tmp_path: Path) -> Path:
    return write(tmp_path, {"api/app.py": API, "api/requirements.txt": REQUIREMENTS})


def test_services_that_lack_the_same_variables_share_a_line(api: Path) -> None:
    services = "  api: {source: ./api}\n  tasks: {source: ./api, command: [python, app.py]}\n"
    assert ended(api, services) == ["`api`, `tasks` need `LEDGER`: set under `env` or `secrets`"]


def test_a_placeholder_of_a_registry_is_asked_for(api: Path) -> None:
    lines = ended(api, "  api: {source: ./api, env: {LEDGER: a}}\n", "registry.example.com/x")
    assert lines == [
        "`registry.example.com/x` is no registry: write yours as `registry`, or no cluster can pull the images"
    ]


def test_a_server_whose_port_nothing_shows_is_told(tmp_path: Path) -> None:
    code = (
        'package main\n\nimport (\n\t"net/http"\n\t"example.com/x/conf"\n)\n\nfunc main() {\n'
        '\thttp.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {})\n'
        "\thttp.ListenAndServe(conf.Load().Address, nil)\n}\n"
    )
    files = {
        "app/go.mod": "module example.com/x\n\ngo 1.24\n",
        "app/main.go": code,
        "app/conf/conf.go": "package conf\n",
    }
    lines = ended(tmp_path, "  app: {source: ./app}\n", **files)
    assert lines == ["`app` serves requests, and no port is known: pin `services.app.port`"]


def test_a_server_that_only_its_own_pod_reaches_is_told(tmp_path: Path) -> None:
    files = {
        "app/package.json": '{"main": "server.js", "dependencies": {"fastify": "5"}, "scripts": {"start": "node server.js"}}',
        "app/server.js": "const fastify = require('fastify')()\nfastify.listen({ port: 3000 })\n",
    }
    services = "  app: {source: ./app}\n  tidy: {like: app, command: [node, tidy.js], job: true}\n"
    said = "listens on port 3000 of localhost only: nothing outside of its container reaches it (server.js:2)"
    assert ended(tmp_path, services, **files) == [f"`app` {said}"]


OWN = (
    'FROM gcr.io/distroless/java21\nUSER 1000\nCOPY . ./\nEXPOSE ${ADS_PORT}\nENTRYPOINT ["java", "-jar", "ads.jar"]\n'
)


def test_a_port_that_a_dockerfile_leaves_to_a_variable_is_asked_for_with_its_line(tmp_path: Path) -> None:
    lines = ended(tmp_path, "  ads: {source: ./ads}\n", **{"ads/Dockerfile": OWN})
    assert lines == [
        "`ads` listens where `ADS_PORT` says (Dockerfile:4), and nothing sets it: write it under `services.ads.env`"
    ]


@pytest.mark.parametrize("said", ['env: {ADS_PORT: "9555"}', 'build: {args: {ADS_PORT: "9555"}}', "port: 9555"])
def test_a_port_that_a_dockerfile_leaves_to_a_variable_is_what_the_spec_gives_it(tmp_path: Path, said: str) -> None:
    assert ended(tmp_path, f"  ads: {{source: ./ads, {said}}}\n", **{"ads/Dockerfile": OWN}) == []
    assert "port: 9555" in (tmp_path / "deploy/kubernetes/ads/service.yaml").read_text()


def test_a_build_that_lacks_nothing_says_nothing(api: Path) -> None:
    assert ended(api, "  api: {source: ./api, env: {LEDGER: a}}\n") == []


@pytest.mark.parametrize("command", ["[celery, -A, app, worker]", "[python, worker.py]", "[rqscheduler]"])
def test_work_beside_a_server_is_asked_for_no_port(api: Path, command: str) -> None:
    write(api, {"api/requirements.txt": f"{REQUIREMENTS}celery==5.5.0\nrq-scheduler==0.14.0\n", "api/worker.py": ""})
    services = f"  api: {{source: ./api, env: {{LEDGER: a}}}}\n  more: {{source: ./api, command: {command}}}\n"
    assert ended(api, services) == []


def test_a_service_may_say_that_it_listens_on_nothing(api: Path) -> None:
    assert ended(api, "  api: {source: ./api, env: {LEDGER: a}, ports: []}\n") == []
    written = {path.name for path in (api / "deploy/kubernetes/api").iterdir()}
    assert "service.yaml" not in written


def test_a_configuration_file_that_is_lacking_is_asked_for(tmp_path: Path) -> None:
    main = 'package main\n\nfunc main() {\n\tdata, err := os.ReadFile("config.yml")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\thttp.ListenAndServe(":8080", nil)\n}\n'
    source = {"go.mod": "module example.com/watch\n\ngo 1.24\n", "main.go": main}
    assert ended(tmp_path, "  watch: {source: .}\n", **source) == [
        "`watch` needs the file `/app/config.yml`: write it under `config`"
    ]
    mounted = '  watch: {source: ., config: {path: /app, files: {config.yml: "a: b"}}}\n'
    assert ended(tmp_path, mounted, **source) == []

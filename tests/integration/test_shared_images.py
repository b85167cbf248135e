"""Services that are like each other, or build from one folder: one image, built once, and every command knows it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import edit, run, write

SPEC = """\
apiVersion: kforge.dev/v1
app: shop
registry: ghcr.io/acme
defaults: {env: {LOG_FORMAT: json}, labels: {cost: shop}, kubernetes: {Pod: {priorityClassName: low}, Ingress: {metadata: {annotations: {a.example.com/b: c}}}}}
services:
  alerts: {source: ., command: [python, alerts.py]}
  web: {source: ., build: {packages: [curl]}, env: {A: "1"}, expose: {host: a.example.com}}
  worker: {like: web, command: [python, worker.py], env: {LOG_FORMAT: null}}
environments:
  prod: {services: {web: {version: 2.0.0, env: {A: "2"}}}}
"""
PROGRAM = (
    "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    write(tmp_path, {"app.kforge.yaml": SPEC, "main.py": PROGRAM, "alerts.py": "x = 1\n", "worker.py": "x = 1\n"})
    run("build", cwd=tmp_path, code=0)
    return tmp_path


def test_one_image_is_built_named_for_its_owner_and_started_as_it_is(built: Path) -> None:
    bake = (built / "docker-bake.hcl").read_text()
    assert bake.count("inherits") == 1 and 'names(["ghcr.io/acme"], "shop-web", "0.1.0")' in bake
    assert 'CMD ["python", "main.py"]' in (built / "Dockerfile").read_text()
    images = [(built / f"deploy/kubernetes/{name}/deployment.yaml").read_text() for name in ("web", "alerts", "worker")]
    assert all("image: ghcr.io/acme/shop-web:0.1.0" in text for text in images)
    assert ["command:" in text for text in images] == [False, True, True]


def test_defaults_reach_every_service_and_a_kind_only_where_it_is(built: Path) -> None:
    web, worker = ((built / f"deploy/kubernetes/{name}/deployment.yaml").read_text() for name in ("web", "worker"))
    assert all(text.count("cost: shop") == 2 and "priorityClassName: low" in text for text in (web, worker))
    assert ("LOG_FORMAT" in web, "LOG_FORMAT" in worker) == (True, False)
    assert "a.example.com/b: c" in (built / "deploy/kubernetes/web/ingress.yaml").read_text()
    assert not (built / "deploy/kubernetes/worker/ingress.yaml").exists()


def test_an_environment_of_one_is_that_of_those_like_it(built: Path) -> None:
    text = (built / "deploy/overlays/prod/worker/deployment.yaml").read_text()
    assert "image: ghcr.io/acme/shop-web:2.0.0" in text and 'value: "2"' in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('A: "1"', 'A: "3"'),
        ("LOG_FORMAT: json", "LOG_FORMAT: text"),
        ("priorityClassName: low", "priorityClassName: high"),
        ("cost: shop", "cost: other"),
        ("like: web, ", "like: alerts, "),
        ("packages: [curl]", "packages: [git]"),
        ("LOG_FORMAT: json", "LOG_FORMAT: json, NEW: x"),
    ],
)
def test_a_check_in_a_fresh_clone_knows_what_is_shared(old: str, new: str, built: Path) -> None:
    run("check", cwd=built, code=0)
    edit(built / "app.kforge.yaml", old, new)
    run("check", cwd=built, code=1)
    run("build", cwd=built, code=0)
    run("check", cwd=built, code=0)
    run("check", "--full", cwd=built, code=0)


def test_an_unsound_default_is_told_though_no_service_takes_it(built: Path) -> None:
    edit(built / "app.kforge.yaml", "LOG_FORMAT: json}", "LOG_FORMAT: json, lOg-: [1]}")
    run("check", cwd=built, code=2)


@pytest.mark.parametrize(
    ("target", "field", "source"),
    [
        ("Deployment/worker", "spec.template.spec.containers[0].env[0].value", "services.web (like)"),
        ("Deployment/worker", "metadata.labels.cost", "defaults"),
        ("alerts/build", "packages", "services.web (the same source)"),
        ("Deployment/web", "spec.template.spec.containers[0].env[0].value", ""),
    ],
)
def test_explain_says_where_a_service_takes_it_from(target: str, field: str, source: str, built: Path) -> None:
    told = json.loads(run("explain", target, field, "--format", "json", cwd=built, code=0).out)
    assert told[0]["from"] == source


def test_a_pin_of_a_shared_build_stands_with_the_owner_of_the_image(built: Path) -> None:
    run("pin", "worker/build", "base", cwd=built, code=0)
    assert "build: {packages: [curl], base:" in (built / "app.kforge.yaml").read_text()
    run("build", cwd=built, code=0)


def test_a_pin_of_a_service_that_takes_the_rest_stands_with_it(built: Path) -> None:
    run("pin", "worker/resources", "memory", cwd=built, code=0)
    assert "LOG_FORMAT: null}, resources: {memory:" in (built / "app.kforge.yaml").read_text()
    run("build", cwd=built, code=0)


def test_two_builds_of_one_folder_are_refused_with_the_way_out(built: Path) -> None:
    edit(
        built / "app.kforge.yaml",
        "command: [python, alerts.py]",
        "command: [python, alerts.py], build: {packages: [git]}",
    )
    told = run("build", cwd=built, code=2).err
    assert "build it differently" in told and "pin `build` of `web` alone" in told


def test_a_default_of_a_kind_that_no_service_has_is_told(built: Path) -> None:
    edit(built / "app.kforge.yaml", "Pod: {priorityClassName: low}", "StatefulSet: {spec: {minReadySeconds: 1}}")
    assert "no service has a StatefulSet" in run("build", cwd=built, code=2).err

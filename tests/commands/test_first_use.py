"""What is met in the first hour: one run says all that is wrong, and every command gives the same advice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import edit, run, write

HEAD = "apiVersion: kforge.dev/v1\napp: a\n"
WEB = {
    "web/requirements.txt": "fastapi==0.115.6\nuvicorn==0.34.0\n",
    "web/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
}


@pytest.mark.parametrize("command", ["check", "plan", "build"])
def test_one_run_of_any_command_names_all_that_is_wrong(command: str, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"app.kforge.yaml": f"{HEAD}version: 1.4\nservices:\n  web: {{source: ./webb, env: {{PORT: 8000}}}}\n"},
    )
    told = run(command, cwd=tmp_path, code=2).err
    assert [
        word in told
        for word in ("`version` must be a string, not the number 1.4", "env.PORT", "source `webb` does not exist")
    ] == [True] * 3


@pytest.mark.parametrize(("memory", "said"), [('"512"', "512Mi"), ("512", "memory: 512Mi")])
def test_a_forgotten_unit_is_answered_with_the_amount_that_is_meant(memory: str, said: str, tmp_path: Path) -> None:
    text = f"{HEAD}services:\n  web: {{source: ./web, resources: {{memory: {memory}}}}}\n"
    write(tmp_path, {**WEB, "app.kforge.yaml": text})
    assert f"help: write `{said}`" in run("build", cwd=tmp_path, code=2).err


def test_a_plan_says_what_a_build_would_refuse(tmp_path: Path) -> None:
    store = '  c: {image: "docker.io/library/redis:8.8.3", volumes: [{name: d, path: /data, size: 1Gi}]}\n'
    write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n{store}"})
    run("build", cwd=tmp_path, code=0)
    edit(tmp_path / "app.kforge.yaml", ", volumes: [{name: d, path: /data, size: 1Gi}]", "")
    told = run("plan", cwd=tmp_path, code=2).err
    assert "StatefulSet `c` would be removed" in told
    assert "refused; a build would write nothing" in told
    problems = json.loads(run("plan", "--format", "json", cwd=tmp_path, code=2).out)["problems"]
    assert [problem["hint"] for problem in problems] == ["if the data may be lost: `kforge build --allow-data-loss`"]


def test_an_edited_file_gets_one_piece_of_advice(tmp_path: Path) -> None:
    write(tmp_path, {**WEB, "app.kforge.yaml": f"{HEAD}services:\n  web: {{source: ./web}}\n"})
    run("build", cwd=tmp_path, code=0)
    with (tmp_path / "web/Dockerfile").open("a") as file:
        file.write("# mine\n")
    advice = "write it in the spec (`build` and `process` pins, another base image under `bases`, or a Dockerfile of your own in its place), or run `kforge build --force` to drop the edit"
    assert advice in run("check", cwd=tmp_path, code=1).err
    assert advice in run("build", cwd=tmp_path, code=2).err


def test_an_environments_registry_is_tagged_and_explained(tmp_path: Path) -> None:
    text = f"{HEAD}registry: ghcr.io/acme\nservices:\n  web: {{source: ./web}}\nenvironments:\n  prod: {{registry: registry.acme.internal}}\n"
    write(tmp_path, {**WEB, "app.kforge.yaml": text})
    run("build", cwd=tmp_path, code=0)
    tags = 'names(["ghcr.io/acme", "registry.acme.internal"], "a-web", "0.1.0")'
    assert tags in (tmp_path / "docker-bake.hcl").read_text()
    told = run("explain", "-e", "prod", "Deployment/web", "spec.template.spec.containers[0].image", cwd=tmp_path).out
    assert "environments.prod.registry" in told
    assert "deploy/overlays/prod/web/kustomization.yaml" in told
    run("check", cwd=tmp_path, code=0)


@pytest.mark.parametrize("command", ["build", "plan"])
def test_a_model_that_nothing_asks_is_told(command: str, tmp_path: Path) -> None:
    write(tmp_path, {**WEB, "app.kforge.yaml": f"{HEAD}services:\n  web: {{source: ./web}}\n"})
    told = run(command, "--model", "x", cwd=tmp_path).err
    assert "`--model` asks nothing: no spec here has a `model` block, `model: {name: x}`" in told


@pytest.mark.parametrize(
    ("flag", "variable", "asked"),
    [
        ((), "", "`small:7b`"),
        (("--model", "large:70b"), "", "`large:70b`"),
        ((), "mine:3b", "`mine:3b`"),
        (("--model", "large:70b"), "mine:3b", "`large:70b`"),
        (("--model", "auto"), "", "a model"),
    ],
)
def test_a_plan_names_the_model_that_a_build_would_ask_and_sends_nothing(
    flag: tuple[str, ...], variable: str, asked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFORGE_MODEL", variable)
    text = f"{HEAD}services:\n  web: {{source: ./web, requirements: give it 300 MiB of memory}}\nmodel: {{name: small:7b, decides: [resources]}}\n"
    write(tmp_path, {**WEB, "app.kforge.yaml": text})
    planned = run("plan", *flag, cwd=tmp_path, code=0)
    assert f"preview: a build asks {asked} there" in planned.err
    assert [line for line in planned.out.splitlines() if "+ web" in line and "(preview: resources)" in line]


PORT = "its pod is reached on 9999, but mailpit images listen on 8025 and 1025 by default"


@pytest.mark.parametrize("port", ["port: 9999", "ports: [{name: http, port: 9999}, {name: smtp, port: 1025}]"])
def test_a_port_that_a_known_image_does_not_listen_on_is_told_with_its_line_and_the_way_out(
    port: str, tmp_path: Path
) -> None:
    write(
        tmp_path,
        {"app.kforge.yaml": f"{HEAD}services:\n  mail: {{image: 'docker.io/axllent/mailpit:v1.20', {port}}}\n"},
    )
    told = run("build", cwd=tmp_path, code=0).err
    assert PORT in told
    assert "from: app.kforge.yaml:4:" in told
    assert "help: write `services.mail.port: 8025` or `1025`, or tell its program to listen on 9999" in told


@pytest.mark.parametrize(
    "told",
    [
        "env: {MP_UI_BIND_ADDR: '0.0.0.0:9999'}",
        "command: [/mailpit, --listen, '0.0.0.0:9999']",
        "config: {path: /etc/mail, files: {mail.conf: 'listen = :9999'}}",
        "secrets: {MP_UI_BIND_ADDR: {secret: mail, key: address}}",
    ],
)
def test_a_port_that_a_known_image_is_told_is_none_of_ours(told: str, tmp_path: Path) -> None:
    text = f"{HEAD}services:\n  mail: {{image: 'docker.io/axllent/mailpit:v1.20', port: 9999, {told}}}\n"
    write(tmp_path, {"app.kforge.yaml": text})
    assert "image-port" not in run("build", cwd=tmp_path, code=0).err


def test_a_pinned_port_chooses_among_those_that_an_image_is_known_for(tmp_path: Path) -> None:
    image = '  mail: {image: "docker.io/axllent/mailpit:v1.20", port: 1025}\n'
    write(tmp_path, {"app.kforge.yaml": f"{HEAD}services:\n{image}"})
    run("build", cwd=tmp_path, code=0)
    ports = (tmp_path / "deploy/kubernetes/mail/service.yaml").read_text().partition("ports:")[2]
    assert ports.index("1025") < ports.index("8025")
    assert ports.count("1025") == ports.count(" port: 1025")

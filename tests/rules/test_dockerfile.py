"""Each rule on a document that breaks it, and none on one that does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.instructions import copy, ending, env, run, workdir
from kforge.domain.port import Port
from tests.rules.families import family
from tests.worlds import NODE, one

RULES = family("dockerfile")
BASE = "docker.io/library/debian:trixie-slim"
PORTS = [Port("http", 3000, "http")]
IGNORE = Document(
    path="web/.dockerignore",
    artifact="dockerignore",
    service="web",
    lines=("**/.git", "**/.env", "**/*.pem", "**/*.key", "secret"),
)


def stage(*instructions: Instruction, name: str = "runtime", image: str = BASE, end: bool = True) -> Stage:
    return Stage(name, image, (*instructions, *(ending(PORTS, 10001, ["node", "a.js"]) if end else ())))


def document(*stages: Stage) -> Document:
    return Document(path="web/Dockerfile", artifact="dockerfile", service="web", dockerfile=Dockerfile(stages))


def deployment(user: int = 10001, port: int = 3000, name: str = "web", pod_user: int | None = None) -> Document:
    container: dict[str, Any] = {"name": name, "image": "shop-web:1", "ports": [{"containerPort": port}]}
    spec: dict[str, Any] = {"containers": [container]}
    if pod_user is None:
        container["securityContext"] = {"runAsUser": user}
    else:
        spec["securityContext"] = {"runAsUser": pod_user}
    data = {"kind": "Deployment", "metadata": {"name": name}, "spec": {"template": {"spec": spec}}}
    return Document(path=f"deploy/{name}.yaml", artifact="deployment", service=name, data=data)


def broken(*items: Document, registries: tuple[str, ...] = ()) -> list[str]:
    documents = Documents(items, registries=registries, languages=catalog.languages())
    return [rule.id for rule in RULES for _ in rule.check(documents)]


GOOD = (
    document(stage(run(["true"]), name="build", end=False), stage(workdir("/app"), copy(["/out"], "./", "build"))),
    IGNORE,
    deployment(),
)


def test_a_sound_document_breaks_no_rule() -> None:
    assert broken(*GOOD) == []


@pytest.mark.parametrize(
    ("rule", "stages"),
    [
        ("dockerfile-tag", [stage(image="docker.io/library/debian")]),
        ("dockerfile-tag", [stage(image="docker.io/library/debian:latest")]),
        ("dockerfile-tag", [stage(copy(["/a"], "/a", "ghcr.io/acme/tools"))]),
        ("dockerfile-stage", [stage(copy(["/a"], "/a", "build"))]),
        ("dockerfile-stage", [stage(name="Runtime")]),
        ("dockerfile-stage", [stage(name="scratch")]),
        ("dockerfile-stage", [stage(end=False), stage()]),
        ("dockerfile-stage", [stage(Instruction("RUN", ("true",), ("--mount=type=bind,from=later,target=/a",)))]),
        (
            "dockerfile-interpreter",
            [stage(name="build", image="a/python:3.13-slim"), stage(image="a/python:3.12-slim")],
        ),
        ("dockerfile-interpreter", [stage(name="build", image="node:22"), stage(image="node:24-slim")]),
        ("dockerfile-user", [Stage("runtime", BASE, (Instruction("USER", ("0",)),))]),
        ("dockerfile-user", [Stage("runtime", BASE, (Instruction("USER", ("node",)),))]),
        ("dockerfile-user", [Stage("runtime", BASE, (run(["true"]),))]),
        ("dockerfile-secret", [stage(env({"DB_PASSWORD": "x"}))]),
        ("dockerfile-secret", [stage(Instruction("ARG", ("NPM_TOKEN",)))]),
        ("dockerfile-secret", [stage(copy([".env"], "./"))]),
        ("dockerfile-secret", [stage(copy(["keys/server.pem"], "./"))]),
        ("dockerfile-command", [stage(run(["sh", "-c", "curl https://example.com/install | sh"]))]),
        ("dockerfile-command", [stage(run(["sudo", "true"]))]),
        ("dockerfile-command", [stage(run(["pip", "install", "--trusted-host", "pypi.org", "a"]))]),
        ("dockerfile-command", [stage(Instruction("RUN", ("true",), ("--security=insecure",)))]),
        ("dockerfile-path", [stage(workdir("app"))]),
        ("dockerfile-path", [stage(copy(["../other"], "./"))]),
        ("dockerfile-start", [stage(Instruction("CMD", ("node", "a.js")), end=True)]),
        ("dockerfile-context", [stage(copy(["secret/file"], "./"))]),
        ("dockerfile-context", [stage(copy(["deep/.git"], "./"))]),
    ],
)
def test_each_rule_sees_what_it_is_for(rule: str, stages: list[Stage]) -> None:
    assert rule in broken(document(*stages), IGNORE)


def test_a_base_outside_the_registries_is_seen() -> None:
    assert broken(GOOD[0], registries=("ghcr.io/acme",)) == ["dockerfile-registry", "dockerfile-registry"]


def test_a_stage_from_elsewhere_is_seen_in_mounts_too() -> None:
    mount = Instruction("RUN", ("true",), ("--mount=type=bind,from=evil.io/x:1,target=/a",))
    assert broken(document(stage(mount)), registries=("docker.io",)) == ["dockerfile-registry"]


def test_the_empty_image_needs_no_tag_and_no_registry() -> None:
    assert broken(document(stage(image="scratch")), registries=("ghcr.io/acme",)) == []


@pytest.mark.parametrize("workload", [deployment(user=1), deployment(pod_user=1)])
def test_a_workload_runs_as_the_user_of_its_image(workload: Document) -> None:
    assert broken(GOOD[0], workload) == ["dockerfile-workload-user"]


def test_a_service_that_shares_the_image_is_held_to_its_user() -> None:
    assert broken(*GOOD, deployment(user=1, port=1, name="worker")) == ["dockerfile-workload-user"]


def test_a_workload_names_the_ports_that_its_image_exposes() -> None:
    assert broken(GOOD[0], deployment(port=8080)) == ["dockerfile-workload-port"]


def test_history_and_secrets_stay_out_of_the_context() -> None:
    assert broken(replace(IGNORE, lines=("node_modules",))) == ["dockerfile-ignore"] * 4


def test_what_is_written_for_a_source_breaks_no_rule() -> None:
    assert broken(*one(NODE).documents()) == []

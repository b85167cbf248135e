"""Whole transcripts: what is typed, exit code, standard output, standard error. The snapshots are meant to be read."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from kforge.cli import COMMANDS
from tests.conftest import Ended, copied, edit, run, write
from tests.integration.conftest import commit, git
from tests.mutations import DEPLOYMENT, SPEC

pytestmark = pytest.mark.usefixtures("plain_environment")


class Transcript(SingleFileSnapshotExtension):
    """One text file a session."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def plain(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot(extension_class=Transcript)


def told(words: str, ended: Ended, cwd: Path) -> str:
    parts = [f"$ kforge {words}".rstrip(), f"exit {ended.code}"]
    for name, text in (("stdout", ended.out), ("stderr", ended.err)):
        if text:
            parts.append(f"--- {name}\n{text.replace(str(cwd), '<folder>').rstrip()}")
    return "\n".join(parts) + "\n"


def session(cwd: Path, *lines: str) -> str:
    """A transcript of several commands, one after the other."""
    return "\n".join(told(line, run(*shlex.split(line), cwd=cwd), cwd) for line in lines)


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    return copied("hello", tmp_path / "hello")


# --- help ---


def test_help(tmp_path: Path, plain: SnapshotAssertion) -> None:
    assert session(tmp_path, "", "--help", "--version", "help build", "biuld", "nonsense") == plain


@pytest.mark.parametrize("command", ["build", "check", "detect", "diff", "explain", "pin", "plan", "schema"])
def test_help_of(command: str, tmp_path: Path, plain: SnapshotAssertion) -> None:
    assert session(tmp_path, f"{command} --help") == plain


@pytest.mark.parametrize("words", ["", *COMMANDS, "batch export", "batch import"])
def test_no_line_of_help_is_wider_than_a_terminal(words: str, tmp_path: Path):
    said = run(*words.split(), "--help", cwd=tmp_path, code=0).out

    assert [line for line in said.splitlines() if len(line) > 80] == []


# --- a first hour ---


def test_a_first_run(hello: Path, plain: SnapshotAssertion) -> None:
    assert session(hello, "detect web", "plan", "build", "build", "check", "check --full") == plain


def test_a_day_later(hello: Path, plain: SnapshotAssertion) -> None:
    run("build", cwd=hello, code=0)
    edit(hello / SPEC, "{source: ./web}", "{source: ./web, scale: {min: 2}, resources: {memory: 400Mi}}")
    assert session(hello, "check", "diff", "plan", "build --locked", "build", "check --quiet", "diff") == plain


def test_edits_by_hand(hello: Path, plain: SnapshotAssertion) -> None:
    run("build", cwd=hello, code=0)
    (hello / DEPLOYMENT).write_text((hello / DEPLOYMENT).read_text() + "# mine\n")
    (hello / "web/Dockerfile").unlink()
    assert session(hello, "check", "plan", "build", "build --force", "check") == plain


def test_a_foreign_file_and_a_users_dockerfile(tmp_path: Path, plain: SnapshotAssertion) -> None:
    service = "apiVersion: kforge.dev/v1\napp: one\nservices:\n  web: {image: 'docker.io/library/nginx:1.29.1', port: 80, user: 101}\n"
    write(tmp_path, {SPEC: service, DEPLOYMENT: "mine\n"})
    assert session(tmp_path, "check", "build", "build --force", "check") == plain


def test_bad_spec(tmp_path: Path, plain: SnapshotAssertion) -> None:
    text = "apiVersion: kforge.dev/v1\napp: one\nlables: {team: a}\nservices:\n  web: {image: nginx:latest, port: '80', need: [db]}\n"
    write(tmp_path, {SPEC: text})
    assert (
        session(
            tmp_path,
            "build",
            "check",
            "plan",
            "explain web/process",
            "check --format github",
            "check --format json",
            "build --format json",
        )
        == plain
    )


def test_a_finding(hello: Path, plain: SnapshotAssertion) -> None:
    with (hello / SPEC).open("a") as file:
        file.write("patches:\n  - {target: Deployment/web, path: spec.replicas, value: many, reason: a mistake}\n")
    assert session(hello, "build", "check --format github", "plan") == plain


def test_several_specs(tmp_path: Path, plain: SnapshotAssertion) -> None:
    (tmp_path / ".git").mkdir()
    text = "apiVersion: kforge.dev/v1\napp: {}\nservices:\n  web: {{image: 'docker.io/library/nginx:1.29.1', port: {}, user: 101}}\n"
    write(
        tmp_path,
        {
            f"apps/{name}/{SPEC}": text.format(name, port)
            for name, port in (("one", "80"), ("two", "no"), ("three", "80"))
        },
    )
    assert (
        session(tmp_path, "build", "build --keep-going", "check", "check apps/one", "diff", "plan", "plan -s apps/one")
        == plain
    )


# --- the shop ---


def test_facts(tmp_path: Path, plain: SnapshotAssertion) -> None:
    shop = copied("shop", tmp_path / "shop")
    assert session(shop, "detect web", "detect catalog", "detect orders", "detect orders --format json") == plain


def test_the_plan_of_the_shop(built_shop: Path, plain: SnapshotAssertion) -> None:
    edit(built_shop / "orders/api.go", "GET /readyz", "GET /ready")
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    assert session(built_shop, "plan", "check", "check --format github", "diff") == plain


def test_explanations(built_shop: Path, plain: SnapshotAssertion) -> None:
    box = "spec.template.spec.containers[0]"
    assert (
        session(
            built_shop,
            f"explain Deployment/web {box}.resources.limits.memory",
            f"explain Deployment/cache {box}.resources.limits.memory",
            "explain Deployment/web spec.minReadySeconds",
            f"explain Deployment/web {box}.securityContext.readOnlyRootFilesystem",
            "explain -e prod HorizontalPodAutoscaler/web spec.maxReplicas",
            "explain CronJob/nightly spec.jobTemplate.spec.template.spec.tolerations",
            "explain web/resources",
            "explain web/probes readiness.path --format json",
            "explain",
            "explain web",
            "explain web/probes",
            "explain -v web memory",
            "explain prod",
            "explain prod db",
            "explain deploy/kubernetes/web/deployment.yaml:89",
            "explain web/Dockerfile:18",
            f"explain Deployment/web {box}.command",
            "explain deploy/db image",
            "explain deploy/overlays/staging/catalog/deployment.yaml:11",
            "explain Ingress/web",
            "explain wbe",
            "explain web path",
            "explain Deployment/wbe spec.replicas",
            "explain Deployment/web spec.replica",
        )
        == plain
    )


def test_pins(built_shop: Path, plain: SnapshotAssertion) -> None:
    assert (
        session(
            built_shop,
            "pin orders/resources memory --dry-run",
            "pin orders/resources memory",
            "check",
            "build",
            "check",
            "pin orders/resources nonsense",
            "pin orders/nonsense",
            "pin deploy/kubernetes/web/deployment.yaml:89 --dry-run",
            "pin deploy/kubernetes/web/deployment.yaml:36",
            "pin web.port 8081 --dry-run",
            "pin web",
        )
        == plain
    )


def test_data_loss(tmp_path: Path, plain: SnapshotAssertion) -> None:
    text = "apiVersion: kforge.dev/v1\napp: one\nservices:\n  db:\n    image: docker.io/library/postgres:18.6\n    volumes: [{name: data, path: /var/lib/postgresql, size: 20Gi}]\n"
    write(tmp_path, {SPEC: text})
    run("build", cwd=tmp_path, code=0)
    edit(tmp_path / SPEC, "    volumes: [{name: data, path: /var/lib/postgresql, size: 20Gi}]\n", "")
    assert session(tmp_path, "check", "build", "build --allow-data-loss", "check") == plain


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: nothing was compared with a revision")
def test_since_a_revision(built_shop: Path, plain: SnapshotAssertion) -> None:
    git(built_shop, "init", "-q", "-b", "main")
    (built_shop / ".gitignore").write_text(".kforge/\n")
    commit(built_shop)
    edit(built_shop / SPEC, "    source: ./orders\n", "    source: ./orders\n    resources: {memory: 100Mi}\n")
    edit(built_shop / "web/.nvmrc", "24", "22")
    run("build", cwd=built_shop, code=0)
    assert (
        session(built_shop, "diff --base main", "diff --base main --format markdown", "diff --base nonsense") == plain
    )


def test_graphs(hello: Path, plain: SnapshotAssertion) -> None:
    assert (
        session(
            hello,
            "graph",
            "graph -v",
            "graph --format mermaid",
            "graph --files",
            "graph --files --format dot",
            "plan --graph dot",
        )
        == plain
    )

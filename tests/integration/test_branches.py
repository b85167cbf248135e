"""Two branches of a team: they merge, and what a branch changed can be read off, decisions first."""

from __future__ import annotations

import json
import shutil
from itertools import combinations
from pathlib import Path

import pytest

from tests.conftest import edit, run
from tests.integration.conftest import commit, git
from tests.mutations import SPEC

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: branches were not merged")

SERVICES = {
    "a variable of web": (
        "      FEATURES: /etc/web/features.json",
        "      FEATURES: /etc/web/features.json\n      BANNER: new",
    ),
    "the memory of catalog": (
        "    scale: {min: 2}\n\n  orders:",
        "    resources: {memory: 300Mi}\n    scale: {min: 2}\n\n  orders:",
    ),
    "the version of orders": ("    source: ./orders", "    source: ./orders\n    version: 1.5.0"),
    "the schedule of nightly": ('"0 3 * * *"', '"30 3 * * *"'),
    "the flags of cache": ("192mb", "180mb"),
    "a service at the end": (
        "\nenvironments:                           # kust",
        "\n  mail: {image: 'docker.io/library/nginx:1.29.1', port: 80, user: 101}\n\nenvironments:                           # kust",
    ),
}


@pytest.fixture
def repository(built_shop):
    (built_shop / ".gitignore").write_text(".kforge/\n")
    git(built_shop, "init", "-q", "-b", "main")
    commit(built_shop)
    return built_shop


def branch(folder: Path, name: str, old: str, new: str) -> None:
    git(folder, "checkout", "-q", "-B", name, "main")
    edit(folder / SPEC, old, new)
    run("build", cwd=folder, code=0)
    commit(folder)


@pytest.mark.parametrize("apart", [1, pytest.param(len(SERVICES), marks=pytest.mark.full)])
def test_branches_that_touch_different_services_merge(apart: int, repository: Path) -> None:
    """Each with the next, or, at full width, each with each."""
    for number, change in enumerate(SERVICES.values()):
        branch(repository, f"b{number}", *change)
    for one, other in combinations(range(len(SERVICES)), 2):
        if other - one > apart:
            continue
        git(repository, "checkout", "-q", "-B", "merged", f"b{one}")
        git(repository, "merge", "-q", "-m", "x", f"b{other}")  # raises on a conflict
        run("check", cwd=repository, code=0)
        run("check", "--full", cwd=repository, code=0)
        assert run("build", cwd=repository, code=0).out == ""


def test_what_a_branch_changed(repository: Path) -> None:
    branch(repository, "memory", *SERVICES["the memory of catalog"])
    ended = run("diff", "--base", "main", cwd=repository, code=1)
    first, second, rest = ended.out.split("\n", 2)
    assert first == "catalog/resources: pinned"
    assert second.split()[0] == "memory" and second.endswith("→ 300Mi")
    assert "--- a/deploy/kubernetes/catalog/deployment.yaml" in rest
    assert [line.split() for line in rest.splitlines() if line.startswith("+ ")] == [["+", "memory:", "300Mi"]] * 2


def test_nothing_changed_since_itself(repository: Path) -> None:
    ended = run("diff", "--base", "HEAD", cwd=repository, code=0)
    assert ended.out == "nothing changed since HEAD\n"
    assert "Nothing." in run("diff", "--base", "HEAD", "--format", "markdown", cwd=repository, code=0).out


def test_a_changed_fact_names_the_input_and_who_decided(repository: Path) -> None:
    edit(repository / "orders/api.go", "GET /readyz", "GET /ready")
    run("build", cwd=repository, code=0)
    (spec,) = json.loads(run("diff", "--base", "HEAD", "--format", "json", cwd=repository, code=1).out)["specs"]
    (change,) = [each for each in spec["decisions"] if each["field"] == "readiness.path"]
    assert (change["target"], change["old"], change["new"], change["who"], change["inputs"]) == (
        "orders/probes",
        "/readyz",
        "/ready",
        "heuristics",
        ["facts.health"],
    )
    assert [file["path"] for file in spec["files"]] == ["deploy/kubernetes/orders/deployment.yaml"]


def test_markdown_lists_decisions_before_files(repository: Path) -> None:
    branch(repository, "memory", *SERVICES["the memory of catalog"])
    out = run("diff", "--base", "main", "--format", "markdown", cwd=repository, code=1).out
    assert out.startswith("### kforge: what changes since `main`\n\n**`app.kforge.yaml`**: ")
    assert out.index("| `catalog/resources` |") < out.index(
        "<details><summary><code>deploy/kubernetes/catalog/deployment.yaml</code> changed"
    )


def test_what_a_build_would_change_is_what_it_then_changes(repository: Path) -> None:
    edit(repository / SPEC, *SERVICES["the memory of catalog"])
    (would,) = json.loads(run("diff", "--format", "json", cwd=repository, code=1).out)["specs"]
    run("build", cwd=repository, code=0)
    (did,) = json.loads(run("diff", "--base", "main", "--format", "json", cwd=repository, code=1).out)["specs"]
    assert would["files"] == did["files"]
    assert [(each["field"], each["old"], each["new"]) for each in would["decisions"]] == [
        (each["field"], each["old"], each["new"]) for each in did["decisions"]
    ]
    assert run("diff", cwd=repository, code=0).out == "nothing changed\n"


def test_a_file_that_a_branch_adds_and_one_that_it_removes(repository: Path) -> None:
    branch(repository, "mail", *SERVICES["a service at the end"])
    text = (repository / SPEC).read_text()
    begin, end = text.index("  nightly:"), text.index("  cache:")
    (repository / SPEC).write_text(text[:begin] + text[end:])
    run("build", cwd=repository, code=0)
    (spec,) = json.loads(run("diff", "--base", "main", "--format", "json", cwd=repository, code=1).out)["specs"]
    files = {file["path"]: file["status"] for file in spec["files"]}
    assert files["deploy/kubernetes/mail/deployment.yaml"] == "created"
    assert files["deploy/kubernetes/nightly/cronjob.yaml"] == "removed"
    gone = [change for change in spec["decisions"] if change["target"] == "nightly/process"]
    assert gone and all(change["new"] is None for change in gone)


def test_a_spec_that_was_not_there_at_the_base(repository: Path) -> None:
    other = repository / "other"
    other.mkdir()
    (other / SPEC).write_text(
        "apiVersion: kforge.dev/v1\napp: other\nservices: {web: {image: 'docker.io/library/nginx:1.29.1', port: 80, user: 101}}\n"
    )
    run("build", "other", cwd=repository, code=0)
    out = run("diff", "--base", "main", cwd=repository, code=1).out
    assert "other/app.kforge.yaml" in out and "web/process" in out


@pytest.mark.parametrize("revision", ["nonsense", "--upload-pack=x", "HEAD~99"])
def test_a_revision_that_git_does_not_know(revision: str, repository: Path) -> None:
    ended = run("diff", f"--base={revision}", cwd=repository, code=2)
    assert revision in ended.err and "help: " in ended.err


def test_a_base_outside_of_a_repository(built_shop: Path) -> None:
    ended = run("diff", "--base", "main", cwd=built_shop)
    assert ended.code == 2 and "help: " in ended.err

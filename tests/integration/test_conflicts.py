"""Two branches that touched one service: where their specs merge, a build resolves everything else."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kforge.output.build_notes import merge_lines
from tests.conftest import Ended, edit, run
from tests.integration.conftest import clean_environment, commit, git
from tests.mutations import SPEC

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: branches were not merged")

WEB = "deploy/kubernetes/web/deployment.yaml"
BANNER = ("      FEATURES: /etc/web/features.json", "      FEATURES: /etc/web/features.json\n      BANNER: new")
BANNAR = ('      CATALOG_URL: "${services.catalog.url}"        #', '      BANNAR: x\n      CATALOG_URL: "${services.catalog.url}"        #')  # fmt: skip
OTHER = ("FEATURES: /etc/web/features.json", "FEATURES: /etc/web/others.json")


@pytest.fixture
def repository(built_shop: Path) -> Path:
    (built_shop / ".gitignore").write_text(".kforge/\n")
    git(built_shop, "init", "-q", "-b", "main")
    commit(built_shop)
    return built_shop


def branch(folder: Path, name: str, *changes: tuple[str, str]) -> None:
    git(folder, "checkout", "-q", "-B", name, "main")
    for change in changes:
        edit(folder / SPEC, *change)
    run("build", cwd=folder, code=0)
    commit(folder)


def merge(folder: Path, *words: str) -> list[str]:
    """Merge, which must conflict; the files with conflicts."""
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, env=clean_environment(), check=False)
    assert done.returncode, "nothing conflicts"
    return git(folder, "diff", "--name-only", "--diff-filter=U").split("\n")


def both(folder: Path) -> None:
    """Take both sides of a conflict in the spec."""
    text = (folder / SPEC).read_text()
    kept = (line for line in text.splitlines(keepends=True) if not line.startswith(("<<<<<<<", "=======", ">>>>>>>")))
    (folder / SPEC).write_text("".join(kept))


def current(folder: Path, ended: Ended) -> None:
    """What a build left is what a build of the merged spec alone makes."""
    run("check", cwd=folder, code=0)
    run("check", "--full", cwd=folder, code=0)
    assert "<<<<<<<" not in "".join(path.read_text() for path in folder.rglob("*.yaml"))
    assert "merged: `kforge.sum`" in ended.err
    commit(folder)
    made = {name: (folder / name).read_text() for name in ("kforge.lock", "kforge.sum")}
    for name in made:
        (folder / name).unlink()
    run("build", cwd=folder, code=0)
    assert {name: (folder / name).read_text() for name in made} == made


@pytest.mark.parametrize("style", ["merge", "diff3"])
@pytest.mark.parametrize("words", [("merge", "ours"), ("rebase", "ours")])
def test_files_with_markers_are_made_of_the_merged_spec(words: tuple[str, str], style: str, repository: Path) -> None:
    git(repository, "config", "merge.conflictStyle", style)
    branch(repository, "ours", BANNER, ("cpu: 70", "cpu: 75"))
    branch(repository, "theirs", BANNAR)
    assert {WEB, "kforge.sum"} <= {*merge(repository, *words)}
    told = run("check", cwd=repository, code=2)
    assert "`kforge.sum` has conflict markers of a merge" in told.err
    assert "help: run `kforge build`: it takes what both branches settled" in told.err
    ended = run("build", cwd=repository, code=0)
    assert f"`{WEB}` had conflict markers, and now hold what both branches say" in ended.err
    current(repository, ended)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("kforge.sum",), "`kforge.sum` had conflict markers, and now holds what"),
        (("kforge.lock", "kforge.sum"), "`kforge.lock`, `kforge.sum` had conflict markers, and now hold what"),
    ],
)
def test_one_merged_file_holds_and_two_hold(files: tuple[str, ...], said: str) -> None:
    lock = SimpleNamespace(merged=files, rivals={})
    outcome: Any = SimpleNamespace(loaded=SimpleNamespace(lock=lock), changes=())
    assert [said in line for line in merge_lines(outcome)] == [True]


def test_a_file_that_git_mixed_of_both_is_no_edit_by_hand(repository: Path) -> None:
    """Each branch changed a place of its own in a file besides the one that conflicts: no side is a file of a branch."""
    branch(repository, "ours", BANNER, ("    source: ./web\n", "    source: ./web\n    version: 1.5.0\n"))
    branch(repository, "theirs", BANNAR, ("    scale: {min: 2, max: 10", "    user: 1234\n    scale: {min: 2, max: 10"))
    assert {WEB, "kforge.sum"} <= {*merge(repository, "merge", "ours")}
    current(repository, run("build", cwd=repository, code=0))


def test_an_edit_by_hand_within_a_merge_is_refused(repository: Path) -> None:
    branch(repository, "ours", BANNER)
    branch(repository, "theirs", BANNAR)
    merge(repository, "merge", "ours")
    edit(repository / WEB, "kind: Deployment", "kind: Deployment # mine")
    ended = run("build", cwd=repository, code=2)
    assert f"`{WEB}` was edited by hand" in ended.err


def test_services_that_both_branches_added_at_one_place(repository: Path) -> None:
    at = "\nenvironments:                           # kust"
    for name in ("ours", "theirs"):
        block = f"  {name}: {{image: 'docker.io/library/nginx:1.29.1', port: 80, user: 101}}\n"
        branch(repository, name, (at, f"\n{block}{at}"))
    assert {SPEC, "kforge.lock", "kforge.sum"} <= {*merge(repository, "merge", "ours")}
    both(repository)
    ended = run("build", cwd=repository, code=0)
    assert "merged: `kforge.lock`, `kforge.sum`" in ended.err
    run("check", "--full", cwd=repository, code=0)


def test_a_service_that_one_branch_removed_and_the_other_changed(repository: Path) -> None:
    branch(repository, "ours", ('"0 3 * * *"', '"30 3 * * *"'))
    git(repository, "checkout", "-q", "-B", "theirs", "main")
    text = (repository / SPEC).read_text()
    gone = text[: text.index("  nightly:")] + text[text.index("  cache:") :]
    (repository / SPEC).write_text(gone)
    run("build", cwd=repository, code=0)
    commit(repository)
    assert "deploy/kubernetes/nightly/cronjob.yaml" in merge(repository, "merge", "ours")
    (repository / SPEC).write_text(gone)
    ended = run("build", cwd=repository, code=0)
    assert "CronJob/nightly goes" in ended.out and "1 removed" in ended.err
    assert not (repository / "deploy/kubernetes/nightly").exists()
    run("check", "--full", cwd=repository, code=0)


def test_a_decision_of_each_branch_is_taken_where_its_inputs_hold(repository: Path) -> None:
    """Both lines stand next to each other in the lock, and conflict."""
    edit(repository / "orders/api.go", '\tmux.HandleFunc("GET /readyz"', "\n\n\n" + '\tmux.HandleFunc("GET /readyz"')
    run("build", cwd=repository)
    commit(repository)
    for name, old, new in (("ours", "GET /readyz", "GET /ready"), ("theirs", "GET /healthz", "GET /livez")):
        git(repository, "checkout", "-q", "-B", name, "main")
        edit(repository / "orders/api.go", old, new)
        run("build", cwd=repository, code=0)
        commit(repository)
    merge(repository, "merge", "ours")
    assert not git(repository, "diff", "--name-only", "--diff-filter=U", "orders")
    ended = run("build", cwd=repository, code=0)
    lock = (repository / "kforge.lock").read_text()
    assert '"/ready"' in lock and '"/livez"' in lock
    assert "merged: `orders/probes` was settled anew, unlike in either branch" in ended.err
    run("check", "--full", cwd=repository, code=0)


def test_a_spec_with_markers_is_told_before_anything_else(repository: Path) -> None:
    branch(repository, "ours", BANNER)
    branch(repository, "theirs", OTHER)
    merge(repository, "merge", "ours")
    line = (repository / SPEC).read_text().split("\n").index("<<<<<<< HEAD") + 1
    for command in ("check", "build", "plan"):
        ended = run(command, cwd=repository, code=2)
        assert f"{SPEC}:{line}" in ended.err and "conflict" in ended.err and "kforge.sum" not in ended.err


def test_a_plan_and_a_difference_show_what_a_build_of_the_merge_does(repository: Path) -> None:
    branch(repository, "ours", BANNER)
    branch(repository, "theirs", BANNAR)
    merge(repository, "merge", "ours")
    assert WEB in run("diff", cwd=repository, code=1).out
    run("plan", cwd=repository, code=0)


def test_what_markers_bring_in_is_doubted_as_any_lock_is(repository: Path) -> None:
    """A forged answer of the heuristics on one side, with digests that fit, is worked out again."""
    lock = (repository / "kforge.lock").read_text()
    forged = re.sub(r'(  web:.*?memory: ")[^"]+', r"\g<1>64Gi", lock, count=1, flags=re.DOTALL)
    ours, theirs = lock.split("\n"), forged.split("\n")
    number = next(number for number, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
    conflict = ["<<<<<<< HEAD", ours[number], "=======", theirs[number], ">>>>>>> theirs"]
    (repository / "kforge.lock").write_text("\n".join([*ours[:number], *conflict, *ours[number + 1 :]]))
    run("build", cwd=repository, code=0)
    assert (repository / "kforge.lock").read_text() == lock


@pytest.mark.parametrize("command", ["build", "check"])
def test_half_resolved_markers_are_no_reason_to_build(command: str, built_shop: Path) -> None:
    lock = built_shop / "kforge.lock"
    lock.write_text(f"<<<<<<< ours\n{lock.read_text()}")
    said = run(command, cwd=built_shop, code=2).err
    assert "take either side (`git checkout --ours kforge.lock`)" in said and "run `kforge build`: it takes" not in said

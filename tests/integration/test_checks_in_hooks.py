"""`kforge check` judges the files of the folder that it is run in, whatever git tells a hook of another one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import edit
from tests.integration.conftest import commit, git, run

CHECK = (sys.executable, "-m", "kforge", "check")


def stale(folder: Path) -> None:
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("{source: ./web}", "{source: ./web, env: {GREETING: hello}}"))


@pytest.fixture
def linked(repository: Path) -> Path:
    git(repository, "worktree", "add", "-q", str(repository.parent / "linked"), "-b", "other")
    return repository.parent / "linked"


def test_a_hook_in_a_linked_worktree_stops_what_is_stale_there_and_nothing_else(repository: Path, linked: Path) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec '{CHECK[0]}' -m kforge check\n")
    hook.chmod(0o755)
    stale(linked)
    words = ("git", "commit", "-qam", "stale")
    assert [run(linked, *words).returncode, run(repository, *words, "--allow-empty").returncode] == [1, 0]
    git(linked, "checkout", "-q", "--", ".")
    assert run(linked, *words, "--allow-empty").returncode == 0


@pytest.mark.parametrize("changed", [False, True])
def test_what_git_says_of_another_checkout_changes_no_verdict(changed: bool, repository: Path, linked: Path) -> None:
    if changed:
        stale(linked)
    theirs = repository / ".git"
    told = {"GIT_DIR": theirs, "GIT_INDEX_FILE": theirs / "index", "GIT_WORK_TREE": repository, "GIT_PREFIX": "web/"}
    assert run(linked, *CHECK, more={name: str(value) for name, value in told.items()}).returncode == changed


@pytest.fixture
def above(repository: Path, tmp_path: Path) -> Path:
    """A repository that has the other one as its submodule `sub`."""
    git(tmp_path, "init", "-q", "above")
    git(tmp_path / "above", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "sub")
    commit(tmp_path / "above")
    return tmp_path / "above"


@pytest.mark.parametrize("changed", [False, True])
def test_a_submodule_has_one_verdict_from_within_and_from_above(changed: bool, above: Path) -> None:
    if changed:
        stale(above / "sub")
    done = [run(above / "sub", *CHECK), run(above, *CHECK, "sub")]
    assert [one.returncode for one in done] == [changed, changed]


def test_a_source_in_a_submodule_is_read_and_watched(repository: Path, above: Path) -> None:
    (above / "sub/app.kforge.yaml").unlink()
    (above / "sub/kforge.sum").unlink()
    spec = "apiVersion: kforge.dev/v1\napp: above\nversion: 1.0.0\nservices:\n  web: {source: ./sub/web}\n"
    (above / "app.kforge.yaml").write_text(spec)
    built = run(above, sys.executable, "-m", "kforge", "build")
    current = run(above, *CHECK)
    edit(above / "sub/web/gunicorn.conf.py", "'8000'", "'8100'")
    assert [built.returncode, current.returncode, run(above, *CHECK).returncode] == [0, 0, 1], built.stderr

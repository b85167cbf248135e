"""A source in a commit is seen as its checkout would be, whatever lies on the disk now."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kforge.system.git import commit_tree
from kforge.system.git.commit_tree import CommitTree
from kforge.system.git.commits import commit_at
from kforge.system.tree import SourceTree
from tests.conftest import write

FILES = {
    ".gitignore": "*.log\n/app/web/top.txt\n",
    "app/.gitignore": "above.py\n",
    "app/web/.gitignore": "made/\n!kept.log\n",
    "app/web/main.py": "print(1)\n",
    "app/web/sub/deep/x.js": "1\n",
    "app/web/sub/.gitignore": "*.tmp\n",
    "app/web/sub/y.tmp": "ignored",
    "app/web/made/z.py": "ignored",
    "app/web/kept.log": "kept",
    "app/web/other.log": "ignored",
    "app/web/top.txt": "ignored",
    "app/web/above.py": "ignored",
    "app/web/.env": "SECRET=1",
    "app/web/vendor/modules.txt": "# x\n",
    "app/web/vendor/x.go": "package x\n",
    "app/web/node_modules/a.js": "1",
    "app/web/large.txt": "x" * (600 << 10),
    "app/web/binary": b"a\0b",
    "app/web-2/no.py": "beside",
    "app/web/caf\u00e9.py": "\ufeffx = 1\n",
}


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write(tmp_path / "r", FILES)
    (tmp_path / "r/app/web/link.py").symlink_to("main.py")
    commands = (
        ["init", "-q", "-b", "main", f"--object-format={request.param}"],
        ["add", "-Af"],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "base"],
    )
    for words in commands:
        subprocess.run(["git", *words], cwd=tmp_path / "r", check=True, capture_output=True)
    return tmp_path / "r"


def of_disk(repository: Path) -> dict[str, str]:
    tree = SourceTree(repository / "app/web", repository)
    return {path: tree.text(path) for path in tree.files}


def of_commit(repository: Path, folder: str = "app/web") -> dict[str, str]:
    commit = commit_at(repository, "main")
    tree = CommitTree(commit, folder, commit.below({folder})[folder])
    found = {path: tree.text(path) for path in tree.files}
    assert tree.whole
    return found


def test_a_commit_shows_what_its_checkout_shows(repository: Path) -> None:
    assert of_commit(repository) == of_disk(repository)


def test_so_it_does_after_everything_changed(repository: Path) -> None:
    before = of_disk(repository)
    (repository / "app/web/main.py").write_text("print(2)\n")
    (repository / "app/web/sub/deep/x.js").unlink()
    (repository / "app/web/.gitignore").write_text("*\n")
    (repository / "app/.gitignore").unlink()
    (repository / "app/web/more.py").write_text("more")
    assert of_commit(repository) == before
    shutil.rmtree(repository / "app")
    assert of_commit(repository) == before


def test_a_source_may_be_the_top(repository: Path) -> None:
    tree = SourceTree(repository, repository)
    assert [*of_commit(repository, "")] == [*tree.files]


def test_a_folder_that_the_commit_lacks_has_no_files(repository: Path) -> None:
    assert of_commit(repository, "app/we") == {}


def test_more_changes_than_are_looked_at_are_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_tree, "MOST", 5)
    (repository / "app/web/main.py").unlink()
    commit = commit_at(repository, "main")
    tree = CommitTree(commit, "app/web", commit.below({"app/web"})["app/web"])
    assert [tree.text(path) for path in tree.files] and not tree.whole

"""A `.kforge/` that git tracks is not used, and that is said; git's index is read without git."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from kforge.domain.own_files import STATE_FOLDER
from kforge.system.git.index import places
from kforge.system.git.tracked import TRACKED, UNKNOWN, tracked, tracks
from tests.conftest import CURRENT, contents, run, settle, write

NAME = STATE_FOLDER.encode()


def git(folder: Path, *words: str) -> str:
    settings = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "core.excludesFile=/dev/null",
        "-c",
        "init.defaultBranch=main",
    ]
    return subprocess.run(["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def listed(folder: Path) -> frozenset[bytes]:
    """What git says."""
    paths = git(folder, "ls-files", "-z").encode().split(b"\0")
    return frozenset(
        b"/".join(path.split(b"/")[: end + 1])
        for path in paths
        for end, part in enumerate(path.split(b"/"))
        if part.lower() == NAME
    )


def told(folder: Path) -> frozenset[bytes]:
    place = folder / ".git"
    return places((place / "index").read_bytes(), NAME, lambda end: (place / f"sharedindex.{end}").read_bytes())


@pytest.fixture(params=["sha1", "sha256"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", f"--object-format={request.param}")
    long = "x" * 100
    names = [
        "app.kforge.yaml",
        ".gitignore",
        ".kforge-x",
        ".kfor",
        "a/.kforge-tmp-1",
        "a/.kforgy/x",
        "a/x.kforge/y",
        "bin/link",
        "src/symlink",
        f"{long}/{long}/{long}/a",
        *(f"src/{number:03}.py" for number in range(300)),
    ]
    return write(folder, dict.fromkeys(names, ""))


@pytest.mark.parametrize(
    ("path", "is_tracked"),
    [
        ("a/kustomization.yaml", True),
        ("a/Other.yaml", True),
        ("a/other.yaml", False),
        ("b/kustomization.yaml", False),
        ("kustomization.yaml", False),
        ("a", False),
        ("../a/kustomization.yaml", False),
    ],
)
def test_a_file_that_git_tracks_is_told(path: str, is_tracked: bool, repository: Path) -> None:
    write(repository, {"a/kustomization.yaml": "", "a/Other.yaml": "", "a/x": "", "b/y": ""})
    git(repository, "add", "a", "b")
    write(repository, {"b/kustomization.yaml": "", "kustomization.yaml": ""})
    assert tracks(repository, path) is is_tracked


@pytest.mark.parametrize(
    "make", [lambda top: shutil.rmtree(top / ".git"), lambda top: (top / ".git/index").write_bytes(b"x")]
)
def test_where_nobody_can_tell_nothing_is_tracked(make: Callable[[Path], object], repository: Path) -> None:
    git(repository, "add", "-A")
    make(repository)
    assert not tracks(repository, "app.kforge.yaml")


KINDS = {
    "version 2": ["update-index", "--index-version", "2"],
    "version 3": ["add", "-N", "late"],
    "version 4": ["update-index", "--index-version", "4"],
    "split": ["update-index", "--split-index"],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "paths",
    [[], [".kforge/pending"], ["shop/.kforge/index-a", "shop/web/.KFORGE/x", "shop/.kforge/lock"], ["shop/.kforge"]],
    ids=str,
)
def test_the_index_says_what_git_says(kind: str, paths: list[str], repository: Path) -> None:
    git(repository, "add", "-A")
    write(repository, dict.fromkeys([*paths, "late"], ""))
    git(repository, *KINDS[kind])
    if paths:
        git(repository, "add", "-f", *paths)
    assert (
        told(repository)
        == listed(repository)
        == {
            path.encode().rpartition(b"/")[0] if path.count("/") and "kforge/" in path.lower() else path.encode()
            for path in paths
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_tracked_where_git_says_so_in_every_form_of_the_index(kind: str, repository: Path) -> None:
    git(repository, "add", "src", "bin")
    write(repository, {"late": "", "a/kustomization.yaml": ""})
    git(repository, *KINDS[kind])
    git(repository, "add", "a/kustomization.yaml")
    here = {path.relative_to(repository).as_posix() for path in repository.rglob("*") if ".git" not in path.parts}
    assert {path for path in here if tracks(repository, path)} == {*git(repository, "ls-files").splitlines()}


def test_a_split_index_without_entries_of_its_own_shows_how_long_names_are(repository: Path) -> None:
    write(repository, {"shop/.kforge/lock": ""})
    for path in repository.rglob("*"):  # what is older than the index, git need not look at again
        if not path.is_symlink() and ".git" not in path.parts:
            os.utime(path, (1_000_000_000, 1_000_000_000))
    git(repository, "add", "-f", "-A")
    git(repository, "update-index", "--split-index")
    assert told(repository) == listed(repository) == {b"shop/.kforge"}


def test_a_split_index_forgets_what_was_removed_from_its_shared_half(repository: Path) -> None:
    write(repository, {f"{folder}/.kforge/{name}": "" for folder in ("a", "b") for name in ("lock", "pending")})
    git(repository, "add", "-f", "-A")
    git(repository, "add", "-f", "a/.kforge", "b/.kforge")
    git(repository, "-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index")
    git(repository, "-c", "splitIndex.maxPercentChange=100", "rm", "-rq", "--cached", "a/.kforge", "src")
    write(repository, {"b/.kforge/lock": "changed"})
    git(repository, "-c", "splitIndex.maxPercentChange=100", "add", "-f", "b/.kforge/lock")
    assert b"link" in (repository / ".git/index").read_bytes()
    assert told(repository) == listed(repository) == {b"b/.kforge"}


def test_a_sparse_index_holds_what_is_not_checked_out(repository: Path) -> None:
    write(repository, {"shop/.kforge/lock": "", "shop/app.kforge.yaml": "", "far/.kforge/lock": "", "far/x": ""})
    git(repository, "add", "-f", "shop/.kforge", "far/.kforge")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "all")
    git(repository, "sparse-checkout", "set", "--cone", "--sparse-index", "shop/deploy")
    assert b"shop/.kforge" in told(repository) and b"sdir" in (repository / ".git/index").read_bytes()


def test_damage_is_told_and_breaks_nothing(repository: Path) -> None:
    write(repository, {"shop/.kforge/lock": ""})
    git(repository, "add", "-A", "-f")
    for kind in ("2", "4"):
        git(repository, "update-index", "--index-version", kind)
        data = (repository / ".git/index").read_bytes()
        chance = random.Random(0)
        for _ in range(300):
            at = chance.randrange(len(data))
            for damaged in (data[:at], data[:at] + chance.randbytes(3) + data[at + 3 :]):
                try:
                    places(damaged, NAME, lambda end: b"")
                except ValueError:
                    continue
    for junk in (b"", b"DIRC", b"DIRC\0\0\0\5\0\0\0\1", b"XXXX\0\0\0\2\0\0\0\0", b"DIRC\0\0\0\4\xff\xff\xff\xff"):
        with pytest.raises(ValueError, match="index"):
            places(junk, NAME, lambda end: b"")


@pytest.fixture
def shop(built_shop: Path) -> Path:
    """The built shop in a repository, its state tracked by somebody's pull request."""
    git(built_shop, "init", "-q", ".")
    git(built_shop, "add", "-A")
    write(
        built_shop, {".kforge/pending": "x\n", ".kforge/index-app.kforge.yaml": "kforge index 2\n", ".kforge/lock": ""}
    )
    git(built_shop, "add", "-f", ".kforge")
    return built_shop


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in (folder / ".kforge").iterdir()}


def test_a_check_does_without_and_says_so_once(shop: Path) -> None:
    settle()
    before = state(shop)
    for words in (["check"], ["check"], ["check", "--full"], ["check", "--format", "json"]):
        ended = run(*words, cwd=shop, code=0)
        assert (
            ended.err.count("warning: `.kforge` is tracked by git: ")
            == 1
            == ended.err.count("`git rm -r --cached .kforge`")
        ), words
    assert run("check", "-q", cwd=shop, code=0).err == ""  # answers and errors only
    assert state(shop) == before


@pytest.mark.parametrize("words", [["plan"], ["diff"], ["explain", "web/build"], ["detect", "web"]], ids=" ".join)
def test_who_only_looks_leaves_it_alone(words: list[str], shop: Path) -> None:
    before = state(shop)
    run(*words, cwd=shop)
    assert state(shop) == before


@pytest.mark.parametrize(
    "words",
    [["build"], ["pin", "web/resources", "memory"], ["approve", "--all"], ["batch", "import", "kforge.lock"], ["refine", "web/build", "x", "-y", "--offline"]],
    ids=lambda words: words[0],
)  # fmt: skip
def test_who_writes_refuses_and_names_the_way_out(words: list[str], shop: Path) -> None:
    before, files = state(shop), contents(shop)
    ended = run(*words, cwd=shop, code=2)
    assert "error: `.kforge` is tracked by git" in ended.err and "`git rm -r --cached .kforge`" in ended.err
    assert (state(shop), contents(shop)) == (before, files)


def test_the_way_out_is_one(shop: Path) -> None:
    git(shop, "rm", "-rq", "--cached", ".kforge")
    (shop / ".kforge" / "pending").unlink()
    run("build", cwd=shop, code=0)
    assert CURRENT.fullmatch(run("check", cwd=shop, code=0).err)


def test_a_pin_that_only_shows_refuses_nothing(shop: Path) -> None:
    run("pin", "web/resources", "memory", "--dry-run", cwd=shop, code=0)


def test_state_of_another_folder_is_no_reason(built_shop: Path) -> None:
    git(built_shop, "init", "-q", ".")
    write(built_shop, {"docs/.kforge/lock": "", "x.kforge/lock": ""})
    git(built_shop, "add", "-f", "-A")
    run("build", cwd=built_shop, code=0)
    assert CURRENT.fullmatch(run("check", cwd=built_shop, code=0).err)


def test_a_folder_of_another_case_is_tracked_only_where_it_is_the_same(built_shop: Path) -> None:
    git(built_shop, "init", "-q", ".")
    write(built_shop, {".KFORGE/lock": ""})
    git(built_shop, "add", "-f", ".KFORGE")
    (built_shop / ".kforge").mkdir(exist_ok=True)
    same = (built_shop / ".kforge" / "lock").exists()
    assert tracked(built_shop, built_shop) == (TRACKED if same else "")


def test_a_worktree_has_an_index_of_its_own(shop: Path, tmp_path: Path) -> None:
    git(shop, "commit", "-qm", "all")
    git(shop, "worktree", "add", "-q", str(tmp_path / "tree"))
    git(shop, "rm", "-rq", "--cached", ".kforge")
    assert (tracked(shop, shop), tracked(tmp_path / "tree", tmp_path / "tree")) == ("", TRACKED)


def fifo(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda git: (git / "index").unlink(), ""),
        (lambda git: (git / "index").write_bytes(b""), UNKNOWN),
        (lambda git: (git / "index").write_bytes(b"DIRC\0\0\0\7\0\0\0\0"), UNKNOWN),
        (lambda git: fifo(git / "index"), UNKNOWN),
        (lambda git: os.truncate(git / "index", 50 << 30), UNKNOWN),
        (shutil.rmtree, ""),
        (lambda git: git.rename(git.with_name("x")) and git.write_text("gitdir: x\n"), TRACKED),
        (lambda git: git.rename(git.with_name("x")) and git.write_text("gitdir: nowhere\n"), ""),
        (lambda git: git.rename(git.with_name("x")) and git.write_text("junk"), UNKNOWN),
        (lambda git: git.rename(git.with_name("x")) and os.mkfifo(git), UNKNOWN),
    ],
)  # fmt: skip
def test_an_index_that_cannot_be_read_is_no_proof(change: object, why: str, shop: Path) -> None:
    change(shop / ".git")  # type: ignore[operator]
    assert tracked(shop, shop) == why


def test_where_there_is_no_state_nothing_is_read(shop: Path) -> None:
    shutil.rmtree(shop / ".kforge")
    fifo(shop / ".git" / "index")
    assert tracked(shop, shop) == ""

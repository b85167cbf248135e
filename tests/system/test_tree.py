"""A source on disk: what belongs to it, what stays closed, and that git would agree."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from kforge.system.ignore import MatchBudget, parse
from kforge.system.tree import SourceTree, TreeLimits


def lay(root: Path, *names: str, **texts: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts.get(name, "x"))
    return root


def test_files_are_sorted_posix_paths(tmp_path: Path) -> None:
    assert SourceTree(lay(tmp_path, "b", "a/z", "a/b/c", "B")).files == ("B", "a/b/c", "a/z", "b")


def test_folders_of_tools_are_skipped(tmp_path: Path) -> None:
    lay(
        tmp_path,
        ".git/config",
        "node_modules/a/b.js",
        ".venv/x.py",
        "__pycache__/a.pyc",
        ".kforge/index",
        "sub/node_modules/x",
        "a.py",
        "vendor/x/y.go",
    )
    assert SourceTree(tmp_path).files == ("a.py",)


SECRETS = (
    ".env", ".env.example", ".env.production", "prod.env", "server.pem", "tls.KEY", "store.p12", "id_rsa", "id_ed25519.pub", ".npmrc", ".pypirc",
    ".netrc", "kubeconfig", "kubeconfig.yaml", ".aws/credentials", ".docker/config.json", "terraform.tfstate", "terraform.tfstate.backup",
    ".ssh/known_hosts", ".git-credentials",
)  # fmt: skip


def test_secrets_are_neither_listed_nor_opened(tmp_path: Path) -> None:
    for name in SECRETS:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        os.mkfifo(tmp_path / name)  # opening one would hang
    tree = SourceTree(lay(tmp_path, "a.py"))
    assert tree.files == ("a.py",)
    assert [tree.text(name) for name in SECRETS] == [""] * len(SECRETS)
    assert not [path for path in tree.consulted if path.endswith(SECRETS)]


def test_code_with_the_name_of_a_file_of_secrets_leaves_a_note(tmp_path: Path) -> None:
    tree = SourceTree(lay(tmp_path, ".env.js"), code=(".js",))
    assert (tree.files, [fact.value for fact in tree.notes]) == (
        (),
        ["`.env.js`: its name is that of a secret: not read"],
    )


@pytest.mark.parametrize(
    ("name", "read"),
    [("id_service.py", True), ("kubeconfig.py", True), ("ID_token.py", True), ("id_rsa", False), ("id_rsa.pub", False),
     ("kubeconfig.yaml", False), ("id_ed25519.old", False)],
)  # fmt: skip
def test_code_that_is_called_like_a_key_is_code(tmp_path: Path, name: str, read: bool) -> None:
    assert (name in SourceTree(lay(tmp_path, name), code=(".py",)).files) is read


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = lay(tmp_path / "outside", "secret.py")
    root = lay(tmp_path / "root", "a.py", "sub/b.py")
    (root / "file.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    (root / "sub" / "loop").symlink_to(root)
    tree = SourceTree(root)
    assert (tree.files, tree.text("file.py"), tree.text("folder/secret.py"), tree.text("../outside/secret.py")) == (
        ("a.py", "sub/b.py"),
        "",
        "",
        "",
    )


def test_a_file_that_turned_into_a_link_is_not_read(tmp_path: Path) -> None:
    tree = SourceTree(lay(tmp_path / "root", "a.py"))
    assert tree.files == ("a.py",)
    (tmp_path / "root" / "a.py").unlink()
    (tmp_path / "root" / "a.py").symlink_to(lay(tmp_path, "secret") / "secret")
    assert tree.text("a.py") == ""


def test_pipes_and_sockets_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(lay(tmp_path, "a.py") / "pipe.py")
    assert SourceTree(tmp_path).files == ("a.py",)


@pytest.mark.parametrize(("content", "text"), [(b"\xef\xbb\xbfhi", "hi"), (b"a\x00b", ""), (b"caf\xe9", "caf\ufffd")])
def test_text_is_utf8_or_nothing(tmp_path: Path, content: bytes, text: str) -> None:
    (tmp_path / "a").write_bytes(content)
    assert SourceTree(tmp_path).text("a") == text


def test_limits_are_told(tmp_path: Path) -> None:
    lay(tmp_path, "a/b/c/d", "e", "f", "g", "h", f="x" * 20)
    shallow = SourceTree(tmp_path, limits=TreeLimits(depth=2))
    few = SourceTree(tmp_path, limits=TreeLimits(files=2))
    small = SourceTree(tmp_path, limits=TreeLimits(file_bytes=10, total_bytes=2))
    assert "a/b/c/d" not in shallow.files
    assert few.files == ("e", "f")
    assert [small.text(name) for name in ("e", "f", "g", "h")] == ["x", "", "x", ""]
    assert [fact.value.split(":")[0] for tree in (shallow, few, small) for fact in tree.notes] == [
        "`a/b/c`",
        "more than 2 files",
        "`f`",
        "more than 0 MiB of source",
    ]


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda root: root / "no", "does not exist"),
        (lambda root: lay(root, "file") / "file", "is not a folder"),
        (lambda root: root, ""),
    ],
)
def test_a_folder_that_cannot_be_a_source_has_a_problem(tmp_path: Path, make: object, problem: str) -> None:
    tree = SourceTree(make(tmp_path))  # type: ignore[operator]
    assert (tree.problem, tree.files == () or not problem) == (problem, True)


def test_a_source_behind_a_link_below_its_base_has_a_problem(tmp_path: Path) -> None:
    lay(tmp_path, "real/a/x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert SourceTree(tmp_path / "link" / "a", base=tmp_path).problem == "is reached through a symbolic link"
    assert SourceTree(tmp_path / "link" / "a", base=tmp_path / "link").problem == ""


def test_consulted_are_the_folders_listed_and_the_files_opened(tmp_path: Path) -> None:
    lay(tmp_path, "a.py", "sub/b.py", "sub/.gitignore", **{"sub/.gitignore": "c\n"})
    tree = SourceTree(tmp_path)
    tree.text("sub/b.py")
    assert tree.consulted == tuple(str(tmp_path / name) for name in ("", "sub", "sub/.gitignore", "sub/b.py"))


def test_a_folder_above_that_may_become_a_top_level_is_consulted(tmp_path: Path) -> None:
    lay(tmp_path, ".git/HEAD", "mid/web/a.py", "mid/app/x")
    tree = SourceTree(tmp_path / "mid/app/../web", base=tmp_path)
    assert tree.files == ("a.py",) and str(tmp_path / "mid/.git") in tree.consulted
    assert str(tmp_path / ".git") not in tree.consulted  # it changes with everything that git does


def test_a_source_that_becomes_a_link_leads_to_no_ignore_file_outside(tmp_path: Path) -> None:
    lay(tmp_path, "outside/.git/HEAD", "outside/.gitignore", "outside/web/a.py", "here/.git/HEAD", "here/web/a.py")
    tree = SourceTree(tmp_path / "here/web", base=tmp_path / "here")
    (tmp_path / "here/web").rename(tmp_path / "here/moved")
    (tmp_path / "here/web").symlink_to(tmp_path / "outside/web")
    assert tree.files == () and not [path for path in tree.consulted if not path.startswith(str(tmp_path / "here"))]


def test_ignore_files_above_the_source_hold_up_to_the_top_level_of_git(tmp_path: Path) -> None:
    lay(
        tmp_path,
        ".gitignore",
        "repo/.git/HEAD",
        "repo/.gitignore",
        "repo/web/a.py",
        "repo/web/b.log",
        "repo/web/c.tmp",
        "repo/web/.gitignore",
        **{".gitignore": "a.py\n", "repo/.gitignore": "*.log\n/web/c.*\n", "repo/web/.gitignore": "!c.tmp\n"},
    )
    assert SourceTree(tmp_path / "repo" / "web").files == (".gitignore", "a.py", "c.tmp")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not here: what it ignores cannot be compared")
@pytest.mark.parametrize("seed", range(25))
def test_git_ignores_the_same_files(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    names = ["a", "b", "ab", "a.txt", "b.log", "foo", "bar", "x y", "a[1]", "!c", "#d"]
    parts = [
        "a",
        "b",
        "*",
        "**",
        "*.txt",
        "a*",
        "?",
        "[ab]",
        "[!a]",
        "foo",
        "bar",
        "a**b",
        "*o*",
        "[a-f]oo",
        "\\#d",
        "\\!c",
        "x y",
        "**a",
        "a[[]1]",
    ]

    def line() -> str:
        body = "/".join(chance.choice(parts) for _ in range(chance.randint(1, 3)))
        return chance.choice(["", "", "!"]) + chance.choice(["", "", "/"]) + body + chance.choice(["", "", "/"])

    for _ in range(40):
        path = tmp_path.joinpath(*(chance.choice(names) for _ in range(chance.randint(1, 4))))
        if not any(parent.is_file() for parent in path.parents) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    for folder in [tmp_path, *(path for path in sorted(tmp_path.iterdir()) if path.is_dir())][:3]:
        (folder / ".gitignore").write_text("\n".join(line() for _ in range(chance.randint(1, 5))))
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    command = ["git", "-C", str(tmp_path), "ls-files", "-z", "-o", "--exclude-per-directory=.gitignore"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert SourceTree(tmp_path).files == tuple(sorted(name for name in listed.split("\0") if name))


def test_trees_of_one_run_share_what_they_may_take_for_gitignore_files(tmp_path: Path) -> None:
    lines = {f"{name}/.gitignore": "*a*b*c\n" * 100 for name in "ab"}
    matching = MatchBudget(1_300_000)  # compiling one of the two, and not the other
    trees = [SourceTree(lay(tmp_path, *lines, **lines) / name, matching=matching) for name in "ab"]
    assert [(tree.files, len(tree.notes)) for tree in trees] == [((".gitignore",), 0), ((), 1)]


def test_patterns_without_backtracking() -> None:
    ignore = parse("*a" * 100 + "b\n")
    assert ignore.verdict("a" * 250, "a" * 250, folder=False) is None


def test_links_and_files_by_the_names_of_secrets_are_known_by_name_alone(tmp_path: Path) -> None:
    lay(tmp_path, ".gitignore", ".npmrc", "certs/ca.pem", "ignored.pem", "a.py", **{".gitignore": "ignored*\n"})
    for name in ("link.py", "tls.pem", "node_modules", "ignored-link"):
        (tmp_path / name).symlink_to("/etc/passwd")
    tree = SourceTree(tmp_path)
    assert tree.closed == (".npmrc", "certs/ca.pem")
    assert tree.links == (("link.py", "/etc/passwd"), ("tls.pem", "/etc/passwd"))
    assert tree.files == (".gitignore", "a.py")


def test_a_small_file_is_read_without_a_note_about_a_large_one(tmp_path: Path) -> None:
    tree = SourceTree(lay(tmp_path, "a", "b", a="x" * 1024, b="x" * 1025))
    assert (tree.small("a"), tree.small("b"), tree.small("missing"), tree.notes) == ("x" * 1024, "", "", ())

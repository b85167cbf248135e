"""Which specs a command works on, and that only one kforge writes beside them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from kforge.errors import InputError, WorldError
from kforge.system import index
from kforge.system.ignore import MatchBudget
from kforge.system.project import ProjectLock, chosen, root, top
from kforge.system.search import search
from tests.conftest import run
from tests.growth import ENDLESS
from tests.system.builds import unprivileged


def lay(folder: Path, paths: Iterable[str]) -> Path:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")
    return folder


def names(specs: Iterable[Path], folder: Path) -> list[str]:
    return [spec.relative_to(folder).as_posix() for spec in specs]


def test_every_spec_below_the_git_top_level_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    lay(tmp_path, [".git/HEAD", "app.kforge.yaml", "b/c/b.kforge.yaml", "a/a.kforge.yaml", "a/other.yaml"])
    assert names(chosen((), tmp_path / "b" / "c"), tmp_path) == [
        "a/a.kforge.yaml",
        "app.kforge.yaml",
        "b/c/b.kforge.yaml",
    ]


def test_without_git_what_lies_above_is_not_looked_at(tmp_path: Path) -> None:
    lay(tmp_path, ["app.kforge.yaml", "a/a.kforge.yaml"])
    assert names(chosen((), tmp_path / "a"), tmp_path) == ["a/a.kforge.yaml"]


def test_ignored_folders_links_and_other_repositories_are_not_looked_into(tmp_path: Path) -> None:
    lay(
        tmp_path,
        [
            ".git/x.kforge.yaml",
            "node_modules/x.kforge.yaml",
            "out/x.kforge.yaml",
            "deep/out/keep/x.kforge.yaml",
            "deep/build/x.kforge.yaml",
            "submodule/.git",
            "submodule/x.kforge.yaml",
            "secret.kforge.yaml",
            "fine/app.kforge.yaml",
        ],
    )
    (tmp_path / ".gitignore").write_text("/out/\nsecret.*\n")
    (tmp_path / "deep" / ".gitignore").write_text("build\n")
    (tmp_path / "link").symlink_to("fine")
    assert names(chosen((), tmp_path), tmp_path) == ["deep/out/keep/x.kforge.yaml", "fine/app.kforge.yaml"]


def test_a_gitignore_above_the_folder_counts(tmp_path: Path) -> None:
    lay(tmp_path, [".git/HEAD", "a/out/x.kforge.yaml", "a/app.kforge.yaml"])
    (tmp_path / ".gitignore").write_text("a/out\n")
    assert names(search(tmp_path / "a", top(tmp_path / "a")).specs, tmp_path) == ["a/app.kforge.yaml"]


def test_a_search_says_what_it_depends_on(tmp_path: Path) -> None:
    lay(tmp_path, [".git/HEAD", "a/app.kforge.yaml", "node_modules/x"])
    (tmp_path / "a" / ".gitignore").write_text("out\n")
    assert sorted(search(tmp_path / "a", top(tmp_path / "a")).consulted) == sorted(
        str(tmp_path / path) for path in (".gitignore", "a", "a/.gitignore")
    )


def test_a_search_that_gitignore_files_would_make_endless_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, [".git/HEAD", "a/app.kforge.yaml"])
    (tmp_path / ".gitignore").write_text("*a*b*c\n" * 100)
    with pytest.raises(InputError, match="too many lines in"):
        search(tmp_path, tmp_path, MatchBudget(701_000))


def test_a_remembered_search_notices_every_new_spec_and_ignored_folder(tmp_path: Path) -> None:
    lay(tmp_path, ["app.kforge.yaml", "a/b/b.kforge.yaml", ".kforge/.gitignore"])

    def found() -> list[str]:
        time.sleep(index.TICK * 2 / 1e9)
        first = names(chosen((), tmp_path), tmp_path)
        assert names(chosen((), tmp_path), tmp_path) == first
        return first

    assert found() == ["a/b/b.kforge.yaml", "app.kforge.yaml"]
    assert (tmp_path / ".kforge" / "index-specs").exists()
    lay(tmp_path, ["a/c/c.kforge.yaml"])
    assert found() == ["a/b/b.kforge.yaml", "a/c/c.kforge.yaml", "app.kforge.yaml"]
    (tmp_path / "a" / ".gitignore").write_text("b\n")
    assert found() == ["a/c/c.kforge.yaml", "app.kforge.yaml"]
    (tmp_path / "a" / ".gitignore").write_text("c\n")
    assert found() == ["a/b/b.kforge.yaml", "app.kforge.yaml"]
    (tmp_path / "app.kforge.yaml").unlink()
    assert found() == ["a/b/b.kforge.yaml"]


def test_a_remembered_search_notices_that_another_folder_is_the_top(tmp_path: Path) -> None:
    """Then other `.gitignore` files count."""
    lay(tmp_path, [".git/HEAD", "mid/app/x.kforge.yaml", "mid/app/y/y.kforge.yaml", "mid/app/.kforge/.gitignore"])
    (tmp_path / ".gitignore").write_text("x.kforge.yaml\n")
    folder = tmp_path / "mid/app"
    for _ in range(2):
        time.sleep(index.TICK * 2 / 1e9)
        assert names(chosen([folder], folder), folder) == ["y/y.kforge.yaml"]
    (tmp_path / "mid/.git").mkdir()
    assert names(chosen([folder], folder), folder) == ["x.kforge.yaml", "y/y.kforge.yaml"]


def test_a_search_leaves_no_trace_where_kforge_never_built(tmp_path: Path) -> None:
    lay(tmp_path, ["app.kforge.yaml"])
    chosen((), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.kforge.yaml"]


def test_a_folder_that_cannot_be_listed_is_passed_over() -> None:
    with unprivileged() as folder:
        lay(folder, ["app.kforge.yaml", "closed/x.kforge.yaml"])
        (folder / "closed").chmod(0)
        found = chosen((), folder)
        (folder / "closed").chmod(0o755)
        assert names(found, folder) == ["app.kforge.yaml"]


def test_paths_may_name_specs_and_folders(tmp_path: Path) -> None:
    lay(tmp_path, ["one.yaml", "a/app.kforge.yaml", "a/b/app.kforge.yaml"])
    assert names(
        chosen([tmp_path / "a", tmp_path / "one.yaml", tmp_path / "a/app.kforge.yaml"], tmp_path), tmp_path
    ) == [
        "a/app.kforge.yaml",
        "a/b/app.kforge.yaml",
        "one.yaml",
    ]


def test_paths_without_a_spec_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        chosen([tmp_path / "empty", tmp_path / "missing"], tmp_path)
    assert [problem.message for problem in caught.value.problems] == [
        f"no `*.kforge.yaml` in `{tmp_path}/empty`",
        f"`{tmp_path}/missing` does not exist",
    ]


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A repository in which a spec lies so deep that no system call takes its whole path. Git can hold it."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git/HEAD").touch()
    handle = os.open(tmp_path, os.O_RDONLY)
    for name in ["d" * 200] * 21:
        os.mkdir(name, dir_fd=handle)
        inner = os.open(name, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(os.open("deep.kforge.yaml", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
    os.close(handle)
    return tmp_path


def test_a_spec_that_lies_deeper_than_a_path_can_be_is_told(deep: Path) -> None:
    with pytest.raises(InputError, match="is longer than a path can be") as caught:
        chosen([], deep)
    assert len(caught.value.problems) == 1 and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "words",
    [["check"], ["check", "--full"], ["plan"], ["build"], ["diff"], ["explain", "a/b"], ["approve"]],
    ids=" ".join,
)
def test_a_spec_that_lies_too_deep_is_bad_input_to_every_command(words: list[str], deep: Path) -> None:
    assert "is longer than a path can be" in run(*words, cwd=deep, code=2).err


@pytest.mark.parametrize(
    "words",
    [
        ["check", "{}"],
        ["build", "{}"],
        ["plan", "-s", "{}"],
        ["diff", "--base", "HEAD", "--", "{}"],
        ["detect", "{}"],
        ["init", "--offline", "--folder", "{}", "x"],
        ["batch", "export", "{}"],
        ["batch", "import", "{}"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("path", ["a" * 300, "a/" * 3000], ids=["a long name", "a long path"])
def test_a_path_that_no_disk_takes_is_bad_input(words: list[str], path: str, tmp_path: Path) -> None:
    lay(tmp_path, [".git/HEAD"])
    (tmp_path / "app.kforge.yaml").write_text("apiVersion: kforge.dev/v1\napp: a\nservices: {a: {image: 'redis:8'}}\n")
    assert run(*(word.format(path) for word in words), cwd=tmp_path).code in (0, 2, 3)


def test_two_specs_in_one_folder_are_refused(tmp_path: Path) -> None:
    lay(tmp_path, ["a.kforge.yaml", "b.kforge.yaml"])
    with pytest.raises(InputError, match=r"`a\.kforge\.yaml` and `b\.kforge\.yaml` are in one folder"):
        chosen([], tmp_path)


def test_a_worktree_has_its_top_where_its_git_file_lies(tmp_path: Path) -> None:
    lay(tmp_path, [".git", "a/b/x"])
    assert (top(tmp_path / "a" / "b"), root(tmp_path / "a")) == (tmp_path, tmp_path)


def test_without_git_nothing_outside_of_the_folder_may_be_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert (top(tmp_path / "a"), root(tmp_path / "a")) == (None, tmp_path / "a")


HOLD = """
import sys, pathlib
from kforge.system import index
from kforge.system.ignore import MatchBudget
from kforge.system.project import ProjectLock
with ProjectLock([pathlib.Path(sys.argv[1])], lambda message: print(message, flush=True)):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def say(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=ENDLESS)


def test_a_second_kforge_says_so_and_waits(tmp_path: Path) -> None:
    first = holder(tmp_path)
    assert say(first) == "held"
    second = holder(tmp_path)
    waiting = say(second)
    end(first)
    assert (waiting, say(second)) == (f"another kforge works in `{tmp_path}`: waiting until it is done", "held")
    end(second)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    first = holder(tmp_path)
    assert say(first) == "held"
    first.kill()
    first.communicate()
    with ProjectLock([tmp_path], pytest.fail):
        pass


def test_a_lock_whose_folder_was_deleted_keeps_nobody_out_and_fools_nobody(tmp_path: Path) -> None:
    first = holder(tmp_path)
    assert say(first) == "held"
    second = holder(tmp_path)
    assert say(second).startswith("another")
    shutil.rmtree(tmp_path / ".kforge")
    third = holder(tmp_path)
    assert say(third) == "held"
    end(first)
    assert say(second).startswith("another")  # it got the deleted lock, saw that, and waits for the third's
    end(third)
    assert say(second) == "held"
    end(second)


def test_a_lock_that_is_left_can_be_entered_again(tmp_path: Path) -> None:
    lock = ProjectLock([tmp_path, tmp_path], pytest.fail)
    with lock:
        pass
    with lock:
        pass
    assert (tmp_path / ".kforge" / ".gitignore").read_text() == "*\n"


def test_a_lock_over_several_folders_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".kforge").write_text("")
    with pytest.raises(InputError, match="is not a folder"), ProjectLock([tmp_path / "a", tmp_path / "b"]):
        pass
    with ProjectLock([tmp_path / "a"], pytest.fail):
        pass


def test_a_folder_that_is_gone_is_the_worlds_fault(tmp_path: Path) -> None:
    with (
        pytest.raises(WorldError, match=r"cannot lock `.*/gone/\.kforge`: no such file"),
        ProjectLock([tmp_path / "gone"]),
    ):
        pass


@pytest.mark.parametrize("name", ["\udcff", "a\nkind: Pod", "a\\b", "\u202ea"])
def test_a_spec_whose_name_no_file_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    lay(tmp_path, [f"{name}.kforge.yaml"])
    with pytest.raises(InputError, match="spec '") as failure:
        chosen([], tmp_path)
    assert failure.value.problems[0].message.isascii()


def test_a_spec_behind_a_link_is_no_part_of_the_repository(tmp_path: Path) -> None:
    lay(tmp_path, ["here/.git/HEAD", "here/b/app.kforge.yaml", "elsewhere/app.kforge.yaml"])
    for name, to in (("out", "../elsewhere"), ("again", "b")):
        (tmp_path / "here" / name).symlink_to(to)
        for path in (tmp_path / "here" / name, tmp_path / "here" / name / "app.kforge.yaml"):
            with pytest.raises(InputError, match="passes through"):
                chosen((path,), tmp_path / "here")


def test_a_link_that_leads_to_the_repository_is_the_users_own(tmp_path: Path) -> None:
    lay(tmp_path, ["here/.git/HEAD", "here/app.kforge.yaml"])
    (tmp_path / "link").symlink_to("here")
    assert len(chosen((tmp_path / "link",), tmp_path)) == 1

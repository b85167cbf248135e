"""No output leaves its place: not by its text, not by a link on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.errors import InputError
from kforge.system.paths import guard, odd, odd_ones


def refusal(base: Path, root: Path, path: str) -> str:
    try:
        guard(base, root, [path])
    except InputError as error:
        return error.problems[0].message
    return ""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "repository" / "app").mkdir(parents=True)
    return tmp_path / "repository" / "app"


@pytest.mark.parametrize("path", ["a", "a/b", ".dockerignore", "a/.b/c", "../web/Dockerfile", "a b", "ä/…", "..a/b..", "a/...", "~/a", "@x"])
def test_an_honest_path_passes(base: Path, path: str) -> None:
    assert (odd(path), refusal(base, base.parent, path)) == ("", "")


@pytest.mark.parametrize(
    "path",
    [
        "", "/a", "a/", "a//b", "./a", "a/./b", "a/../b", "..", ".", "../..", "a/..", "C:/a", "\\\\server\\a", "a\\b", "a\nb", "a\0b", "a\tb",
        "a\u202eb", "a\u2066b", "a\ud800b", "a\x7f", "//a",
    ],
)  # fmt: skip
def test_an_odd_path_is_refused(base: Path, path: str) -> None:
    assert odd(path) and odd_ones(["fine", path]) == [(path, odd(path))] and refusal(base, base.parent, path)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="ab./\\: \n\u202eé-", max_size=8), max_size=4))
def test_looking_at_all_at_once_says_the_same(paths: list[str]) -> None:
    assert odd_ones(paths) == [(path, odd(path)) for path in paths if odd(path)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../../x", "outside of the repository"),
        (".git/hooks/pre-commit", "in git's own folder"),
        ("../.git/config", "in git's own folder"),
        ("../web/.GIT/config", "in git's own folder"),
        ("../.github/workflows/x.yaml", "`.github/workflows`"),
        ("../.GitHub/Workflows/x.yaml", "`.github/workflows`"),
        ("kforge.lock", "kforge's own"),
        ("kforge.sum", "kforge's own"),
        ("Kforge.Sum", "kforge's own"),
        (".kforge/lock", "kforge's own"),
        ("app.kforge.yaml", "kforge's own"),
    ],
)
def test_a_place_that_is_not_kforges_is_refused(base: Path, path: str, said: str) -> None:
    assert said in refusal(base, base.parent, path)


def test_the_issue_templates_of_a_repository_are_no_workflows(base: Path) -> None:
    assert refusal(base, base.parent, "../.github/dependabot.yml") == ""


def test_a_link_in_any_component_is_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (base / "deploy").symlink_to(tmp_path / "outside")
    (base / "dangling").symlink_to("nowhere")
    assert [refusal(base, base.parent, path).partition(": it ")[2] for path in ("deploy/a", "deploy/b/c/d", "dangling")] == [
        "passes through a symbolic link", "passes through a symbolic link", "is a symbolic link",
    ]  # fmt: skip


def test_a_link_above_the_root_is_the_users_affair(tmp_path: Path) -> None:
    (tmp_path / "real" / "app").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    assert refusal(tmp_path / "link" / "app", tmp_path / "link", "deploy/a") == ""


def test_something_else_in_the_place_of_a_file_or_folder_is_refused(base: Path) -> None:
    (base / "folder").mkdir()
    (base / "file").write_text("x")
    assert "is no regular file" in refusal(base, base.parent, "folder")
    assert "passes through `app/file`, which is no folder" in refusal(base, base.parent, "file/below")


def test_every_bad_path_is_named_at_once(base: Path) -> None:
    with pytest.raises(InputError) as caught:
        guard(base, base.parent, ["b/../c", "fine", "/a"])
    assert [problem.message for problem in caught.value.problems] == [
        "refusing to write `/a`: it is not relative",
        "refusing to write `b/../c`: it is not in its shortest form",
    ]

"""No output leaves its place: not by its text, not by a link on the way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.errors import InputError
from kforge.system.paths import from_top, guard, odd, odd_ones
from tests.conftest import run


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


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a/b",
        ".dockerignore",
        "a/.b/c",
        "a/" * 99 + "b",
        "x" * 255,
        "ä" * 127,
        ".gitignore",
        ".github/x",
        "git~",
        "legit~1",
        "a.git/b",
        "../web/Dockerfile",
        "a b",
        "ä/…",
        "..a/b..",
        "a/...",
        "~/a",
        "@x",
    ],
)
def test_an_honest_path_passes(base: Path, path: str) -> None:
    assert (odd(path), refusal(base, base.parent, path)) == ("", "")


@pytest.mark.parametrize(
    "path",
    [
        "", "/a", "a/", "a//b", "./a", "a/./b", "a/../b", "..", ".", "../..", "a/..", "C:/a", "\\\\server\\a", "a\\b", "a\nb", "a\0b", "a\tb",
        "a\u202eb", "a\u2066b", "a\ud800b", "a\x7f", "//a", ".g\u200cit/hooks/x", "a\u00adb", "a\u180eb", "a\u200bb", "a\u2060b", "a\ufe0fb",
        "a\ufeffb", "a\U000e0041b", "\u3164", "a\u034fb", "a\U000e0100b", "a/" * 101 + "b", "a/" * 5000 + "b", "ä/" * 101 + "b", "x" * 256,
        "a/" + "ä" * 128 + "/b", "../" * 101 + "b", "a/" + "😀" * 64, ".git/x", "../.git/refs/x.yaml", "a/.Git", "git~1/x", "a/.git../b",
    ],
)  # fmt: skip
def test_an_odd_path_is_refused(base: Path, path: str) -> None:
    assert odd(path) and odd_ones(["fine", path]) == [(path, odd(path))] and refusal(base, base.parent, path)


@settings(deadline=None)
@given(
    st.lists(
        st.text(alphabet="ab./\\: \n\u202eé-\u200c\ufe0f", max_size=8)
        | st.from_regex(r"(\.\./|a/)?(\.git|git~1|GIT)[./ ]{0,2}x?", fullmatch=True),
        max_size=4,
    )
)
def test_looking_at_all_at_once_says_the_same(paths: list[str]) -> None:
    assert odd_ones(paths) == [(path, odd(path)) for path in paths if odd(path)]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../../x", "outside the repository"),
        (".git/hooks/pre-commit", "in git's own folder"),
        ("../.git/config", "in git's own folder"),
        ("../web/.GIT/config", "in git's own folder"),
        (".git./hooks/x", "in git's own folder"),
        (".git /hooks/x", "in git's own folder"),
        (".git . ./hooks/x", "in git's own folder"),
        ("git~1/hooks/x", "in git's own folder"),
        ("GIT~1/hooks/x", "in git's own folder"),
        ("../a/.git::$INDEX_ALLOCATION/x", "in git's own folder"),
        ("../.github/workflows/x.yaml", "`.github/workflows`"),
        ("../.github./workflows /x.yaml", "`.github/workflows`"),
        ("../GITHUB~1/WORKFL~1/x.yaml", "`.github/workflows`"),
        ("../.GitHub/Workflows/x.yaml", "`.github/workflows`"),
        ("kforge.lock", "kforge's own"),
        ("kforge.sum", "kforge's own"),
        ("Kforge.Sum", "kforge's own"),
        (".kforge/lock", "kforge's own"),
        ("app.kforge.yaml", "kforge's own"),
        ("kforge.lock.", "kforge's own"),
        (".kforge /lock", "kforge's own"),
        ("web/app.kforge.yaml ", "kforge's own"),
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
    assert [
        refusal(base, base.parent, path).partition(": it ")[2] for path in ("deploy/a", "deploy/b/c/d", "dangling")
    ] == [
        "passes through a symbolic link",
        "passes through a symbolic link",
        "is a symbolic link",
    ]


def test_a_link_above_the_root_is_the_users_affair(tmp_path: Path) -> None:
    (tmp_path / "real" / "app").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    assert refusal(tmp_path / "link" / "app", tmp_path / "link", "deploy/a") == ""


def test_something_else_in_the_place_of_a_file_or_folder_is_refused(base: Path) -> None:
    (base / "folder").mkdir()
    (base / "file").write_text("x")
    assert "is not a regular file" in refusal(base, base.parent, "folder")
    assert "passes through `app/file`, which is not a folder" in refusal(base, base.parent, "file/below")


def test_every_bad_path_is_named_at_once(base: Path) -> None:
    with pytest.raises(InputError) as caught:
        guard(base, base.parent, ["b/../c", "fine", "/a"])
    assert [problem.message for problem in caught.value.problems] == [
        "refusing to write `/a`: it is not relative",
        "refusing to write `b/../c`: it is not in its shortest form",
    ]


@pytest.mark.parametrize(
    ("folder", "path", "whole"),
    [
        ("", "a", "a"),
        ("app", "a/b", "app/a/b"),
        ("app", "../web/x", "web/x"),
        ("a/b", "../../x", "x"),
        ("app", "../../x", None),
        ("", "../x", None),
        ("app", "./a//b", "app/a/b"),
        ("app", "/etc", "app/etc"),
    ],
)
def test_a_path_is_joined_by_its_text_and_never_leaves(folder: str, path: str, whole: str | None) -> None:
    assert from_top(folder, path) == whole


def test_a_spec_that_lies_very_deep_is_no_bug(tmp_path: Path) -> None:
    """Deeper than Python recurses. Nothing need be there, and what is there pytest could not remove."""
    assert refusal(tmp_path.joinpath(*["d"] * 1200), tmp_path, "a/b") == ""


@pytest.mark.parametrize(
    "source",
    ["a/" * 5000, "x" * 300, "a/" * 150, "\udc80", "\u200c"],
    ids=["5000 parts", "a long name", "150 folders", "half a character", "nothing to see"],
)
def test_a_source_that_no_disk_has_is_bad_input(source: str, tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(
        f"apiVersion: kforge.dev/v1\napp: a\nversion: '1'\nservices:\n  web: {{source: {json.dumps(source)}}}\n"
    )
    for words in (["check"], ["plan"], ["build"]):
        run(*words, cwd=tmp_path, code=2)


@pytest.mark.parametrize(
    "path",
    ["a/" * 5000 + "k", "x" * 300 + "/k", ".g\u200cit/k", ".git./k", "git~1/k"],
    ids=["5000 parts", "a long name", "nothing to see", "a dot", "a short name"],
)
def test_a_layout_that_no_disk_should_have_is_bad_input(path: str, tmp_path: Path) -> None:
    (tmp_path / "app.kforge.yaml").write_text(
        "apiVersion: kforge.dev/v1\napp: a\nversion: '1'\n"
        f"services:\n  web: {{image: 'docker.io/library/nginx:1.29.1', port: 80, user: 101}}\npaths: {{kubernetes: {json.dumps(path)}}}\n"
    )
    for words in (["check"], ["build"]):
        assert run(*words, cwd=tmp_path).code in (1, 2)
    run("build", cwd=tmp_path, code=2)
    assert not {".git", "deploy"} & {each.name.rstrip(".") for each in tmp_path.iterdir()}

"""Patterns of paths: what they match, and what a walk costs whatever the pattern."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from kforge.system.globs import BOUNDS, LENGTH, Bounds, TooMuchError, fault, matches
from tests.conftest import write
from tests.growth import LINEAR, PARTS, growth
from tests.system.builds import unprivileged


def found(folder: Path, *patterns: str, bounds: Bounds = BOUNDS) -> list[str]:
    return [path for files in matches(folder, folder, patterns, bounds).files for path in files]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    names = (
        "a.yaml",
        ".hidden.yaml",
        "x/b.yaml",
        "x/y/c.yaml",
        "x/y/z/d.yaml",
        "x/y/z/e.txt",
        ".dot/f.yaml",
        "[/g.yaml",
    )
    return write(tmp_path, dict.fromkeys(names, ""))


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("*.yaml", [".hidden.yaml", "a.yaml"]),
        ("?.yaml", ["a.yaml"]),
        ("[ab].yaml", ["a.yaml"]),
        ("[!b]*.yaml", [".hidden.yaml", "a.yaml"]),
        ("x/b.yaml", ["x/b.yaml"]),
        ("./x//b.yaml", ["x/b.yaml"]),
        ("x/*/c.yaml", ["x/y/c.yaml"]),
        ("x/**/*.yaml", ["x/b.yaml", "x/y/c.yaml", "x/y/z/d.yaml"]),
        ("**/[de].*", ["x/y/z/d.yaml", "x/y/z/e.txt"]),
        ("**/**/**/d.yaml", ["x/y/z/d.yaml"]),
        ("**/y/**/d.yaml", ["x/y/z/d.yaml"]),
        ("*/*.yaml", [".dot/f.yaml", "[/g.yaml", "x/b.yaml"]),
        ("[/g.yaml", ["[/g.yaml"]),
        ("x", []),
        ("x/b.yaml/c", []),
        ("A.yaml", []),
        ("~", []),
        ("a\0b", []),
        ("\ud800", []),
        ("x" * 300, []),
    ],
)
def test_a_pattern_names_files_as_pathlib_has_it(tree: Path, pattern: str, files: list[str]) -> None:
    assert found(tree, pattern) == files


@pytest.mark.parametrize("seed", range(40))
def test_what_is_matched_is_what_pathlib_matches(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    parts = ["a", "b", "ab", "a.b", ".a"]
    for _ in range(25):
        path = tmp_path.joinpath(*chance.choices(parts, k=chance.randint(1, 4)))
        if not any(above.is_file() for above in (path, *path.parents)) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
    for _ in range(20):
        pattern = "/".join(
            [
                *chance.choices([*parts, "*", "**", "a*", "?", "[ab]", "[!a]*", "*b*"], k=chance.randint(0, 4)),
                chance.choice(["*", "a", "?b", "*.b", "[a"]),
            ]
        )
        wanted = sorted({path.relative_to(tmp_path).as_posix() for path in tmp_path.glob(pattern) if path.is_file()})
        assert found(tmp_path, pattern) == wanted, pattern


def test_links_are_neither_followed_nor_matched(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = write(tmp_path_factory.mktemp("outside"), {"o.yaml": ""})
    (tree / "link").symlink_to(outside)
    (tree / "x" / "file.yaml").symlink_to(outside / "o.yaml")
    assert found(tree, "link/*.yaml", "link/o.yaml", "x/file.yaml", "x/f*.yaml", "**/o.yaml") == []


def test_pipes_and_folders_are_no_files(tree: Path) -> None:
    os.mkfifo(tree / "x" / "pipe.yaml")
    (tree / "x" / "folder.yaml").mkdir()
    assert found(tree, "x/*.yaml", "x/pipe.yaml", "x/folder.yaml") == ["x/b.yaml"]


@pytest.mark.parametrize("name", [".git", ".GIT", ".kforge", "node_modules"])
def test_folders_of_others_are_not_entered(tmp_path: Path, name: str) -> None:
    write(tmp_path, {f"{name}/a.yaml": ""})
    assert found(tmp_path, "**/*.yaml", f"{name}/a.yaml", "*/a.yaml") == []


def test_a_folder_in_which_a_new_file_would_match_is_named(tree: Path) -> None:
    write(tree, {"x/q/other.yaml": ""})
    assert matches(tree, tree, ["x/*/c.yaml"]).folders == ("x", "x/q")
    assert matches(tree, tree, ["x/b.yaml"]).folders == ()
    assert matches(tree, tree, ["x/none.yaml"]).folders == ("x",)
    assert matches(tree, tree, ["x/**/*.yaml"]).folders == ("x", "x/q", "x/y", "x/y/z")


@pytest.mark.parametrize(
    "make",
    [
        lambda place: place.mkdir(),
        lambda place: place.symlink_to("c.yaml"),
        lambda place: place.symlink_to("nowhere"),
        os.mkfifo,
        lambda place: None,
    ],
    ids=["folder", "link", "dangling link", "pipe", "nothing"],
)
@pytest.mark.parametrize("pattern", ["*/x.yaml", "[q]/x.yaml", "q/x.yaml", "**/q/x.yaml"])
def test_a_folder_is_named_where_something_else_has_a_matchs_place(
    make: Callable[[Path], object], pattern: str, tmp_path: Path
) -> None:
    write(tmp_path, {"q/c.yaml": ""})
    make(tmp_path / "q/x.yaml")
    assert "q" in matches(tmp_path, tmp_path, [pattern]).folders


@pytest.mark.parametrize(
    "make",
    [lambda place: place.write_text(""), lambda place: place.symlink_to("."), os.mkfifo, lambda place: None],
    ids=["file", "link", "pipe", "nothing"],
)
@pytest.mark.parametrize("pattern", ["q/y/x.yaml", "*/y/x.yaml", "q/y/*.yaml", "q/y/**/x.yaml"])
def test_a_folder_is_named_where_something_else_stands_for_one_on_the_way(
    make: Callable[[Path], object], pattern: str, tmp_path: Path
) -> None:
    (tmp_path / "q").mkdir()
    make(tmp_path / "q/y")
    assert "q" in matches(tmp_path, tmp_path, [pattern]).folders


def test_a_folder_that_cannot_be_listed_is_named() -> None:
    with unprivileged() as folder:
        write(folder, {"q/x.yaml": ""})
        (folder / "q").chmod(0)
        found = [matches(folder, folder, [pattern]).folders for pattern in ("*/*.yaml", "*/x.yaml", "q/x.yaml")]
        (folder / "q").chmod(0o755)
        assert all("q" in folders for folders in found)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("", "is empty"), (".", "names no file"), ("./.", "names no file"), ("/", "names no file"), ("**x", "next to other"),
        ("a/b**", "next to other"), ("**", "names folders"), ("a/", "names folders"), ("a/.", "names folders"), ("a/**", "names folders"),
        ("/etc/*", "leaves"), ("../a", "leaves"), ("a/../../b", "leaves"), ("a" * (LENGTH + 1), "longer"), ("a/" * 5000 + "b", "longer"),
    ],
)  # fmt: skip
def test_an_odd_pattern_is_refused_in_words(pattern: str, said: str) -> None:
    assert said in fault(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["..x", "x//y", "./x", "~", "[", "[]", "[!]", "[[]", "[a-]", "[--]", "[a&&b]", "[z-a]", "a\nb", "\\", "*"],
)
def test_a_pattern_that_is_only_odd_can_be_walked(tree: Path, pattern: str) -> None:
    assert fault(pattern) or isinstance(found(tree, pattern), list)


HOSTILE = (
    "**/" * 300 + "nothing",
    "**/*/" * 200 + "nothing",
    "**/a/" * 200 + "a",
    "*a" * 500,
    "**/" + "*a" * 500,
    "[a-z]" * 200,
    "**/**a" * 1,
)


NAMES = 200  # a folder


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Trees of twenty folders below each other, by the number of names in each."""
    trees = {names: tmp_path_factory.mktemp("deep") for names in (NAMES // PARTS, NAMES)}
    for names, folder in trees.items():
        for depth in range(1, 21):
            write(folder.joinpath(*"a" * depth), {f"{'a' * (number + 1)}.yaml": "" for number in range(names)})
    return trees


@pytest.mark.parametrize("pattern", HOSTILE)
def test_a_pattern_takes_time_as_there_are_names(pattern: str, deep: dict[int, Path]) -> None:
    def look(names: int) -> None:
        try:
            found(deep[names], pattern)
        except TooMuchError as error:
            assert error.pattern == 0

    assert fault(pattern) or growth(look, NAMES) < LINEAR


def test_more_folders_than_the_bounds_allow_end_the_walk(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).mkdir()
    with pytest.raises(TooMuchError):
        found(tmp_path, "*.yaml", "**/x.yaml", bounds=Bounds(folders=20))


def test_more_names_than_the_bounds_allow_end_the_walk(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.txt": "" for number in range(30)})
    with pytest.raises(TooMuchError) as failure:
        found(tmp_path, "0.txt", "*.yaml", bounds=Bounds(comparisons=20))
    assert failure.value.pattern in (0, 1)


def test_folders_without_end_end_the_walk(tmp_path: Path) -> None:
    tmp_path.joinpath(*["a"] * 70).mkdir(parents=True)
    with pytest.raises(TooMuchError):
        found(tmp_path, "**/x.yaml")

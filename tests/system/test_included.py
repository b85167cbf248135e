"""Which files `include` names: inside the folder, regular, bounded, and with the place of the pattern that is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.spec.project import Project
from kforge.errors import InputError, Place
from kforge.system import included
from tests.conftest import write


def project(folder: Path) -> Project:
    return Project(folder / "app.kforge.yaml", folder)


def find(folder: Path, *patterns: Any) -> included.Included:
    return included.find(project(folder), [*patterns], lambda number: Place("app.kforge.yaml", 10 + number))


def refusal(folder: Path, *patterns: str) -> tuple[str, Place | None]:
    with pytest.raises(InputError) as failure:
        find(folder, *patterns)
    (problem,) = failure.value.problems
    return problem.message, problem.where


def test_files_are_named_once_in_order_without_the_kustomization(tmp_path: Path) -> None:
    write(
        tmp_path, dict.fromkeys(("deploy/extra/b.yaml", "deploy/extra/a.yaml", "deploy/extra/kustomization.yaml"), "")
    )
    assert find(tmp_path, "deploy/extra/*.yaml", "**/a.yaml").paths == ("deploy/extra/a.yaml", "deploy/extra/b.yaml")


def test_a_new_file_that_would_match_changes_a_folder_that_was_consulted(tmp_path: Path) -> None:
    write(tmp_path, {"deploy/extra/x/a.yaml": ""})
    wanted = {str(tmp_path / path) for path in ("deploy/extra", "deploy/extra/x", "deploy/extra/x/a.yaml")}
    assert {*find(tmp_path, "deploy/extra/**/*.yaml").consulted} == wanted


@pytest.mark.parametrize(
    "pattern",
    ["", ".", "**x", "~", "[", "**", "..x", "x//y", "./x", "../x", "/x", "A" * 5000, "a/" * 5000 + "b", "none/*.yaml"],
)
def test_a_pattern_that_names_nothing_is_refused_where_it_stands(tmp_path: Path, pattern: str) -> None:
    write(tmp_path, {"a.yaml": ""})
    message, where = refusal(tmp_path, "a.yaml", pattern)
    assert (where, len(message) < 200) == (Place("app.kforge.yaml", 11), True)


@pytest.mark.parametrize("name", ["\udcff.yaml", "a\nb.yaml", "a\\b.yaml", "\u202ea.yaml"])
def test_a_file_whose_name_no_list_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    write(tmp_path, {f"extra/{name}": ""})
    message, where = refusal(tmp_path, "extra/*")
    assert (message.isascii(), "\n" not in message, where) == (True, True, Place("app.kforge.yaml", 10))


@pytest.mark.parametrize("patterns", ["a.yaml", [5], [None], {"a": 1}, 5])
def test_patterns_that_are_no_texts_are_left_to_the_validation(tmp_path: Path, patterns: Any) -> None:
    with pytest.raises(TypeError):
        included.find(project(tmp_path), patterns, lambda number: None)


def test_too_large_a_tree_is_told_with_its_pattern(tmp_path: Path) -> None:
    tmp_path.joinpath(*["a"] * 70).mkdir(parents=True)
    message, where = refusal(tmp_path, "**/x.yaml")
    assert ("`**/x.yaml`" in message, where) == (True, Place("app.kforge.yaml", 10))


def test_a_file_larger_than_allowed_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": b"#" * (included.MAX_BYTES + 1)})
    with pytest.raises(InputError, match="larger than 4 MiB"):
        included.contents(project(tmp_path), ["a.yaml"])


def test_files_that_are_larger_together_than_allowed_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(included, "MAX_TOTAL", 10)
    write(tmp_path, {"a.yaml": b"#" * 6, "b.yaml": b"#" * 6})
    with pytest.raises(InputError, match="more than"):
        included.contents(project(tmp_path), ["a.yaml", "b.yaml"])


def test_what_takes_a_file_s_place_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"secret": "x"})
    (tmp_path / "link.yaml").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("link.yaml", "pipe.yaml", "gone.yaml"):
        with pytest.raises(InputError):
            included.contents(project(tmp_path), [name])


def test_line_ends_change_no_digest() -> None:
    assert included.digests({"a": b"x\r\ny\r\n"}) == included.digests({"a": b"x\ny\n"})

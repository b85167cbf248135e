"""The folder of the path before serves the next one only where it is the same folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kforge.errors import InputError
from kforge.system.beneath import Beneath


def folder_of(ways: Beneath, path: str) -> int:
    return os.fstat(ways.parent(path)[0]).st_ino


@pytest.mark.parametrize("before", ["a/b/x", "a/b/.", "a/b/..", "a/b/", "a/x", "x", "a/b/c/x"])
def test_a_path_is_looked_for_in_its_own_folder_whatever_came_before(before: str, tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    with Beneath(tmp_path) as ways:
        ways.parent(before)
        assert folder_of(ways, "a/b/y") == (tmp_path / "a/b").stat().st_ino


def test_a_folder_that_was_entered_meanwhile_is_left_again(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    with Beneath(tmp_path) as ways:
        ways.parent("a/x")
        ways.folder("a/b")
        assert folder_of(ways, "a/y") == (tmp_path / "a").stat().st_ino


def test_gits_own_names_are_refused_in_a_folder_that_is_open(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with Beneath(tmp_path) as ways:
        ways.parent("a/x")
        with pytest.raises(InputError, match="git's own folder"):
            ways.parent("a/.git")

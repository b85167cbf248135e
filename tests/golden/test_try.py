"""`specs/try.py` copies what somebody wrote, and nothing that kforge did. The rest of it is two kforge commands."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path

import pytest

from kforge.domain.document import MARK

SPECS = Path(__file__).parents[2] / "specs"
TRY = runpy.run_path(str(SPECS / "try.py"))


@pytest.mark.parametrize("example", ["batch", "edge", "hello", "notes", "shop"])
def test_a_copy_holds_every_source_and_no_generated_file(example: str, tmp_path: Path) -> None:
    shutil.copytree(SPECS / example, tmp_path / example, ignore=TRY["generated"])
    copied = {
        path.relative_to(tmp_path / example).as_posix() for path in (tmp_path / example).rglob("*") if path.is_file()
    }
    here = {
        path.relative_to(SPECS / example).as_posix()
        for path in (SPECS / example).rglob("*")
        if path.is_file()
        and path.parts[len(SPECS.parts) + 1] != "deploy"
        and not {"node_modules", "__pycache__", ".venv", ".kforge"} & set(path.parts)
    }
    made = {
        name
        for name in here
        if name in ("kforge.lock", "kforge.sum") or MARK in (SPECS / example / name).read_text().split("\n", 1)[0]
    }
    assert copied == here - made


def test_the_mark_that_it_looks_for_is_the_one_that_kforge_writes() -> None:
    assert MARK.encode().startswith(TRY["MARK"])

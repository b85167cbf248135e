"""The manual page is the one that the parsers give, and the programs that read it find no fault with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kforge.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "kforge.1"


def said(*words: str, **environment: str) -> str:
    """All that a program says of the page."""
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8", **environment}
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_committed_page_is_the_one_that_the_command_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    import man

    assert PAGE.read_text() == man.page(), "run: python docs/man.py"
    sys.modules.pop("man")


def test_the_page_is_installed_where_man_looks() -> None:
    files = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
        "shared-data"
    ]
    assert files == {"docs/kforge.1": "share/man/man1/kforge.1"}


@pytest.mark.toolchain("mandoc")
@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not here")
def test_mandoc_finds_no_fault() -> None:
    found = subprocess.run(
        ["mandoc", "-Tlint", "-W", "warning", str(PAGE)], capture_output=True, text=True, check=False
    )
    assert [line for line in found.stdout.splitlines() if "missing date" not in line] == []  # the same page every day


@pytest.mark.toolchain("groff")
@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not here")
def test_groff_warns_of_nothing() -> None:
    assert said("groff", "-man", "-ww", "-Tutf8", "-z", str(PAGE)) == ""


@pytest.mark.toolchain("man")
@pytest.mark.skipif(shutil.which("man") is None, reason="man is not here")
def test_man_shows_every_command() -> None:
    shown = said("man", "-P", "cat", "-l", str(PAGE), MANWIDTH="80", MAN_KEEP_FORMATTING="")
    assert [name for name in COMMANDS if f"kforge {name}" not in shown] == []

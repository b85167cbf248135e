"""The tables of docs/architecture.md say what is so: every library has its row, every test and module named is there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALLED = [re.split(r"[<>=]", each)[0] for each in PROJECT["dependencies"]]


def table(heading: str) -> list[list[str]]:
    """Cells of the rows of the table below a heading, its head left out."""
    section = PAGE.partition(f"\n## {heading}")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


PLACES = {row[0]: re.findall(r"`([\w/.]+)`", row[2]) for row in table("Which library does what")}


def test_every_library_that_is_installed_has_its_row() -> None:
    assert [*PLACES][: len(INSTALLED)] == INSTALLED


@pytest.mark.parametrize("library", INSTALLED)
def test_a_library_is_imported_by_the_modules_that_its_row_names_and_by_no_other(library: str) -> None:
    module = {"pyyaml": "yaml", "ruamel.yaml": "ruamel"}.get(library, library.replace("-", "_"))
    used = re.compile(rf"^\s*(?:from|import) {module}\b|find_spec\(\"{module}", re.MULTILINE)
    root = ROOT / "kforge"
    importing = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if used.search(path.read_text())}
    assert {path for path in importing if not path.startswith(tuple(PLACES[library]))} == set()
    assert [place for place in PLACES[library] if not any(path.startswith(place) for path in importing)] == []


@pytest.mark.parametrize("row", table("What one more of a kind touches"), ids=lambda row: row[0])
def test_every_row_of_what_one_more_touches_names_a_test_that_is_there(row: list[str]) -> None:
    assert (ROOT / row[3].strip("`")).is_file()

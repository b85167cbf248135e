"""The table of programs → packages names only packages of the closed list."""

from __future__ import annotations

import json
from pathlib import Path

import kforge.domain
from kforge.domain.system_packages import brings, known


def test_every_package_is_in_the_closed_list() -> None:
    table = json.loads((Path(kforge.domain.__path__[0]) / "program_packages.json").read_text(encoding="utf-8"))
    assert {package for package in table.values() if package not in known("debian")} == set()


def test_a_program_brings_its_package_and_a_strangers_none() -> None:
    assert (brings("pdftotext"), brings("pdftotext-of-mine")) == ("poppler-utils", "")

"""The small sources in languages without a detector are drafted, pass the check and wait for approval, as results.md says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.generic.__main__ import FOLDER, PAGE
from benchmarks.generic.trial import tried

SOURCES: dict[str, Any] = yaml.safe_load((FOLDER / "sources.yaml").read_text())


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROVIDER", "MODEL", "BASE_URL", "API_KEY"):
        monkeypatch.delenv(f"KFORGE_{name}", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_drafted_checked_and_waits(name: str) -> None:
    found = tried(SOURCES[name], performs=False)
    assert (found.drafted, found.checked, found.waits) == ("yes", "yes", "yes")
    row = next(line for line in PAGE.read_text().splitlines() if line.startswith(f"| {name} |"))
    assert row.startswith(f"| {name} | {found.toolchain} | {found.by} | yes | yes | yes |")


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if "reads" in source])
def test_without_a_reading_no_rule_builds_what_needs_one(name: str) -> None:
    source = {key: value for key, value in SOURCES[name].items() if key != "reads"}
    assert "shows how it is built" in tried(source, performs=False).drafted

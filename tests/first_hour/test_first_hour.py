"""The first hour is performed as the page tells it, and reads well on a wider terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.test_transcripts import Transcript
from tests.first_hour.__main__ import PAGE, made
from tests.first_hour.story import performed

pytestmark = pytest.mark.usefixtures("plain_environment")


def test_the_page_is_what_a_terminal_shows() -> None:
    assert made() == PAGE.read_text(encoding="utf-8"), "run: python -m tests.first_hour"


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_terminal(columns: int, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    folder = tmp_path / "parcels"
    folder.mkdir()
    lines = []
    for step, shown in performed(folder, columns):
        lines += [f"$ kforge {step.words}" if step.words else "", *shown.splitlines()]
    whole = [line for line in lines if not line.startswith(("$", "+", "-", " "))]
    assert max(map(len, whole)) <= columns
    assert "\n".join(lines) + "\n" == snapshot(extension_class=Transcript)

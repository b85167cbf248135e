"""What `kforge explain` shows on terminals of 80 and of 120 columns. The snapshots are meant to be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.cli.test_transcripts import Transcript
from tests.terminal import on_a_terminal

SCREENS = (
    ("explain", "web"),
    ("explain", "web/probes"),
    ("explain", "deploy/web", "limits.memory"),
    ("explain", "prod"),
)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_screen_fits_its_terminal(columns: int, built_shop: Path, snapshot: SnapshotAssertion) -> None:
    shown = {words: on_a_terminal(built_shop, *words, columns=columns, NO_COLOR="1").text for words in SCREENS}
    assert [line for text in shown.values() for line in text.splitlines() if len(line) > columns] == []
    told = "\n".join(f"$ kforge {' '.join(words)}\n{text}" for words, text in shown.items())
    assert told == snapshot(extension_class=Transcript)

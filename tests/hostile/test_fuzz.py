"""Random damage to what a pull request may change ends with a message, and never as a bug."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import Hostile
from tests.hostile.fuzz import runs
from tests.trials import sample


@pytest.mark.parametrize("seed", sample([101, 102, 103, 104], 4))
def test_damaged_files_end_with_a_message(hostile: Hostile, seed: int) -> None:
    """The seeds are fixed, so that a failure is a failure everywhere; `python -m tests.hostile.fuzz` takes others."""
    assert [
        each for _, _, broke in runs(hostile.server, hostile.original, hostile.place, seed, 40) for each in broke
    ] == []

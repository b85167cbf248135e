"""A command killed before any of its changes to the disk leaves whole files, and the next one ends as if it never ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.conftest import Hostile
from tests.hostile.kills import CASES, Case, Killed
from tests.models.talking import talking
from tests.trials import widths

STRIDE = 9  # the full width kills at every ninth change of a long list; `python -m tests.hostile` at every one


def word(prompt: str, usual: dict) -> dict:
    """What the model says: the usual answer, and the first setting for every value of a wish."""
    return usual


@pytest.mark.parametrize("every", widths(6))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_command_that_is_killed_leaves_whole_files_and_heals(
    hostile: Hostile, tmp_path: Path, case: Case, every: int
) -> None:
    with talking(word) as model:
        environment = model.environment(tmp_path / "caches") if case.model else {}
        killed = Killed(hostile.server, hostile.original, hostile.place, case, environment)
        steps = range(1, killed.steps + 1) if killed.steps <= 30 else [*range(1, killed.steps, STRIDE), killed.steps]
        assert [*killed.broken([*steps[::every], killed.steps])] == []

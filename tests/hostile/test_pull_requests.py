"""No pull request changes or reads what lies outside, runs anything, shows a secret, hangs, or ends as a bug."""

from __future__ import annotations

import pytest

from tests.hostile.attempt import PullRequest, attempt
from tests.hostile.commands import QUICK, READING
from tests.hostile.conftest import Hostile
from tests.hostile.pull_requests import EVERY
from tests.trials import sample

USUAL = [pull for pull in EVERY if not pull.rare]


@pytest.mark.parametrize("number", sample(range(len(USUAL)), 25), ids=lambda number: USUAL[number].name)
def test_a_hostile_pull_request_gets_nothing(hostile: Hostile, number: int) -> None:
    """Each goes through a few commands and one of the others in turn; `python -m tests.hostile` runs them all."""
    pull: PullRequest = USUAL[number]
    commands = tuple(dict.fromkeys((*pull.also, READING[number % len(READING)], *QUICK)))
    steps = attempt(hostile.server.run, hostile.original, hostile.place(), pull, commands)
    assert [f"{step.command}: {each}" for step in steps for each in step.broke] == []

"""Every path that a command opens or writes, every program and every address lies in an allowed set."""

from __future__ import annotations

import pytest

from tests.hostile import audits
from tests.hostile.attempt import PullRequest
from tests.hostile.conftest import Hostile
from tests.hostile.pull_requests import EVERY
from tests.trials import sample

CLEAN = PullRequest("nothing", lambda world: None)
WORST = audits.worst(EVERY)


@pytest.mark.parametrize("pull", sample([CLEAN, *WORST], 3), ids=lambda pull: pull.name)
def test_commands_open_write_run_and_look_for_what_they_may(hostile: Hostile, pull: PullRequest) -> None:
    assert audits.audited(hostile.server, hostile.original, hostile.place(), pull, audits.USUAL) == []


@pytest.mark.toolchain("strace")
@pytest.mark.skipif(bool(audits.missing()), reason="strace is not here: only Python's own audit events were looked at")
@pytest.mark.parametrize("pull", sample([WORST[-1], CLEAN], 2), ids=lambda pull: pull.name)
def test_the_kernel_saw_nothing_else(hostile: Hostile, pull: PullRequest) -> None:
    assert audits.traced(hostile.original, hostile.place(), pull) == []

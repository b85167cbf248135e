"""Two builds at once: one waits for the other, and what is there is one build's, whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.growth import ENDLESS
from tests.system.builds import clean, snapshot, whole

ROUNDS = 25


def builder(base: Path, first: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.system.builds", str(base), "5000", str(first), str(ROUNDS)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_builds_at_once_take_turns(tmp_path: Path) -> None:
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    builders = [builder(base, first) for first in (1, 100, 200)]
    ended = [process.communicate(timeout=60) for process in builders]
    assert [(out, process.returncode, error) for (out, error), process in zip(ended, builders, strict=True)] == [
        (b"ready\n", 0, b"")
    ] * 3
    last = [
        version
        for version in (ROUNDS, 99 + ROUNDS, 199 + ROUNDS)
        if snapshot(base.parent) == clean(tmp_path / str(version), version, 5000)
    ]
    assert len(last) == 1


def test_builds_at_once_in_a_fresh_folder_both_succeed(tmp_path: Path) -> None:
    for trial in range(5):
        base = tmp_path / str(trial) / "app"
        base.mkdir(parents=True)
        builders = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.system.builds", str(base), "10", "1", "1"], cwd=Path(__file__).parents[2]
            )
            for _ in range(2)
        ]
        assert [process.wait(timeout=ENDLESS) for process in builders] == [0, 0]
        assert whole(base.parent, range(1, 2), 10) == []

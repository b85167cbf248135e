"""One server of processes and one built application for a session of the tests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import memory_folder
from tests.hostile.forkserver import Forkserver
from tests.hostile.worlds import World, surroundings, template


@dataclass
class Hostile:
    """`original` is the world of no attempt; `place` gives a folder for a clone, which the test removes or leaves."""

    server: Forkserver
    original: World
    scratch: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def place(self) -> Path:
        return self.scratch / f"world{next(self._numbers)}"


@pytest.fixture(scope="session")
def hostile() -> Iterator[Hostile]:
    with Forkserver(surroundings()) as server, memory_folder() as scratch:
        scratch.chmod(0o755)  # some commands run as another user
        yield Hostile(server, template(scratch / "original", server), scratch)

"""Every example, worked out in memory from its spec and sources alone: what the golden tests hold still."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.system import locked
from tests.conftest import SPECS, copied

EXAMPLES = tuple(sorted(path.parent.name for path in SPECS.glob("*/app.kforge.yaml")))


@lru_cache
def outcome(name: str) -> Outcome:
    """What a first build of an example works out."""
    with TemporaryDirectory() as place:
        folder = copied(name, Path(place).resolve() / name)
        return run(Project(folder / "app.kforge.yaml", folder), Options(date(2026, 1, 2)))


def files(name: str) -> dict[str, str]:
    """Text of every file that it writes, lock and sums among them, by path."""
    worked = outcome(name)
    texts = {path: file.content.decode() for path, file in worked.files.items()}
    lock, sums = locked.render(worked.lock, worked.changes.sums)
    return {**texts, LOCK_FILE: lock, SUMS_FILE: sums}

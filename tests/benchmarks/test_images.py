"""The stand-in for an image builder that benchmarks use."""

from __future__ import annotations

import stat
from pathlib import Path

from benchmarks.repositories.images import _copy_one


def test_owner_and_mode_of_a_copy_are_not_those_of_what_was_there(tmp_path: Path) -> None:
    """A target may be the root of an image, with the machine's own devices mounted in it."""
    source, root = tmp_path / "source", tmp_path / "root"
    (root / "dev").mkdir(parents=True)
    (root / "dev" / "null").write_text("")
    (root / "dev" / "null").chmod(0o666)
    source.mkdir()
    (source / "run").write_text("x")
    _copy_one(source, root, {"chmod": "0755"})
    modes = {name: stat.S_IMODE((root / name).stat().st_mode) for name in ("run", "dev/null")}
    assert modes == {"run": 0o755, "dev/null": 0o666}

"""A folder and the patterns of its .dockerignore → what the builder is sent of it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.perform import ignored


def build_context(source: Path, target: Path, patterns: Sequence[str]) -> Path:
    """What the builder is sent of a folder: a copy without what the .dockerignore leaves out."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        inside = Path(folder).relative_to(source)
        kept_below = any(pattern.startswith("!") for pattern in patterns)
        return [
            name
            for name in names
            if ignored((inside / name).as_posix(), patterns)
            and not (kept_below and Path(folder, name).is_dir() and not Path(folder, name).is_symlink())
        ]

    shutil.copytree(source, target, symlinks=True, ignore=left_out)
    return target

"""The folder `.kforge/` beside a spec: made when needed, ignored by git, safe to delete. Knows nothing of what is in it."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from kforge.domain.lock import STATE_FOLDER
from kforge.errors import InputError, Place
from kforge.system.disk import DISK, Disk


def make_state(base: Path, disk: Disk = DISK) -> Path:
    """The folder, which exists afterwards. Raises OSError, and InputError where something else has its place."""
    folder = base / STATE_FOLDER
    if not os.path.lexists(folder):
        with suppress(FileExistsError):  # another kforge may be as far as we are
            disk.make_folder(str(folder))
    if not stat.S_ISDIR(folder.lstat().st_mode):  # a repository may carry a link that leads anywhere
        raise InputError(f"`{STATE_FOLDER}` is no folder", Place(STATE_FOLDER), "delete it: kforge keeps its state there")
    ignore = str(folder / ".gitignore")
    if not os.path.lexists(ignore):
        with suppress(FileExistsError):
            disk.write(ignore, b"*\n")
    return folder

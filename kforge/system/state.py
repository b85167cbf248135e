"""The folder `.kforge/` beside a spec: made when needed, ignored by git, safe to delete. Knows nothing of what is in
it.

A repository may carry anything under that name or in it. So every access goes by a name in one open folder, creates a
new file or reads a bounded regular one, and follows no link. Callers ask `system/git/tracked.py` before.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kforge.domain.own_files import STATE_FOLDER
from kforge.errors import InputError, Place
from kforge.system.beneath import Beneath
from kforge.system.disk import Disk

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def is_kept(base: str | Path) -> bool:
    """Whether the folder is there, and no link or file in its place."""
    try:
        return stat.S_ISDIR(os.lstat(f"{base}{os.sep}{STATE_FOLDER}").st_mode)
    except OSError:
        return False


@contextmanager
def opened(base: str | Path, root: str | Path | None = None, make: Disk | None = None) -> Iterator[int]:
    """A handle of the folder. `make` is the disk to make it on where it is missing.

    No folder from `root` down to `base` may be a link. Raises OSError where it is missing or closed to us, InputError
    where something else has its place.
    """
    with Beneath(root or base, base) as ways:
        above = ways.folder(".")
        if make and not _lies(STATE_FOLDER, above):
            with suppress(FileExistsError):  # another kforge may be as far as we are
                make.make_folder(STATE_FOLDER, above)
        try:
            handle = os.open(STATE_FOLDER, _FOLDER, dir_fd=above)
        except OSError:
            if stat.S_ISDIR(os.lstat(STATE_FOLDER, dir_fd=above).st_mode):
                raise
            raise InputError(
                f"`{STATE_FOLDER}` is not a folder", Place(STATE_FOLDER), "delete it: kforge keeps its state there"
            ) from None
    try:
        if make and not _lies(".gitignore", handle):
            with suppress(FileExistsError):
                make.write(".gitignore", b"*\n", folder=handle)
        yield handle
    finally:
        os.close(handle)


def lock_file(folder: int) -> int:
    """A handle of the file `lock` in the open folder, made where it is missing. Raises InputError where it is no file."""
    wrong = InputError(
        f"`{STATE_FOLDER}/lock` is not a regular file",
        Place(f"{STATE_FOLDER}/lock"),
        "delete it: kforge keeps its lock there",
    )
    try:
        handle = os.open("lock", _LOCK, 0o644, dir_fd=folder)
    except OSError:
        if not _lies("lock", folder) or stat.S_ISREG(os.lstat("lock", dir_fd=folder).st_mode):
            raise
        raise wrong from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise wrong
    return handle


def _lies(name: str, folder: int) -> bool:
    """Whether anything has this name."""
    try:
        os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True

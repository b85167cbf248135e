"""Paths that a check consulted → whether anything about them has changed since, by one `lstat` each. Reads no content.

It only ever says "nothing changed": any doubt, a file that cannot be read or is of another version, means None or
False, and the caller reads and hashes everything. What an index rests on is times of change (`st_ctime`), which only
the kernel sets, and inode numbers: an index that was copied or committed fits no other checkout. It is
text, and reading it can do nothing but fail.

A path is looked at through the folders above it, so these take part as well, from the root down, where the check
consulted them for nothing else: each must be the same folder as then, and no link. Their times do not count, since
making `.kforge` changes those of the spec's folder.

Racy times: a file that changes twice within one tick of the clock shows one time. So nothing is remembered of a check
that began less than a tick after the newest change to what it consulted.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable
from contextlib import suppress

from kforge.errors import Error
from kforge.system import state
from kforge.system.disk import DISK, Disk
from kforge.system.files import read_in
from kforge.system.temporary import fresh

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "kforge index 2"
LIMIT = 64 << 20
TICK = 20_000_000  # nanoseconds; the kernel's clock moves every 1 to 10 ms
COARSE = 2_000_000_000  # where a disk keeps whole seconds only (FAT: every other one)


class Index:
    """What was consulted, the folders on the way there, and a digest over how all looked.

    `note` is the caller's, one line of its own.
    """

    __slots__ = ("digest", "folders", "note", "paths")

    def __init__(self, paths: tuple[str, ...], digest: str, note: str = "", folders: tuple[str, ...] = ()) -> None:
        self.paths, self.digest, self.note, self.folders = paths, digest, note, folders

    def holds(self, base: str | Path, needed: Iterable[str]) -> bool:
        """Whether every path looks as it did. `needed` must be among them, so that no index of nothing holds.

        Paths are relative to `base` unless absolute.
        """
        if not {*needed} <= {*self.paths}:
            return False
        looks = _looks(str(base), self.paths, self.folders)
        return looks is not None and looks[0] == self.digest


def load(base: str | Path, name: str, key: str, root: str | Path | None = None) -> Index | None:
    """The index `name` below `base`, None if there is none of use. `key` stands for all that is not a file: the
    revisions of kforge's own code, and other values that a verdict depends on, such as the day for waivers that end.
    """
    try:
        with state.opened(base, root) as folder:
            text = (read_in(folder, f"index-{name}", LIMIT, "") or b"").decode("utf-8", "surrogateescape")
    except (OSError, ValueError, Error):
        return None
    first, _, rest = text.partition("\n")
    lines = rest.split("\n")
    if first != FORMAT or len(lines) < 5 or lines[0] != key or lines[-1] != "end" or not lines[3].isdecimal():
        return None
    paths = 4 + int(lines[3][:9])
    return Index(tuple(lines[paths:-1]), lines[1], lines[2], tuple(lines[4:paths]))


def begin(base: str | Path, root: str | Path | None = None, disk: Disk = DISK) -> int | None:
    """The disk's own clock before a check reads anything; `write` needs it. None where nothing can be written."""
    try:
        with state.opened(base, root, disk) as folder:
            clock = fresh()
            disk.write(clock, b"", folder=folder)
            try:
                return os.lstat(clock, dir_fd=folder).st_ctime_ns
            finally:
                disk.remove(clock, folder)
    except (OSError, Error):
        return None


def write(
    base: str | Path,
    name: str,
    key: str,
    paths: Iterable[str],
    began: int | None,
    note: str = "",
    root: str | Path | None = None,
    disk: Disk = DISK,
) -> bool:
    """Remember that everything was current, after a check that began at `began` and consulted `paths`.

    Whether it could be remembered: not when something changed during the check or just before. Never raises.
    """
    listed = tuple(sorted({*paths}))
    if began is None or "\n" in "".join((key, note, *listed)):
        return False
    folders = _between(str(base), str(root or base), listed)
    looks = _looks(str(base), listed, folders)
    margin = COARSE if began % 1_000_000_000 == 0 else TICK
    if looks is None or looks[1] >= began - margin:
        return False
    text = "\n".join((FORMAT, key, looks[0], note, str(len(folders)), *folders, *listed, "end"))
    temporary = fresh()
    try:
        with state.opened(base, root) as folder:
            try:
                disk.write(temporary, text.encode("utf-8", "surrogateescape"), folder=folder)
                disk.replace(temporary, f"index-{name}", folder)
            except BaseException:
                with suppress(OSError):
                    disk.remove(temporary, folder)
                raise
    except (OSError, ValueError, Error):
        return False
    return True


def _between(base: str, root: str, listed: tuple[str, ...]) -> tuple[str, ...]:
    """The folders below `root` that lead to the paths and to `base` and are not among the paths, relative to `base`."""
    known = {_place(base, path) for path in listed}
    found: set[str] = set()
    above = f"{root.rstrip(os.sep)}{os.sep}"
    for place in {base, *(place.rpartition(os.sep)[0] for place in known)}:
        folder = place
        while folder not in found and folder.startswith(above):
            found.add(folder)
            folder = folder.rpartition(os.sep)[0]
    return tuple(sorted(os.path.relpath(folder, base) for folder in found - known))


def _place(base: str, path: str) -> str:
    """Where a path lies, by its text."""
    if path[:2] not in (".", ".."):
        return path if path[:1] == "/" else f"{base}{os.sep}{path}"
    return os.path.normpath(f"{base}{os.sep}{path}")


def _looks(base: str, paths: tuple[str, ...], folders: tuple[str, ...]) -> tuple[str, int] | None:
    """A digest of how all paths look, and the time of the newest change. None for a link: its target looks otherwise.

    A path where nothing is looks like nothing, so that a file which appears is noticed.
    """
    numbers: list[int] = []
    lstat = os.lstat
    try:
        # thousands of times: as little as possible beside the call
        for place in [_place(base, path) for path in paths]:
            try:
                held = lstat(place)
            except (FileNotFoundError, NotADirectoryError):
                numbers += (0, 0, 0, 0, 0)
            else:
                numbers += (held.st_mode, held.st_ctime_ns, held.st_mtime_ns, held.st_size, held.st_ino)
        newest = max(numbers[1::5], default=0)
        for folder in folders:
            try:
                held = lstat(_place(base, folder))
            except (FileNotFoundError, NotADirectoryError):
                numbers += (0, 0, 0, 0, 0)
            else:
                numbers += (held.st_mode, 0, 0, held.st_dev, held.st_ino)
                if folder.strip("./"):  # a swap shows in its time, but so does making `.kforge` in the spec's own
                    newest = max(newest, held.st_ctime_ns)
        if any(mode & 0o170000 == 0o120000 for mode in {*numbers[::5]}):
            return None
        return hashlib.sha256(array("q", numbers).tobytes()).hexdigest(), newest
    except (OSError, ValueError, OverflowError):
        return None

"""Paths that a check consulted → whether anything about them has changed since, by one `lstat` each. Reads no content.

It only ever says "nothing changed": any doubt, a file that cannot be read or is of another version, means None or
False, and the caller reads and hashes everything. What an index rests on is times of change (`st_ctime`), which only
the kernel sets, and inode numbers: an index that was copied, or committed by somebody else, fits no other checkout. It
is text, and reading it can do nothing but fail.

Racy times: a file that changes twice within one tick of the clock shows one time. So nothing is remembered of a check
that began less than a tick after the newest change to what it consulted.
"""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kforge.domain.lock import STATE_FOLDER
from kforge.errors import InputError
from kforge.system.state import make_state

FORMAT = "kforge index 1"
TICK = 20_000_000  # nanoseconds; the kernel's clock moves every 1 to 10 ms
COARSE = 2_000_000_000  # where a disk keeps whole seconds only (FAT: every other one)


@dataclass(frozen=True, slots=True)
class Index:
    """What was consulted, and a digest over how it looked. `note` is the caller's, one line of its own."""

    paths: tuple[str, ...]
    digest: str
    note: str = ""

    def holds(self, base: Path, needed: Iterable[str]) -> bool:
        """Whether every path looks as it did. `needed` must be among them, so that no index of nothing holds.

        Paths are relative to `base` unless absolute.
        """
        if not {*needed} <= {*self.paths}:
            return False
        looks = _looks(base, self.paths)
        return looks is not None and looks[0] == self.digest


def load(base: Path, name: str, key: str) -> Index | None:
    """The index `name` below `base`, None if there is none of use. `key` stands for all that is not a file: the
    revisions of kforge's own code, and whatever else a verdict depends on, such as the day for waivers that end.
    """
    try:
        text = Path(_place(base, name)).read_bytes().decode("utf-8", "surrogateescape")
    except (OSError, ValueError):
        return None
    first, _, rest = text.partition("\n")
    lines = rest.split("\n")
    if first != FORMAT or len(lines) < 4 or lines[0] != key or lines[-1] != "end":
        return None
    return Index(tuple(lines[3:-1]), lines[1], lines[2])


def begin(base: Path, name: str) -> int | None:
    """The disk's own clock before a check reads anything; `write` needs it. None where nothing can be written."""
    place = f"{_place(base, name)}.clock"
    try:
        make_state(base)
        handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o644)
        try:
            os.write(handle, b"\n")
            return os.fstat(handle).st_ctime_ns
        finally:
            os.close(handle)
    except (OSError, InputError):
        return None


def write(base: Path, name: str, key: str, paths: Iterable[str], began: int | None, note: str = "") -> bool:
    """Remember that everything was current, after a check that began at `began` and consulted `paths`.

    Whether it could be remembered: not when something changed during the check or just before. Never raises.
    """
    listed = tuple(sorted({*paths}))
    if began is None or "\n" in "".join((key, note, *listed)):
        return False
    looks = _looks(base, listed)
    margin = COARSE if began % 1_000_000_000 == 0 else TICK
    if looks is None or looks[1] >= began - margin:
        return False
    text = "\n".join((FORMAT, key, looks[0], note, *listed, "end"))
    place = _place(base, name)
    temporary = f"{place}.{os.getpid()}.new"
    try:
        Path(temporary).write_bytes(text.encode("utf-8", "surrogateescape"))
        Path(temporary).replace(place)
    except (OSError, ValueError):
        with suppress(OSError):
            Path(temporary).unlink()
        return False
    return True


def _place(base: Path, name: str) -> str:
    return f"{base}{os.sep}{STATE_FOLDER}{os.sep}index-{name}"


def _looks(base: Path, paths: tuple[str, ...]) -> tuple[str, int] | None:
    """A digest of how all paths look, and the time of the newest change. None for a link: its target looks otherwise.

    A path where nothing is looks like nothing, so that a file which appears is noticed.
    """
    prefix = f"{base}{os.sep}"
    places = [path if path[:1] == "/" else prefix + path for path in paths]
    numbers: list[int] = []
    lstat = os.lstat
    try:
        for place in places:  # thousands of times: as little as possible beside the call itself
            try:
                held = lstat(place)
            except (FileNotFoundError, NotADirectoryError):
                numbers += (0, 0, 0, 0, 0)
            else:
                numbers += (held.st_mode, held.st_ctime_ns, held.st_mtime_ns, held.st_size, held.st_ino)
        if any(mode & 0o170000 == 0o120000 for mode in {*numbers[::5]}):
            return None
        return hashlib.sha256(array("q", numbers).tobytes()).hexdigest(), max(numbers[1::5], default=0)
    except (OSError, ValueError, OverflowError):
        return None

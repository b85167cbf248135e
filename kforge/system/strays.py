"""Folders that kforge writes to → files in them that carry its mark and that no list names. Deletes nothing.

Such a file is kforge's work without a record: of sums that were lost or badly merged, or a copy. Whether somebody
edited it since cannot be told, so it is shown and stays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator

from kforge.system.temporary import PREFIX

_OWN = (".lock", ".sum")


def folders(listed: Iterable[str]) -> list[str]:
    """Folders of the listed files, relative to the spec's own.

    That one is left out: only the bake file lies there, and making `.kforge` in it changes what an index looks at.
    """
    return sorted({path.rpartition("/")[0] for path in listed} - {""})


def strays(base: str, listed: Collection[str], ours: Callable[[bytes], bool]) -> Iterator[str]:
    """Paths in order, relative to `base`. `ours` says of a file's beginning whether it carries the mark."""
    for parent in folders(listed):
        place = os.path.join(base, parent)  # noqa: PTH118 - a thousand times
        try:
            with os.scandir(place) as entries:
                names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        except OSError:
            continue
        for name in names:
            path = f"{parent}/{name}"
            skipped = path in listed or name.endswith(_OWN) or name.startswith(PREFIX)
            if not skipped and ours(_beginning(f"{place}{os.sep}{name}")):
                yield path


def _beginning(place: str) -> bytes:
    """What a regular file begins with; b"" for anything else, a link or a pipe that took the file's place among them."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return b""
    try:
        return os.read(handle, 512) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(handle)

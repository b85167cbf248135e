"""Folders that kforge writes to → files in them that carry its mark and that no list names. Deletes nothing.

Such a file is kforge's work without a record: of sums that were lost or badly merged, or a copy. Whether it was
edited since cannot be told, so it is shown and stays.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from kforge.domain.document import is_of_a_kind
from kforge.errors import InputError
from kforge.system.beneath import Beneath
from kforge.system.listings import Listings
from kforge.system.temporary import PREFIX


def folders(listed: Iterable[str]) -> list[str]:
    """Folders of the listed files, relative to the spec's own.

    That one is left out: only the bake file lies there, and making `.kforge` in it changes what an index looks at.
    """
    return sorted({path.rpartition("/")[0] for path in listed} - {""})


@dataclass(frozen=True, slots=True)
class Marked:
    """Files with the mark, and every file that was looked into: a mark may be written into it one day. Paths are in
    order, relative to the base of the ways.
    """

    paths: tuple[str, ...]
    consulted: tuple[str, ...]


def marked_files(listings: Listings, listed: Collection[str], ours: Callable[[bytes], bool]) -> Marked:
    """`ours` says of a file's beginning whether it carries the mark."""
    looked = tuple(_unlisted(listings, listed))
    return Marked(tuple(path for path in looked if ours(_beginning(listings.ways, path))), looked)


def _unlisted(listings: Listings, listed: Collection[str]) -> Iterator[str]:
    for parent in folders(listed):
        for name, _, is_file in sorted(listings.entries(parent)):
            path = f"{parent}/{name}"
            if path not in listed and is_file and is_of_a_kind(name) and not name.startswith(PREFIX):
                yield path


def _beginning(ways: Beneath, path: str) -> bytes:
    """What a regular file begins with; b"" for anything else, a link or a pipe that took the file's place among them."""
    try:
        folder, name = ways.parent(path)
        handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW, dir_fd=folder)
    except (OSError, InputError):
        return b""
    try:
        return os.read(handle, 512) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(handle)

"""A spec's folder → whether another spec of the repository has a file. Removes nothing, and reads nothing but lists.

Everything that a repository says of a file comes with a pull request, the list beside a new spec too. So a spec removes
nothing that another one's list names, nor anything that lies below another spec, nearer to that than to itself.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from kforge.domain.own_files import SUMS_FILE
from kforge.errors import Error
from kforge.system import sums
from kforge.system.files import reader


class OtherSpecs:
    """The specs below `root` but for the one in `base`. Their lists are read when the first file is asked about."""

    def __init__(self, base: Path, root: Path) -> None:
        self._root, self._own = root, _text(base, root)
        self._read = reader(root, root, sums.MAX_BYTES)
        self._held: dict[str, frozenset[str] | None] = {}  # folder → places from the root; None: it has no list
        self._unclear: set[str] = set()  # folders whose list cannot be read
        self._found: list[str] | None = None

    def have(self, path: str) -> bool:
        """Whether another spec has a file, given relative to this spec's folder. One whose list is damaged has them all."""
        place = posixpath.normpath(posixpath.join(self._own, path))
        for folder in _above(place):
            listed = self._listed(folder)
            if listed is not None and (not _holds(folder, self._own) or place in listed or folder in self._unclear):
                return True
        return any(place in (self._listed(folder) or ()) or folder in self._unclear for folder in self._folders())

    def _folders(self) -> list[str]:
        """Where specs lie, as `kforge build` finds them."""
        if self._found is None:
            from kforge.system.search import search  # it walks all of the repository: only where a file is to go

            self._found = [_text(spec.parent, self._root) for spec in search(self._root, self._root).specs]
        return self._found

    def _listed(self, folder: str) -> frozenset[str] | None:
        if folder == self._own:
            return None
        if folder not in self._held:
            self._held[folder] = self._parsed(folder)
        return self._held[folder]

    def _parsed(self, folder: str) -> frozenset[str] | None:
        try:
            data = self._read(posixpath.join(folder, SUMS_FILE))
            if data is None:
                return None
            held = sums.parse(data, SUMS_FILE)
        except Error:
            self._unclear.add(folder)
            return frozenset()
        paths = (*held.files, *held.aggregates, *held.seeds)
        return frozenset(posixpath.normpath(posixpath.join(folder, path)) for path in paths)


def _text(folder: Path, root: Path) -> str:
    return "" if folder == root else folder.relative_to(root).as_posix()


def _above(place: str) -> Iterator[str]:
    """The folders on the way to a file, from the root down."""
    parts = place.split("/")[:-1]
    return ("/".join(parts[:number]) for number in range(len(parts) + 1))


def _holds(folder: str, other: str) -> bool:
    """Whether a folder is another one, or lies above it."""
    return not folder or other == folder or other.startswith(f"{folder}/")

"""A spec's folder → whether another spec of the repository has a file, and which. Removes nothing, and reads lists only.

Everything that a repository says of a file comes with a pull request, the list beside a new spec too. So a spec removes
nothing that another one's list names, nor anything that lies below another spec, nearer to that than to itself. And it
writes nothing that another one's list names: of two specs that want one file the first that was built has it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from kforge.domain.own_files import SUMS_FILE
from kforge.errors import Error
from kforge.system import sums
from kforge.system.files import reader
from kforge.system.project import specs_in


class OtherSpecs:
    """The specs below `root` but for the one in `base`. Their lists are read when the first file is asked about."""

    def __init__(self, base: Path, root: Path) -> None:
        self._root, self._own = root, _text(base, root)
        self._read = reader(root, root, sums.MAX_BYTES)
        self._held: dict[str, frozenset[str] | None] = {}  # folder → places from the root; None: it has no list
        self._unclear: set[str] = set()  # folders whose list cannot be read
        self._found: list[str] | None = None
        self._enclosing = [folder for folder in _above(posixpath.join(self._own, ".")) if folder != self._own]
        self.consulted: set[str] = set()  # what `rival` depends on, as absolute paths

    def have(self, path: str) -> bool:
        """Whether another spec has a file, given relative to this spec's folder. One whose list is damaged has them all."""
        place = posixpath.normpath(posixpath.join(self._own, path))
        for folder in _above(place):
            listed = self._listed(folder)
            if listed is not None and (not _holds(folder, self._own) or place in listed or folder in self._unclear):
                return True
        return any(place in (self._listed(folder) or ()) or folder in self._unclear for folder in self._folders())

    def rival(self, path: str, listed: bool) -> str:
        """The other spec, as a path from the root, whose list names a file that this one wants; "" where there is none.

        `listed`: the own list names it as well. Then a spec that came below this one is the one to give way; before
        that, this one is. Far specs have files here only by `..`, and it is their own build that finds this list.
        """
        place = posixpath.normpath(posixpath.join(self._own, path))
        outside = not _holds(self._own, posixpath.dirname(place))
        near = self._enclosing if listed and not outside else _above(place)
        for folder in (*near, *(self._folders() if outside else ())):
            if place in (self._listed(folder) or ()) and (specs := specs_in(self._root / folder)):
                return posixpath.join(folder, specs[0].name)
        return ""

    def _folders(self) -> list[str]:
        """Where specs lie, as `kforge build` finds them."""
        if self._found is None:
            from kforge.system.search import search  # it walks all of the repository: only where a file is to go

            found = search(self._root, self._root)
            self._found = [_text(spec.parent, self._root) for spec in found.specs]
            self.consulted.update(found.consulted)
        return self._found

    def _listed(self, folder: str) -> frozenset[str] | None:
        if folder == self._own:
            return None
        if folder not in self._held:
            self._held[folder] = self._parsed(folder)
        return self._held[folder]

    def _parsed(self, folder: str) -> frozenset[str] | None:
        data: bytes | None = b""
        self.consulted.add(str(self._root / folder / SUMS_FILE))
        try:
            data = self._read(posixpath.join(folder, SUMS_FILE))
            if data is None:
                return None
            held = sums.parse(data, SUMS_FILE)
        except Error:
            self._unclear.add(folder)
            lines = (data or b"").decode(errors="surrogateescape").splitlines()
            paths = tuple(path for line in lines for path in (line[66:], line.rpartition(" ")[2]))
            return frozenset(posixpath.normpath(posixpath.join(folder, path)) for path in paths)
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

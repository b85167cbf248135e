"""A folder inside a source, or beside it, as a source of its own: what detectors read there, without walking anew."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree


class PartTree:
    """A folder of a tree."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree, self._prefix = tree, f"{folder}/"
        self.files = tuple(path[len(self._prefix) :] for path in tree.files if path.startswith(self._prefix))

    def text(self, path: str) -> str:
        return self._tree.text(self._prefix + path)


class BesideTree:
    """A folder beside a source, a path from the repository's top: the files that lie in it, none of the folders below."""

    def __init__(self, place: Around, folder: str) -> None:
        self._place, self._folder = place, folder
        self.files = tuple(name for name, is_folder in place.names(folder).items() if not is_folder)

    def text(self, path: str) -> str:
        return self._place.text(posixpath.join(self._folder, path)) if path in self.files else ""

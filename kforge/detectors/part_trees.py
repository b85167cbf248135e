"""A folder inside a source, or beside it, as a source of its own: what detectors read there, without walking anew."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kforge.domain.artifact import around, closed
from kforge.domain.source.build_context import NO_PINS

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree


class MovedAround:
    """A repository around another folder of it than the source, of whose build the spec says nothing."""

    pins = NO_PINS

    def __init__(self, place: Around, folder: str) -> None:
        self._place, self.folder = place, folder

    def text(self, path: str) -> str:
        return self._place.text(path)

    def names(self, folder: str) -> Mapping[str, bool]:
        return self._place.names(folder)

    def has(self, path: str) -> bool:
        return self._place.has(path)

    def ignored(self, path: str) -> bool:
        return self._place.ignored(path)


class PartTree:
    """A folder of a tree."""

    def __init__(self, tree: Tree, folder: str) -> None:
        self._tree, self._prefix = tree, f"{folder}/"
        self.files = tuple(path[len(self._prefix) :] for path in tree.files if path.startswith(self._prefix))
        place = around(tree)
        self.around = MovedAround(place, f"{place.folder}/{folder}".lstrip("/")) if place else None

    @property
    def closed(self) -> tuple[str, ...]:
        paths = closed(self._tree)
        return tuple(path[len(self._prefix) :] for path in paths if path.startswith(self._prefix))

    def text(self, path: str) -> str:
        return self._tree.text(self._prefix + path)


class BesideTree:
    """A folder beside a source, a path from the repository's top: the files that lie in it, none of the folders below."""

    def __init__(self, place: Around, folder: str) -> None:
        self._place, self._folder = place, folder
        self.around = MovedAround(place, folder)
        self.files = tuple(name for name, is_folder in place.names(folder).items() if not is_folder)

    def text(self, path: str) -> str:
        return self._place.text(posixpath.join(self._folder, path)) if path in self.files else ""

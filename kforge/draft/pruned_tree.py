"""A source without the folders that are sources of their own. Unaware of what is in them."""

from __future__ import annotations

from collections.abc import Collection

from kforge.domain.artifact import Tree, around
from kforge.domain.facts import Many


class PrunedTree:
    """The files of a tree, but for those in some folders and for some files, by paths below its root."""

    def __init__(self, tree: Tree, folders: Collection[str], files: Collection[str] = ()) -> None:
        self._tree = tree
        self.files = tuple(path for path in tree.files if path not in files and not _inside(path, folders))
        self._known = frozenset(self.files)
        self.around = around(tree)

    @property
    def notes(self) -> Many:
        return getattr(self._tree, "notes", ())

    def text(self, path: str) -> str:
        return self._tree.text(path) if path in self._known else ""


def _inside(path: str, folders: Collection[str]) -> bool:
    """Whether a path lies in one of the folders, looked up part by part: there may be hundreds."""
    end = path.find("/")
    while end >= 0:
        if path[:end] in folders:
            return True
        end = path.find("/", end + 1)
    return False

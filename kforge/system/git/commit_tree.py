"""A commit and a folder in it → the source that detectors would have seen there. Writes nothing.

Files that the disk has as they were are read from there, the others from git, all at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kforge.domain.source.build_context import NO_PINS, ContextPins
from kforge.system.git.commits import Commit
from kforge.system.surroundings import Entry, SourceSurroundings
from kforge.system.tree import IGNORES, LIMITS, Ignores, SourceTree, TreeLimits

MOST = 64 << 20  # bytes of files that changed since


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    folder: bool

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        return self.folder

    def is_file(self, *, follow_symlinks: bool) -> bool:
        return not self.folder

    def is_symlink(self) -> bool:
        return False


class CommitTree(SourceTree):
    """A source as a commit has it in `folder`, a path from the repository's top; `ids` are its files with their objects.

    `whole` turns false where more changed since than is looked at.
    """

    def __init__(
        self,
        commit: Commit,
        folder: str,
        ids: Mapping[str, str],
        limits: TreeLimits = LIMITS,
        pins: ContextPins = NO_PINS,
    ) -> None:
        top = commit.repository.top
        super().__init__(top / folder, top, limits)
        self.problem = ""  # what the disk has there is another matter
        self.around = SourceSurroundings(_CommitDisk(commit), folder, lambda path: None, pins)
        self.whole = True
        self._commit, self._folder, self._ids = commit, folder, ids
        self._children = _children(ids)
        self._ignored = self._fetched([path for path in ids if path.rpartition("/")[2] == ".gitignore"], IGNORES)
        self._changed: Mapping[str, bytes] | None = None

    def _entries(self, prefix: str) -> Iterable[Entry]:
        return [_Entry(name, folder) for name, folder in self._children.get(prefix.rstrip("/"), {}).items()]

    def _is_file(self, path: str) -> bool:
        return path in self._ids

    def _content(self, path: str, limit: int) -> bytes | None:
        if limit == IGNORES:
            return self._ignored.get(path)
        held = self._unchanged(path, limit)
        if held is None and self._changed is None:
            differ = [each for each in self.files if self._unchanged(each, limit) is None]
            self._changed = self._fetched(differ, limit)
        return (self._changed or {}).get(path) if held is None else held

    def _unchanged(self, path: str, limit: int) -> bytes | None:
        """Content of a file that the disk has as the commit has it."""
        content = super()._content(path, limit)
        return content if content is not None and _id(content, self._ids[path]) == self._ids[path] else None

    def _fetched(self, paths: Iterable[str], limit: int) -> dict[str, bytes]:
        """Content by path, of files of at most `limit` bytes."""
        places = {f"{self._folder}/{path}".lstrip("/"): path for path in paths}
        held: dict[str, bytes] = {}
        room = MOST
        for place, blob in self._commit.read(places, limit):
            room -= len(blob.content)
            if room < 0:
                self.whole = False
                break
            if not blob.why:
                held[places[place]] = blob.content
        return held

    def _above(self) -> Ignores:
        parts = self._folder.split("/") if self._folder else []
        folders = ["/".join(parts[:length]) for length in range(len(parts))]  # outermost first
        places = [f"{folder}/.gitignore".lstrip("/") for folder in folders]
        held = {place: blob.content for place, blob in self._commit.read(places, IGNORES)}
        return tuple(
            (f"\0{self._folder.removeprefix(folder).lstrip('/')}/", self._ignore(held.get(place)))
            for folder, place in zip(folders, places, strict=True)
        )


class _CommitDisk:
    """A commit's files by their paths from the repository's top."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._every: dict[str, dict[str, bool]] | None = None

    def content(self, path: str, limit: int) -> bytes | None:
        held = dict(self._commit.read([path], limit)).get(path)
        return held.content if held and not held.why else None

    def entries(self, folder: str) -> Iterable[Entry]:
        return [_Entry(name, below) for name, below in self._folders().get(folder, {}).items()]

    def exists(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        return name in self._folders().get(folder, {})

    def _folders(self) -> dict[str, dict[str, bool]]:
        if self._every is None:
            self._every = _children(self._commit.below([""])[""])
        return self._every


def _children(ids: Iterable[str]) -> dict[str, dict[str, bool]]:
    """By folder, "" for the top: names in it, and whether each is a folder itself."""
    found: dict[str, dict[str, bool]] = {"": {}}
    for path in ids:
        folder, _, name = path.rpartition("/")
        found.setdefault(folder, {})[name] = False
    for folder in [*found]:
        path = folder
        while path:
            path, _, name = path.rpartition("/")
            found.setdefault(path, {})[name] = True
    return found


def _id(content: bytes, like: str) -> str:
    """The name that git gives to a file's content, of as many digits as another name."""
    made = hashlib.sha1(usedforsecurity=False) if len(like) == 40 else hashlib.sha256()
    made.update(b"blob %d\0" % len(content))
    made.update(content)
    return made.hexdigest()

"""A repository around a source → single files and folders of it, by their paths from its top: bounded, no links, no
secrets. Knows no language.

What lies above a source belongs to others as well, so it is never walked: a reader names what it wants to see.
"""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from kforge.domain.source.build_context import NO_PINS, ContextPins
from kforge.errors import InputError
from kforge.system.beneath import Beneath
from kforge.system.ignore import NOTHING_IGNORED, Ignore, MatchBudget, parse
from kforge.system.skipped_names import DENIED, SKIPPED, VENDOR

LOOKS = 4000  # files and folders of one source's surroundings that are looked at
ALL_BYTES, FILE_BYTES = 4 << 20, 512 << 10  # of all the texts, and of one


class Entry(Protocol):
    """A file or folder as `os.scandir` shows it."""

    @property
    def name(self) -> str: ...

    def is_dir(self, *, follow_symlinks: bool) -> bool: ...

    def is_file(self, *, follow_symlinks: bool) -> bool: ...

    def is_symlink(self) -> bool: ...


class RepositoryFiles(Protocol):
    """What the surroundings are read from: a disk, or a commit. Paths are from the repository's top."""

    def content(self, path: str, limit: int) -> bytes | None: ...

    def entries(self, folder: str) -> Iterable[Entry]: ...

    def exists(self, path: str) -> bool: ...


class SourceSurroundings:
    """The repository around the source in `folder`, a path from its top; `pins` are what the spec says of its build."""

    def __init__(
        self, disk: RepositoryFiles, folder: str, saw: Callable[[str], None], pins: ContextPins = NO_PINS
    ) -> None:
        self.folder, self.pins = folder, pins
        self._disk, self._saw = disk, saw
        self._texts: dict[str, str] = {}
        self._names: dict[str, dict[str, bool]] = {}
        self._there: dict[str, bool] = {}
        self._looks, self._bytes = LOOKS, ALL_BYTES
        self._ignores: dict[str, Ignore] = {}
        self._matching = MatchBudget()

    def text(self, path: str) -> str:
        """Content of a file; "" where it is missing, binary, too large or reached through a link."""
        if path not in self._texts:
            self._texts[path] = self._read(path) if self._look(path) else ""
        return self._texts[path]

    def names(self, folder: str) -> dict[str, bool]:
        """What lies in a folder, sorted, and whether each is a folder; links and what tools make left out."""
        if folder not in self._names:
            found: dict[str, bool] = {}
            if self._look(folder):
                try:
                    listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in self._disk.entries(folder)]
                except (OSError, InputError):
                    listed = []
                found = {name: below for name, below in sorted(listed) if not (below and name in SKIPPED | VENDOR)}
            self._names[folder] = found
        return self._names[folder]

    def has(self, path: str) -> bool:
        """Whether something lies at a path; true where that cannot be told."""
        if path not in self._there:
            try:
                self._there[path] = path == "" or not self._look(path) or self._disk.exists(path)
            except InputError:  # behind a link, or deeper than is looked
                self._there[path] = True
        return self._there[path]

    def ignored(self, path: str) -> bool:
        """Whether a .gitignore file between the top and a path leaves it, or a folder above it, out of the repository."""
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            verdict = None
            for depth in range(count):
                folder = "/".join(parts[:depth])
                ignore = self._ignore(f"{folder}/.gitignore".lstrip("/"))
                seen, name = "/".join(parts[depth:count]), parts[count - 1]
                found = (
                    ignore.verdict(seen, name, True) if self._matching.spend(ignore.steps(seen, name, True)) else None
                )
                verdict = verdict if found is None else found
            if verdict:
                return True
        return False

    def _ignore(self, path: str) -> Ignore:
        if path not in self._ignores:
            self._ignores[path] = parse(self.text(path)) if self._matching.left >= 0 else NOTHING_IGNORED
            self._matching.spend(self._ignores[path].made)
        return self._ignores[path]

    def _look(self, path: str) -> bool:
        self._looks -= 1
        if self._looks < 0:
            return False
        self._saw(path)
        return True

    def _read(self, path: str) -> str:
        if DENIED.fullmatch(posixpath.basename(path)) or self._bytes <= 0:
            return ""
        try:
            content = self._disk.content(path, FILE_BYTES) or b""
        except InputError:
            return ""
        self._bytes -= len(content)
        return "" if b"\0" in content else content.decode("utf-8-sig", errors="replace")


class RepositoryDisk:
    """A repository's files by their paths from its top, through no link."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self._handles = Beneath(top)

    def content(self, path: str, limit: int) -> bytes | None:
        return read_beneath(self._handles, path, limit)

    def entries(self, folder: str) -> Iterable[Entry]:
        """Raises OSError, InputError."""
        with os.scandir(self._handles.folder(folder or ".")) as entries:
            return [entry for entry in entries if not entry.is_symlink()]

    def exists(self, path: str) -> bool:
        """Whether something lies at a path. Raises InputError for one that leads through a link or outside."""
        try:
            folder, name = self._handles.parent(path)
            os.lstat(name, dir_fd=folder)
        except (OSError, ValueError):
            return False
        return True

    def close(self) -> None:
        self._handles.close()


def read_beneath(ways: Beneath, path: str, limit: int) -> bytes | None:
    """Content of a regular file of at most `limit` bytes, never through a link; None for anything else."""
    try:
        folder, name = ways.parent(path)
        # O_NONBLOCK: opening a pipe that took the file's place must not wait for a writer.
        handle = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except (OSError, ValueError, InputError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            return None
        content = b""
        while len(content) <= limit and (chunk := os.read(handle, limit + 1 - len(content))):
            content += chunk
        return content if len(content) <= limit else None
    except OSError:
        return None
    finally:
        os.close(handle)


def from_top(here: str, top: str) -> str:
    """A folder as seen from the top of its repository, "" for the top itself."""
    return here[len(top.rstrip(os.sep)) :].strip(os.sep).replace(os.sep, "/")

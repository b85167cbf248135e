"""A root folder → handles of the folders below it, opened part by part through no link. Knows no format.

Every part of a path is opened relative to the folder before it, so neither a link that a repository holds nor one that
is put in a folder's place meanwhile leads outside. Linux does the same in one call (openat2, RESOLVE_BENEATH and
RESOLVE_NO_SYMLINKS), which Python lacks and macOS does not have. No way leads into git's own folder.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from types import TracebackType

from kforge.errors import InputError, Place

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
DEPTH = 100  # folders on one way, each with a handle that is open meanwhile; a process may have 256 on macOS
_NO_NAMES = frozenset(("", ".", ".."))
_REAL = "kforge does not follow links in a repository: put the file or folder itself there"


class Beneath:
    """Files below `root`, by paths that are relative to `base`, which lies at or below it; they may begin with `../`.

    Handles of the last path stay open, so that a sorted run of paths opens each folder once. Closed by `close` or
    `with`.
    """

    def __init__(self, root: str | Path, base: str | Path | None = None) -> None:
        self.root = root
        above, place = str(root).rstrip(os.sep), str(base or root)
        below = place[len(above) :]
        if not place.startswith(above) or below[:1] not in ("", os.sep):
            raise ValueError(f"{base} does not lie below {root}")
        self._base = [part for part in below.split(os.sep) if part]  # noqa: PTH206 - text: pathlib is not loaded
        self._names: list[str] = []
        self._handles: list[int] = []  # one more than names: the first is the root's
        self._last = ""  # the folder of the last path, as it was written: most paths have that of the one before

    def __enter__(self) -> Beneath:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        self._last = ""
        self._leave(0)

    def parent(self, path: str) -> tuple[int, str]:
        """The handle of the folder that a path's last part lies in, valid until the next call, and that part.

        Raises InputError for a path that leaves the root, passes through a link or is git's own, OSError where a folder
        is missing.
        """
        written, _, name = path.rpartition("/")
        plain = name not in _NO_NAMES and not _gits(name)
        if plain and written and written == self._last:
            return self._handles[-1], name
        *folders, name = self._parts(path)
        handle = self._enter(folders, path)
        if plain:
            self._last = written
        return handle, name

    def folder(self, path: str) -> int:
        """The handle of a folder, valid until the next call. Raises as `parent`."""
        return self._enter(self._parts(path, folder=True), path)

    def _parts(self, path: str, folder: bool = False) -> list[str]:
        """The parts of a path from the root, by its text alone."""
        parts = [*self._base]
        for part in path.split("/"):
            if part == ".." and parts:
                parts.pop()
            elif part == "..":
                raise InputError(
                    f"`{path[:200]}` lies outside the repository", Place(path[:200]), "name a path inside it"
                )
            elif part not in ("", "."):
                parts.append(part)
        if _gits("/".join(parts)):
            raise InputError(f"`{path[:200]}` lies in git's own folder", Place(path[:200]), "name another folder")
        if len(parts) > DEPTH:
            raise InputError(
                f"`{path[:200]}` lies deeper than {DEPTH} folders", Place(path[:200]), "name a folder further up"
            )
        if not parts and not folder:
            raise InputError(f"`{path[:200]}` is the folder itself", Place(path[:200]), "name a file in it")
        return parts

    def _enter(self, folders: list[str], path: str) -> int:
        self._last = ""
        shared = 0
        for held, wanted in zip(self._names, folders, strict=False):
            if held != wanted:
                break
            shared += 1
        if self._handles:
            self._leave(shared + 1)
        else:
            self._handles.append(os.open(self.root, _FOLDER & ~os.O_NOFOLLOW))  # the way to the root is the user's own
        for name in folders[shared:]:
            self._handles.append(self._opened(name, path))
            self._names.append(name)
        return self._handles[-1]

    def _opened(self, name: str, path: str) -> int:
        above = self._handles[-1]
        try:
            return os.open(name, _FOLDER, dir_fd=above)
        except ValueError:  # a NUL, or half a character
            raise InputError(
                f"`{path[:200]!a}` cannot be a path", Place(repr(path[:200])), "leave the control character out"
            ) from None
        except OSError:
            if linked(name, above):
                way = "/".join([*self._names, name])
                raise InputError(
                    f"`{path}` passes through `{way}`, which is a symbolic link", Place(path), _REAL
                ) from None
            raise

    def _leave(self, keep: int) -> None:
        """Close all handles but the first ones."""
        while len(self._handles) > keep:
            with suppress(OSError):
                os.close(self._handles.pop())
        del self._names[max(0, keep - 1) :]


def _gits(path: str) -> bool:
    """As `paths.gits`, whose module compiles patterns that most paths do not need: every start would wait for them."""
    if path.isascii() and "git" not in path.lower():
        return False
    from kforge.system.paths import gits

    return gits(path)


def linked(name: str, above: int | None = None) -> bool:
    """Whether there is a link of this name in a folder."""
    try:
        return stat.S_ISLNK(os.lstat(name, dir_fd=above).st_mode)
    except (OSError, ValueError):
        return False


def is_link(shown: str) -> InputError:
    """The error for a link in a file's place."""
    return InputError(f"`{shown}` is a symbolic link", Place(shown), _REAL)


def unfit(root: Path, base: Path | None) -> str:
    """Why the folder cannot be a source, in words that follow its name; "" when it can."""
    here = root
    while base is not None and here not in (base, here.parent):
        if linked(str(here)):
            return "is reached through a symbolic link"
        here = here.parent
    try:
        mode = root.stat().st_mode
    except FileNotFoundError:
        return "does not exist"
    except (OSError, ValueError) as error:
        return f"cannot be read: {(getattr(error, 'strerror', '') or 'it is no path').lower()}"
    if not stat.S_ISDIR(mode):
        return "is not a folder"
    readable = os.access(root, os.R_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)
    return "" if readable else "cannot be read: permission denied"

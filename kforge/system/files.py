"""A path → the bytes of the regular file there, or None. Knows no format."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from kforge.errors import InputError, Place, WorldError
from kforge.system.beneath import Beneath, is_link, linked

LIMIT = 256 * 1024 * 1024
# O_NONBLOCK: a pipe in the file's place must not make us wait for its writer.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def read(path: Path | str, limit: int = LIMIT, shown: str = "") -> bytes | None:
    """The file's content; None where nothing is there. Messages call it `shown`.

    Raises InputError for a link, a folder, a pipe or something too large, WorldError where reading fails.
    """
    return _read(os.fspath(path), None, limit, shown or str(path))


def reader(base: Path, root: Path, limit: int = LIMIT) -> Callable[[str], bytes | None]:
    """`read` for paths relative to a folder, none of which leaves `root` or passes through a link.

    For paths that a committed file names. What the function raises besides `read`'s: InputError for such a path.
    """
    ways = Beneath(root, base)

    def reads(path: str) -> bytes | None:
        try:
            folder, name = ways.parent(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise failed("read", path, error) from None
        return _read(name, folder, limit, path)

    return reads


def _read(name: str, folder: int | None, limit: int, shown: str) -> bytes | None:
    try:
        handle = os.open(name, _READ, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:  # a NUL, or half a character
        raise InputError(f"`{shown[:200]!a}` is no path", Place(repr(shown[:200])), "leave that character out") from None
    except OSError as error:
        if linked(name, folder):
            raise is_link(shown) from None
        raise failed("read", shown, error) from None
    try:
        return content(handle, shown, limit)
    except OSError as error:
        raise failed("read", shown, error) from None
    finally:
        os.close(handle)


def content(handle: int, shown: str, limit: int = LIMIT) -> bytes:
    """What an open regular file holds. Raises InputError for anything else, OSError where reading fails."""
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        raise _unfit(shown, status, limit)
    held = os.read(handle, status.st_size + 1)
    while len(held) > status.st_size and (more := os.read(handle, 1 << 20)):  # it grew meanwhile
        held += more
        if len(held) > limit:
            raise _unfit(shown, os.fstat(handle), limit)
    return held


def failed(verb: str, path: Path | str, error: OSError, hint: str = "") -> WorldError:
    """The error to show when the disk refuses: what was tried, on which file, and the reason it gave."""
    reason = (error.strerror or str(error)).lower()
    return WorldError(f"cannot {verb} `{path}`: {reason}", Place(str(path)), hint)


def _unfit(shown: str, status: os.stat_result, limit: int) -> InputError:
    hint = "kforge reads a file here: move what is in its place"
    if stat.S_ISREG(status.st_mode):
        return InputError(f"`{shown}` is larger than {limit // 1024 // 1024} MiB", Place(shown), hint)
    kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
    return InputError(f"`{shown}` is {kind}", Place(shown), hint)


def replace(path: Path, content: bytes) -> None:
    """Put new content in a file's place, whole or not at all; its mode stays. Raises WorldError where the disk fails."""
    temporary = path.with_name(f".kforge-tmp-{path.name}")
    try:
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise failed("write", path, error) from None

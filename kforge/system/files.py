"""A path ↔ the bytes of the regular file there. Knows no format."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kforge.errors import Error, InputError, Place, WorldError
from kforge.system.beneath import Beneath, is_link
from kforge.system.disk import DISK, MODE, Disk
from kforge.system.temporary import fresh

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 64 << 20  # bytes
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
# O_NONBLOCK: a pipe in the file's place must not make us wait for its writer.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


def read(path: Path | str, limit: int = LIMIT, shown: str = "", root: str | Path | None = None) -> bytes | None:
    """The file's content; None where nothing is there. Messages call it `shown`.

    No folder of the path below `root` may be a link; without a root the path is the user's own. Raises InputError
    for a link, a folder, a pipe or something too large, WorldError where reading fails.
    """
    if root is None:
        return read_in(None, os.fspath(path), limit, shown or str(path))
    folder, name = os.path.split(path)  # text: `pathlib` takes its time
    with Beneath(root, folder) as ways:
        return _read(ways, name, limit, shown or str(path))


def reader(base: str | Path, root: str | Path, limit: int = LIMIT) -> Callable[[str], bytes | None]:
    """`read` for paths relative to a folder, none of which leaves `root` or passes through a link.

    For paths that a committed file names. What the function raises besides `read`'s: InputError for such a path.
    """
    ways = Beneath(root, base)
    return lambda path: _read(ways, path, limit, path)


def _read(ways: Beneath, path: str, limit: int, shown: str) -> bytes | None:
    try:
        folder, name = ways.parent(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _refused(shown, error) from None
    return read_in(folder, name, limit, shown)


def read_in(folder: int | None, name: str, limit: int, shown: str) -> bytes | None:
    """`read` for a name in an open folder."""
    try:
        handle = os.open(name, _READ, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:  # a NUL, or half a character
        raise InputError(
            f"`{shown[:200]!a}` cannot be a path", Place(repr(shown[:200])), "leave the control character out"
        ) from None
    except OSError as error:
        raise _closed(name, folder, shown, error) from None
    try:
        return content(handle, shown, limit)
    except OSError as error:
        raise failed("read", shown, error) from None
    finally:
        os.close(handle)


def _closed(name: str, folder: int | None, shown: str, error: OSError) -> Error:
    """The error for what cannot be opened: a link and a socket are the input's fault, the rest is the disk's."""
    try:
        status = os.lstat(name, dir_fd=folder)
    except OSError:
        return _refused(shown, error)
    if stat.S_ISLNK(status.st_mode):
        return is_link(shown)
    return failed("read", shown, error) if stat.S_ISREG(status.st_mode) else _unfit(shown, status, LIMIT)


def _refused(shown: str, error: OSError) -> Error:
    if error.errno == errno.ENAMETOOLONG:
        return InputError(f"`{shown[:200]}` is longer than a path can be", Place(shown[:200]), "shorten it")
    return failed("read", shown, error)


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
    hint = "kforge expects a small file here: move this one away"
    if stat.S_ISREG(status.st_mode):
        return InputError(f"`{shown}` is larger than {limit // 1024 // 1024} MiB", Place(shown), hint)
    kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
    return InputError(f"`{shown}` is {kind}", Place(shown), hint)


def replace(path: Path, content: bytes, root: Path | None = None, disk: Disk = DISK) -> None:
    """Put new content in a file's place, whole or not at all; its mode stays.

    No folder of the path below `root` may be a link; without a root the path is the user's own. Raises InputError
    for anything but a regular file in its place, WorldError where the disk fails.
    """
    with Beneath(root or path.parent, path.parent) as ways:
        try:
            folder, name = ways.parent(path.name)
            mode = _mode(name, folder, str(path))
            with _staged(content, mode, folder, disk) as temporary:
                disk.replace(temporary, name, folder)
        except OSError as error:
            raise failed("write", path, error) from None


def create(path: Path, content: bytes, root: Path | None = None, disk: Disk = DISK) -> None:
    """A new file, whole or not at all, and never over another one. `root` and errors are as for `replace`.

    Raises FileExistsError where something has the name.
    """
    with Beneath(root or path.parent, path.parent) as ways:
        try:
            folder, name = ways.parent(path.name)
            with _staged(content, MODE, folder, disk) as temporary:
                _named(temporary, name, folder, disk)
        except FileExistsError:
            raise
        except OSError as error:
            raise failed("write", path, error) from None


@contextmanager
def _staged(content: bytes, mode: int, folder: int, disk: Disk) -> Iterator[str]:
    """A temporary file that is gone afterwards, unless it got another name."""
    temporary = fresh()
    try:
        disk.write(temporary, content, durable=True, folder=folder, mode=mode)
        yield temporary
    except BaseException:
        with suppress(OSError):
            disk.remove(temporary, folder)
        raise


def _named(temporary: str, name: str, folder: int, disk: Disk) -> None:
    """Give a temporary file its name, which nothing may have yet."""
    try:
        disk.link(temporary, name, folder)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # FAT and some network disks: an empty file takes the name first, so that only a death between two calls shows.
        disk.write(name, b"", folder=folder)
        disk.replace(temporary, name, folder)
    else:
        with suppress(OSError):  # it is written: a second name that cannot go is swept by the next build
            disk.remove(temporary, folder)


def _mode(name: str, folder: int, shown: str) -> int:
    """The mode that a file keeps. Raises InputError for what is not a regular file."""
    try:
        status = os.lstat(name, dir_fd=folder)
    except FileNotFoundError:
        return MODE
    if stat.S_ISLNK(status.st_mode):
        raise is_link(shown)
    if not stat.S_ISREG(status.st_mode):
        raise _unfit(shown, status, LIMIT)
    return stat.S_IMODE(status.st_mode)

"""A path → the bytes of the regular file there, or None. Knows no format."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from kforge.errors import InputError, Place, WorldError

LIMIT = 256 * 1024 * 1024
# O_NONBLOCK: a pipe in the file's place must not make us wait for its writer.
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


def read(path: Path | str, limit: int = LIMIT, shown: str = "") -> bytes | None:
    """The file's content; None where nothing is there. Messages call it `shown`.

    Raises InputError for a folder, a pipe or something too large, WorldError where reading fails.
    """
    try:
        handle = os.open(path, _READ)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise failed("read", shown or path, error) from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise _unfit(str(shown or path), status, limit)
        content = os.read(handle, status.st_size + 1)
        while len(content) > status.st_size and (more := os.read(handle, 1 << 20)):  # it grew meanwhile
            content += more
        return content
    except OSError as error:
        raise failed("read", shown or path, error) from None
    finally:
        os.close(handle)


def reader(base: Path) -> Callable[[str], bytes | None]:
    """`read` for paths relative to a folder, as `compare` asks for them."""
    prefix = f"{base}{os.sep}"
    return lambda path: read(prefix + path, LIMIT, path)


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

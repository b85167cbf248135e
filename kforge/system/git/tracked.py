"""A path → whether git tracks it, read off git's index. Starts no git.

A tracked file in a spec's `.kforge/` may come with a pull request, and only kforge itself may write its state. A check
ignores such a folder, and commands that write refuse to begin. An untracked file is the user's own: a pull request that
names it gets nothing of it shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from kforge.domain.own_files import STATE_FOLDER
from kforge.errors import Error, Place
from kforge.system.files import content
from kforge.system.git.index import holds, places

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1 << 30
TRACKED = "is tracked by git"
UNKNOWN = "may be tracked by git, whose index cannot be read"


def tracked(folder: str | Path, root: str | Path) -> str:
    """Why the `.kforge/` in a folder is not to be used, in words that follow its name; "" where it may be.

    `root` is the top of the repository. Where nothing is there yet, one look at the disk says so.
    """
    place = f"{folder}{os.sep}{STATE_FOLDER}"
    try:
        own = os.lstat(place)
    except OSError:
        return ""
    try:
        index = index_of(root)
        look = os.stat(index)  # noqa: PTH116  # text, for every spec
    except FileNotFoundError:
        return ""  # no git, or nothing was ever added
    except (OSError, ValueError, Error):
        return UNKNOWN
    # the same folder, where the disk ignores case
    any_case = os.path.lexists(f"{folder}{os.sep}{STATE_FOLDER.upper()}")
    held = _held(index, (look.st_mtime_ns, look.st_size, look.st_ino), any_case)
    if held is None:
        return UNKNOWN
    path = os.path.relpath(place, root)
    if path in held.get(_folded(path), ()):
        return TRACKED
    return TRACKED if any(_same(f"{root}{os.sep}{other}", own) for other in held.get(_folded(path), ())) else ""


def tracks(root: Path, path: str) -> bool:
    """Whether git tracks a file, whose path is from the top of the repository at `root`. False where it cannot be told."""
    try:
        index = index_of(root)
        return holds(_bytes(index), os.fsencode(path), _shared(index))
    except (OSError, ValueError, Error):
        return False


def refusal(why: str, folder: str | Path, root: str | Path) -> tuple[str, Place, str]:
    """The error for commands that need the folder: message, place and hint."""
    path = os.path.relpath(f"{folder}{os.sep}{STATE_FOLDER}", root)
    return (
        f"`{path}` {why}: kforge keeps its own state there, and does not take it from a repository",
        Place(path),
        _way_out([path]),
    )


def warning(folders: Mapping[Path, Path]) -> str:
    """What a check says of the folders among these that it does without, "" where it uses all: each with its root."""
    found = {
        os.path.relpath(f"{folder}{os.sep}{STATE_FOLDER}", root): why
        for folder, root in sorted(folders.items())
        if (why := tracked(folder, root))
    }
    if not found:
        return ""
    names = ", ".join(f"`{path}`" for path in [*found][:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
    return (
        f"{names} {next(iter(found.values()))}: kforge does not use it, so checks are not remembered; {_way_out(found)}"
    )


def _way_out(paths: Iterable[str]) -> str:
    return f"`git rm -r --cached {' '.join([*paths][:3])}` at the top of the repository stops tracking it"


def index_of(root: str | Path) -> str:
    """Where git keeps the index of the repository at `root`. Raises OSError, ValueError for a `.git` that is neither."""
    place = f"{root}{os.sep}.git"
    if os.path.isdir(place):  # noqa: PTH112
        return f"{place}{os.sep}index"
    told = _bytes(place, 1 << 16)  # a worktree's or a submodule's
    if not told.startswith(b"gitdir: "):
        raise ValueError("`.git` names no folder")
    folder = os.fsdecode(told[8:].rstrip(b"\r\n"))
    return os.path.join(root, folder, "index")  # noqa: PTH118


@lru_cache(maxsize=4)
def _held(index: str, look: tuple[int, ...], any_case: bool) -> dict[str, tuple[str, ...]] | None:
    """Paths that git tracks, by their folded form; None where the index cannot be read. `look` tells one index from the
    next.
    """
    try:
        found = places(_bytes(index), STATE_FOLDER.encode(), _shared(index), any_case)
    except (OSError, ValueError, Error):
        return None
    held: dict[str, tuple[str, ...]] = {}
    for path in sorted(map(os.fsdecode, found)):
        held[_folded(path)] = (*held.get(_folded(path), ()), path)
    return held


def _shared(index: str) -> Callable[[str], bytes]:
    """What reads the other half of a split index, which lies beside it."""
    folder = os.path.dirname(index)  # noqa: PTH120
    return lambda end: _bytes(f"{folder}{os.sep}sharedindex.{end}")


def _bytes(place: str, limit: int = LIMIT) -> bytes:
    """A file of git's own, through links: that folder is the user's. Raises OSError, and InputError for no bounded
    file.
    """
    handle = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return content(handle, place, limit)
    finally:
        os.close(handle)


def _folded(path: str) -> str:
    """One form for all that a disk may take for one name: some ignore case, some the way that an accent is written."""
    if path.isascii():
        return path.lower()
    from unicodedata import normalize  # only for who has such names

    return normalize("NFC", path.casefold())


def _same(place: str, own: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.lstat(place), own)
    except OSError:
        return False

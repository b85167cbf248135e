"""A folder → the specs in it; a spec's folder → the root it may write below, and the lock for writing there."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from kforge.domain.own_files import STATE_FOLDER
from kforge.errors import InputError, Place, Problem
from kforge.system import index, specs_index
from kforge.system.beneath import linked
from kforge.system.disk import DISK
from kforge.system.files import failed
from kforge.system.git.tracked import refusal, tracked
from kforge.system.paths import odd
from kforge.system.state import is_kept, lock_file, opened
from kforge.system.temporary import PREFIX

SUFFIX = ".kforge.yaml"
_HINT = "name a spec or a folder that holds one; run `kforge init` to draft one"


def _absolute(path: Path) -> Path:
    """Without `..`, so that what lies below what can be told from the text; links are not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def top(folder: Path) -> Path | None:
    """The git top level that a folder lies in, None outside of a repository."""
    found = specs_index.top(str(_absolute(folder)))
    return Path(found) if found else None


def root(folder: Path) -> Path:
    """What may be written from a spec's folder ends here: at the git top level, else at the folder itself."""
    return top(folder) or _absolute(folder)


def chosen(paths: Sequence[Path], start: Path) -> tuple[Path, ...]:
    """The specs that a command works on: those named, those below the folders named, or all of the project's.

    A project is what lies below the git top level that `start` lies in, or below `start` itself without git.

    Raises InputError for a path that is missing or holds no spec, and for two specs in one folder.
    """
    found: set[Path] = set()
    problems = []
    for path in paths or [root(start)]:
        if os.path.isdir(path):  # noqa: PTH112 - pathlib's raises for a path that no disk takes
            specs = _below(path)
            found.update(specs)
            if not specs:
                problems.append(Problem(f"no `*{SUFFIX}` in `{path}`", Place(str(path)), _HINT))
        elif os.path.exists(path):  # noqa: PTH110 - as above
            found.add(_absolute(path))
        else:
            problems.append(Problem(f"`{path}` does not exist", Place(str(path)), _HINT))
    problems += [
        Problem(
            f"`{str(spec)[:200]}…` is longer than a path can be",
            Place(f"{str(spec)[:200]}…"),
            "move the spec further up: its lock and its files lie in and below its folder",
        )
        for spec in sorted(found)
        if _too_long(spec)
    ]
    problems += [
        Problem(
            f"spec {spec.name!a} {said}",
            Place(ascii(spec.name)),
            "rename it: every file that kforge writes names its spec",
        )
        for spec in sorted(found)
        if (said := odd(spec.name))
    ]
    problems += [
        Problem(
            f"`{spec}` passes through `{way}`, which is a symbolic link",
            Place(str(spec)),
            "name the folder that it leads to, in the repository that this lies in",
        )
        for spec in sorted(found)
        if (way := _link_above(spec.parent))
    ]
    ordered = sorted(found)
    for spec, other in pairwise(ordered):
        if spec.parent == other.parent:
            message = f"`{spec.name}` and `{other.name}` are in one folder"
            problems.append(Problem(message, Place(str(other)), "one spec a folder: a lock belongs to a folder"))
    if problems:
        raise InputError(tuple(problems))
    return tuple(ordered)


def _too_long(spec: Path) -> bool:
    """Whether no system call takes the whole path, although git and a walk from folder to folder do."""
    try:
        os.lstat(spec)
    except OSError as error:
        return error.errno == errno.ENAMETOOLONG
    return False


def _link_above(folder: Path) -> Path | None:
    """The first link on the way from the git top level down to a folder: what lies behind it is no part of the
    repository.
    """
    end = root(folder)
    ways = [folder, *folder.parents]
    return next((way for way in reversed(ways[: ways.index(end)]) if linked(str(way))), None)


def specs_in(folder: Path) -> tuple[Path, ...]:
    """The specs that lie in a folder itself, sorted. What a killed kforge left half written is none."""
    try:
        paths = sorted(folder.iterdir())
    except OSError:  # there is none, or it cannot be listed
        return ()
    return tuple(path for path in paths if path.name.endswith(SUFFIX) and not path.name.startswith(PREFIX))


def holds(path: Path) -> bool:
    """Whether a path is a file, or a folder with a spec in or below it."""
    return bool(_below(path)) if os.path.isdir(path) else os.path.exists(path)  # noqa: PTH110, PTH112 - as in `chosen`


def _below(folder: Path) -> tuple[Path, ...]:
    """`search`, remembered where kforge keeps state already: a project of a thousand services has as many folders."""
    base, end = _absolute(folder), root(folder)
    known = is_kept(base) and not tracked(base, end)
    held = specs_index.known_specs(str(base), str(end)) if known else None
    if held is not None:
        return tuple(map(Path, held))
    from kforge.system.search import search  # it walks and matches: not for whom the index answers

    if not known:
        return search(base, top(base)).specs
    began = index.begin(base, end)
    found = search(base, top(base))
    names = [spec.relative_to(base).as_posix() for spec in found.specs]
    index.write(base, specs_index.NAME, specs_index.key(str(end)), found.consulted, began, "\0".join(names), end)
    return found.specs


class ProjectLock:
    """Keeps other kforge processes from writing beside these specs while it is entered. `check` needs none.

    The kernel releases it when the process ends or is killed. Where another process holds it, `waiting` is called and
    the lock waits. Raises WorldError where the folder cannot be written.
    """

    def __init__(self, folders: Iterable[Path], waiting: Callable[[str], None] = lambda message: None) -> None:
        named = {folder.resolve(): _absolute(folder) for folder in folders}
        self._folders = [named[real] for real in sorted(named)]  # one order for all processes, so that none deadlock
        self._waiting = waiting
        self._handles: list[int] = []

    def __enter__(self) -> ProjectLock:
        try:
            for folder in self._folders:
                self._handles.append(self._locked(folder))
        except BaseException:
            self._release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._release()

    def _locked(self, folder: Path) -> int:
        end = root(folder)
        if why := tracked(folder, end):
            raise InputError(*refusal(why, folder, end))
        try:
            while True:
                with opened(folder, end, DISK) as kept:
                    handle = lock_file(kept)
                try:
                    self._wait(handle, folder)
                    if self._lies(handle, folder, end):
                        return handle
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)
        except OSError as error:
            raise failed(
                "lock", folder / STATE_FOLDER, error, "kforge writes beside the spec and needs the right to"
            ) from None

    def _lies(self, handle: int, folder: Path, end: Path) -> bool:
        """Whether other processes would open the same lock file: where `.kforge` was deleted meanwhile, they would not
        wait.
        """
        try:
            with opened(folder, end) as kept:
                return os.path.samestat(os.fstat(handle), os.lstat("lock", dir_fd=kept))
        except FileNotFoundError:
            return False

    def _wait(self, handle: int, folder: Path) -> None:
        import fcntl  # only who writes needs it, and it exists on POSIX alone

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._waiting(f"another kforge works in `{folder}`: waiting until it is done")
            fcntl.flock(handle, fcntl.LOCK_EX)

    def _release(self) -> None:
        while self._handles:
            os.close(self._handles.pop())

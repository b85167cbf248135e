"""A folder → the specs in it; a spec's folder → the root it may write below, and the lock of whoever writes there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import TracebackType

from kforge import __version__
from kforge.domain.lock import STATE_FOLDER
from kforge.errors import InputError, Place, Problem
from kforge.system import index
from kforge.system.files import failed
from kforge.system.ignore import Ignore, parse
from kforge.system.state import make_state
from kforge.system.tree import SKIPPED, read_regular

SUFFIX = ".kforge.yaml"
_INDEX = "specs"
_HINT = "name a spec or a folder that holds one; `kforge schema` prints its form"
Ignores = tuple[tuple[str, Ignore], ...]  # the folder a .gitignore lies in, and what it says


@dataclass(frozen=True, slots=True)
class Found:
    """Specs in order, and every folder and .gitignore that a search for them depends on, as absolute paths."""

    specs: tuple[Path, ...]
    consulted: tuple[str, ...]


def _absolute(path: Path) -> Path:
    """Without `..`, so that what lies below what can be told from the text; links are not followed."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def top(folder: Path) -> Path | None:
    """The git top level that a folder lies in, None outside of a repository."""
    here = _absolute(folder)
    return next((above for above in (here, *here.parents) if os.path.lexists(above / ".git")), None)


def root(folder: Path) -> Path:
    """What may be written from a spec's folder ends here: at the git top level, else at the folder itself."""
    return top(folder) or _absolute(folder)


def chosen(paths: Sequence[Path], start: Path) -> tuple[Path, ...]:
    """The specs that a command works on: those named, those below the folders named, or all of the project's.

    Raises InputError for a path that is missing or holds no spec, and for two specs in one folder.
    """
    found: set[Path] = set()
    problems = []
    for path in paths or [root(start)]:
        if path.is_dir():
            specs = _below(path)
            found.update(specs)
            if not specs:
                problems.append(Problem(f"no `*{SUFFIX}` in `{path}`", Place(str(path)), _HINT))
        elif path.exists():
            found.add(_absolute(path))
        else:
            problems.append(Problem(f"`{path}` does not exist", Place(str(path)), _HINT))
    ordered = sorted(found)
    for spec, other in pairwise(ordered):
        if spec.parent == other.parent:
            message = f"`{spec.name}` and `{other.name}` are in one folder"
            problems.append(Problem(message, Place(str(other)), "one spec a folder: a lock belongs to a folder"))
    if problems:
        raise InputError(tuple(problems))
    return tuple(ordered)


def find_specs(start: Path) -> list[Path]:
    """Every `*.kforge.yaml` below the git top level that `start` lies in, or below `start` itself without git."""
    return list(_below(root(start)))


def _below(folder: Path) -> tuple[Path, ...]:
    """`search`, remembered where kforge keeps state already: a project of a thousand services has as many folders."""
    if not (folder / STATE_FOLDER).is_dir():
        return search(folder).specs
    base = _absolute(folder)
    held = index.load(base, _INDEX, __version__)
    if held is not None and held.holds(base, (str(base),)):
        return tuple(base / name for name in held.note.split("\0") if name)
    began = index.begin(base, _INDEX)
    found = search(base)
    names = [spec.relative_to(base).as_posix() for spec in found.specs]
    index.write(base, _INDEX, __version__, found.consulted, began, "\0".join(names))
    return found.specs


def search(folder: Path) -> Found:
    """Specs in and below a folder. Not looked into: what .gitignore leaves out, links, and other repositories."""
    base = str(_absolute(folder))
    specs: list[Path] = []
    consulted: list[str] = []
    queue: list[tuple[str, Ignores]] = [(base, _above(folder, consulted))]
    for place, outer in queue:
        consulted.append(place)
        files, folders = _listed(place, outermost=place == base)
        ignores = outer
        if ".gitignore" in files:
            ignores = (*outer, (place, _ignore(f"{place}{os.sep}.gitignore", consulted)))
        specs += [
            Path(f"{place}{os.sep}{name}")
            for name in files
            if name.endswith(SUFFIX) and not _ignored(f"{place}{os.sep}{name}", False, ignores)
        ]
        inner = [f"{place}{os.sep}{name}" for name in folders if name not in SKIPPED]
        queue += [(path, ignores) for path in inner if not ignores or not _ignored(path, True, ignores)]
    return Found(tuple(sorted(specs)), tuple(consulted))


def _listed(place: str, outermost: bool) -> tuple[list[str], list[str]]:
    """Names of files and folders in a folder, sorted; none where another repository begins or it cannot be listed."""
    files, folders = [], []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if entry.name == ".git" and not outermost:
                    return [], []
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                else:
                    files.append(entry.name)
    except OSError:
        return [], []
    return sorted(files), sorted(folders)


def _above(folder: Path, consulted: list[str]) -> Ignores:
    """The .gitignore files between the git top level and a folder, outermost first."""
    here, end = _absolute(folder), top(folder)
    above = [] if end is None else [one for one in here.parents if one.is_relative_to(end)]
    return tuple((str(one), _ignore(str(one / ".gitignore"), consulted)) for one in reversed(above))


def _ignore(place: str, consulted: list[str]) -> Ignore:
    consulted.append(place)
    return parse((read_regular(place, 64 * 1024) or b"").decode(errors="replace"))


def _ignored(path: str, folder: bool, ignores: Ignores) -> bool:
    """The nearest .gitignore that mentions a path decides."""
    name = path.rpartition(os.sep)[2]
    for place, ignore in reversed(ignores):
        verdict = ignore.verdict(path[len(place) :].lstrip(os.sep).replace(os.sep, "/"), name, folder)
        if verdict is not None:
            return verdict
    return False


class ProjectLock:
    """Keeps every other kforge from writing beside these specs, while it is entered. `check` needs none.

    The kernel releases it when the process ends, however it ends. Where somebody else holds it, `waiting` is told and
    the lock waits. Raises WorldError where the folder cannot be written.
    """

    def __init__(self, folders: Iterable[Path], waiting: Callable[[str], None] = lambda message: None) -> None:
        self._folders = sorted({folder.resolve() for folder in folders})  # one order for all, so nobody waits in a circle
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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._release()

    def _locked(self, folder: Path) -> int:
        try:
            while True:
                place = make_state(folder) / "lock"
                handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
                try:
                    self._wait(handle, folder)
                    # Somebody may have deleted `.kforge` meanwhile: then this lock would keep nobody out.
                    if place.exists() and os.path.samestat(os.fstat(handle), place.stat()):
                        return handle
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)
        except OSError as error:
            raise failed("lock", folder / STATE_FOLDER, error, "kforge writes beside the spec and needs the right to") from None

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

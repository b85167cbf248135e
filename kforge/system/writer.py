"""Changes → files. Everything was computed in memory before; nothing here knows what a file means.

All new content is staged in temporary files beside its place, then renamed into place, then orphans go, then the lock
and last the sums are replaced. What fails before the first rename leaves no trace; what fails later is put back.
A process that is killed in between leaves whole files, and a list in `.kforge/` of what it was about (`unfinished`): by
it the next build tells its predecessor's work from an edit by hand, and finishes.

The lists of a repository say what kforge wrote, and a pull request may have them say anything: what is tidied up lies in
folders that this build writes in, or that the killed one's own list names.

Everything happens by names in open folders (`beneath`): a folder that is swapped for a link while a build runs leads
nowhere else, and ends the build.

Outputs are not synced one by one (6,000 take seconds). The sums are, with the digest of every output: a power cut that
loses an output's content leaves it empty or full of NUL, which `compare` takes for missing.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath

from kforge.domain.change import Change, Changes
from kforge.domain.own_files import LOCK_FILE, STATE_FOLDER, SUMS_FILE
from kforge.errors import Error, InputError, Problem, WorldError
from kforge.system import unfinished
from kforge.system.beneath import Beneath
from kforge.system.disk import DISK, Disk
from kforge.system.files import failed, reader
from kforge.system.paths import guard
from kforge.system.state import opened
from kforge.system.temporary import fresh, is_temporary
from kforge.system.unfinished import PENDING, Unfinished

_RETRY = "fix that and run `kforge build` again"


def apply(base: Path, root: Path, changes: Changes, lock: str | None, sums: str | None, disk: Disk = DISK) -> bool:
    """Make the changes below `base`, the spec's folder, and write its lock and sums; whether anything was written.

    None leaves a lock or sums as they are: what says the same in another layout is not rewritten.

    The caller holds the project lock and has refused what must not be overwritten. No path may leave `root`, and no
    folder on its way may be a link, then or while this runs. Files that need no change are not touched. Raises
    InputError for a path that is out of bounds, WorldError where the disk fails; then every file is as it was, or the
    message says what is not.
    """
    base, root = Path(os.path.abspath(base)), Path(os.path.abspath(root))  # noqa: PTH100  # resolves no link
    work = [*changes.pending]
    held = reader(base, root)
    given = [(name, text) for name, text in ((LOCK_FILE, lock), (SUMS_FILE, sums)) if text is not None]
    texts = [Change(name, "changed", held(name), text.encode()) for name, text in given]
    guard(base, root, (change.path for change in work))
    before = unfinished.load(base, root)
    with Beneath(root, base) as ways:
        _sweep(ways, disk, {*before.files, *(change.path for change in changes if change.after is not None)})
        for folder in sorted(before.folders, reverse=True):
            _prune(ways, disk, folder)
        texts = [change for change in texts if change.before != change.after]
        if work or texts:
            _Batch(base, ways, disk, before).run(work, texts)
        if before and not (work or texts):
            _quietly(ways, disk, PENDING)
    return bool(work or texts)


def _sweep(ways: Beneath, disk: Disk, paths: set[str]) -> None:
    """Remove the temporary files of killed builds from the folders of these paths, and folders that these leave empty.

    Nothing else has such a name, and only regular files are removed. Other empty folders may be the user's and stay.
    """
    folders = {path.rpartition("/")[0] for path in paths} | {"", STATE_FOLDER}
    for folder in sorted(folders, reverse=True):
        try:
            handle = ways.folder(folder or ".")
            names = os.listdir(handle)  # noqa: PTH208  # pathlib knows no handles
        except (OSError, InputError):
            continue
        left = [name for name in names if is_temporary(name) and _regular(name, handle)]
        for name in sorted(left):
            _quietly(ways, disk, f"{folder}/{name}" if folder else name)
        if left and len(left) == len(names) and folder:
            _prune(ways, disk, folder)


class _Batch:
    """One write of many files. Keeps what is needed to put everything back."""

    def __init__(self, base: Path, ways: Beneath, disk: Disk, earlier: Unfinished) -> None:
        self.base, self.ways, self.disk, self.earlier = base, ways, disk, earlier
        self.folders: list[str] = []  # made by this batch
        self.staged: dict[str, str] = {}  # path → name of the temporary file beside it that waits for it
        self.done: list[Change] = []

    def run(self, work: list[Change], texts: list[Change]) -> None:
        step, path = "write", PENDING
        try:
            with opened(self.base, self.ways.root, self.disk):
                self._announce(work)
            for change in [*work, *texts]:
                path = change.path
                if change.after is not None:
                    self._stage(path, change.after, durable=change in texts)
            for change in [*work, *texts]:
                path, step = change.path, "remove" if change.after is None else "replace"
                self._commit(change)
            path = SUMS_FILE
            self.disk.settle(".", self.ways.folder("."))
        except OSError as error:
            raise self._failed(step, path, error) from None
        except InputError as error:  # a folder became a link meanwhile
            raise self._led_astray(error) from None
        except BaseException:  # an interrupt must not leave half a build
            self._undo()
            raise
        for change in work:
            if change.after is None:
                _prune(self.ways, self.disk, change.path.rpartition("/")[0])
        _quietly(self.ways, self.disk, PENDING)

    def _announce(self, work: list[Change]) -> None:
        """List, durably, what a build that dies now may leave behind: digests, those it found among them, and folders."""
        digests = (
            (change.path, hashlib.sha256(content).hexdigest())
            for change in work
            for content in (change.before, change.after)
            if content is not None
        )
        content = unfinished.listed(digests, self._passing(work), self.earlier)
        self._stage(PENDING, content, durable=True)
        self._replace(PENDING)

    def _passing(self, work: list[Change]) -> list[str]:
        """The folders that are to be made, and those that files are to be removed from: one that is empty is kforge's."""
        found = {change.path.rpartition("/")[0]: True for change in work if change.after is None}
        for change in work:
            folder = change.path.rpartition("/")[0]
            while folder.strip("./") and folder not in found:
                found[folder] = not self._lies(folder)
                folder = folder.rpartition("/")[0]
        return sorted(folder for folder, passing in found.items() if passing)

    def _lies(self, folder: str) -> bool:
        try:
            self.ways.folder(folder)
        except FileNotFoundError:
            return False
        return True

    def _stage(self, path: str, content: bytes, durable: bool = False) -> None:
        folder = self._parent(path)[0]
        self.staged[path] = fresh()
        self.disk.write(self.staged[path], content, durable, folder)

    def _replace(self, path: str) -> None:
        folder, name = self.ways.parent(path)
        self.disk.replace(self.staged[path], name, folder)
        del self.staged[path]

    def _parent(self, path: str) -> tuple[int, str]:
        """The handle of the folder that a path lies in, made where it is missing, and the path's last part."""
        try:
            return self.ways.parent(path)
        except FileNotFoundError:
            above = path.rpartition("/")[0]
            if not above:
                raise
        folder, name = self._parent(above)
        self.disk.make_folder(name, folder)
        self.folders.append(above)
        return self.ways.parent(path)

    def _commit(self, change: Change) -> None:
        if change.after is None:
            folder, name = self.ways.parent(change.path)
            self.disk.remove(name, folder)
        else:
            self._replace(change.path)
        self.done.append(change)

    def _failed(self, step: str, path: str, error: OSError) -> WorldError:
        left = self._undone()
        return failed(step, path, error, f"{left}; {_RETRY}")

    def _led_astray(self, error: InputError) -> InputError:
        return InputError((*error.problems, Problem(f"the build stopped there: {self._undone()}", hint=_RETRY)))

    def _undone(self) -> str:
        """Put everything back, and say how far that went."""
        left = self._undo()
        if left:
            return f"{len(left)} files were replaced already, first `{left[0]}`"
        if not self.earlier:
            _quietly(self.ways, self.disk, PENDING)
        return "nothing was changed"

    def _undo(self) -> list[str]:
        """Put back what was replaced, newest first; the paths where that failed."""
        left = [change.path for change in reversed(self.done) if not self._restored(change)]
        for path, temporary in self.staged.items():
            _quietly(self.ways, self.disk, str(PurePosixPath(path).with_name(temporary)))
        for folder in reversed(self.folders):
            _quietly(self.ways, self.disk, folder, folder=True)
        return left[::-1]

    def _restored(self, change: Change) -> bool:
        try:
            if change.before is None:
                folder, name = self.ways.parent(change.path)
                self.disk.remove(name, folder)
            else:
                self._stage(change.path, change.before)
                self._replace(change.path)
        except (OSError, Error):
            return False
        return True


def _prune(ways: Beneath, disk: Disk, folder: str) -> None:
    """Remove a folder that has become empty, and those above it, the spec's own folder and what holds it excepted."""
    while folder.strip("./") and _quietly(ways, disk, folder, folder=True):
        folder = folder.rpartition("/")[0]


def _quietly(ways: Beneath, disk: Disk, path: str, folder: bool = False) -> bool:
    """Whether something could be removed; tidying up never fails a build."""
    try:
        above, name = ways.parent(path)
        (disk.remove_folder if folder else disk.remove)(name, above)
    except (OSError, Error):
        return False
    return True


def _regular(name: str, folder: int) -> bool:
    try:
        return stat.S_ISREG(os.lstat(name, dir_fd=folder).st_mode)
    except OSError:
        return False

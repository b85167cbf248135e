"""Changes → files. Everything was computed in memory before; nothing here knows what a file means.

All new content is staged in temporary files beside its place, then renamed into place, then orphans go, then the lock
and last the sums are replaced. What fails before the first rename leaves no trace; what fails later is put back.
A process that is killed in between leaves whole files, and a list in `.kforge/` of what it was about: by it the next
build tells its predecessor's work from an edit by hand, and finishes.

Outputs are not synced one by one (6,000 take seconds). The sums are, with the digest of every output: a power cut that
loses an output's content leaves it empty or full of NUL, which `compare` takes for missing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from kforge.domain.change import Change, Changes
from kforge.domain.lock import LOCK_FILE, STATE_FOLDER, SUMS_FILE
from kforge.errors import WorldError
from kforge.system.disk import DISK, Disk
from kforge.system.files import failed, read
from kforge.system.paths import guard, odd
from kforge.system.state import make_state

TEMPORARY = ".kforge-tmp-"
PENDING = f"{STATE_FOLDER}/pending"
_RETRY = "mend that and run `kforge build` again"


def pending(base: Path) -> dict[str, tuple[str, ...]]:
    """Path → digests that a killed build found there or was about to write; empty after one that ended."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (read(base / PENDING) or b"").decode(errors="replace").splitlines():
        digest, _, path = line.partition("  ")
        if len(digest) == 64 and not odd(path):
            found[path] = (*found.get(path, ()), digest)
    return found


def apply(base: Path, root: Path, changes: Changes, lock: str | None, sums: str | None, disk: Disk = DISK) -> bool:
    """Make the changes below `base`, the spec's folder, and write its lock and sums; whether anything was written.

    None leaves a lock or sums as they are: what says the same in another layout is not rewritten.

    The caller holds the project lock and has refused what must not be overwritten. No path may leave `root`. Files
    that need no change are not touched. Raises InputError for a path that is out of bounds, WorldError where the disk
    fails; then every file is as it was, or the message says what is not.
    """
    base = Path(os.path.abspath(base))  # noqa: PTH100  # resolves no link
    work = [*changes.pending]
    given = [(name, text) for name, text in ((LOCK_FILE, lock), (SUMS_FILE, sums)) if text is not None]
    texts = [Change(name, "changed", read(base / name), text.encode()) for name, text in given]
    guard(base, root, (change.path for change in work))
    before = pending(base)
    sweep(base, {*before, *(change.path for change in changes)}, disk)
    texts = [change for change in texts if change.before != change.after]
    if work or texts:
        _Batch(base, disk).run(work, texts)
    if before and not (work or texts):
        _quietly(disk, str(base / PENDING))
    return bool(work or texts)


def sweep(base: Path, paths: set[str], disk: Disk = DISK) -> None:
    """Remove the temporary files of killed builds from the folders of these paths, and folders made for nothing."""
    folders = {os.path.dirname(path) for path in paths} | {"", STATE_FOLDER}  # noqa: PTH120
    for folder in sorted(folders, reverse=True):
        place = os.path.normpath(base / folder)
        try:
            names = sorted(os.listdir(place))  # noqa: PTH208
        except OSError:
            continue
        strays = [name for name in names if name.startswith(TEMPORARY)]
        for name in strays:
            _quietly(disk, f"{place}{os.sep}{name}")
        if len(strays) == len(names) and folder:
            _prune(place, str(base), disk)


class _Batch:
    """One write of many files. Keeps what is needed to put everything back."""

    def __init__(self, base: Path, disk: Disk) -> None:
        self.base, self.disk = base, disk
        self.folders: list[str] = []  # made by this batch
        self.staged: dict[str, str] = {}  # place → temporary file that waits for it
        self.done: list[Change] = []
        self.earlier = pending(base)

    def run(self, work: list[Change], texts: list[Change]) -> None:
        step, path = "write", PENDING
        try:
            make_state(self.base, self.disk)
            self._announce(work)
            for change in [*work, *texts]:
                path = change.path
                if change.after is not None:
                    self._stage(self._place(change), change.after, durable=change in texts)
            for change in [*work, *texts]:
                path, step = change.path, "remove" if change.after is None else "replace"
                self._commit(self._place(change), change)
            path = SUMS_FILE
            self.disk.settle(str(self.base))
        except OSError as error:
            raise self._failed(step, path, error) from None
        except BaseException:  # an interrupt must not leave half a build
            self._undo()
            raise
        for change in work:
            if change.after is None:
                _prune(os.path.dirname(self._place(change)), str(self.base), self.disk)  # noqa: PTH120
        _quietly(self.disk, str(self.base / PENDING))

    def _place(self, change: Change) -> str:
        return os.path.normpath(f"{self.base}{os.sep}{change.path}")

    def _announce(self, work: list[Change]) -> None:
        """List, durably, the digests that a build which dies now may leave behind, and those it found."""
        lines = [
            f"{hashlib.sha256(content).hexdigest()}  {change.path}\n"
            for change in work
            for content in (change.before, change.after)
            if content is not None
        ]
        earlier = [f"{digest}  {path}\n" for path, digests in sorted(self.earlier.items()) for digest in digests]
        place = str(self.base / PENDING)
        self._stage(place, "".join(dict.fromkeys(earlier + lines)).encode(), durable=True)
        self.disk.replace(self.staged.pop(place), place)

    def _stage(self, place: str, content: bytes, durable: bool = False) -> None:
        folder, name = os.path.split(place)
        self._make(folder)
        # One build writes at a time, so the name needs no chance in it; a digest keeps it short.
        temporary = f"{folder}{os.sep}{TEMPORARY}{hashlib.sha256(name.encode()).hexdigest()[:16]}"
        self.staged[place] = temporary
        self.disk.write(temporary, content, durable)

    def _make(self, folder: str) -> None:
        if not os.path.isdir(folder):  # noqa: PTH112
            self._make(os.path.dirname(folder))  # noqa: PTH120
            self.disk.make_folder(folder)
            self.folders.append(folder)

    def _commit(self, place: str, change: Change) -> None:
        if change.after is None:
            self.disk.remove(place)
        else:
            self.disk.replace(self.staged[place], place)
            del self.staged[place]
        self.done.append(change)

    def _failed(self, step: str, path: str, error: OSError) -> WorldError:
        left = self._undo()
        if left:
            return failed(step, path, error, f"{len(left)} files are new already, first `{left[0]}`; {_RETRY}")
        if not self.earlier:
            _quietly(self.disk, str(self.base / PENDING))
        return failed(step, path, error, f"nothing was changed; {_RETRY}")

    def _undo(self) -> list[str]:
        """Put back what was replaced, newest first; the paths where that failed."""
        left = [change.path for change in reversed(self.done) if not self._restored(change)]
        for temporary in self.staged.values():
            _quietly(self.disk, temporary)
        for folder in reversed(self.folders):
            _quietly(self.disk, folder, folder=True)
        return left[::-1]

    def _restored(self, change: Change) -> bool:
        place = self._place(change)
        try:
            if change.before is None:
                self.disk.remove(place)
            else:
                self._stage(place, change.before)
                self.disk.replace(self.staged.pop(place), place)
        except OSError:
            return False
        return True


def _prune(folder: str, base: str, disk: Disk) -> None:
    """Remove a folder that has become empty, and those above it, the spec's own folder and what holds it excepted."""
    while not (base + os.sep).startswith(folder + os.sep) and _quietly(disk, folder, folder=True):
        folder = os.path.dirname(folder)  # noqa: PTH120


def _quietly(disk: Disk, place: str, folder: bool = False) -> bool:
    """Whether something could be removed; tidying up never fails a build."""
    try:
        (disk.remove_folder if folder else disk.remove)(place)
    except OSError:
        return False
    return True

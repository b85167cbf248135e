"""kforge.lock and kforge.sum ↔ what they say together. The two are read, and written, as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from kforge.domain.change import Changes
from kforge.domain.lock import Lock, Revisions, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.system import lockfile, sums
from kforge.system.files import read
from kforge.system.writer import apply


def load(folder: Path, known: Revisions | None, root: Path) -> tuple[Lock, Sums]:
    """Lock and sums beside a spec, through no link from `root` down.

    Raises as `parse` does, InputError for a link, and WorldError where a file cannot be read.
    """
    return parse(texts(folder, root), known)


def texts(folder: Path, root: Path) -> dict[str, bytes]:
    """What the two files hold, by name, where they are there. Raises InputError for a link, WorldError."""
    limits = {LOCK_FILE: lockfile.MAX_BYTES, SUMS_FILE: sums.MAX_BYTES}
    found = {name: read(folder / name, limit, name, root) for name, limit in limits.items()}
    return {name: data for name, data in found.items() if data is not None}


def parse(texts: Mapping[str, bytes], known: Revisions | None) -> tuple[Lock, Sums]:
    """Lock and sums among the files of a folder, by name; lost ones where they are missing.

    Raises InputError for damage, conflicts, and what a newer kforge wrote. Without `known`, revisions are not judged.
    """
    held = sums.parse(texts[SUMS_FILE], SUMS_FILE) if SUMS_FILE in texts else Sums(lost=True)
    if LOCK_FILE not in texts:
        return Lock(lost=True), held
    return lockfile.parse(texts[LOCK_FILE], LOCK_FILE, known, held.record), held


def rewrite(folder: Path, root: Path, known: Revisions, change: Callable[[Lock], Lock]) -> None:
    """Change answers in the lock, and nothing else: files and their inputs are a build's. Raises as `load` and `apply`.

    Sums that a lock does not fit stay as they are: new ones would vouch for an edit of the lock by hand.
    """
    lock, held = load(folder, known, root)
    text, lists = render(change(lock), held)
    edited = lock.odd and not held.lost
    # The sums first: where this ends between the two, the lock is as it was, and doing it again ends it.
    if not edited:
        apply(folder, root, Changes((), held), None, lists)
    apply(folder, root, Changes((), held), text, None)


def render(lock: Lock, held: Sums) -> tuple[str, str]:
    """The texts of kforge.lock and kforge.sum."""
    blocks = lockfile.texts_of(lock)
    return lockfile.render(lock, blocks), sums.render(held, lock, blocks)

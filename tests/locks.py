"""kforge.lock and kforge.sum of a folder ↔ one mapping, for tests that look into them or forge them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.system import locked, lockfile_older


def raw(lock: Lock) -> dict[str, Any]:
    """A lock as nested mappings: what kforge 0.1 kept in one file."""
    return {
        "lock": 1,
        "app": {"inputs": dict(lock.inputs)},
        "services": {name: _service(held) for name, held in lock.services.items()},
    }


def _service(held: ServiceLock) -> dict[str, Any]:
    found: dict[str, Any] = {
        "decisions": {topic: _decision(each) for topic, each in held.decisions.items()},
        "inputs": dict(held.inputs),
    }
    if held.detector:
        found["detector"] = {"name": held.detector, "revision": held.detector_revision}
    return found


def _decision(held: LockedDecision) -> dict[str, Any]:
    keys = ("value", "reasons", "inputs")
    found: dict[str, Any] = {key: dict(getattr(held, key)) for key in keys}
    found |= {"decider": held.decider.record(), "revision": held.revision}
    return (
        found
        | ({"pinned": [*held.pinned]} if held.pinned else {})
        | ({"approved": held.approved} if held.approved else {})
    )


def data(lock: Lock) -> dict[str, Any]:
    """What a parser of YAML has to read in kforge.lock."""
    return {
        "lock": 2,
        "services": {
            name: {topic: _block(one) for topic, one in held.decisions.items()} for name, held in lock.services.items()
        },
    }


def _block(held: LockedDecision) -> dict[str, Any]:
    record = held.decider.record()
    by = record["by"] if record.keys() == {"by"} else record
    own = {"by": by} | ({"pinned": [*held.pinned]} if held.pinned else {})
    own |= {"approved": held.approved} if held.approved else {}
    return own | ({"reliability": held.reliability.record()} if held.reliability else {}) | {**held.value}


def read(folder: Path) -> dict[str, Any]:
    """What the two files of a folder say."""
    return json.loads(json.dumps(raw(locked.load(folder, None, folder)[0])))


def lock_of(held: Mapping[str, Any]) -> Lock:
    """The lock that such a mapping is."""
    return lockfile_older.parse(json.dumps(held), LOCK_FILE)


def write(folder: Path, held: Mapping[str, Any]) -> None:
    """Put a lock into both files of a folder, as a build that had come to it would."""
    sums = locked.load(folder, None, folder)[1]
    texts = locked.render(lock_of(held), sums)
    for name, text in zip((LOCK_FILE, SUMS_FILE), texts, strict=True):
        (folder / name).write_text(text, "utf-8")


def but_for_records(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Contents of files by path, less what kforge.sum says of the lock: what a build that changes no file leaves alone."""
    return {path: held.partition(b"## app\n")[0] if path == SUMS_FILE else held for path, held in files.items()}


@contextmanager
def edited(folder: Path) -> Iterator[dict[str, Any]]:
    """What the files say, to be changed: it is written when the block ends."""
    held = read(folder)
    yield held
    write(folder, held)

"""kforge.lock and kforge.sum with conflict markers → one lock and one list of sums that hold what both sides have.

Each side is read as any lock is, by the same parser and its limits, so markers bring in nothing that a lock could not.
Which of two answers to one question stands is for `stages/decide.py`, which knows the merged spec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kforge.domain.conflict_sides import sides
from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock, Sums
from kforge.errors import InputError
from kforge.system import locked
from kforge.system.conflicts import NEWER, conflicted, either_side


def load(folder: Path, known: Revisions | None, root: Path) -> tuple[Lock, Sums]:
    """Lock and sums beside a spec, where a merge left markers in them what both sides have. Raises as `locked.load`."""
    texts = locked.texts(folder, root)
    found = {name: both for name, data in texts.items() if (both := sides(data))}
    if not found:
        return locked.parse(texts, known)
    read = []
    for number in (0, 1):
        side = {name: found[name][number] if name in found else data for name, data in texts.items()}
        try:
            read.append(locked.parse(side, known))
        except InputError as error:
            if error.problems[0].hint == NEWER:
                raise
            name = min(found)
            raise conflicted(texts[name].decode(errors="replace"), name, either_side(name)) from None
    (ours, listed), (theirs, others) = read
    return replace(_lock(ours, theirs), merged=tuple(sorted(found))), _sums(listed, others)


def _lock(ours: Lock, theirs: Lock) -> Lock:
    services: dict[str, ServiceLock] = {}
    rivals: dict[str, LockedDecision] = {}
    for name in sorted({*ours.services, *theirs.services}):
        one, other = ours.services.get(name), theirs.services.get(name)
        if one is None or other is None:
            services[name] = one or other or ServiceLock()
            continue
        services[name] = replace(one, decisions={**other.decisions, **one.decisions})
        for topic, decision in other.decisions.items():
            if topic in one.decisions and one.decisions[topic] != decision:
                rivals[f"{name}/{topic}"] = decision
    return replace(ours, services=services, rivals=rivals, odd=True)


def _sums(ours: Sums, theirs: Sums) -> Sums:
    files = {**theirs.files, **ours.files}
    revisions = {path: _revision(path, ours, theirs) for path in files}
    return replace(
        ours,
        files=files,
        revisions={path: revision for path, revision in revisions.items() if revision != 1},
        aggregates=_either(ours.aggregates, theirs.aggregates, files),
        seeds=_either(ours.seeds, theirs.seeds, files),
        others={path: digest for path, digest in theirs.files.items() if digest != files[path]},
    )


def _revision(path: str, ours: Sums, theirs: Sums) -> int:
    return (ours if path in ours.files else theirs).revisions.get(path, 1)


def _either(ours: tuple[str, ...], theirs: tuple[str, ...], files: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted({*ours, *theirs} - files.keys()))

"""A locked answer and today's inputs → whether it still stands. Knows nothing of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kforge.domain.lock import LockedDecision


@dataclass(frozen=True, slots=True)
class Standing:
    """`locked` stands; `stale` must be asked again, `changed` or `fault` says why; `outdated` stands until an upgrade.

    A `fault` is what the lock claims and cannot have: then nothing keeps the answer. `proven`: it was worked out again.
    `reads` are the names of what the question reads today.
    """

    state: str
    changed: tuple[str, ...] = ()
    fault: str = ""
    proven: bool = True
    reads: tuple[str, ...] = ()


def standing(locked: LockedDecision, now: Mapping[str, str], revision: int) -> Standing:
    """Compare a locked answer's inputs with today's digests, and its revision with the topic's."""
    changed = tuple(name for name in sorted(locked.inputs) if locked.inputs[name] != now[name])
    if changed:
        return Standing("stale", changed)
    return Standing("outdated" if locked.revision < revision else "locked")

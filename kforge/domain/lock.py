"""Lock: what was decided, and from which inputs; Sums: which files are kforge's, and their content when written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from kforge.domain.decider import Decider
from kforge.domain.digest import alike
from kforge.domain.reliability import Reliability

_PLAIN = attrgetter(
    "reasons", "revision", "inputs", "pinned", "approved", "images"
)  # texts and whole numbers, as they are read


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedDecision:  # noqa: PLW1641 - what holds mappings has no hash
    """An answer as it was given, without the fields that the spec pinned then."""

    value: Mapping[str, Any]
    reasons: Mapping[str, str]
    decider: Decider
    revision: int
    inputs: Mapping[str, str]  # name of what was read → digest of its value
    pinned: tuple[str, ...] = ()  # leaf paths that the spec pinned, sorted
    approved: str = ""  # digest of the value that a person has approved; no other value has that approval
    reliability: Reliability | None = None  # of a model's answer; older locks have none
    # Base image of the answer → what was written in its place since, the same one pinned or patched; older locks have none.
    images: Mapping[str, str] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        """Whether a lock would have the same text for both."""
        if not isinstance(other, LockedDecision):
            return NotImplemented
        same = bool(_PLAIN(self) == _PLAIN(other))
        weighed = alike(*(one.reliability and one.reliability.record() for one in (self, other)))
        decided = alike(self.decider.record(), other.decider.record())
        return same and weighed and decided and alike(self.value, other.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLock:
    """One service: its decisions by topic, and what its artifacts read."""

    decisions: Mapping[str, LockedDecision] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    detector: str = ""  # the detector that claimed the source, "" when none did
    detector_revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Everything that is locked: the answers of kforge.lock with the inputs and revisions of kforge.sum.

    `lost` says that there was no file: every decision is open. `older` says that the file has the form of kforge 0.1,
    `odd` that its text is not the one that a build writes for what it holds. `merged` are the files that held two
    sides of a merge; `rivals` are then the answers of the other side, by `service/topic`, where the two differ.
    """

    services: Mapping[str, ServiceLock] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)  # what the app's own artifacts read
    lost: bool = field(default=False, compare=False)
    older: bool = field(default=False, compare=False)
    odd: bool = field(default=False, compare=False)
    merged: tuple[str, ...] = field(default=(), compare=False)
    rivals: Mapping[str, LockedDecision] = field(default_factory=dict, compare=False)

    def decision(self, service: str, topic: str) -> LockedDecision | None:
        held = self.services.get(service)
        return held.decisions.get(topic) if held else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """The newest revisions that this kforge knows, by name. What is missing here, it does not know at all."""

    topics: Mapping[str, int]
    detectors: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRecord:
    """What kforge.sum keeps of one service beside its files: what its answers and its artifacts were made of.

    `words` are the names in one line, as they stand in the file; `system/record.py` turns them into inputs.
    """

    detector: str = ""
    detector_revision: int = 0
    text: str = ""  # digest of the service's block in kforge.lock
    read: str = ""  # words: every name that was read, with the digest of its value
    answers: Mapping[str, tuple[int, str]] = field(default_factory=dict)  # topic → revision, words
    files: str = ""  # words: what its artifacts read
    apart: bool = False  # whether an answer or a file was made of other values than `read` has: it was kept, stale


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What kforge.sum keeps of the lock: everything that the machine compares and no reviewer judges."""

    services: Mapping[str, ServiceRecord] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)  # what the app's own artifacts read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The owned files of one spec: paths relative to its folder, POSIX.

    `aggregates` are rendered again by `check` and carry no digest, `seeds` were written once and are the user's.
    `others` are digests that the other side of a merge has, where the two sides differ.
    """

    files: Mapping[str, str] = field(default_factory=dict)  # path → sha256 of the content, hex
    revisions: Mapping[str, int] = field(default_factory=dict)  # path → renderer's revision where it is not 1
    aggregates: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    record: Record = field(default_factory=Record, compare=False)  # the lock has it, too
    lost: bool = field(default=False, compare=False)
    others: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __contains__(self, path: object) -> bool:
        return path in self.files or path in self.aggregates or path in self.seeds

"""Decision: a small typed answer that the spec leaves open; Topic: the question behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.domain.decider import MODEL, Decider
from kforge.domain.lock import LockedDecision
from kforge.domain.reliability import Reliability

if TYPE_CHECKING:
    from kforge.domain.view import View


@dataclass(frozen=True, slots=True)
class Answer:
    """What a decider says: the fields of a topic as plain JSON, one sentence a field why, and what a person should hear.
    What is `proposed` waits for a person's approval.
    """

    value: Mapping[str, Any]
    reasons: Mapping[str, str]
    told: tuple[str, ...] = ()
    proposed: bool = False
    # sentences of the owner that this was asked about, and whether it heard them
    heard: tuple[tuple[str, bool], ...] = ()
    confidence: int | None = None  # in percent, how sure a model was; None where that is not known
    repaired: bool = False  # whether an answer before it was refused


@dataclass(frozen=True, slots=True)
class Topic:
    """One question about one service.

    `fields` names what an answer holds, with the meaning of each in a sentence (the JSON Schema of a pin and the
    model's prompt are made of it). `heuristics` answers offline from what the view shows and is always right
    enough to run. `applies` says whether a service poses the question at all. `follows` is for what services that build
    from one folder have in common: it is settled for the first of them, and the others may read that.
    """

    name: str
    revision: int
    fields: Mapping[str, str]
    heuristics: Callable[[View], Answer]
    after: tuple[str, ...] = ()  # topics whose decisions the view may read, of this and of other services
    applies: Callable[[View], bool] = lambda view: True
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A settled question. `value` has the pins laid over the answer; `locked` is the answer alone."""

    service: str
    topic: str
    value: Mapping[str, Any]
    locked: Mapping[str, Any]
    reasons: Mapping[str, str]
    decider: Decider
    revision: int
    inputs: Mapping[str, str]  # name of what was read → digest of its value
    pinned: tuple[str, ...] = ()  # leaf paths that the spec says: `readiness.path`
    state: str = "heuristic"  # pinned | locked | stale | outdated | heuristic | model
    why: str = ""  # what made it stale or outdated
    approved: str = ""  # as the lock has it; a new answer has none
    kept: str = ""  # why no model could be asked, where the locked answer stays for that
    proven: bool = True  # False: an older kforge's answer that cannot be worked out again
    reads: tuple[str, ...] = ()  # what the question reads today, where a locked answer stands
    reliability: Reliability | None = None  # of a model's answer, also of one that the heuristics' stands in place of
    images: Mapping[str, str] = field(default_factory=dict)  # base image → what was written in its place since

    def record(self) -> LockedDecision:
        """What the lock keeps of it."""
        return LockedDecision(
            value=self.locked,
            reasons={name: why for name, why in self.reasons.items() if name in self.locked},
            decider=self.decider,
            revision=self.revision,
            inputs=self.inputs,
            pinned=self.pinned,
            approved=self.approved,
            reliability=self.reliability if self.decider.by == MODEL else None,
            images=self.images,
        )

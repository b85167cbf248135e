"""One question with its locked answer and a fresh reply → the decision: which of the two stands, with the pins over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.deciders.staleness import Standing
from kforge.domain import approval
from kforge.domain.decider import HEURISTICS, MODEL, Decider
from kforge.domain.decision import Answer, Decision, Topic
from kforge.domain.digest import alike
from kforge.domain.lock import LockedDecision
from kforge.domain.model.pending_decision import PendingDecision
from kforge.domain.reliability import Reliability
from kforge.domain.spec.pins import effective, leaves, nested, overlay, without
from kforge.domain.world import World
from kforge.stages.inputs import Inputs
from kforge.stages.weighing import remembered

if TYPE_CHECKING:
    from kforge.domain.model.question import Question


def apart(world: World, one: PendingDecision) -> PendingDecision:
    """The same question with a view whose reads are no inputs, and the files of the source for a model's answer."""
    return replace(one, view=one.view.again(), files=world.files(one.view.service) if by_model(one) else ())


def by_model(one: PendingDecision) -> bool:
    return one.locked is not None and one.locked.decider.by == MODEL


def beyond_limits(question: Question, locked: LockedDecision) -> Iterator[str]:
    from kforge.llm.locked_answer import locked_faults  # what holds a model's answer to its limits is not light

    return locked_faults(question, locked)


def settled_decision(
    world: World,
    one: PendingDecision,
    verdict: Standing,
    reply: tuple[Answer, Decider] | None,
    inputs: Inputs,
    weighed: Reliability | None = None,
) -> Decision:
    """The locked answer where it stands, the fresh one where not, the pins over either. `weighed` is how far a model's
    reply can be relied on, also where the heuristics' stands in its place.
    """
    block = world.raw["services"][one.view.service]
    if reply is None:
        if one.locked is None:
            raise AssertionError(f"nobody answered {one.target}")
        return _decision(replace(one, state=""), block, _standing(one.locked, one.pinned), verdict)
    answer, decider = reply
    fresh = LockedDecision(
        value=answer.value,
        reasons=answer.reasons,
        decider=decider,
        revision=one.topic.revision,
        inputs=inputs.recorded(one.view.service, one.view.reads),
        pinned=tuple(sorted(leaves(one.pinned))),
        reliability=weighed,
        images=one.locked.images if one.locked else {},
    )
    if one.state == "unpinned" and one.locked is not None:
        fresh = _joined(world, one, one.locked, fresh)
    fresh = _standing(fresh, one.pinned)
    before = one.locked and _standing(one.locked, one.pinned)
    if before and alike(before.value, fresh.value) and before.decider == fresh.decider:
        # A person's word is for the value, whenever it was given; and what says the same again proves nothing new.
        known = before.reliability if before.reliability and before.reliability.odd is None else fresh.reliability
        fresh = replace(fresh, approved=before.approved, reliability=known)
    return _decision(one, block, fresh, verdict)


def _joined(world: World, one: PendingDecision, locked: LockedDecision, fresh: LockedDecision) -> LockedDecision:
    """A fresh answer for what a pin held until now, and the locked one for the rest, where the two fit."""
    kept = without(locked.value, nested(locked.pinned))  # what a pin held was no answer
    reasons = {**fresh.reasons, **{name: why for name, why in locked.reasons.items() if name in kept}}
    # of two, the one that was reviewed with no code
    stays = fresh.decider.by == HEURISTICS.by or (locked.decider.by == MODEL and fresh.decider.by != MODEL)
    decider = locked.decider if stays else fresh.decider
    weighed = locked.reliability if stays else fresh.reliability
    made = replace(fresh, value=overlay(fresh.value, kept), reasons=reasons, decider=decider, reliability=weighed)
    fits = decider.by != MODEL or not any(beyond_limits(apart(world, one).question(), made))
    return made if fits else fresh


def _standing(locked: LockedDecision, pinned: Mapping[str, Any]) -> LockedDecision:
    """An answer as the lock keeps it: without what the spec pins, and with an approval only where one is due and fits."""
    reasons = {
        name: why for name, why in locked.reasons.items() if name not in pinned or isinstance(pinned[name], Mapping)
    }
    made = replace(
        locked,
        value=without(locked.value, pinned),
        reasons=reasons,
        approved="",
        reliability=remembered(locked, pinned),
    )
    return approval.approve(made) if approval.approved(locked) and approval.due(made) else made


def _decision(one: PendingDecision, block: Mapping[str, Any], locked: LockedDecision, verdict: Standing) -> Decision:
    state = (
        verdict.state
        if verdict.state in ("locked", "outdated", "stale") and one.state in ("", "stale")
        else locked.decider.by
    )
    if not locked.value and one.pinned:
        state = "pinned"
    return Decision(
        service=one.view.service,
        topic=one.topic.name,
        value=effective(one.topic.name, locked.value, block),
        locked=locked.value,
        reasons=locked.reasons,
        decider=locked.decider,
        revision=locked.revision,
        inputs=locked.inputs,
        pinned=tuple(sorted(leaves(one.pinned))),
        state=state,
        why=_why(verdict, one.topic, locked),
        proven=verdict.proven,
        reads=verdict.reads,
        approved=locked.approved,
        reliability=locked.reliability,
        images=locked.images,
    )


def _why(verdict: Standing, topic: Topic, locked: LockedDecision) -> str:
    if verdict.state == "stale":
        return verdict.fault or f"changed: {', '.join(verdict.changed)}"
    if verdict.state == "outdated":
        return f"decided by revision {locked.revision} of the question, this kforge has revision {topic.revision}"
    return ""

"""A model's fresh answer, its question and the committed lock → how far it can be relied on, and who decides below a
minimum.

Everything but the confidence is worked out of spec and lock, so two machines find the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kforge.domain.approval import approved, due
from kforge.domain.calibration import calibrated
from kforge.domain.decider import HEURISTICS, MODEL, PROPOSAL, Decider
from kforge.domain.digest import alike
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.reliability import Reliability, rated
from kforge.domain.spec.pins import leaves, pins
from kforge.domain.wishes.heard import unheard
from kforge.domain.wishes.readings import readings

if TYPE_CHECKING:
    from kforge.domain.decision import Answer
    from kforge.domain.model.pending_decision import PendingDecision
    from kforge.domain.model.question import Question

_REPAIRED = Fraction(1, 2)  # of an answer that was taken at first
Reply = tuple["Answer", Decider]


def weigh(
    one: PendingDecision, reply: Reply, lock: Lock, raw: Mapping[str, Any], least: int
) -> tuple[Reply, Reliability]:
    """A model's reply with its reliability; below `least` the heuristics' in its place, where they have one."""
    answer, decider = reply
    question, topic = one.question(), one.topic.name
    found = rated(
        Reliability(
            score=0,
            confidence=answer.confidence,
            feedback=feedback(lock, raw, topic),
            history=history(lock, topic, decider.model, question.view.service),
            pattern=pattern(question, answer.value, lock),
            repaired=answer.repaired,
        ),
        calibrated,
    )
    usual = question.baseline
    if found.score >= least or not usual.value:
        return reply, found
    return (usual, replace(PROPOSAL if usual.proposed else HEURISTICS, instead_of=decider.model)), found


def feedback(lock: Lock, raw: Mapping[str, Any], topic: str) -> int | None:
    """The share of models' decisions on a topic that people approved, of those that they approved or pinned otherwise."""
    good = bad = 0
    for service, decision in _decisions(lock, topic):
        if decision.decider.by != MODEL:
            continue
        refused = decision.reliability.refused if decision.reliability else ()
        if refused or any(pinned_otherwise(decision.value, _pins(raw, service, topic))):
            bad += 1
        elif approved(decision):
            good += 1
    return _share(Fraction(good), good + bad)


def history(lock: Lock, topic: str, model: str, service: str) -> int | None:
    """The share of a model's answers on a topic that were taken: one that was repaired counts half, one that the
    heuristics' stands in place of not at all. Of other services alone: an answer that is given again proves nothing new.
    """
    others = [one for name, one in _decisions(lock, topic) if name != service]
    taken = [
        _REPAIRED if decision.reliability and decision.reliability.repaired else Fraction(1)
        for decision in others
        if decision.decider.by == MODEL and decision.decider.model == model
    ]
    left = sum(decision.decider.instead_of == model for decision in others)
    return _share(sum(taken, Fraction(0)), len(taken) + left)


def _share(good: Fraction, of: int) -> int | None:
    """In percent, with one success and one failure added: a few cases prove little."""
    return round(100 * (good + 1) / (of + 2)) if of else None


def pattern(question: Question, value: Mapping[str, Any], lock: Lock) -> int | None:
    """How far an answer is what is known to be right: the share of what rules read surely of the wishes that it gives
    them, with every change that a person has approved of another service. None where there is neither.

    What the heuristics say is no pattern: a model is asked where something speaks for a change, and a copy of what is
    usual was right less often than a change (benchmarks/decisions).
    """
    from kforge.llm.prompt_context import wishes  # only where a model has answered

    topic, usual = question.topic.name, question.baseline.value
    read = [one for wish in wishes(question) for one in readings(wish) if one.topic == topic]
    known = [unheard(one, {topic: value}) is None for one in read]
    looked_at = [
        one.value
        for service, one in _decisions(lock, topic)
        if service != question.view.service and due(one) and approved(one)
    ]
    for name, has in value.items():
        if name in usual and not alike(has, usual[name]):
            known += [True] * any(name in other and alike(other[name], has) for other in looked_at)
    return round(100 * sum(known) / len(known)) if known else None


def pinned_otherwise(value: Mapping[str, Any], pinned: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Leaf paths of an answer that a spec pins to something else."""
    for name, wanted in pinned.items():
        if name not in value:
            continue
        has = value[name]
        if isinstance(wanted, Mapping) and isinstance(has, Mapping):
            yield from pinned_otherwise(has, wanted, f"{prefix}{name}.")
        elif not alike(has, wanted):
            yield f"{prefix}{name}"


def remembered(locked: LockedDecision, pinned: Mapping[str, Any]) -> Reliability | None:
    """The reliability of a locked answer, with the fields that the spec has pinned to something else since and
    still does: the lock keeps no value of a pinned field.
    """
    if locked.reliability is None or locked.reliability.odd is not None:
        return locked.reliability
    fields = {*locked.reliability.refused, *pinned_otherwise(locked.value, pinned)}
    return replace(locked.reliability, refused=tuple(sorted(fields.intersection(leaves(pinned)))))


def _decisions(lock: Lock, topic: str) -> Iterator[tuple[str, LockedDecision]]:
    for service, held in sorted(lock.services.items()):
        if topic in held.decisions:
            yield service, held.decisions[topic]


def _pins(raw: Mapping[str, Any], service: str, topic: str) -> Mapping[str, Any]:
    """What the spec pins of a topic; nothing of a service that is in the lock alone."""
    block = (raw.get("services") or {}).get(service)
    return pins(block, topic) if isinstance(block, Mapping) else {}

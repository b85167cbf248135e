"""Feedback, history and pattern: what the committed lock, the spec and the question say, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from kforge.domain.approval import approve, below
from kforge.domain.decider import HEURISTICS, PROPOSAL, Decider
from kforge.domain.decision import Answer, Topic
from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.domain.model.pending_decision import PendingDecision
from kforge.domain.reliability import Reliability
from kforge.domain.topic_names import RESOURCES, ROLLOUT
from kforge.stages.weighing import feedback, history, pattern, pinned_otherwise, remembered, weigh

TINY = Decider("model", "openai", "tiny")
VALUE = {"memory": "2Gi", "cpu": "100m"}
MADE = LockedDecision(value=VALUE, reasons={}, decider=TINY, revision=1, inputs={}, reliability=Reliability(80))


def lock(*decisions: LockedDecision, topic: str = RESOURCES) -> Lock:
    return Lock(services={f"s{number}": ServiceLock(decisions={topic: one}) for number, one in enumerate(decisions)})


def told(decision: LockedDecision, **changes: Any) -> LockedDecision:
    assert decision.reliability
    return replace(decision, reliability=replace(decision.reliability, **changes))


LEFT = replace(MADE, decider=replace(HEURISTICS, instead_of="tiny"), reliability=None)
REFUSED = told(MADE, refused=("memory",))
NOTHING: dict[str, Any] = {"services": {}}


# ---- feedback -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("decisions", "share"),
    [
        ([], None),
        ([MADE], None),
        ([approve(MADE)], 67),
        ([approve(MADE)] * 8, 90),
        ([REFUSED], 33),
        ([approve(REFUSED)], 33),
        ([approve(MADE), REFUSED, MADE], 50),
        ([approve(LEFT), replace(approve(MADE), approved="0" * 16)], None),
    ],
    ids=["none", "open", "approved", "many", "refused", "both", "one of each", "of heuristics, and of another value"],
)
def test_approvals_and_refusals_are_counted(decisions: list[LockedDecision], share: int | None) -> None:
    assert feedback(lock(*decisions), NOTHING, RESOURCES) == share


def test_a_pin_to_another_value_is_a_refusal_and_to_the_same_is_none() -> None:
    for memory, share in (("4Gi", 33), ("2Gi", None)):
        raw = {"services": {"s0": {"resources": {"memory": memory}}}}
        assert feedback(lock(MADE), raw, RESOURCES) == share


def test_other_topics_say_nothing_of_this_one() -> None:
    assert feedback(lock(approve(MADE), topic=ROLLOUT), NOTHING, RESOURCES) is None


# ---- history --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("decisions", "share"),
    [
        ([], None),
        ([MADE], 67),
        ([told(MADE, repaired=True)], 50),
        ([LEFT], 33),
        ([MADE, MADE, told(MADE, repaired=True), LEFT], 58),
        ([replace(MADE, decider=replace(TINY, model="large"))], None),
    ],
    ids=["none", "first", "repaired", "left to heuristics", "several", "another model"],
)
def test_what_became_of_a_models_answers_is_counted(decisions: list[LockedDecision], share: int | None) -> None:
    assert history(lock(*decisions), RESOURCES, "tiny", "web") == share


def test_an_earlier_answer_to_the_same_question_is_no_history_of_it() -> None:
    assert history(lock(MADE), RESOURCES, "tiny", "s0") is None


# ---- pattern --------------------------------------------------------------------------------------------------
def pending(*wishes: str, usual: dict[str, Any] = VALUE, proposed: bool = False) -> PendingDecision:
    topic = Topic(RESOURCES, 1, {}, lambda view: Answer(usual, dict.fromkeys(usual, "it is usual"), proposed=proposed))
    spec = {"requirements": None}
    view = SimpleNamespace(service="web", spec=spec.get, refinements=lambda name: wishes)
    return PendingDecision(topic, view, {}, None, "open")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wishes", "value", "share"),
    [
        ((), VALUE, None),
        ((), {**VALUE, "memory": "4Gi"}, None),
        (("it needs 4 GiB of memory",), {**VALUE, "memory": "4Gi"}, 100),
        (("it needs 4 GiB of memory",), VALUE, 0),
        (("it needs 4 GiB of memory", "half a core of cpu"), {**VALUE, "memory": "4Gi"}, 50),
        (("it should be quick",), {**VALUE, "memory": "4Gi"}, None),
    ],
    ids=["usual", "a change", "as a rule reads", "not as a rule reads", "half of it", "no rule reads it"],
)
def test_an_answer_is_held_against_what_rules_read(wishes: tuple[str, ...], value: Any, share: int | None) -> None:
    assert pattern(pending(*wishes).question(), value, Lock()) == share


def test_a_change_that_a_person_approved_elsewhere_is_a_known_case() -> None:
    value = {**VALUE, "memory": "4Gi"}
    other = replace(MADE, value=value)
    question = pending().question()
    assert pattern(question, value, lock(approve(other))) == 100
    assert pattern(question, value, lock(other)) is None
    assert pattern(question, {**VALUE, "memory": "5Gi"}, lock(approve(other))) is None


# ---- a minimum ------------------------------------------------------------------------------------------------
ANSWER = Answer({**VALUE, "memory": "4Gi"}, {}, confidence=80, repaired=True)


def test_a_record_holds_all_that_a_score_is_made_of() -> None:
    reply, found = weigh(pending(), (ANSWER, TINY), lock(approve(MADE)), NOTHING, 0)
    assert reply == (ANSWER, TINY)
    assert replace(found, score=0) == Reliability(0, 80, 67, 67, None, repaired=True)


@pytest.mark.parametrize(("proposed", "by"), [(False, HEURISTICS), (True, PROPOSAL)])
def test_below_the_minimum_the_heuristics_decide_in_the_models_name(proposed: bool, by: Decider) -> None:
    one = pending(proposed=proposed)
    (answer, decider), found = weigh(one, (ANSWER, TINY), Lock(), NOTHING, 100)
    assert found.score < 100
    assert (answer.value, decider) == (VALUE, replace(by, instead_of="tiny"))


def test_where_the_heuristics_have_no_answer_the_models_stays_for_a_person() -> None:
    reply, _ = weigh(pending(usual={}), (ANSWER, TINY), Lock(), NOTHING, 100)
    assert reply == (ANSWER, TINY)


@pytest.mark.parametrize(
    ("decision", "waits"),
    [
        (told(MADE, score=84), True),
        (told(MADE, score=85), False),
        (approve(told(MADE, score=0)), False),
        (replace(approve(told(MADE, score=0)), value={"memory": "9Gi"}), True),
        (replace(MADE, reliability=None), True),
        (replace(MADE, reliability=Reliability.of({"score": 999})), True),
        (replace(told(MADE, score=0), decider=HEURISTICS), False),
        (replace(told(MADE, score=0), pinned=("cpu", "memory")), False),
    ],
    ids=["below", "at it", "approved", "another value approved", "older lock", "odd", "heuristics", "all pinned"],
)
def test_who_waits_for_a_person(decision: LockedDecision, waits: bool) -> None:
    assert below(decision, 85) is waits


# ---- what the lock remembers of a refusal -----------------------------------------------------------------------
def test_fields_that_are_pinned_to_something_else_are_named() -> None:
    value = {"memory": "2Gi", "readiness": {"path": "/a", "period": 5}}
    pins = {"memory": "2Gi", "readiness": {"path": "/b"}, "new": 1}
    assert [*pinned_otherwise(value, pins)] == ["readiness.path"]


def test_a_refusal_is_remembered_while_its_pin_stands() -> None:
    pins = {"memory": "4Gi"}
    first = remembered(MADE, pins)
    assert first and first.refused == ("memory",)
    later = replace(MADE, value={"cpu": "100m"}, reliability=first)  # the lock keeps no pinned value
    again, lifted = remembered(later, pins), remembered(later, {})
    assert again and again.refused == ("memory",)
    assert lifted and lifted.refused == ()


def test_a_lock_without_a_record_gets_none() -> None:
    assert remembered(replace(MADE, reliability=None), {"memory": "4Gi"}) is None

"""A question and whatever comes back: an answer, a wrong one, none that can be read, nobody there."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from kforge.deciders.model import ModelDecider, Skills
from kforge.deciders.repair import ATTEMPTS, NO_ANSWER
from kforge.domain.decider import HEURISTICS, Decider
from kforge.domain.decision import Answer, Topic
from kforge.domain.model.pending_decision import PendingDecision, Unanswered
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Fault, Message, Request
from kforge.errors import InputError, OutageError, WorldError
from tests.growth import SOON

RECORD = Decider("model", "openai", "steady-1")
USUAL = Answer({"size": 1}, {"size": "it is usual"})
GOOD = "good"
TAKEN = Answer({"size": 2}, {"size": "the model says so"})


def opened(target="web/size", complaint=""):
    topic = Topic(name=target.rpartition("/")[2], revision=1, fields={}, heuristics=lambda view: USUAL)
    return PendingDecision(topic, SimpleNamespace(service=target.partition("/")[0]), {}, None, "open", complaint)  # type: ignore[arg-type]


def prompted(question):
    earlier = [Message("user", f"{said} | {finding}") for said, finding in question.earlier]
    return Request(question.target, tuple(earlier), {}, attempt=question.attempt, seed=7 + question.attempt)


def read(text, question):
    if text != GOOD:
        raise Rejected(f"`{text}` does not fit")
    return TAKEN


class Says:
    """Gives one thing after the other, the last one for ever; keeps what it was asked."""

    def __init__(self, *things):
        self.things, self.asked = list(things), []

    def __call__(self, request):
        self.asked.append(request)
        thing = self.things.pop(0) if len(self.things) > 1 else self.things[0]
        if isinstance(thing, BaseException):
            raise thing
        return Completion(thing)


def decider(model, fallback=False, tell=lambda line: None, parallel=1):
    return ModelDecider(
        Skills(prompted, model, read), RECORD, lambda one: one.target.endswith("/size"), parallel, fallback, tell
    )


@pytest.mark.parametrize("kind", sorted(NO_ANSWER))
def test_no_answer_is_asked_again_with_another_seed_and_told_what_was_wrong(kind):
    model = Says(Fault(kind, "it was none"), GOOD)
    asked = decider(model)
    assert asked([opened()]) == [(replace(TAKEN, repaired=True), RECORD)]
    assert [(one.attempt, one.seed) for one in model.asked] == [(0, 7), (1, 8)]
    assert model.asked[1].messages == (Message("user", f" | {NO_ANSWER[kind]}"),)
    assert asked.tally.ends == {"web/size": "repaired"}


@pytest.mark.parametrize("kind", sorted(NO_ANSWER))
def test_no_answer_for_ever_fails_after_as_many_attempts_as_a_wrong_one(kind):
    model = Says(Fault(kind, "it was none"))
    asked = decider(model)
    (reply,) = asked([opened()])
    assert isinstance(reply, Unanswered) and isinstance(reply.error, WorldError)
    problem = reply.error.problems[0]
    assert (
        problem.message
        == "`web/size` has no answer from model `steady-1`: no answer was accepted in 3 attempts; the last one: it was none"
    )
    assert "kforge pin web/size" in problem.hint and "--fallback heuristics" in problem.hint
    assert len(model.asked) == ATTEMPTS == 3
    assert asked.tally.ends == {"web/size": ""}


@pytest.mark.parametrize("kind", sorted(NO_ANSWER))
def test_the_heuristics_step_in_for_no_answer_where_that_is_allowed_on_record(kind):
    told = []
    asked = decider(Says(Fault(kind, "it was none")), fallback=True, tell=told.append)
    assert asked([opened()]) == [(USUAL, Decider("heuristics", instead_of="steady-1"))]
    assert (
        [
            line
            for line in told
            if "web/size: still heuristics: the model `steady-1` did not answer" in line and "it was none" in line
        ]
        == told
        != []
    )
    assert asked.tally.ends == {"web/size": "heuristics"}


def test_wrong_answers_and_none_count_together():
    model = Says("bad", Fault("cut", "it was cut off"), Fault("garbled", "it was no JSON"))
    (reply,) = decider(model)([opened()])
    assert isinstance(reply, Unanswered) and "it was no JSON" in str(reply.error)
    assert [one.seed for one in model.asked] == [7, 8, 9]
    assert [message.content for message in model.asked[2].messages] == [
        "bad | `bad` does not fit",
        f" | {NO_ANSWER['cut']}",
    ]


def test_what_the_rules_complain_of_counts_as_an_attempt():
    model = Says(GOOD, Fault("refused", "it refused"))
    asked = decider(model)
    asked([opened()])
    (reply,) = asked([opened(complaint="the port is taken")])
    assert isinstance(reply, Unanswered) and "it refused" in str(reply.error)
    assert [one.attempt for one in model.asked] == [0, 1, 2]
    assert model.asked[1].messages == (Message("user", f"{GOOD} | the port is taken"),)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("key", WorldError), ("model", InputError), ("overflow", InputError), ("request", InputError), ("quota", OutageError),
     ("busy", OutageError), ("outage", OutageError), ("budget", OutageError)],
)  # fmt: skip
def test_a_fault_of_the_way_is_no_attempt_and_says_whose_fault_it_is(kind, error):
    model = Says(Fault(kind, "it failed", hint="wait a while"))
    (reply,) = decider(model)([opened()])
    assert isinstance(reply, Unanswered) and isinstance(reply.error, error)
    assert reply.error.problems[0].hint.startswith("wait a while; or pin it")
    assert len(model.asked) == 1


def test_a_question_that_has_no_answer_leaves_the_others_alone():
    def model(request):
        if request.target == "b/size":
            raise Fault("refused", "it refused")
        return Completion(GOOD)

    replies = decider(model, parallel=4)([opened("a/size"), opened("b/size"), opened("d/other"), opened("c/size")])
    assert [type(reply).__name__ for reply in replies] == ["tuple", "Unanswered", "tuple", "tuple"]
    assert replies[2] == (USUAL, HEURISTICS)
    assert replies[3][1] == RECORD


def test_nobody_steps_in_for_what_was_interrupted():
    """Ctrl-C while one question waits: it ends with a fault, which is no reason to let heuristics answer."""
    told, begun, stopped = [], threading.Event(), threading.Event()

    def model(request):
        if request.target == "slow/size":
            begun.set()
            assert stopped.wait(SOON)
            raise Fault("outage", "was interrupted")
        assert begun.wait(SOON)
        return Completion(GOOD)

    def watch(done, wanted):
        if done:
            raise KeyboardInterrupt

    skills = Skills(prompted, model, read, stopped.set, watch)
    with pytest.raises(KeyboardInterrupt):
        ModelDecider(skills, RECORD, lambda one: True, 2, True, told.append)(
            [opened("quick/size"), opened("slow/size")]
        )
    assert told == []


def test_questions_that_one_fault_stopped_fail_with_one_failure():
    names = [f"s{number:02}/size" for number in range(14)]
    replies = decider(Says(Fault("budget", "this run may not ask more", hint="raise the limit")))(
        [opened(name) for name in names]
    )
    problems = {problem for reply in replies for problem in reply.error.problems}
    (problem,) = problems
    assert (
        problem.message.startswith("`s00/size`, `s01/size`, ")
        and "`s11/size` and 2 more have no answer" in problem.message
    )
    assert problem.hint.startswith("raise the limit; or pin them (`kforge pin TARGET`)")


def test_what_a_fault_stopped_once_is_told_of_its_own_when_it_is_refused_later():
    model = Says(Fault("outage", "is down"), Fault("outage", "is down"), "bad")
    asked = decider(model)
    asked([opened("a/size"), opened("b/size")])
    messages = [reply.error.problems[0].message for reply in asked([opened("a/size"), opened("b/size")])]
    assert [message.partition(" has no answer")[0] for message in messages] == ["`a/size`", "`b/size`"]

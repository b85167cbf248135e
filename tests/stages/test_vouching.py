"""A commit vouches for what it has as well, made of the same: its own spec and sources, read by today's kforge."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kforge.domain.decider import HEURISTICS
from kforge.domain.lock import Lock, LockedDecision, ServiceLock, Sums
from kforge.stages.vouching import ProjectState, answer_vouched, file_vouched, record_vouched

ANSWER = LockedDecision(
    value={"user": 1},
    reasons={},
    decider=HEURISTICS,
    revision=1,
    inputs={"facts.ports": "a", "spec.env": "b"},
)
LOCK = Lock(
    services={"web": ServiceLock(decisions={"process": ANSWER}, inputs={"callers": "c"})}, inputs={"app.x": "d"}
)
SUMS = Sums(files={"web/Dockerfile": "e" * 64})
RECORDED = {"facts.ports": "a", "spec.env": "b", "callers": "c", "app.x": "d"}


def side(digests: Mapping[str, str], lock: Lock = LOCK, sums: Sums = SUMS) -> ProjectState:
    return ProjectState(lock, sums, lambda service, name: digests.get(name, "-"))


def verdicts(here: ProjectState, base: ProjectState, reads: tuple[str, ...] = ()) -> tuple[bool, bool, bool, bool]:
    return (
        answer_vouched("web", "process", reads, here, base),
        file_vouched("web/Dockerfile", "web", reads, here, base),
        record_vouched("web", reads, here, base),
        record_vouched("", reads, here, base),
    )


def test_what_is_as_the_base_recorded_it_is_vouched_for_whatever_its_sources_show() -> None:
    assert verdicts(side(RECORDED), side({})) == (True, True, True, True)


def test_so_is_what_today_reads_otherwise_and_alike_in_both() -> None:
    now = {**RECORDED, "facts.ports": "new", "callers": "new"}
    assert verdicts(side(now), side(now)) == (True, True, True, True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("facts.ports", (False, False, False, True)),
        ("spec.env", (False, False, False, True)),
        ("callers", (True, False, False, True)),
        ("app.x", (True, True, True, False)),
    ],
)
def test_nothing_is_vouched_for_that_is_made_of_something_else(name: str, expected: tuple[bool, ...]) -> None:
    assert verdicts(side({**RECORDED, name: "here"}), side({**RECORDED, name: "there"})) == expected


def test_what_only_today_reads_must_be_the_same_as_well() -> None:
    here, base = side({**RECORDED, "spec.new": "here"}), side(RECORDED)
    assert verdicts(here, base, ("spec.new",)) == (False, False, False, False)
    assert verdicts(here, side({"spec.new": "here"}), ("spec.new",)) == (True, True, True, True)


def test_answers_among_the_inputs_are_judged_by_themselves() -> None:
    assert verdicts(side({**RECORDED, "decisions.build.base": "here"}), side({}), ("decisions.build.base",))[0]


def test_digests_that_are_forged_here_do_not_count() -> None:
    fitted = ServiceLock(decisions={"process": ANSWER}, inputs={"callers": "here"})
    here = side({**RECORDED, "callers": "here"}, Lock(services={"web": fitted}, inputs=LOCK.inputs))
    assert verdicts(here, side(RECORDED)) == (True, False, False, True)


def test_a_base_without_it_vouches_for_nothing() -> None:
    assert verdicts(side(RECORDED), side(RECORDED, Lock(lost=True), Sums(lost=True))) == (False, False, False, False)

"""Of two branches' answers the merged spec says which stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from kforge.deciders.staleness import Standing
from kforge.domain.approval import approve
from kforge.domain.decider import MODEL, Decider
from kforge.domain.lock import LockedDecision
from kforge.stages.rival_answers import APART, chosen

LOCKED, STALE = Standing("locked"), Standing("stale", ("spec.env",))


def answer(value: Mapping[str, Any], *pinned: str) -> LockedDecision:
    return LockedDecision(value=value, reasons={}, decider=Decider(by=MODEL), revision=1, inputs={}, pinned=pinned)


ONE, OTHER = answer({"cpu": "1", "memory": "1Gi"}), answer({"cpu": "1", "memory": "2Gi"})


@pytest.mark.parametrize(("one", "other", "found"), [(LOCKED, STALE, ONE), (STALE, LOCKED, OTHER), (STALE, STALE, ONE)])
def test_the_answer_whose_inputs_hold_stands(one: Standing, other: Standing, found: LockedDecision) -> None:
    assert chosen((ONE, one), (OTHER, other), {})[0] == found


def test_two_that_hold_and_differ_are_asked_again() -> None:
    for first, second in ((ONE, OTHER), (OTHER, ONE)):
        assert chosen((first, LOCKED), (second, LOCKED), {})[1] == Standing("stale", fault=APART)


def test_an_approval_decides_between_two_that_hold() -> None:
    assert chosen((ONE, LOCKED), (approve(OTHER), LOCKED), {}) == (approve(OTHER), LOCKED)


def test_what_the_spec_pins_does_not_set_them_apart() -> None:
    found = [chosen((a, LOCKED), (b, LOCKED), {"memory": "3Gi"}) for a, b in ((ONE, OTHER), (OTHER, ONE))]
    assert found[0] == found[1] and found[0][1] == LOCKED


def test_an_answer_that_lacks_a_field_no_longer_pinned_gives_way() -> None:
    part = answer({"cpu": "2"}, "memory")
    assert chosen((part, LOCKED), (ONE, LOCKED), {}) == (ONE, LOCKED)

"""No text makes a pattern of the package slow: twice the text takes about twice the time, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from tests.detectors.attacks import Found, attacks, patterns
from tests.growth import LINEAR, PARTS, computed, growth
from tests.trials import widths

LENGTH = 10_000
FLOOR = 0.015  # seconds: a linear pattern takes a thousandth for 10,000 characters, a quadratic one a twentieth
STEPS = (20, 400, LENGTH)  # first short ones: what is exponential would never come back from long ones


def _slow(found: Found, attack: Callable[[int], str]) -> str:
    for length in STEPS:
        text = attack(length)
        if all(computed(partial(found.ask, text)) >= FLOOR for _ in range(3)):
            if length < LENGTH:
                return f"{length} characters take longer than {FLOOR} s: {text[:80]!r}"
            if (grown := growth(lambda size: found.ask(attack(size)), LENGTH)) >= LINEAR:
                return f"a text {PARTS} times as long takes {PARTS * grown:.0f} times as long: {attack(60)[:80]!r}"
    return ""


def test_patterns_of_every_shelf_are_found() -> None:
    places = " ".join(found.place for found in patterns())
    for module in (
        "detectors.node_code",
        "detectors.go_code",
        "domain.secrets.redact",
        "llm.json_recovery",
        "system.skipped_names",
        "detectors.nginx:",
    ):
        assert f"kforge.{module}" in places


@pytest.mark.parametrize("every", widths(12))
def test_time_grows_no_faster_than_the_text(every: int) -> None:
    tried = [(found, attack) for found in patterns() for attack in attacks(found.pattern)]
    assert [f"{found.place}: {why}" for found, attack in tried[::every] if (why := _slow(found, attack))] == []


@pytest.mark.parametrize("pattern", [r"a+b", r"\s*x", r"(?:a+)+b", r"<[^>]*>", r"x\s*\s*y", r"(a|a)*b"])
def test_what_is_not_linear_is_noticed(pattern: str) -> None:
    found = Found("here", re.compile(pattern, re.MULTILINE), ("search",))
    assert any(_slow(found, attack) for attack in attacks(found.pattern))

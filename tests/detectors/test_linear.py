"""No text makes a pattern of the package slow: twice the text takes about twice the time, whatever it says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from tests.detectors.attacks import Found, attacks, patterns

LENGTH = 10_000
FLOOR = 0.015  # seconds: a linear pattern takes a thousandth for 10,000 characters, a quadratic one a twentieth
STEPS = (20, 400, LENGTH)  # first short ones: what is exponential would never come back from long ones
GROWTH = 3.2  # twice the text: 2 where time is linear, 4 where it is quadratic


def _seconds(found: Found, text: str, times: int = 1) -> float:
    """The least of several, of this thread alone: whatever else the machine does is not the pattern's."""
    taken = []
    for _ in range(times):
        started = time.thread_time()
        found.ask(text)
        taken.append(time.thread_time() - started)
    return min(taken)


def _slow(found: Found, attack: Callable[[int], str]) -> str:
    for length in STEPS:
        if _seconds(found, attack(length)) < FLOOR or (once := _seconds(found, attack(length), 3)) < FLOOR:
            continue
        if length < LENGTH:
            return f"{once:.3f} s for {length} characters: {attack(length)[:80]!r}"
        if (twice := _seconds(found, attack(2 * length), 3)) > GROWTH * once:
            return f"{once:.3f} s, for twice the text {twice:.3f} s: {attack(60)[:80]!r}"
    return ""


def test_patterns_of_every_shelf_are_found() -> None:
    places = " ".join(found.place for found in patterns())
    for module in (
        "detectors.node_code",
        "detectors.go_names",
        "domain.secrets.redact",
        "llm.json_recovery",
        "system.skipped_names",
        "detectors.nginx:",
    ):
        assert f"kforge.{module}" in places


def test_time_grows_no_faster_than_the_text() -> None:
    slow = [
        f"{found.place}: {why}"
        for found in patterns()
        for attack in attacks(found.pattern)
        if (why := _slow(found, attack))
    ]
    assert slow == []


@pytest.mark.parametrize("pattern", [r"a+b", r"\s*x", r"(?:a+)+b", r"<[^>]*>", r"x\s*\s*y", r"(a|a)*b"])
def test_what_is_not_linear_is_noticed(pattern: str) -> None:
    found = Found("here", re.compile(pattern, re.MULTILINE), ("search",))
    assert any(_slow(found, attack) for attack in attacks(found.pattern))

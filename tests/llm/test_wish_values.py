"""The values of a wish are found in it, each as one thing, and named so that every provider can name them."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from kforge.llm.wish_values import items

GIB = 1 << 30


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("it loads 1.5 GB: give it 2 GiB", {"1.5_GB": Fraction(3 * GIB, 2), "2_GiB": Fraction(2 * GIB)}),
        ("ready once /status/ready answers", {"once": Fraction(1), "status_ready": "/status/ready"}),
        ("surge of 25 %, two workers", {"25": "25%", "two": Fraction(2)}),
        ("Python 3.12 on Debian", {"3.12": "3.12", "Debian": "debian"}),
        ("start it with --max-old-space-size=384", {"max-old-space-size_384": "--max-old-space-size=384"}),
        ("it calls ffmpeg and curl.", {"ffmpeg": "ffmpeg", "curl": "curl"}),
        ("ten minutes to start", {"ten_minutes": Fraction(600)}),
        ("never try again", {"never": Fraction(0)}),
        ("メモリは4GiBにしてください", {"4GiB": Fraction(4 * GIB)}),
        ("25 pods, 25%", {"25_pods": Fraction(25), "25": "25%"}),
        ("our customers are dentists", {}),
    ],
)
def test_values_are_found(wish: str, found: dict[str, Any]) -> None:
    assert {one.key: one.value for one in items([wish])} == found


def test_two_values_with_one_name_have_two_names() -> None:
    found = items(["25 % of 25"])
    assert [one.value for one in found] == ["25%", Fraction(25)]
    assert len({one.key for one in found}) == 2


def test_every_name_is_one_that_providers_take() -> None:
    found = items([f"/p{number} {number}% {number} GiB ¾ ünder" for number in range(1, 50)])
    assert len(found) == 49 * 3
    assert all(re.fullmatch("[A-Za-z0-9_.-]{1,64}", one.key) for one in found)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("bookworm instead of trixie", ["bookworm"]),
        ("Alpine, not Debian", ["Alpine"]),
        ("statt Debian bitte Alpine", ["Alpine"]),
        ("get it off Debian and on Alpine", ["Alpine"]),
        ("Debian rather than Alpine", ["Debian"]),
        ("Debian", ["Debian"]),
    ],
)
def test_what_is_not_wanted_is_no_value(wish: str, words: list[str]) -> None:
    assert [one.words for one in items([wish])] == words


@pytest.mark.parametrize("wish", ["double the pods", "twice as many pods", "verdopple die Pods"])
def test_twice_as_many_are_a_hundred_percent_more(wish: str) -> None:
    assert [one.value for one in items([wish]) if "share" in one.kinds] == ["100%"]


def test_two_at_once_are_two() -> None:
    assert [one.words for one in items(["two at a time, so two tasks at once"])] == ["two"]

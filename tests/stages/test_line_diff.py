"""A difference of two texts can be applied, reads as difflib's where texts are short, and takes no unbounded time."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import unified_diff

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kforge.stages import line_diff
from kforge.stages.line_diff import hunks
from tests.growth import LINEAR, growth

LINES = st.lists(st.sampled_from([f"{letter}\n" for letter in "abcdef"]), max_size=40)
# a busy machine is no fault
PATIENT = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNIQUE = [f"line {number}\n" for number in range(3000)]


def applied(old: list[str], parts: list[str]) -> list[str]:
    """The new text, as `patch` makes it of the old one."""
    made: list[str] = []
    place = 0
    for line in parts:
        if begin := re.fullmatch(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@\n", line):
            first = int(begin[1]) - (begin[2] != "0")
            made += old[place:first]
            place = first
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert old[place] == line[1:]
            place += 1
            made += [line[1:]] if line[0] == " " else []
    return made + old[place:]


@given(LINES, LINES)
@PATIENT
def test_a_short_text_is_compared_as_difflib_does(old: list[str], new: list[str]) -> None:
    assert list(hunks(old, new)) == list(unified_diff(old, new))[2:]


@given(LINES, LINES)
@PATIENT
def test_a_long_text_is_cut_into_parts_that_still_apply(old: list[str], new: list[str]) -> None:
    old, new = [*UNIQUE[:5], *old, *UNIQUE[5:9], *old], [*UNIQUE[:5], *new, *UNIQUE[5:8], *new, *UNIQUE[8:9]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_diff, "WHOLE", 0)
        patch.setattr(line_diff, "BETWEEN", 20)
        patch.setattr(line_diff, "ALL", 60)
        assert applied(old, list(hunks(old, new))) == new


def test_two_edits_far_apart_in_a_long_text_are_two_hunks() -> None:
    new = [*UNIQUE[:100], "another\n", *UNIQUE[101:2000], *UNIQUE[2001:]]
    assert [line for line in hunks(UNIQUE, new) if line[0] in "+-@"] == [
        "@@ -98,7 +98,7 @@\n",
        "-line 100\n",
        "+another\n",
        "@@ -1998,7 +1998,6 @@\n",
        "-line 2000\n",
    ]


def test_equal_long_texts_have_no_hunk() -> None:
    assert list(hunks(UNIQUE, [*UNIQUE])) == []


def numbered(count: int, *names: str) -> list[str]:
    return [f"{name}{number}\n" for number in range(count) for name in names]


HARD: dict[str, Callable[[int], tuple[list[str], list[str]]]] = {
    "two lines": lambda size: (["a\n", "b\n"] * size, ["b\n", "a\n", "a\n"] * size),
    "every other": lambda size: (numbered(size, "x", "u"), numbered(size, "x", "v")),
    "reversed": lambda size: (numbered(2 * size, ""), numbered(2 * size, "")[::-1]),
    "periods": lambda size: (
        [f"{number % 97}\n" for number in range(2 * size)],
        [f"{number % 89}\n" for number in range(2 * size)],
    ),
    "nothing in common": lambda size: (["\n"] * 10 * size, [" \n"] * 10 * size),
}


@pytest.mark.parametrize("name", HARD)
def test_hunks_of_long_texts_make_the_new_of_the_old(name: str) -> None:
    old, new = HARD[name](10_000)
    assert applied(old, list(hunks(old, new))) == new


@pytest.mark.parametrize("name", HARD)
def test_time_grows_no_faster_than_the_texts(name: str) -> None:
    assert growth(lambda size: list(hunks(*HARD[name](size))), 20_000) < LINEAR


@given(LINES, LINES)
@PATIENT
def test_more_lines_around_are_shown_where_that_is_asked(old: list[str], new: list[str]) -> None:
    around = len(old) + len(new)
    assert list(hunks(old, new, around)) == list(unified_diff(old, new, n=around))[2:]


def test_a_line_put_into_many_of_few_texts_is_found_in_time_in_proportion_to_them() -> None:
    def work(size: int) -> None:
        lines = [f"# {number * number % 149}\n" for number in range(size)]
        assert len([*hunks(lines, [*lines[: size // 2], "memory: 64Mi\n", *lines[size // 2 :]])]) == 8

    assert growth(work, 50_000) < LINEAR

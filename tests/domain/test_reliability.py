"""The record of a model's decision: its form, its weights, the line that makes a score of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kforge.domain.calibration import calibrated, line_of, on_line, points
from kforge.domain.reliability import UNTRIED, WEIGHTS, Reliability, rated, weighed

PART = st.none() | st.integers(0, 100)
RECORDS = st.builds(
    Reliability,
    st.integers(0, 100),
    PART,
    PART,
    PART,
    PART,
    st.booleans(),
    st.sampled_from([(), ("memory",), ("a", "b.c")]),
)


@given(RECORDS)
def test_a_record_is_read_as_it_was_written(one: Reliability) -> None:
    assert Reliability.of(one.record()) == one


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"confidence": 97},
        {"score": 101},
        {"score": -1},
        {"score": 97.0},
        {"score": True},
        {"score": "97"},
        {"score": 97, "luck": 100},
        {"score": 97, "pattern": None},
        {"score": 97, "repaired": False},
        {"score": 97, "repaired": 1},
        {"score": 97, "refused": []},
        {"score": 97, "refused": ["b", "a"]},
        {"score": 97, "refused": ["\x1b[2J"]},
        {"score": 97, "refused": "memory"},
        {"score": 97, "refused": [["a"]]},
    ],
    ids=str,
)
def test_another_form_is_kept_as_it_is_and_counts_nothing(record: dict[str, Any]) -> None:
    found = Reliability.of(record)
    assert (found.odd, found.score, found.record()) == (record, 0, record)
    assert str(found) == "unknown: the record in the lock was not written by a build"


def test_the_weights_are_those_that_are_promised() -> None:
    assert {**WEIGHTS} == {"confidence": 25, "feedback": 30, "history": 25, "pattern": 20}
    assert weighed({"confidence": 100, "feedback": 0, "history": 0, "pattern": 0}) == 25
    assert weighed({"confidence": 0, "feedback": 100, "history": 50, "pattern": 0}) == 42.5


def test_a_part_that_is_not_known_leaves_its_weight_to_the_others() -> None:
    assert weighed({"confidence": None, "feedback": 50, "history": 50, "pattern": 100}) == pytest.approx(4750 / 75)
    assert weighed(dict.fromkeys(WEIGHTS)) == 0


def test_what_was_never_tried_counts_as_much_for_as_against() -> None:
    assert Reliability(0).parts() == {"confidence": None, "feedback": UNTRIED, "history": UNTRIED, "pattern": None}
    assert UNTRIED == 50


@given(RECORDS, st.sampled_from(sorted(WEIGHTS)))
def test_no_better_part_lowers_a_score(one: Reliability, name: str) -> None:
    parts = one.parts()
    value = parts[name]
    if value is not None:
        assert weighed({**parts, name: 100}) >= weighed(parts)


def test_every_part_is_shown_with_what_is_not_there_yet() -> None:
    assert str(Reliability(78, 91, None, 67, 100)) == (
        "78 of 100: confidence 91, feedback 50 (none yet), history 67, pattern 100"
    )
    assert str(Reliability(50, refused=("memory",))) == (
        "50 of 100: confidence not known, feedback 50 (none yet), history 50 (none yet), pattern not known; "
        "pinned to other values since: memory"
    )


def test_a_machine_is_shown_all_of_it() -> None:
    assert Reliability(78, 91, None, 67, 100).shown() == {
        "score": 78,
        "confidence": 91,
        "feedback": 50,
        "history": 67,
        "pattern": 100,
        "untried": ["feedback"],
        "repaired": False,
        "refused": [],
    }


def test_a_calibration_makes_the_score() -> None:
    assert rated(Reliability(0, 100, 100, 100, 100), lambda raw: round(raw) - 1).score == 99


# ---- the line -------------------------------------------------------------------------------------------------
def test_the_committed_line_goes_from_nothing_to_all_and_never_falls() -> None:
    assert (points()[0], points()[-1]) == ((0.0, 0.0), (100.0, 100.0))
    found = [calibrated(raw / 2) for raw in range(201)]
    assert found == sorted(found)


def test_between_two_points_the_line_is_straight() -> None:
    line = line_of([[0, 0], [50, 80], [100, 100]])
    assert [on_line(line, raw) for raw in (0, 25, 50, 75, 100)] == [0, 40, 80, 90, 100]


def test_beyond_its_ends_the_line_is_level() -> None:
    line = line_of([[20, 10], [80, 90]])
    assert (on_line(line, 0), on_line(line, 100)) == (10, 90)


@pytest.mark.parametrize(
    "rows", [[], [[0, 0], [0, 100]], [[0, 50], [100, 40]], [[50, 0], [40, 100]], [[0, 0], [100, 101]]]
)
def test_a_line_that_falls_or_leaves_the_field_is_none(rows: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="rises"):
        line_of(rows)

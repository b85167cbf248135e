"""A decider's record in the lock: what is read is what is written, whatever a pull request claims there."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.decider import HEURISTICS, Decider

TINY = {"by": "model", "provider": "openai", "model": "tiny"}
RECORDS: list[dict[str, Any]] = [
    {"by": "heuristics"},
    {"by": "heuristics", "instead of": "tiny"},
    TINY,
    {**TINY, "identity": "abc"},
    {**TINY, "model": ""},
    {**TINY, "model": ["tiny"]},
    {**TINY, "more": 1},
    {"by": "somebody"},
]


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_record_that_was_read_is_written_as_it_was(record: dict[str, Any]) -> None:
    assert Decider.of(record).record() == record


@pytest.mark.parametrize("record", RECORDS[4:7], ids=str)
def test_a_record_in_another_form_is_kept_apart(record: dict[str, Any]) -> None:
    assert Decider.of(record).odd == record


def test_the_heuristics_are_one_and_the_same_decider() -> None:
    assert Decider.of({"by": "heuristics"}) == HEURISTICS

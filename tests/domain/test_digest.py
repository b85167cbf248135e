"""Digests tell values apart and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.decider import HEURISTICS
from kforge.domain.digest import alike, canonical, digest
from kforge.domain.lock import LockedDecision

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet=st.characters(codec="utf-8"), max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_an_absent_value_has_a_digest_of_its_own() -> None:
    assert (digest(None), len(digest("")), digest("-") != "-") == ("-", 16, True)


def test_a_digest_is_the_head_of_the_sha256_of_canonical_json() -> None:
    assert digest({"b": [1, "é"], "a": None}) == hashlib.sha256('{"a":null,"b":[1,"é"]}'.encode()).hexdigest()[:16]


@settings(deadline=None)
@given(st.dictionaries(st.text(alphabet=st.characters(codec="utf-8")), JSON, min_size=2))
def test_the_order_of_keys_does_not_count(value: dict[str, object]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_tuples_count_as_lists() -> None:
    assert digest((1, 2)) == digest([1, 2])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        digest(value)


@pytest.mark.parametrize("other", [1.0, True, "1", [1], None])
def test_values_of_two_types_are_not_alike_whatever_python_says(other: object) -> None:
    assert not alike({"a": 1}, {"a": other})


def test_the_order_of_keys_makes_no_difference() -> None:
    assert alike({"a": [1, (2,)], "b": None}, {"b": None, "a": (1, [2])})


def test_two_locked_decisions_are_one_where_a_lock_has_the_same_text_for_both() -> None:
    held = LockedDecision(value={"user": 1}, reasons={}, decider=HEURISTICS, revision=1, inputs={})
    others = [replace(held, value={"user": 1.0}), replace(held, value={"user": True}), replace(held, approved="x")]
    assert held == replace(held, value={"user": 1}) and held not in others

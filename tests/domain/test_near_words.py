"""What a misspelt word is near to, however many words and however long ones there are."""

from __future__ import annotations

from difflib import get_close_matches

import pytest

from kforge.domain.near_words import LENGTH, MOST, listed, near_words
from tests.growth import LINEAR, growth

WORDS = ("catalog", "checkout", "cart", "web", "worker")


@pytest.mark.parametrize("word", ["catalgo", "chekout", "carts", "wbe", "nothing", ""])
def test_few_words_are_compared_as_difflib_does(word: str) -> None:
    assert near_words(word, WORDS, 3) == get_close_matches(word, sorted(WORDS), 3)


def test_of_many_words_those_with_the_same_beginning_are_compared() -> None:
    many = [f"other-{number}" for number in range(2 * MOST)]
    assert near_words("catalgo", [*many, "catalog"]) == ["catalog"]


def test_a_long_word_is_near_to_nothing() -> None:
    assert near_words("a" * (LENGTH + 1), ["a" * LENGTH, "a" * (LENGTH + 1)]) == []


def test_twice_the_words_take_no_more_than_twice_the_time() -> None:
    assert growth(lambda size: near_words("servise-1", [f"service-{n}" for n in range(size)]), 10_000) < LINEAR


@pytest.mark.parametrize(
    ("number", "text"), [(2, "`0`, `1`"), (13, ", ".join(f"`{n}`" for n in range(12)) + " and 1 more")]
)
def test_a_list_of_many_words_is_cut(number: int, text: str) -> None:
    assert listed([str(each) for each in range(number)]) == text

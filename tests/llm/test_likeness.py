"""Labels learned from examples: what a text is like, in any language, and the same on every machine."""

from __future__ import annotations

from kforge.llm.likeness import Likeness, grams
from kforge.llm.wish_examples import REMARK, examples
from kforge.llm.wish_settings import had

DOORS = (
    ("the door squeaks when it opens", "door"),
    ("die Tür klemmt beim Öffnen", "door"),
    ("paint the wall green", "wall"),
    ("die Wand wird grün gestrichen", "wall"),
)


def best(text: str) -> str:
    scores = Likeness(DOORS).scores(text)
    return max(scores, key=lambda label: scores[label])


def test_words_that_share_runs_of_letters_are_alike() -> None:
    assert best("it opened the doors") == "door"
    assert best("wir streichen die Wände") == "wall"


def test_a_text_without_any_known_run_is_like_none_more_than_another() -> None:
    scores = Likeness((("abc def", "one"), ("ghi jkl", "two"))).scores("1 2 3")
    assert scores == {"one": 0, "two": 0}


def test_the_order_of_examples_does_not_show() -> None:
    text = "does the wall open like a door?"
    assert Likeness(DOORS).scores(text) == Likeness(DOORS[::-1]).scores(text)


def test_numbers_are_all_alike_and_dense_scripts_count_by_two() -> None:
    assert grams("wait 15") == grams("Wait 600")
    assert "停止" in grams("停止前先等")
    assert grams("") == frozenset()


def test_every_label_of_the_examples_is_a_setting_with_its_phrase_or_a_remark() -> None:
    known = {one.label for one in had(None) if not one.choices}
    known |= {f"{one.label}: {phrase}" for one in had(None) for phrase in one.choices}
    found = [label for label, _ in examples()]
    assert {*found} - {REMARK} <= known
    assert len(found) > 2000 and found.count(REMARK) > 500


def test_no_example_stands_twice() -> None:
    texts = [text for _, text in examples()]
    assert len(texts) == len({*texts})

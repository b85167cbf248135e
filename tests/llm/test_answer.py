"""A completion's text → an Answer, or every fault of it in words that can be sent back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.model.question import Question, Rejected
from kforge.llm.answer import MOST, read_answer
from tests.growth import LINEAR, growth
from tests.questions import WEB, question

SAID = '{"300_MiB": "memory", "2_cores": "cpu"}'


def asking() -> Question:
    return question("resources", WEB, {"requirements": "300 MiB may do, and 2 cores"})


def refused(text: str, asked: Question) -> str:
    with pytest.raises(Rejected) as caught:
        read_answer(text, asked)
    return caught.value.finding


@pytest.mark.parametrize(
    "wrap",
    [
        "{}", "```json\n{}\n```", "Sure! Here it is:\n\n```\n{}\n```\nHope that helps.", "<think>{{\"value\": 1}} hm</think>\n{}", "I chose {} because it fits.",
        "\ufeff{}", "thinking about {{braces}} and \"quotes\"\n</think>{}", "{}\n{{\"value\": {{}}}}", "First {{\"a\": 1}} then {}",
    ],
)  # fmt: skip
def test_an_answer_is_found_in_fences_thoughts_and_prose(wrap: str) -> None:
    value = read_answer(wrap.format(SAID), asking()).value
    assert (value["memory"], value["cpu"]) == ("300Mi", "2")


def test_commas_before_brackets_are_forgiven() -> None:
    assert read_answer(SAID.replace("}", ",}"), asking()).value["memory"] == "300Mi"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no JSON object"), ("no", "holds no JSON object"), ("[1]", "holds no JSON object"), ('{"300_MiB": "mem', "is no JSON"),
        ('{"300_MiB": 1, "300_MiB": 2}', "names a key twice"), ('{"300_MiB": NaN}', "`NaN`, which JSON lacks"), ("{" * 5000, "JSON"),
        ("{}", "`300_MiB` is missing"), ('{"300_MiB": [], "2_cores": "cpu"}', "`300_MiB` is a list; it must be a text"),
        ('{"300_MiB": "memory"}', "`2_cores` is missing"), ('{"300_MiB": ' + "9" * 400 + "}", "far too large"), ("x" * 70_000, "has 70000 characters"),
        ('{"300_MiB":' + "[" * 4000 + "]" * 4000 + "}", "nested too deeply"), ('{"300_MiB": "swap", "2_cores": "cpu"}', "it must be one of"),
        ('{"300_MiB": "memory", "2_cores": "cpu", "user": 0}', "`user`, which nobody asked for"),
    ],
    ids=range(15),
)  # fmt: skip
def test_what_is_no_answer_is_told(text: str, told: str) -> None:
    assert told in refused(text, asking())


def test_every_fault_is_told_at_once_and_not_endlessly() -> None:
    assert len(refused('{"300_MiB": 1, "2_cores": 2}', asking()).split("\n")) == 2
    many = refused(json.dumps({f"key{number}": "" for number in range(40)}), asking()).split("\n")
    assert (len(many), many[-1]) == (MOST + 1, "and more")


def test_an_answer_to_what_was_not_asked_is_refused() -> None:
    assert refused("{}", question("resources", WEB)) == "nothing was asked"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300) | st.text('{}[]",:`\\ \n300_MiB', max_size=300))
def test_any_text_is_answered_or_refused(text: str) -> None:
    with pytest.raises(Rejected):
        read_answer(text, asking())


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ("", "{", ""), ("", '"', ""), ("", "```\n", ""), ("", "<think>", ""), ("", '{"a":', ""), ("", "{}", ""),
        ('{"value": "', "\\", ""), ("", "[", ""), ('{"', '\\"', ""), ("{", '\\"', "\\"),
    ],
    ids=range(10),
)  # fmt: skip
def test_a_text_takes_as_long_to_refuse_as_it_is_long(before: str, piece: str, after: str) -> None:
    asked = asking()
    assert growth(lambda size: refused(before + piece * (size // len(piece)) + after, asked), 60_000) < LINEAR

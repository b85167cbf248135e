"""Probabilities of tokens → how sure a model was of a choice, whatever its server cuts a text into."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kforge.domain.model.answer_fields import choice, record
from kforge.domain.model.confidence import MOST, choices, confidence, judged, sampled
from kforge.domain.model.request import Completion, SampledToken

SCHEMA = record({"2_GiB": choice("memory", "mostMemory", "something else")})
TEXT = '{"2_GiB": "memory"}'


def token(text: str, chance: float = 1.0, **likeliest: float) -> SampledToken:
    """`_` stands for a blank in the names of other tokens, `Q` for a quote."""
    others = {name.replace("_", " ").replace("Q", '"'): share for name, share in likeliest.items()}
    rivals = tuple((name.encode(), math.log(share)) for name, share in others.items())
    return SampledToken(text.encode(), math.log(chance), rivals)


def sure(*tokens: SampledToken, text: str = TEXT, schema: Any = SCHEMA) -> int | None:
    return confidence(text, tokens, schema)


def test_what_no_choice_begins_with_does_not_count() -> None:
    assert sure(token('{"2_GiB": "'), token("memory", 0.3, some=0.1, cpu=0.6), token('"}')) == 75


def test_all_tokens_that_lead_to_the_choice_count_for_it() -> None:
    assert sure(token('{"2_GiB": "'), token("memory", 0.2, mem=0.4, m=0.1, most=0.2, other=0.1), token('"}')) == 78


def test_a_choice_is_told_from_one_that_it_begins_like() -> None:
    schema = record({"2_GiB": choice("memory", "memoryLimit")})
    assert sure(token('{"2_GiB": "memory'), token('"}', 0.6, Limit=0.2, s=0.2), schema=schema) == 75


def test_a_token_may_begin_before_the_value_and_end_behind_it() -> None:
    told = SampledToken(b' "mem', math.log(0.6), ((b' "some', math.log(0.2)),))
    assert sure(token('{"2_GiB":'), told, token('ory"}')) == 75


def test_the_probability_of_a_choice_is_the_product_of_its_tokens() -> None:
    first, second = token("mo", 0.5, me=0.5), token("stMemory", 0.8, del_=0.2)
    told = [token('{"2_GiB": "'), first, second, token('"}')]
    assert sure(*told, text='{"2_GiB": "mostMemory"}') == 50


def test_the_least_sure_choice_counts() -> None:
    schema = record({"a": choice("x", "y"), "b": choice("x", "y")})
    told = [token('{"a":"'), token("x", 0.9, y=0.1), token('","b":"'), token("x", 0.6, y=0.4), token('"}')]
    assert sure(*told, text='{"a":"x","b":"x"}', schema=schema) == 60


def test_fences_and_thoughts_that_a_server_leaves_out_do_not_matter() -> None:
    told = [
        token("<think>memory</think>```json\n"),
        token('{"2_GiB": "'),
        token("memory", 0.5, some=0.5),
        token('"}\n```'),
    ]
    assert sure(*told) == 50


def test_characters_that_are_cut_within_and_escapes_are_read() -> None:
    schema = record({"größe": choice("süß", "sauer")})
    halves = "süß".encode()
    told = [
        token('{"größe": "'),
        SampledToken(halves[:2], math.log(0.5), ((b"sa", math.log(0.5)),)),
        SampledToken(halves[2:], 0.0),
    ]
    assert sure(*told, token('"}'), text='{"größe": "süß"}', schema=schema) == 50
    escaped = '{"größe": "s\\u00fc\\u00df"}'
    assert sure(token('{"größe": "'), token('s\\u00fc\\u00df"}', 0.9, sauer=0.1), text=escaped, schema=schema) == 90


def test_tokens_that_do_not_make_the_text_tell_nothing() -> None:
    assert sure(token("something else")) is None
    assert sure() is None


def test_an_answer_without_the_key_tells_nothing() -> None:
    assert sure(token('{"other": "memory"}'), text='{"other": "memory"}') is None


def test_where_there_is_nothing_to_choose_a_model_is_sure() -> None:
    only = record({"2_GiB": choice("memory")})
    assert judged(Completion(TEXT), only).confidence == 100
    assert judged(Completion(TEXT), SCHEMA).confidence is None


def test_what_it_was_worked_out_of_is_kept_nowhere() -> None:
    tokens = (token('{"2_GiB": "'), token("memory", 0.75, some=0.25), token('"}'))
    assert judged(Completion(TEXT, sampled=tokens), SCHEMA) == Completion(TEXT, confidence=75)
    assert judged(Completion(TEXT, sampled=tokens), SCHEMA).sampled == ()


@pytest.mark.parametrize(
    "rows",
    [
        None,
        "no list",
        [None],
        [{"token": "a"}],
        [{"token": 1, "logprob": 0.0}],
        [{"token": "a", "logprob": "0"}],
        [{"token": "a", "logprob": float("nan")}],
        [{"token": "a", "logprob": True}],
    ],
    ids=str,
)
def test_another_form_tells_nothing(rows: Any) -> None:
    assert sampled(rows) == ()


def test_bytes_go_before_a_text_and_infinity_is_a_number() -> None:
    rows = [
        {"token": "�", "bytes": [195], "logprob": float("-inf"), "top_logprobs": [{"token": "x", "logprob": -9999.0}]}
    ]
    assert sampled([{"token": "a", "logprob": -(10**400)}]) == (SampledToken(b"a", -100.0),)
    assert sampled(rows) == (SampledToken(b"\xc3", -100.0, ((b"x", -100.0),)),)


def test_no_more_alternatives_are_looked_at_than_are_asked_for() -> None:
    rows = [{"token": "a", "logprob": 0.0, "top_logprobs": [{"token": str(n), "logprob": -1.0} for n in range(500)]}]
    assert len(sampled(rows)[0].likeliest) == MOST


@given(st.lists(st.text(max_size=6), max_size=6), st.text(max_size=60))
def test_no_tokens_and_no_text_break_it(pieces: list[str], text: str) -> None:
    tokens = [SampledToken(piece.encode(errors="replace"), -0.5) for piece in pieces]
    found = [chance for _, chance in choices(text, tokens, SCHEMA)]
    assert all(chance is None or 0 <= chance <= 1 for chance in found)


@given(st.sampled_from(["memory", "mostMemory", "something else"]), st.data())
def test_cut_as_it_may_a_sure_answer_is_sure(made: str, data: st.DataObject) -> None:
    text = f'{{"2_GiB": "{made}"}}'
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=6)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert confidence(text, [token(piece, 0.5, zebra=0.5) for piece in pieces], SCHEMA) == 100

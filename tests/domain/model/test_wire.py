"""What a server says: bounded, in one line, without credentials."""

import json

import pytest

from kforge.domain.model.request import Message
from kforge.domain.model.wire import LONGEST, count, encoded, fault, label, scaled, shown, tokens
from kforge.domain.secrets.key_redaction import Secret

KEY = "sk-" + "proj-Q7/f0" + "Zp3XwVb81LmNcRt65"


def test_a_page_becomes_its_words():
    assert shown("<html><style>b{}</style><h1>502 Bad\nGateway</h1></html>") == "502 Bad Gateway"


@pytest.mark.parametrize("text", ["a\x1b[31mred", "a\u202eb", "a\x00b", "a\u2028b", "a\ud800b"])
def test_nothing_reaches_a_terminal_that_it_would_obey(text):
    assert shown(text).isprintable()


def test_long_words_are_cut():
    assert len(shown("word " * 500)) == LONGEST


def test_a_credential_is_hidden_before_anything_is_cut():
    text = "x" * (LONGEST - 12) + " ghp_" + "a1B2c3D4e5" * 4
    assert "ghp_" not in shown(text)


def test_a_body_is_ascii_in_the_order_it_was_made():
    assert encoded({"b": "ü", "a": [1, None]}) == b'{"b":"\\u00fc","a":[1,null]}'


def test_tokens_are_never_counted_too_few():
    assert tokens([Message("user", "a" * 1000)]) >= 400
    assert tokens([Message("user", "模" * 1000)]) >= 2000


@pytest.mark.parametrize(
    ("told", "number"),
    [("14.8B", 14_800_000_000), ("361.82 M", 361_820_000), ("137m", 137_000_000), ("", 0), ("many", 0), ("1.2.3B", 0),
     ("9" * 298 + "T", 0), ("1K", 1000), ("1\u212a", 0), (7, 0), (None, 0), ([], 0)],
)  # fmt: skip
def test_parameters_are_read_as_they_are_written(told, number):
    assert scaled(told) == number


@pytest.mark.parametrize(
    ("told", "number"), [(7, 7), (0, 0), (-1, 0), (True, 0), ("7", 0), (None, 0), (1 << 53, 0), (int("9" * 4300), 0)]
)
def test_a_count_is_one_that_can_be_added_and_shown(told, number):
    assert count(told) == number


@pytest.mark.parametrize(
    ("told", "name"), [("q:14b", "q:14b"), ("q\x1b[2J", ""), ("a\nb", ""), (7, ""), (None, ""), ("a" * 9999, "a" * 300)]
)
def test_a_name_is_printable_and_bounded(told, name):
    assert label(told) == name


def test_an_error_of_any_depth_is_read():
    held: object = "deep"
    for _ in range(500):
        held = {"error": held}
    assert fault(400, held).kind == "request"


@pytest.mark.parametrize(
    "told",
    [
        KEY,
        KEY[:20] + "…",
        KEY.replace("/", "%2F"),
        KEY.replace("/", "\\/"),
        KEY.upper(),
        "c2stcHJvai1RNy9mMFpwM1h3VmI4MUxtTmNSdDY1",
    ],
)
def test_a_key_is_found_in_every_form(told):
    secret = Secret(KEY)
    assert secret.inside(f"token={told};")
    assert told not in secret.without(f"token={told};")
    assert KEY not in repr(secret)


def test_a_short_key_hides_itself_where_it_stands_whole():
    assert (
        Secret("ollama").without("ollama serve, not ollamas of old; Ollama")
        == "(hidden) serve, not ollamas of old; (hidden)"
    )
    assert Secret("x+").without("key=x+; x+y xx+") == "key=(hidden); x+y xx+"


@pytest.mark.parametrize("key", ["x", "1", "null", "python", "code", "lm-studio"])
def test_a_short_key_that_is_a_word_spoils_no_answer(key):
    held = json.dumps({"code": 1, "error": None, "message": f"python with {key}"})
    assert not Secret(key).inside(held)
    assert Secret(key).out_of(held.encode()) == held.encode()


def test_no_key_hides_nothing():
    assert Secret("").without("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize("key", ["line\nbreak", " blank", "blank ", "schlüssel", "nul\x00"])
def test_a_key_that_no_header_can_carry_is_told(key):
    assert Secret(key).odd()

"""What a server says: bounded, in one line, without credentials."""

import pytest

from kforge.domain.model import Message
from kforge.domain.secret import Secret
from kforge.domain.wire import LONGEST, encoded, fault, shown, tokens

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


def test_an_error_of_any_depth_is_read():
    held: object = "deep"
    for _ in range(500):
        held = {"error": held}
    assert fault(400, held).kind == "request"


@pytest.mark.parametrize(
    "told", [KEY, KEY[:20] + "…", KEY.replace("/", "%2F"), KEY.replace("/", "\\/"), KEY.upper(), "c2stcHJvai1RNy9mMFpwM1h3VmI4MUxtTmNSdDY1"]
)
def test_a_key_is_found_in_every_form(told):
    secret = Secret(KEY)
    assert secret.inside(f"token={told};")
    assert told not in secret.without(f"token={told};")
    assert KEY not in repr(secret)


def test_a_short_key_hides_itself_alone():
    assert Secret("ollama").without("ollama serve, not ollamas of old; Ollama") == "(hidden) serve, not (hidden)s of old; (hidden)"


def test_no_key_hides_nothing():
    assert Secret("").without("nothing to hide") == "nothing to hide"


@pytest.mark.parametrize("key", ["line\nbreak", " blank", "blank ", "schlüssel", "nul\x00"])
def test_a_key_that_no_header_can_carry_is_told(key):
    assert Secret(key).odd()

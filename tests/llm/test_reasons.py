"""A reason is one plain sentence: nothing in it acts on a terminal, a log, a template or a reader."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.invisible_chars import INVISIBLE
from kforge.llm.reasons import is_reason, reason


def test_a_reason_may_begin_and_end_with_a_word_in_marks() -> None:
    assert reason("`/healthz` answers when it can serve `GET`") == "`/healthz` answers when it can serve `GET`"
    assert reason("** ```json fine") == "json fine"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It fits.", "It fits"), ("  two\n lines\r\nhere ", "two lines here"), ("a\x1b[31mred\x07", "a [31mred"), ("x\u202ey\u200bz", "x y z"),
        ("see https://evil.example.com/?leak=1 now", "see (link) now"), ("![x](//evil.example.com/a.png)", "[x] ((link))"), ("ask @acme/ops", "ask acme/ops"),
        ("<img src=x onerror=y>", "‹img src=x onerror=y›"), ("{{ 7*7 }} {% x %}", "{ 7*7 } { x }"), ("::error::pwned", "error:pwned"), ("| a | b |", "/ a / b /"),
        (f"the key sk-ant-{'a1' * 12} is used", "the key (hidden) is used"), ("...", ""), ("`", ""), ("# Title", "Title"),
        ("needs 100 % of a core", "needs 100 % of a core"), ("uses `/healthz` (see main.py)", "uses `/healthz` (see main.py)"),
    ],
)  # fmt: skip
def test_a_reason_is_one_plain_sentence(text: str, kept: str) -> None:
    assert reason(text).strip(":") in (kept, kept.strip(":"))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("use {%{ .Values.x }%} here", "use { .Values.x } here"), ("use {#%#{ x", "use { x"), ("see https:/|evil.example.com/x now", "see (link) now"),
        ("thanks @@acme/everyone", "thanks acme/everyone"), ("a #|#[error]b", "a #/#[error]b"), (f"key sk-@proj-{'aB3dE5fG7h' * 5} it is", "key (hidden) it is"),
    ],
)  # fmt: skip
def test_what_is_taken_out_of_a_reason_leaves_no_other_mark_behind(text: str, kept: str) -> None:
    assert reason(text) == kept


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "%",
                "#",
                "|",
                "/",
                "<",
                ">",
                "@",
                ":",
                "!",
                "]",
                "[",
                "(",
                "`",
                "a",
                " ",
                "http:",
                "javascript:",
                "sk-",
            ]
        ),
        max_size=60,
    )
)
def test_no_order_of_marks_makes_one(parts: list[str]) -> None:
    kept = reason("".join(parts))
    assert not any(
        mark in kept for mark in ("//", "<", ">", "{{", "}}", "{%", "%}", "{#", "::", "](", "![", "|", "##", "```")
    )
    assert not re.search(r"(?<![A-Za-z0-9])@[A-Za-z0-9]", kept)


@pytest.mark.parametrize(
    "text", ["_AKIAIOSFODNN7EXAMPLE starts it", "**_AKIAIOSFODNN7EXAMPLE_**", "-_AKIAIOSFODNN7EXAMPLE"]
)
def test_no_mark_around_a_credential_keeps_it_in_a_reason(text: str) -> None:
    assert "AKIA" not in reason(text)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["`", "{{", "|", "//", "_", "AKIAIOSFODNN7EXAMPLE", "token=", "word ", ". ", "x" * 60, "@a"])
    )
)
def test_every_reason_that_is_left_is_one(parts: list[str]) -> None:
    kept = reason("".join(parts))
    assert not kept or is_reason(kept)


def test_a_long_reason_is_cut_at_its_first_sentence() -> None:
    assert reason("It is enough. " + "And more. " * 60) == "It is enough"
    assert len(reason("word " * 200)) <= 300


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600))
def test_no_reason_holds_what_a_reader_does_not_see(text: str) -> None:
    kept = reason(text)
    assert (
        len(kept) <= 300
        and not INVISIBLE.search(kept)
        and "\n" not in kept
        and not any(mark in kept for mark in ("://", "<", ">", "{{", "::", "](", "|"))
    )
    kept.encode()

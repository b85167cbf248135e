"""The canary: what an answer to it tells of a server."""

from __future__ import annotations

import json

import pytest

from kforge.domain.model.request import Completion, Fault, Request
from kforge.llm.canary import constrained


def _word(asked: Request) -> str:
    return str(asked.schema["properties"]["word"]["enum"][0])


def test_a_word_that_only_the_schema_names_shows_that_it_is_kept() -> None:
    assert constrained("coder", lambda asked: Completion(json.dumps({"word": _word(asked)})))
    assert constrained("coder", lambda asked: Completion(json.dumps({"word": _word(asked)}, indent=4) + "\n"))


@pytest.mark.parametrize(
    "text",
    [
        '{"word": "hello"}',
        "hello",
        "",
        "null",
        "7",
        "[" * 100_000,
        '{"word": ' * 50_000,
        " " * 5000 + "{}",
        '{"word": NaN}',
    ],
    ids=lambda text: text[:12],
)
def test_any_other_answer_shows_that_it_is_not(text: str) -> None:
    assert not constrained("coder", lambda asked: Completion(text))


def test_a_fault_says_nothing_of_constraints() -> None:
    def down(asked: Request) -> Completion:
        raise Fault("outage", "is down")

    assert constrained("coder", down)


def test_what_is_no_answer_is_no_answer() -> None:
    """A failure of ours or of the surroundings must not pass for a model that ignores schemas."""

    def broken(asked: Request) -> Completion:
        raise ValueError("port out of range")

    with pytest.raises(ValueError, match="port"):
        constrained("coder", broken)

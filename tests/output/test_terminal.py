"""What a terminal is given ends its lines between words; a pipe is given whole lines."""

from __future__ import annotations

import io

import pytest

from kforge.output import text

LONG = "  note: " + "a word and another " * 12


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(text, "columns", lambda stream: 60)
    return Terminal()


def test_a_terminal_gets_lines_that_fit(narrow: Terminal) -> None:
    text.say(LONG, narrow)
    lines = narrow.getvalue().splitlines()
    assert all(len(line) <= 60 for line in lines) and len(lines) > 3
    assert lines[0].startswith("  note: ") and all(line.startswith("    ") for line in lines[1:])
    assert " ".join(narrow.getvalue().split()) == " ".join(LONG.split())


def test_short_lines_and_words_that_fit_nowhere_stay(narrow: Terminal) -> None:
    text.say("short\n\n" + "x" * 90, narrow)
    assert narrow.getvalue() == "short\n\n" + "x" * 90 + "\n"


def test_a_pipe_gets_the_line_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "columns", lambda stream: 60)
    stream = io.StringIO()
    text.say(LONG, stream)
    assert stream.getvalue() == LONG + "\n"

"""What a person sees while questions are asked: nothing of what is quick, time left of what lasts."""

import io
import time

import pytest

from kforge.output.progress import Progress, spoken


class Terminal(io.StringIO):
    def isatty(self):
        return True


def told(stream, *steps):
    """What is written; `steps` are (seconds, answered, all)."""
    now = [0.0]
    progress = Progress(stream, lambda: now[0])
    for now[0], done, wanted in steps:
        progress(done, wanted)
    progress.close()
    return stream.getvalue()


def test_what_is_quick_says_nothing():
    assert told(Terminal(), (0, 0, 3), (0.5, 1, 3), (1, 2, 3), (1.5, 3, 3)) == ""


def test_a_terminal_has_one_line_that_moves_and_goes():
    said = told(Terminal(), (0, 0, 10), (10, 1, 10), (20, 2, 10))
    assert "\r\x1b[K1 of 10 questions answered, about 2 min left\r\x1b[K2 of 10 questions answered, about 80 s left" in said
    assert said.endswith("\r\x1b[K")


def test_elsewhere_a_plain_line_comes_now_and_then():
    said = told(io.StringIO(), (0, 0, 9), (10, 1, 9), (20, 2, 9), (30, 3, 9), (40, 4, 9))
    assert said == "2 of 9 questions answered, about 70 s left\n4 of 9 questions answered, about 50 s left\n"


@pytest.mark.parametrize("stream, line", [(Terminal, "\r\x1b[Kasking 1 question"), (io.StringIO, "asking 1 question\n")])
def test_before_the_first_answer_it_says_what_it_waits_for(stream, line, monkeypatch):
    monkeypatch.setattr("kforge.output.progress.PATIENCE", 0.01)
    shown = stream()
    progress = Progress(shown)
    progress(0, 1)
    end = time.monotonic() + 10
    while line not in shown.getvalue() and time.monotonic() < end:
        time.sleep(0.01)
    progress(1, 1)
    progress.close()
    assert shown.getvalue().startswith(line)


@pytest.mark.parametrize("seconds, words", [(0.2, "1 s"), (89, "89 s"), (200, "3 min"), (9000, "2 h")])
def test_time_left_is_as_exact_as_a_guess(seconds, words):
    assert spoken(seconds) == words

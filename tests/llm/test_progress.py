"""What a person sees while questions are asked: nothing of what is quick; which one, since when and time left of what
lasts.
"""

import io
import re
import time
from contextlib import ExitStack

import pytest

from kforge.output.progress import ProgressLine, lasted, spoken
from tests.conftest import run
from tests.growth import SOON
from tests.terminal import CODES

pytestmark = pytest.mark.usefixtures("plain_environment")
BAR = re.compile("[━╸╺]+")
GONE = "\x1b[2K"  # the line is erased, and the cursor is where it began


class Terminal(io.StringIO):
    def isatty(self):
        return True


def lines(shown):
    """What was to be read, without bars; what is shown again counts once."""
    read = [BAR.sub("", line).strip() for line in re.split(r"[\r\n]", CODES.sub("", shown))]
    return [line for line, before in zip(read, ["", *read], strict=False) if line and line != before]


@pytest.fixture
def progress():
    """Of a terminal, or of a `stream`; `at` sets its clock and has it look there, `said` is all that it showed."""
    with ExitStack() as held:

        def begin(stream=None, logged=False):
            now = [0.0]
            made = ProgressLine(stream or Terminal(), lambda: now[0], logged=logged)
            held.callback(made.close)

            def at(seconds):
                now[0] = float(seconds)
                made.tick()

            made.at = at
            made.said = lambda: lines(made._stream.getvalue())
            return made

        yield begin


def told(progress, *steps):
    """What is shown; `steps` are (seconds, answered, all)."""
    for seconds, done, wanted in steps:
        progress.at(seconds)
        progress(done, wanted)
    return progress.said()


def test_what_is_quick_says_nothing(progress):
    assert told(progress(), (0, 0, 3), (0.5, 1, 3), (1, 2, 3), (1.5, 3, 3)) == []


def test_a_terminal_has_one_line_that_moves_and_goes(progress):
    line = progress()
    assert told(line, (0, 0, 10), (10, 1, 10))[-1] == "asking 10 questions, 10 s; 1 of 10 answered, 2 min left"
    line(10, 10)
    assert line._stream.getvalue().endswith(GONE)


def test_it_names_what_is_asked_and_ticks(progress):
    line = progress()
    line(0, 1)
    with line.about("web/build"):
        line.at(12)
        line.at(13)
    assert line.said() == ["asking about web/build, 12 s", "asking about web/build, 13 s"]


def test_a_further_attempt_is_named_and_its_time_goes_on(progress):
    line = progress()
    line(0, 1)
    with line.about("web/build"):
        line.at(40)
    with line.about("web/build", 1):
        line.at(70)
    assert line.said()[-1] == "asking about web/build, attempt 2, 1 min 10 s"


def test_of_several_it_names_the_one_that_waits_longest(progress):
    line = progress()
    line(0, 3)
    with line.about("api/build"):
        line.at(1)
        with line.about("web/build"):
            line.at(3)
    assert line.said() == ["asking about api/build and 1 more, 3 s"]


def test_the_time_left_counts_down_between_answers(progress):
    line = progress()
    assert told(line, (0, 0, 5), (10, 1, 5))[-1].endswith("40 s left")
    line.at(15)
    assert line.said()[-1].endswith("35 s left")


def test_a_wave_learns_from_the_ones_before_and_says_what_may_follow(progress):
    line = progress()
    told(line, (0, 0, 1), (30, 1, 1))
    line.ahead(3)
    line(0, 1)
    with line.about("web/process"):
        line.at(40)
    assert line.said()[-1] == "asking about web/process, 10 s; 20 s left, at most 2 min in all"


def test_what_is_asked_before_any_question_has_its_line_too(progress):
    line = progress()
    with line.about("the form of its answers"):
        line.at(30)
    assert line.said() == ["asking about the form of its answers, 30 s"]
    assert line._stream.getvalue().endswith(GONE)


def test_elsewhere_plain_lines_are_few(progress):
    line = progress(io.StringIO())
    told(line, (0, 0, 9), (10, 1, 9), (20, 2, 9), (30, 3, 9), (40, 4, 9))
    for seconds in (45, 60, 99, 105, 106):
        line.at(seconds)
    assert line.said() == [
        "asking 9 questions, 10 s",
        "asking 9 questions, 30 s; 2 of 9 answered, 60 s left",
        "asking 9 questions, 45 s; 4 of 9 answered, 45 s left",
        "asking 9 questions, 1 min 45 s; 4 of 9 answered",
    ]


@pytest.mark.parametrize("logged", [True, False])
def test_steps_are_logged_where_that_is_asked_for(progress, logged):
    line = progress(io.StringIO(), logged)
    for seconds, entries in ((0, 1), (0.9, 3), (1, 5), (9, 7), (16, 9)):
        line.step(f"{entries} entries read")
        line.at(seconds)
    assert line.said() == (["5 entries read, 1 s", "9 entries read, 16 s"] if logged else [])


def test_a_told_line_has_a_line_of_its_own(progress):
    line = progress()
    line(0, 1)
    line.at(5)
    line.tell("waited 3 s")
    assert line._stream.getvalue().endswith(f"{GONE}waited 3 s\n")


@pytest.mark.parametrize("stream, line", [(Terminal, "asking 1 question"), (io.StringIO, "asking 1 question, 0 s\n")])
def test_before_the_first_answer_it_says_what_it_waits_for(stream, line, monkeypatch):
    monkeypatch.setattr("kforge.output.progress.PATIENCE", 0.01)
    monkeypatch.setattr("kforge.output.progress.TICK", 0.01)
    shown = stream()
    progress = ProgressLine(shown)
    progress(0, 1)
    end = time.monotonic() + SOON
    while line not in shown.getvalue() and time.monotonic() < end:
        time.sleep(0.01)
    progress(1, 1)
    progress.close()
    assert shown.getvalue().startswith(line)


def test_a_line_that_does_not_fit_is_folded_and_goes_as_a_whole(progress, monkeypatch):
    monkeypatch.setattr("kforge.output.drawing.columns", lambda stream: 30)
    line = progress()
    line(0, 1)
    with line.about("a-long-name-of-a-service/resources"):
        line.at(5)
    line(1, 1)
    assert line.said()[:3] == ["asking about", "a-long-name-of-a-service/resou", "rces, 5 s"]
    assert line._stream.getvalue().endswith("\r" + f"\x1b[1A{GONE}" * 3)


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), ("TERM", "dumb")])
def test_a_terminal_that_moves_no_cursor_gets_the_plain_lines(name, value, progress, monkeypatch):
    monkeypatch.setenv(name, value)
    line = progress()
    assert told(line, (0, 0, 9), (10, 1, 9)) and "\x1b" not in line._stream.getvalue()


@pytest.mark.parametrize("seconds, words", [(0.2, "1 s"), (89, "89 s"), (200, "3 min"), (9000, "2 h")])
def test_time_left_is_as_exact_as_a_guess(seconds, words):
    assert spoken(seconds) == words


@pytest.mark.parametrize("seconds, words", [(0.2, "0 s"), (59.9, "59 s"), (103, "1 min 43 s")])
def test_time_passed_is_exact(seconds, words):
    assert lasted(seconds) == words


def test_words_of_anybody_command_no_terminal():
    stream = io.StringIO()
    ProgressLine(stream).tell("`evil\x1b]0;pwned\x07` is not held\n  - a point")
    assert "\x1b" not in stream.getvalue() and stream.getvalue().endswith("is not held\n  - a point\n")


def test_a_build_names_what_it_asks_and_says_what_may_follow(hello, model, monkeypatch):
    for name in ("PATIENCE", "PAUSE", "TICK"):
        monkeypatch.setattr(f"kforge.output.progress.{name}", 0.01)
    model.latency = 0.3
    said = run("build", cwd=hello, code=0).err
    assert "asking about web/build, 0 s\n" in said
    assert re.search(r"asking about web/process, 0 s; 1 s left, at most \d+ s in all\n", said)

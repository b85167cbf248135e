"""Files are links on terminals that are known to have them, and nowhere else; a text of others never becomes one."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from kforge.output.links import address, linked
from kforge.output.text import coloured, seen
from tests.conftest import write
from tests.mutations import SPEC
from tests.terminal import on_a_terminal

LINK = "\x1b]8;"
KNOWN = {"TERM": "xterm-256color", "TERM_PROGRAM": "vscode", "TERM_PROGRAM_VERSION": "1.90.0"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        (KNOWN, True),
        ({**KNOWN, "TERM_PROGRAM_VERSION": "1.71.2"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.5.0"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_PROGRAM_VERSION": "3.0.9"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"VTE_VERSION": "6800"}, True),
        ({"VTE_VERSION": "5000"}, False),
        ({"WT_SESSION": "x"}, True),
        ({}, False),
        ({**KNOWN, "TERM": "dumb"}, False),
        ({**KNOWN, "CI": "true"}, False),
        ({**KNOWN, "TMUX": "x"}, False),
        ({"VTE_VERSION": "6800", "SSH_CONNECTION": "x"}, False),
        ({**KNOWN, "SSH_CONNECTION": "x"}, True),
        ({**KNOWN, "KFORGE_HYPERLINKS": "0"}, False),
        ({**KNOWN, "FORCE_HYPERLINK": "0"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"KFORGE_HYPERLINKS": "0", "FORCE_HYPERLINK": "1"}, False),
        ({"FORCE_HYPERLINK": "1", "CI": "true"}, False),
    ],
)
def test_a_terminal_has_links_where_it_is_known_to(environment: dict[str, str], wanted: bool) -> None:
    assert linked(Terminal(), environment) is wanted


@pytest.mark.parametrize("environment", [KNOWN, {"FORCE_HYPERLINK": "1"}])
def test_a_pipe_has_none(environment: dict[str, str]) -> None:
    assert not linked(io.StringIO(), environment)


def test_a_problem_links_its_file(tmp_path: Path) -> None:
    write(tmp_path, {SPEC: "lables: 3\n"})
    assert f";file://{tmp_path}/{SPEC}\x1b\\{SPEC}:1:1\x1b]8;;\x1b\\" in on_a_terminal(tmp_path, "check", **KNOWN).raw
    assert LINK not in on_a_terminal(tmp_path, "check").raw


def test_a_link_in_a_text_of_others_stays_letters() -> None:
    text = f"{LINK};https://example.com\x1b\\here{LINK};\x1b\\"
    terminal = Terminal()
    assert "\x1b" not in seen(text, terminal)


def test_an_address_has_no_letter_that_a_terminal_obeys() -> None:
    assert address("/a b\x1b\\\x07.yaml") == "file:///a%20b%1B%5C%07.yaml"


@pytest.mark.parametrize(
    ("environment", "terminal", "pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"FORCE_COLOR": "false"}, False, False),
        ({"FORCE_COLOR": "0", "CLICOLOR_FORCE": "1"}, False, False),
        ({"CLICOLOR_FORCE": "1"}, True, True),
        ({"CLICOLOR_FORCE": "0"}, True, False),
        ({"CLICOLOR_FORCE": "1", "CLICOLOR": "0"}, True, True),
        ({"CLICOLOR": "0"}, False, False),
        ({"CLICOLOR": "1"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_variables_say_whether_there_are_colours(environment: dict[str, str], terminal: bool, pipe: bool) -> None:
    assert (coloured(Terminal(), environment), coloured(io.StringIO(), environment)) == (terminal, pipe)

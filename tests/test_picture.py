"""The README's picture shows what kforge prints today."""

import html
import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


def recorder():
    spec = importlib.util.spec_from_file_location("record", DOCS / "record.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def words(svg):
    """What a picture says: line breaks and fonts are the library's."""
    return " ".join(html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).split())


def test_the_picture_is_what_kforge_prints():
    assert words(recorder().record()) == words((DOCS / "run.svg").read_text()), "run `python docs/record.py`"


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("reading\r\x1b[2Kdone\r\n", "done\n"),
        ("a\r\nb\r\x1b[2K\x1b[1A\x1b[2Kc\r\n", "c\n"),
        ("\x1b[32mgood\x1b[0m\r\n\r\nend\r\n", "\x1b[32mgood\x1b[0m\n\nend\n"),
        ("\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\\r\n", "x\n"),
    ],
)
def test_what_was_shown_for_a_while_is_not_in_the_picture(raw, left):
    assert recorder()._settled(raw) == left

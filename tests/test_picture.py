"""The README's picture shows what kforge prints today."""

import html
import importlib.util
import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"


def words(svg):
    """What a picture says: line breaks and fonts are the library's."""
    return " ".join(html.unescape(" ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))).split())


def test_the_picture_is_what_kforge_prints():
    spec = importlib.util.spec_from_file_location("record", DOCS / "record.py")
    record = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(record)
    assert words(record.record()) == words((DOCS / "run.svg").read_text()), "run `python docs/record.py`"

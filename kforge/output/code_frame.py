"""A place in a spec → its line with a caret under the column, as compilers show it. Of other files nothing is shown: they
may hold secrets, and a spec's own are masked.
"""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from pathlib import Path

from kforge.errors import Error, Place
from kforge.output.layout import Line, Span
from kforge.output.masked_line import HIDDEN, masked
from kforge.output.text import inert
from kforge.system.files import read
from kforge.system.project import SUFFIX, root

LARGEST = 1 << 20  # bytes of a spec that is read for this
LONGEST = 2000  # characters of a line that is looked at
WIDEST = 68  # columns of a line, so that it fits 80 beside its number


def code_frame(where: Place | None, message: str = "", text: str | None = None) -> tuple[Line, ...]:
    """The line of a place, as seen from the working directory; nothing where it may not be shown or is not there.
    Words of the message are shown, too. `text` is the spec where that is not on the disk.
    """
    if where is None or not (where.line and where.column and where.file.endswith(SUFFIX)):
        return ()
    return drawn_frame(_text(where.file) if text is None else text, where.line, where.column, message)


def drawn_frame(spec: str, line: int, column: int, message: str = "") -> tuple[Line, ...]:
    """The frame of a line and a column of a spec, both one-based; nothing where there is no such line to be shown."""
    lines = spec.split("\n", line)
    if line > len(lines) or not 0 < len(lines[line - 1].strip()) <= LONGEST:
        return ()
    shown = masked(lines[line - 1], column - 1, message)
    text, at = _cut(inert(shown.text), shown.column)
    gutter = " " * len(str(line))
    marks = "^" * max(1, min(shown.length, len(text) - at))
    return (
        Line((Span(f"{gutter} |", "dim"),), 1),
        Line((Span(f"{line} | ", "dim"), Span(text)), 1),
        Line((Span(f"{gutter} | ", "dim"), Span(" " * _width(text[:at])), Span(marks, "error")), 1),
    )


def _text(file: str) -> str:
    """A spec's text; "" where it cannot be read as kforge reads files: through no link, and within bounds."""
    with suppress(Error, OSError, ValueError):
        path = Path(os.path.abspath(file))  # noqa: PTH100 - resolves no link
        content = read(path, LARGEST, file, root(path.parent))
        return (content or b"").decode("utf-8", "replace").replace("\r\n", "\n")
    return ""


def _cut(text: str, at: int) -> tuple[str, int]:
    """At most WIDEST columns of a text around a place in it, and the place there."""
    if _width(text) <= WIDEST:
        return text, at
    first = 0 if at < WIDEST - 20 else at - 20
    part = text[first:]
    while _width(part) > WIDEST - 2:
        part = part[:-1]
    rest = HIDDEN if first + len(part) < len(text) else ""
    head = HIDDEN if first else ""
    return f"{head}{part}{rest}", at - first + len(head)


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )

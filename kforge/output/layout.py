"""What a command shows, as data: lines, tables, differences, sections. Pipes, files and CI get its plain lines.

On a terminal the same parts are laid out by `drawing.py`. Both make every text inert first.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple, TextIO

from kforge.domain.invisible_chars import visible
from kforge.output.quiet_stream import bare, quiet
from kforge.output.text import PLAIN, Paint, coloured, columns, drawn, emit, harmless, inert, say

GAP = "  "
ROW = 10  # times the work of a line: rich measures every cell
MOST = 5000  # lines that rich lays out, in about half a second; no reader follows more, and plain ones come at once


class Span(NamedTuple):
    """A piece of text in a style of `text.CODES`; `file` is the path of what it names, for terminals with links."""

    text: str
    style: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line; what does not fit a terminal goes on below the text beside the label, or `hang` columns deeper."""

    spans: tuple[Span, ...] = ()
    indent: int = 0
    hang: int = 2
    label: str = ""

    @classmethod
    def of(cls, text: str, style: str = "", indent: int = 0) -> Line:
        """A line in one style."""
        return cls((Span(text, style),), indent)

    def plain(self, paint: Paint) -> list[str]:
        label = f"{_painted(Span(self.label, 'dim'), paint)} " if self.label else ""
        return [" " * self.indent + label + "".join(_painted(span, paint) for span in self.spans)]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of equally many cells; `least` is the width of the first column at least. Cells of `words` are a few words each:
    columns get as narrow as a word, and where that is too wide, a row becomes its name and the others in a line.
    """

    rows: tuple[tuple[Span, ...], ...]
    head: tuple[str, ...] = ()
    indent: int = 0
    least: int = 0
    words: bool = False

    def plain(self, paint: Paint) -> list[str]:
        rows = self.all_rows
        texts = [[inert(cell.text) for cell in row] for row in rows]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        widths[:1] = [max(self.least, *widths[:1])] if widths else []
        return [
            (" " * self.indent + GAP.join(map(_padded, row, widths, [paint] * len(widths)))).rstrip() for row in rows
        ]

    @property
    def all_rows(self) -> tuple[tuple[Span, ...], ...]:
        return ((*(Span(name, "bold") for name in self.head),), *self.rows) if self.head else self.rows


@dataclass(frozen=True, slots=True)
class Diff:
    """A unified difference of one file, or the lines of a whole value."""

    text: str
    indent: int = 0
    headed: bool = True  # the lines above the first hunk name files

    def plain(self, paint: Paint) -> list[str]:
        return [" " * self.indent + (paint(style, line) if style else line) for style, line in self.lines()]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Style and text of each line."""
        named = self.headed
        for line in harmless(visible(self.text)).rstrip("\n").split("\n"):
            named = named and not line.startswith("@@")
            yield "bold" if named else {"+": "good", "-": "bad", "@": "name"}.get(line[:1], ""), line


@dataclass(frozen=True, slots=True)
class Sections:
    """Parts beside the names of what they are about."""

    items: tuple[tuple[str, tuple[Line | Table, ...]], ...]

    def plain(self, paint: Paint) -> list[str]:
        width = self.width
        found = []
        for name, parts in self.items:
            for number, line in enumerate(line for part in parts for line in part.plain(paint)):
                found.append(
                    f"{paint('name', name) if not number else ' ' * len(name)}{' ' * (width - len(name))}{line}"
                )
        return [line.rstrip() for line in found]

    @property
    def width(self) -> int:
        """Columns of the names and the gap beside them."""
        return max(len(name) for name, _ in self.items) + len(GAP)


Part = Line | Table | Diff | Sections


def rows(*cells: Iterable[str], styles: Sequence[str] = ()) -> tuple[tuple[Span, ...], ...]:
    """Rows of a table, each column in its style."""
    return tuple(tuple(map(Span, row, chain(styles, repeat("")))) for row in cells)


def show(*parts: Part) -> None:
    """Write the answer of a command to standard output."""
    if parts:
        _write(parts, sys.stdout, emit)


def tell(*parts: Part) -> None:
    """Write messages for people to standard error. Under `-q` these are errors, each with the lines that belong to it."""
    hushed = quiet(sys.stderr)
    if told := tuple(_errors(parts)) if hushed else parts:
        _write(told, sys.stderr, partial(say, stream=bare(sys.stderr)))


def _errors(parts: Iterable[Part]) -> Iterator[Part]:
    """Messages that begin with a word in the style of errors; what is indented or labelled belongs to the one before."""
    kept = False
    for part in parts:
        if isinstance(part, Line) and not part.indent and not part.label:
            kept = any(span.style == "error" for span in part.spans[:1])
        if kept:
            yield part


def plain(parts: Iterable[Part], paint: Paint = PLAIN) -> str:
    """The lines of all parts."""
    return "\n".join(line for part in parts for line in part.plain(paint))


def _write(parts: Sequence[Part], stream: TextIO, write: Callable[[str], None]) -> None:
    if drawn(stream) and (_lays_out(parts, columns(stream)) or _links(parts, stream)):
        from kforge.output import drawing  # rich, for terminals alone

        drawing.draw(parts, stream)
    else:
        write(plain(parts, Paint(coloured(stream))))


def _lays_out(parts: Sequence[Part], width: int) -> bool:
    """Whether there are columns, a difference or a line that may not fit, and no more of them than rich draws soon."""
    needed = not all(isinstance(part, Line) and _fits(part, width) for part in parts)
    return needed and sum(map(_work, parts)) <= MOST


def _links(parts: Sequence[Part], stream: TextIO) -> bool:
    """Whether a line names a file, and the terminal has links."""
    if len(parts) > MOST or not any(isinstance(part, Line) and any(span.file for span in part.spans) for part in parts):
        return False
    from kforge.output.links import linked  # for terminals alone

    return linked(stream)


def _fits(part: Line, width: int) -> bool:
    text = part.plain(PLAIN)[0]
    return text.isascii() and len(text) < width  # other letters may be two columns wide


def _work(part: Part) -> int:
    """The work of drawing parts, in lines."""
    if isinstance(part, Sections):
        return sum(_work(each) for _, held in part.items for each in held)
    if isinstance(part, Table):
        return len(part.rows) * ROW
    return part.text.count("\n") + 1 if isinstance(part, Diff) else 1


def _painted(span: Span, paint: Paint) -> str:
    text = inert(span.text)
    return paint(span.style, text) if span.style else text


def _padded(span: Span, width: int, paint: Paint) -> str:
    return _painted(span, paint) + " " * (width - len(inert(span.text)))

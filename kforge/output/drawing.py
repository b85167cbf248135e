"""Parts of `layout.py` → a terminal, by rich. Imported late, and only where a terminal shows more than a line.

Nothing is cut: what does not fit is folded, and a table without room for its columns becomes a list. Texts are inert
before rich sees them and go in as `Text`, so that markup, emoji codes and links of theirs stay letters.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.style import Style
from rich.table import Table as Grid
from rich.text import Text
from rich.theme import Theme

from kforge.output.layout import GAP, Diff, Line, Part, Sections, Span, Table
from kforge.output.links import address, linked
from kforge.output.text import coloured, columns, inert

STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "info": "bold blue",
    "good": "green",
    "bad": "red",
    "dim": "dim",
    "bold": "bold",
    "name": "cyan",
}
LEAST = 24  # columns that a folded cell needs to be read
BETWEEN = " · "  # cells of a row that are in one line


class Terminal(Console):
    """A console that takes texts as they are and never hides the cursor: a process that is killed could not show it."""

    def __init__(self, stream: TextIO) -> None:
        colours = coloured(stream)
        self.links = linked(stream)
        super().__init__(
            file=stream,
            force_terminal=True,
            force_jupyter=False,
            color_system="standard" if colours else None,
            no_color=not colours,
            theme=Theme(STYLES),
            markup=False,
            emoji=False,
            highlight=False,
        )
        self.fit(stream)

    def fit(self, stream: TextIO) -> None:
        """Take the size that the window has now."""
        self.width = columns(stream)
        try:
            self.height = os.get_terminal_size(stream.fileno()).lines or 25
        except OSError:
            self.height = 25

    def show_cursor(self, show: bool = True) -> bool:
        return False


def draw(parts: Sequence[Part], stream: TextIO) -> None:
    """Write the parts; tables with heads stand apart."""
    console = Terminal(stream)
    with console:  # one write, so that no other process' line comes between
        for number, part in enumerate(parts):
            if isinstance(part, Diff):
                console.print(_difference(part), soft_wrap=True)  # whole lines, so that they can be copied
                continue
            if number and isinstance(part, Table) and part.head:
                console.print()
            for segments in console.render_lines(_renderable(part), pad=False):
                text = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
                text.rstrip()  # rich fills cells with blanks, which would be copied, too
                console.print(text, soft_wrap=True)


def _renderable(part: Line | Table | Sections) -> RenderableType:
    return _Folded(part) if isinstance(part, Line) else _Rows(part) if isinstance(part, Table) else _Beside(part)


def _text(span: Span) -> Text:
    return Text(inert(span.text).expandtabs(), span.style)


def _linked(span: Span, console: Console) -> Text:
    text = _text(span)
    if span.file and isinstance(console, Terminal) and console.links:
        text.stylize(Style(link=address(span.file)))
    return text


class _Folded:
    """A line, broken between words where it can be; what follows is indented deeper. Right of it a gap may stay."""

    def __init__(self, part: Line, gap: int = 0) -> None:
        self._part, self._gap = part, gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        text = Text.assemble(*(_linked(span, console) for span in self._part.spans))
        width = options.max_width - self._gap
        first = Text(" " * self._part.indent)
        if self._part.label:
            first.append_text(_text(Span(self._part.label, "dim"))).append(" ")
        if first.cell_len + text.cell_len <= width:
            yield first.append_text(text)
            return
        deeper = first.cell_len + (0 if self._part.label else self._part.hang)
        for number, line in enumerate(text.wrap(console, max(8, width - deeper), overflow="fold")):
            yield (Text(" " * deeper) if number else first).append_text(line)


class _Rows:
    """A table in columns, or as a list where they have no room."""

    def __init__(self, part: Table) -> None:
        self._part = part

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        part = self._part
        if not part.all_rows:
            return
        columns = [[_text(cell) for cell in column] for column in zip(*part.all_rows, strict=True)]
        room = options.max_width - part.indent - len(GAP) * (len(columns) - 1)
        widths = _widths(columns, room, part.least, part.words)
        if not widths and part.words:
            yield _Beside(_in_lines(part))
            return
        if not widths:
            yield from map(_Folded, _listed(part))
            return
        gaps = [len(GAP)] * (len(widths) - 1) + [0]  # in the columns: rich before 14.3 counts one too many between them
        grid = Grid(box=None, padding=0, show_header=bool(part.head), header_style="bold")
        for head, width, gap in zip(part.head or ("",) * len(widths), widths, gaps, strict=True):
            grid.add_column(_Folded(Line((Span(head),), hang=0), gap), width=width + gap)
        hang = 0 if part.words else 2
        for row in part.rows:
            grid.add_row(*(_Folded(Line((cell,), hang=hang), gap) for cell, gap in zip(row, gaps, strict=True)))
        yield Padding(grid, (0, 0, 0, part.indent))


def _widths(columns: Sequence[Sequence[Text]], room: int, first: int, words: bool) -> list[int]:
    """Columns' widths, none where they have no room. The first one has names: they stay whole, or its cells do."""
    wanted = [max(cell.cell_len for cell in column) for column in columns]
    wanted[0] = max(wanted[0], first)
    longest = [max(cell_len(word) for cell in column for word in cell.plain.split() or [""]) for column in columns]
    widths = [min(wanted[0], max(LEAST, first, longest[0]))]
    widths += [min(most, LEAST, word if words else LEAST) for most, word in zip(wanted[1:], longest[1:], strict=True)]
    spare = room - sum(widths)
    for rank, index in enumerate(sorted(range(len(widths)), key=lambda index: wanted[index] - widths[index])):
        more = max(0, min(wanted[index] - widths[index], spare // (len(widths) - rank)))
        widths[index], spare = widths[index] + more, spare - more
    return widths if spare >= 0 else []


def _in_lines(part: Table) -> Sections:
    """Rows as lines beside the first cells."""
    lines = []
    for first, *others in part.rows:
        cells = [cell for cell in others if cell.text]
        spans = [span for cell in cells for span in (Span(BETWEEN, "dim"), cell)][1:]
        lines.append((first.text, (Line(tuple(spans), hang=0),)))
    return Sections(tuple(lines))


def _listed(part: Table) -> Iterator[Line]:
    """The first cell of each row, and below it the others: by the names of their columns, or each deeper than the last."""
    named = len(part.head) > 2
    for first, *others in part.rows:
        if first.text:
            yield Line((first,), part.indent)
        for number, cell in enumerate(others, 1):
            if cell.text and named:
                yield Line((cell,), part.indent + 2, label=part.head[number])
            elif cell.text:
                yield Line((cell,), part.indent + 2 * number, 2 if number == len(others) else 4)


class _Beside:
    """Names in a column of their own, or above their parts where these have no room beside them."""

    def __init__(self, part: Sections) -> None:
        self._part = part

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        left = options.max_width - self._part.width
        grid = Grid.grid()
        grid.add_column(width=self._part.width)
        grid.add_column(width=left)
        for name, parts in self._part.items:
            held = Group(*map(_renderable, parts))
            if left < LEAST:
                yield Text(name, "name")
                yield Padding(held, (0, 0, 0, len(GAP)))
            else:
                grid.add_row(Text(name, "name"), held)
        if left >= LEAST:
            yield grid


def _difference(part: Diff) -> Text:
    """The lines in their styles. Where as many lines replace others, what differs in each pair stands out."""
    lines = [Text(line, style) for style, line in part.lines()]
    runs = [(style, list(held)) for style, held in groupby(lines, key=lambda line: line.style)]
    for (gone, old), (come, new) in pairwise(runs):
        if (gone, come) == ("bad", "good") and len(old) == len(new):
            for before, after in zip(old, new, strict=True):
                _stand_out(before, after)
    indent = " " * part.indent
    return Text("\n").join(Text(indent).append_text(line) for line in lines)


def _stand_out(before: Text, after: Text) -> None:
    """Embolden what is between the common beginning and the common end of two lines, if these are most of them."""
    old, new = before.plain, after.plain
    start = 1 + _alike(old[1:], new[1:])
    end = _alike(old[start:][::-1], new[start:][::-1])
    if 2 * (start + end) > min(len(old), len(new)):
        for line in (before, after):
            line.stylize("bold", start, len(line.plain) - end)


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (a, b) in pairs if a != b), min(len(one), len(other)))

"""What rich lays out: nothing is lost and nothing is too wide, whatever the width and the text."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from kforge.output import drawing
from kforge.output.layout import Diff, Line, Part, Sections, Span, Table, plain, rows
from kforge.output.text import CODES, inert
from tests.terminal import CODES as SGR

NARROW = 40


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(*parts: Part, width: int = 80, coloured: bool = False) -> str:
    """The parts on a terminal that is so wide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "columns", lambda stream: width)
        patch.setattr(drawing, "coloured", lambda stream: coloured)
        stream = Terminal()
        drawing.draw(parts, stream)
    return stream.getvalue()


def letters(text: str) -> Counter[str]:
    return Counter("".join(text.split()))


TEXTS = st.text(st.sampled_from("aé漢字🙂[]/:\\ \t\n\x1b\u202e-") | st.characters(codec="utf-8"), max_size=90)
WORDS = st.sampled_from(
    ["[red]x[/red]", ":smile:", "[link=http://x]y[/link]", "漢字" * 30, "deploy/" * 12, "a b c", ""]
)
CELLS = (TEXTS | WORDS).map(inert)
ROWS = st.integers(1, 4).flatmap(lambda number: st.lists(st.tuples(*[CELLS] * number), min_size=1, max_size=5))


@settings(deadline=None, max_examples=60)
@given(ROWS, st.integers(20, 130), st.integers(0, 6))
def test_no_letter_of_a_table_is_lost_and_no_line_too_wide(
    cells: list[tuple[str, ...]], width: int, indent: int
) -> None:
    part = Table(rows(*cells), indent=indent)
    shown = drawn(part, width=width)
    assert letters(shown) == letters(plain([part]).expandtabs()) and max(map(cell_len, shown.split("\n"))) <= width


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=4), st.sampled_from(["", "help:"]), st.integers(20, 130), st.integers(0, 6))
def test_no_letter_of_a_line_is_lost_and_none_is_too_wide(
    spans: list[str], label: str, width: int, indent: int
) -> None:
    part = Line(tuple(map(Span, spans)), indent, 4, label)
    shown = drawn(part, width=width)
    assert letters(shown) == letters(plain([part])) and max(map(cell_len, shown.split("\n"))) <= width


@settings(deadline=None, max_examples=30)
@given(ROWS, CELLS, st.integers(20, 130))
def test_no_letter_of_sections_is_lost(cells: list[tuple[str, ...]], text: str, width: int) -> None:
    part = Sections((("servers", (Line.of(text), Table(rows(*cells), indent=2))), ("keys", (Line.of("none"),))))
    assert letters(drawn(part, width=width)) == letters(plain([part]))


def in_cells(line: str) -> str:
    """Tabs as blanks, as a terminal has them: up to the next eighth cell. A mark above a letter has no cell of its own."""
    shown, *rest = line.split("\t")
    for piece in rest:
        shown += " " * (8 - cell_len(shown) % 8) + piece
    return shown


@settings(deadline=None, max_examples=30)
@example(["\u06c7\t\u0661\u0641a\t\u06eba\t\u06d7 ", "漢\t字"], 88, False)
@given(st.lists(TEXTS, min_size=1, max_size=9), st.integers(20, 130), st.booleans())
def test_a_difference_is_line_by_line_what_a_pipe_gets(lines: list[str], width: int, coloured: bool) -> None:
    part = Diff("\n".join("+-@ "[number % 4] + line for number, line in enumerate(lines)), headed=False)
    shown = SGR.sub("", drawn(part, width=width, coloured=coloured))
    assert shown == "".join(f"{in_cells(line)}\n" for line in plain([part]).split("\n"))


@pytest.mark.parametrize("text", ["[red]x[/red]", "[link=https://x.y]z[/link]", ":smile:", "[/]", "\\[b]", "{x} %s"])
def test_markup_of_a_text_is_text(text: str) -> None:
    cell = ((Span(text, "name"),),)
    assert (
        drawn(Line.of(text), Table(cell), Table(cell, (text,)), Sections((("x", (Line.of(text),)),))).count(text) == 5
    )


def test_an_escape_sequence_of_a_text_is_seen_and_not_obeyed() -> None:
    shown = drawn(Line.of("\x1b[2J\x1b]8;;http://x\x07y"), Diff("+\x1b[2J"), Table(rows(("\x9b2J", "\r"))))
    assert "\x1b" not in shown and shown.count("\N{REPLACEMENT CHARACTER}") == 6


def test_every_style_has_its_drawing() -> None:
    assert drawing.STYLES.keys() == CODES.keys()


def test_without_colour_no_code_is_written() -> None:
    assert "\x1b" not in drawn(Line.of("x", "error"), Table(rows(("a", "b")), ("c", "d")), Diff("--- a\n+b"))


def test_columns_of_wide_letters_stand_below_each_other() -> None:
    shown = drawn(Table(rows(("漢字", "one"), ("ab", "two")))).split("\n")
    assert [cell_len(line.partition(word)[0]) for line, word in zip(shown, ("one", "two"), strict=False)] == [6, 6]


def test_a_long_value_is_folded_beside_its_name_and_whole() -> None:
    image = "registry.acme.internal/shop/" + "a" * 60
    shown = drawn(Table(rows(("value", image), ("why", "short")), indent=2, least=8), width=NARROW).split("\n")
    assert "".join(line.strip().removeprefix("value").strip() for line in shown[:-2]) == image and "…" not in shown


def test_a_table_without_room_is_a_list_with_the_names_of_its_columns() -> None:
    part = Table(rows(("web/build", "locked", "base", "a b " * 9)), ("DECISION", "STATE", "PINNED", "WHY"))
    assert drawn(part, width=NARROW).split("\n")[:3] == ["web/build", "  STATE locked", "  PINNED base"]


def test_names_in_the_first_column_are_not_broken_where_a_list_has_room_for_them() -> None:
    path = "deploy/kubernetes/web/deployment.yaml"
    assert drawn(Table(rows((path, "unchanged"))), width=NARROW) == f"{path}\n  unchanged\n"


def test_no_blanks_end_a_line() -> None:
    assert not [line for line in drawn(Table(rows(("a", "b"), ("cc", "dd dd")))).split("\n") if line.endswith(" ")]


def test_what_differs_in_a_line_stands_out() -> None:
    shown = drawn(Diff("--- a\n+++ b\n@@ -1 +1 @@\n-  maxReplicas: 10\n+  maxReplicas: 12"), coloured=True)
    assert "\x1b[31m-  maxReplicas: 1\x1b[0m\x1b[1;31m0\x1b[0m" in shown


def test_lines_that_have_little_in_common_do_not_stand_out() -> None:
    assert "\x1b[1;" not in drawn(Diff("-abc: 1\n+something else: 2", headed=False), coloured=True)


def test_a_removed_line_of_dashes_is_no_name_of_a_file() -> None:
    assert "\x1b[31m--- x\x1b[0m" in drawn(Diff("--- a\n+++ b\n@@ -1 +1 @@\n--- x"), coloured=True)


def test_a_row_has_all_of_its_cells_however_many() -> None:
    cells = tuple(f"model-{number}" for number in range(15))
    assert plain([Table(rows(cells, styles=("name",)))]).split() == [*cells]

"""A line that fits no block around it → where its siblings begin. Unaware of specs, and of what broke the parser."""

from __future__ import annotations

import re
from typing import NamedTuple

from kforge.errors import Place, Problem

_KEY = re.compile(r"""(?P<name>"[^"]*"|'[^']*'|[^\s#"'{}\[\]&*!|>%@`,-][^\n]*?|-[^\s][^\n]*?):(?=\s|$)""")
_ITEM = re.compile(r"-(?: +|$)")
_NESTED = 8  # lists in lists in one line that are looked at
_WORD = re.compile(r"""["']?[A-Za-z_][\w./-]{0,39}["']?|-""")
_BLOCK_TEXT = re.compile(r"(?:^|\s)[|>][-+1-9]*(?:\s+#.*)?$")


class _Begin(NamedTuple):
    """Where a key or an item of a list begins: both one-based, and what stands there."""

    line: int
    column: int
    name: str


def wrong_indentation(text: str, line: int, file: str, private: bool = False) -> Problem | None:
    """What is wrong with the indentation of a line, by its number from zero; None where that is not the mistake.

    `private`: no message repeats a key.
    """
    lines = text.split("\n")
    if line >= len(lines):
        return None
    found, tab = lines[line], _tab(lines[line])
    if tab >= 0:
        return Problem("tab in the indentation", Place(file, line + 1, tab + 1), "use spaces")
    begins = _begins(found, line + 1)
    before = _open(lines[:line])
    if not begins or not before:
        return None
    here, last = begins[0], before[0]
    siblings = [each for each in before if (each.name == "-") == (here.name == "-")]
    fits = here.column in [each.column for each in siblings]
    deeper = here.column > last.column
    if fits or not siblings or (deeper and (_opens(lines[last.line - 1]) or last not in siblings)):
        return None
    # Of two blocks at the same distance the inner one: what slips is mostly a line of the block above it.
    sibling = min(siblings, key=lambda each: (abs(each.column - here.column), -each.column))
    noun = f"`{here.name}`" if _shown(here, private) else f"this {'item' if here.name == '-' else 'key'}"
    like = f", as `{sibling.name}` on line {sibling.line}" if _shown(sibling, private) else ""
    depth = sibling.column - 1
    how = f"indent with {depth} space{'s' * (depth != 1)}" if depth else "begin at the start of the line"
    return Problem(
        f"wrong indentation: {noun} is at column {here.column}, its siblings at {sibling.column}",
        Place(file, line + 1, here.column),
        how + like,
    )


def _shown(begin: _Begin, private: bool) -> bool:
    """Whether a message repeats a key: a single word, and no value that a `:` makes look like one."""
    return not private and _WORD.fullmatch(begin.name) is not None


def _tab(line: str) -> int:
    """Index of a tab that indents a line, -1 for none."""
    return line[: len(line) - len(line.lstrip())].find("\t")


def key_without_colon(text: str, line: int, file: str) -> Place | None:
    """Place of the single word above a line that is indented deeper: a key that lacks its `:`."""
    lines = text.split("\n")[: line + 1]
    above = [number for number, each in enumerate(lines[:-1]) if each.strip() and not each.lstrip().startswith("#")]
    if not above:
        return None
    word = lines[above[-1]]
    indent = len(word) - len(word.lstrip(" "))
    shallower = indent < len(lines[-1]) - len(lines[-1].lstrip(" "))
    return Place(file, above[-1] + 1, indent + 1) if shallower and _WORD.fullmatch(word.strip()) else None


def _begins(line: str, number: int) -> list[_Begin]:
    """What begins in a line: the items of lists, and the key after them."""
    found: list[_Begin] = []
    at = len(line) - len(line.lstrip(" "))
    while (item := _ITEM.match(line, at)) and len(found) < _NESTED:
        found.append(_Begin(number, at + 1, "-"))
        at = item.end()
    key = _KEY.match(line, at)
    if key:
        found.append(_Begin(number, at + 1, key["name"]))
    return found


def _opens(line: str) -> bool:
    """Whether a line ends where a block of its own may follow: after a `:` or a `-`."""
    return line.partition(" #")[0].rstrip().endswith((":", "-"))


def _open(lines: list[str]) -> list[_Begin]:
    """Beginnings of the blocks that are open after some lines, the innermost first."""
    stack: list[_Begin] = []
    text, inside = -1, -1  # column of the key that has a block of text, and of the text
    for number, line in enumerate(lines, start=1):
        bare = line.lstrip(" ")
        indent = len(line) - len(bare)
        if not bare.strip() or (bare.startswith("#") and inside < 0):
            continue
        if text >= 0:
            inside = indent if inside < 0 and indent > text else inside
            if inside >= 0 and indent >= inside:
                continue
            text = inside = -1
        begins = _begins(line, number)
        for each in begins:
            stack = [outer for outer in stack if outer.column < each.column] + [each]
        if begins and _BLOCK_TEXT.search(line):
            text = indent
    return stack[::-1]

"""Settings of what ran a program until now, line by line: manifests, compose files, units, files of variables.

A line of a file of settings has a key; the lines above it with fewer blanks before them say whose it is. They are read by
their indentation, as no parser reads the templates and the fragments that repositories hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kforge.llm.line_clues import elsewhere, sections
from kforge.llm.line_values import values

if TYPE_CHECKING:
    from kforge.llm.line_clues import Clue
    from kforge.llm.telling_line import SourceRows

_IMAGE = re.compile(r"(?<![\w.])image[\"']?\s?:")
_NUMBER = r"[\"']?\s?[:=]\s?[\"']?([0-9]{1,5})(?![\w.])"
_PERIOD, _FAILURES, _DELAY = (
    re.compile(rf"{key}{_NUMBER}") for key in ("periodseconds", "failurethreshold", "initialdelayseconds")
)
_USUAL_PERIOD, _USUAL_FAILURES = 10, 3  # of Kubernetes
_BLOCK = 60  # lines of one block that are looked at


def keyed(clue: Clue, file: SourceRows) -> Iterator[tuple[int, Any, str]]:
    """Lines whose key is the clue's, under what it asks for: the line from 0, its value, and the value's words."""
    if clue.key is None:
        return
    for at, row in enumerate(file.low):
        if not clue.key.search(row):
            continue
        if clue.under and not clue.under.search("\n".join([*_above(file, at), row])):
            continue
        if clue.unless and clue.unless.search(belonging(file, at)):
            continue
        if not clue.value:
            yield at, None, ""
        elif clue.is_patience:
            yield from _patience(file, at)
        else:
            for one in values(file.rows[at], clue.value):
                yield at, one.value, one.words


def is_of_another(clue: Clue, file: SourceRows, at: int, words: str) -> bool:
    """Whether what stands around words says that they speak of something else: their sentence, whose setting it is, or the
    lines beside.
    """
    if file.is_dead(at):
        return True
    if file.is_text(at):
        said = file.sentence(at, words)
        told = f"{said}\n{file.lead(at) if file.is_prose else ''}"
        if elsewhere().search(told) or (clue.unless and clue.unless.search(told)):
            return True
        if elsewhere().search(file.referred(said, at)) or (file.is_prose and sections().search(file.headings(at))):
            return True
    if not clue.unless or file.is_prose:
        return False
    if file.is_settings:
        return bool(clue.unless.search(belonging(file, at)))
    return not file.is_text(at) and beside(clue.unless, file.low, at, clue.around)


def beside(pattern: re.Pattern[str], low: Sequence[str], at: int, around: int) -> bool:
    """Whether a line or one so many lines away has a match."""
    return any(map(pattern.search, low[max(0, at - around) : at + around + 1]))


def belonging(file: SourceRows, at: int) -> str:
    """What says whose a line of settings is: itself, the lines that it stands under, the image of its container."""
    return "\n".join([*_above(file, at), *_images(file, at), file.low[at]])


def _above(file: SourceRows, at: int) -> list[str]:
    """The lines that a line stands under: fewer and fewer blanks before them, or the section's head."""
    found: list[str] = []
    least = _indent(file.low[at])
    for row in reversed(file.low[max(0, at - 400) : at]):
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        if row.startswith("["):
            return [*found, row]
        if _indent(row) < least:
            found.append(row)
            least = _indent(row)
    return found


def _images(file: SourceRows, at: int) -> list[str]:
    """The lines with the image of the container that a line is of: in the smallest block around it that has one."""
    least = _indent(file.low[at])
    for start in range(at, max(-1, at - 400), -1):
        row = file.low[start]
        if not row.strip() or _indent(row) >= least:
            continue
        least = _indent(row)
        block = [row]
        for below in file.low[start + 1 : start + 1 + _BLOCK]:
            if below.strip() and _indent(below) <= least:
                break
            block.append(below)
        if found := [each for each in block if _IMAGE.search(each)]:
            return found
    return []


def _patience(file: SourceRows, at: int) -> Iterator[tuple[int, Any, str]]:
    """How long a probe is tried: its period times its failures, and the delay before."""
    own = _indent(file.low[at])
    block = [file.low[at]]
    for row in file.low[at + 1 : at + 16]:
        if row.strip() and _indent(row) <= own:
            break
        block.append(row)
    text = "\n".join(block)
    numbers = [int(match[1]) if (match := each.search(text)) else None for each in (_PERIOD, _FAILURES, _DELAY)]
    if any(numbers):
        period, failures, delay = (
            numbers[0] or _USUAL_PERIOD,
            numbers[1] or _USUAL_FAILURES,
            numbers[2] or 0,
        )
        yield at, Fraction(period * failures + delay), ""


def _indent(row: str) -> int:
    """Blanks before a line's first word; an item of a list stands where its word does."""
    return len(row) - len(row.lstrip(" \t-"))

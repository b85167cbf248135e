"""A plain sentence → its pieces: what stands between commas, `and`, `with` and words such as `calls`. Unaware of services.

What the sentence refuses is no piece. A refusal lasts up to a comma, `but` or `with`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kforge.draft.sentence_words import entries, form, meant

_CLAUSES = re.compile(r"[,;!?()、。]|[.:](?= |$)")
FULL = re.compile(r"[;!?。]|[.](?= |$)")
_JOINS = re.compile(
    "|".join(
        (
            rf"(?P<by>{form(entries('called by'))})",
            rf"(?P<calls>{form(entries('calls'))})",
            rf"(?P<serves>{form(entries('serves'))})",
            rf"(?P<joins>{form(entries('joins'))}|(?<= )[+&](?= ))",
            r"(?P<and>(?<=[a-z0-9\u30a0-\u30ff]) ?と|(?<=[\uac00-\ud7afa-z]) ?[와과](?= ))",
        )
    )
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text at a place of the plain sentence, its clause and full sentence by number, and the word that joins it to the
    piece before.
    """

    text: str
    start: int
    clause: int
    full: int
    joined: str = ""  # joins, calls, by, serves, "" at the beginning of a clause

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(slots=True)
class SentenceReading:
    """A plain sentence, what of it was understood so far, and what it refuses."""

    text: str
    heard: bytearray = field(default_factory=bytearray)
    refused: list[tuple[int, int]] = field(default_factory=list)
    masked: str = ""  # the text with blanks for hosts, whose parts are no words

    def __post_init__(self) -> None:
        self.heard = bytearray(len(self.text))
        self.masked = self.text

    def mask(self, start: int, end: int) -> None:
        """These characters are understood, and no words."""
        self.hear(start, end)
        self.masked = self.masked[:start] + " " * (end - start) + self.masked[end:]

    def hear(self, start: int, end: int) -> None:
        """These characters had an effect, or are words between those that had."""
        self.heard[start:end] = b"\x01" * (end - start)

    def leave(self, start: int, end: int) -> None:
        """These characters had no effect, though others around them had."""
        self.heard[start:end] = bytes(end - start)

    def left(self) -> str:
        """The sentence with blanks for what was understood."""
        return "".join(" " if known else char for char, known in zip(self.text, self.heard, strict=True))


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """Where the clauses of a plain sentence begin and end."""
    start = 0
    for match in _CLAUSES.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)


def pieces(reading: SentenceReading) -> list[Piece]:
    """All pieces that ask for something, in order; refusals are noted in the reading."""
    found: list[Piece] = []
    full = 0
    for number, (start, stop) in enumerate(clauses(reading.masked)):
        for first, last in _wanted(reading, start, stop):
            found += _split(reading, first, last, number, full)
        full += bool(FULL.match(reading.masked, stop))
    return found


def _wanted(reading: SentenceReading, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Spans of a clause that are not refused."""
    lasting = [match.span() for match in meant("lasting").finditer(reading.masked, start, stop)]
    begin = next(
        (
            match
            for match in meant("no").finditer(reading.masked, start, stop)
            if not any(first <= match.start() < last for first, last in lasting)
        ),
        None,
    )
    if begin is None:
        yield start, stop
        return
    end = meant("but").search(reading.masked, begin.end(), stop)
    last = end.start() if end else stop
    reading.refused.append((begin.start(), last))
    yield start, begin.start()
    if end:
        yield end.end(), stop


def _split(reading: SentenceReading, start: int, stop: int, clause: int, full: int) -> Iterator[Piece]:
    joined, first = "", start
    for match in _JOINS.finditer(reading.masked, start, stop):
        if one := _piece(reading, first, match.start(), clause, full, joined):
            yield one
            joined = ""
        kind = "joins" if match.lastgroup == "and" else match.lastgroup or ""
        joined = joined if joined in ("calls", "by") else kind
        first = match.end()
        if kind in ("joins", "serves"):
            reading.hear(*match.span())
    if one := _piece(reading, first, stop, clause, full, joined):
        yield one


def _piece(reading: SentenceReading, start: int, stop: int, clause: int, full: int, joined: str) -> Piece | None:
    text = reading.masked[start:stop]
    kept = text.strip()
    return Piece(kept, start + len(text) - len(text.lstrip()), clause, full, joined) if kept else None

"""A line of a spec → the same line as it may be shown: the spec's own keys, words that the message says itself, and `…` for
all else.

kforge quotes no values of `env`, `secrets`, `config` and the like, and the line may be one of a text that is no YAML. So
nothing is concluded from the lines around it: a word is shown only if it is a key of kforge's format, or stands in the
message, which keeps that promise by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

HIDDEN = "…"
_WORD = re.compile(r"[^\s{}\[\],\"'#]+|#")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")
_QUOTED = re.compile(r"`([^`]*)`")
_PARTS = re.compile(r"[.\[\]]")


class Masked(NamedTuple):
    """What is shown of a line, and where a column of it stands in there, both zero-based; `length` is of the word there."""

    text: str
    column: int
    length: int


class _Piece(NamedTuple):
    start: int
    end: int
    text: str


def masked(line: str, column: int, message: str = "") -> Masked:
    """A line of a spec below a message, and a column in it, zero-based."""
    column += line[column : column + 1] in ("'", '"')  # to what is quoted
    shown, at, length, done = "", column, 1, 0
    for piece in _pieces(line, _said(message)):
        shown += re.sub(r"\s", " ", line[done : piece.start])
        if piece.start <= column < piece.end:
            whole = piece.end - piece.start == len(piece.text) and piece.text != HIDDEN
            within = column - piece.start if whole else 0
            at, length = len(shown) + within, len(piece.text) - within
        elif piece.end <= column:
            at, length = len(shown) + len(piece.text) + column - piece.end, 1
        shown, done = shown + piece.text, piece.end
    return Masked((shown + re.sub(r"\s", " ", line[done:])).rstrip(), at, length)


def _pieces(line: str, said: Collection[str]) -> Iterator[_Piece]:
    """The words of a line, each as it is shown. Neighbours that are hidden are one, so that their number is not told."""
    comment = _COMMENT.search(line)
    end = comment.start() if comment else len(line)
    before: _Piece | None = None
    for found in _WORD.finditer(line, 0, end):
        for piece in _word(found, line, said):
            if before and HIDDEN == before.text == piece.text and not line[before.end : piece.start].strip(" \"'"):
                before = _Piece(before.start, piece.end, HIDDEN)
                continue
            if before:
                yield before
            before = piece
    if before:
        yield before
    if comment:
        yield _Piece(end, len(line), f"# {HIDDEN}")


def _word(found: re.Match[str], line: str, said: Collection[str]) -> Iterator[_Piece]:
    """A word, and the colon behind a key by itself."""
    text, start = found[0], found.start()
    if set(text) <= {"-", ":"} and len(text) == 1:
        yield _Piece(start, found.end(), text)
        return
    name = text.removesuffix(":")
    key = name != text or line[found.end() :].lstrip("\"'").startswith(":")
    yield _Piece(start, start + len(name), name if name in said or (key and name in _keys()) else HIDDEN)
    if name != text:
        yield _Piece(start + len(name), found.end(), ":")


def _said(message: str) -> frozenset[str]:
    """The words between backticks, and the parts of paths in them."""
    words = [word for quoted in _QUOTED.findall(message) for word in _WORD.findall(quoted)]
    words = [word.removesuffix(":") for word in words]
    return frozenset(word for each in words for word in (each, *_PARTS.split(each)) if word)


@cache
def _keys() -> frozenset[str]:
    """Every key of kforge's format."""
    from kforge.domain.spec import types  # pydantic, which reading a spec has loaded by then
    from kforge.domain.spec.field_types import SpecModel

    models: list[type[SpecModel]] = [types.Spec, *SpecModel.__subclasses__()]
    found = set[str]()
    while models:
        model = models.pop()
        models += model.__subclasses__()
        found |= {field.alias or name for name, field in model.model_fields.items()}
    return frozenset(found)

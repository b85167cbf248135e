"""Texts of code put together, taken apart and compared, as far as they stay short enough to name something."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from kforge.domain.source.sightings import Value
from kforge.domain.source.text import MAX_TEXT

_PARTS = 4  # pieces that a text is taken apart into


def put_together(between: str, texts: Sequence[str | None]) -> str | None:
    """Texts one after another, `{}` for those that are not known; None where that grows too long to name anything."""
    parts: list[str] = []
    size = 0
    for text in texts:
        parts.append("{}" if text is None else text)
        size += len(parts[-1])
        if size > MAX_TEXT:
            return None
    return between.join(parts)


def part_of(text: str, method: str, between: str, at: int) -> str | None:
    """The piece with that number of a text that `split`, `rsplit`, `partition` or the like takes apart."""
    parts = text.rsplit(between, 1) if method.startswith("r") else text.split(between, _PARTS)
    if method.endswith("partition"):
        parts = [parts[0], between, parts[-1]]
    return parts[at] if at < len(parts) else None


def is_named(callee: str, names: frozenset[str]) -> bool:
    """Whether a dotted name, or its last two words, is one of the names."""
    return callee in names or ".".join(callee.split(".")[-2:]) in names


def texts_of(values: list[Value]) -> list[str | None]:
    """Their texts, None for those that are not known."""
    return [value.text for value in values]


def above(value: Value) -> Value:
    """The folder above a path."""
    return Value(posixpath.dirname(value.text.rstrip("/")) or "." if value.text else None, value.env, value.other)


def either(values: list[Value]) -> Value:
    """The first text, and the variable that is asked before it."""
    env = next((value.env for value in values if value.env), "")
    first = next((value for value in values if value.text), Value())
    return Value(first.text, env, any(value.other for value in values), first.place)


def place_of(parts: Sequence[Value]) -> tuple[str, int] | None:
    """Where the number stands that a text of these parts ends in: `":" + PORT`."""
    return next((part.place for part in reversed(parts) if part.text and part.text[-1:].isdigit()), None)

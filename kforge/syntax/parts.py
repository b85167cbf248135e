"""Texts of code put together, taken apart and compared, as far as they stay short enough to name something."""

from __future__ import annotations

from collections.abc import Sequence

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

"""Errors about a spec that is to be written → the same errors with its text, so that their lines can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kforge.errors import Error, Problem


@contextmanager
def unsaved(text: str | None, file: str) -> Iterator[None]:
    """Errors that come out of the block are about this text of the file; None is the file as it is."""
    try:
        yield
    except Error as error:
        if text is None:
            raise
        raise type(error)(tuple(_of(each, text, file) for each in error.problems)) from None


def _of(item: Problem, text: str, file: str) -> Problem:
    return item.of(text) if item.where and item.where.file == file else item

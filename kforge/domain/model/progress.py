"""Progress of questions that are being asked: who is told how many are answered, and one that ignores it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Tell = Callable[[str], None]  # gets a plain line about what is under way


class Progress(Protocol):
    """Called with (answered, all) of the questions asked side by side, from any thread."""

    def __call__(self, done: int, wanted: int) -> None: ...

    def about(self, target: str, attempt: int = 0) -> AbstractContextManager[None]:
        """While inside, this question is being asked."""

    def ahead(self, most: int) -> None:
        """How many questions may follow those of the wave that begins."""


class NoProgress:
    """Ignores every report."""

    def __call__(self, done: int, wanted: int) -> None:
        pass

    def about(self, target: str, attempt: int = 0) -> AbstractContextManager[None]:
        return nullcontext()

    def ahead(self, most: int) -> None:
        pass

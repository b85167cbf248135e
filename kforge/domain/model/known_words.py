"""KnownWords: what is known of a source, so that a model's commands can be held against it word by word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownWords:
    """Commands that are used as they are, and what another may name."""

    candidates: Sequence[Sequence[str]]
    programs: Collection[str]
    files: Collection[str]
    ports: Collection[int] = ()
    manager: str = ""  # of packages, in a build step
    outputs: Collection[str] = ()  # where a build step leaves programs, on which the rest of the image relies

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for candidate in self.candidates for word in candidate[1:])

    def file(self, word: str) -> bool:
        """Whether a word is a file of the source."""
        return word.removeprefix("./") in self.files and not word.startswith("-")

"""Every failure kforge reports: what is wrong, where, and the way out. Nothing here prints or exits.

`InputError` is the user's input, `WorldError` is the disk, a key or a tool. Anything else that escapes is a bug of
ours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a file: `file:line:column`, one-based; 0 leaves line or column out."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a message in lower case, its place, and what to do about it."""

    message: str
    where: Place | None = None
    hint: str = ""


class Error(Exception):
    """A failure with one or more problems, each ready to be shown."""

    def __init__(self, message: str | tuple[Problem, ...], where: Place | None = None, hint: str = "") -> None:
        self.problems = (Problem(message, where, hint),) if isinstance(message, str) else message
        super().__init__("; ".join(problem.message for problem in self.problems))


class InputError(Error):
    """The user's input is wrong: nothing was written, and repeating the command will not help."""


class WorldError(Error):
    """The surroundings failed: a full disk, a missing permission, a refused key."""


class OutageError(Error):
    """It may work later: a rate limit, a spent quota, a server that is down. Nothing was lost."""

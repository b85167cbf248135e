"""Every failure kforge reports: what is wrong, where, and the way out. Nothing here prints or exits.

`InputError` is the user's input, `WorldError` is the disk, a key or a tool. Anything else that escapes is a bug of
ours.
"""

from __future__ import annotations

# Plain classes, since every start of kforge reads this module: `dataclasses` alone takes as long as Python's own start.


class Place:
    """A position in a file: `file:line:column`, one-based; 0 leaves line or column out."""

    __slots__ = ("column", "file", "line")

    def __init__(self, file: str, line: int = 0, column: int = 0) -> None:
        self.file, self.line, self.column = file, line, column

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])

    def __repr__(self) -> str:
        return f"Place({self.file!r}, {self.line}, {self.column})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self._all() == other._all()

    def __hash__(self) -> int:
        return hash(self._all())

    def _all(self) -> tuple[str, int, int]:
        return self.file, self.line, self.column

    def of(self, file: str) -> Place:
        """The same position in another file."""
        return Place(file, self.line, self.column)


class Problem:
    """One thing that is wrong: a message in lower case, its place, and what to do about it. `text` is what the place is
    a place in, where that is not on the disk: a spec that is to be changed.
    """

    __slots__ = ("hint", "message", "text", "where")

    def __init__(self, message: str, where: Place | None = None, hint: str = "", text: str | None = None) -> None:
        self.message, self.where, self.hint, self.text = message, where, hint, text

    def __repr__(self) -> str:
        return f"Problem({self.message!r}, {self.where!r}, {self.hint!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self._all() == other._all()

    def __hash__(self) -> int:
        return hash(self._all())

    def _all(self) -> tuple[str, Place | None, str]:
        return self.message, self.where, self.hint

    def at(self, where: Place | None) -> Problem:
        """The same problem at another place."""
        return Problem(self.message, where, self.hint, self.text)

    def of(self, text: str) -> Problem:
        """The same problem of a text that is not on the disk."""
        return Problem(self.message, self.where, self.hint, text)


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

"""Names of temporary files, before they are renamed or removed: they cannot be guessed, and none is taken for a spec."""

from __future__ import annotations

import os

PREFIX = ".kforge-tmp-"
_BYTES = 8
_DIGITS = frozenset("0123456789abcdef")


def fresh() -> str:
    """A random name, so that no link can be put there beforehand. It ends as no file of a project does."""
    return PREFIX + os.urandom(_BYTES).hex()


def is_temporary(name: str) -> bool:
    """Whether `fresh` makes such names. Other files that begin so are the user's, or an older kforge's."""
    drawn = name.removeprefix(PREFIX)
    return drawn != name and len(drawn) == 2 * _BYTES and _DIGITS.issuperset(drawn)

"""Text of a file that kforge writes → an error that says how to get it back. Unaware of the file's format."""

from __future__ import annotations

import re

from kforge.domain.conflict_sides import sides
from kforge.errors import InputError, Place

# What git writes around the two sides of a conflict, with `merge.conflictStyle` merge, diff3 or zdiff3.
_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7}|={7})(?: .*)?\r?$", re.MULTILINE)
NEWER = "install the newer kforge: the spec's `requires` should name it"


def decoded(data: bytes, file: str) -> str:
    """The bytes as text; InputError where they are no UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"`{file}` is not UTF-8 text", Place(file, line), restore(file)) from None


def damaged(text: str, file: str, line: int, what: str) -> InputError:
    """The error for text that cannot be read: a merge conflict if it looks like one, else `what` at `line`."""
    if _MARKER.search(text) is None:
        return InputError(f"`{file}` is damaged: {what}", Place(file, line), restore(file))
    if sides(text.encode()) is None:  # half resolved: one marker is gone
        return conflicted(text, file, either_side(file))
    return conflicted(text, file, "run `kforge build`: it takes what both branches settled")


def conflicted(text: str, file: str, hint: str) -> InputError:
    """The error for a text with conflict markers, at the first of them."""
    marker = _MARKER.search(text)
    place = Place(file, text.count("\n", 0, marker.start()) + 1 if marker else 0)
    return InputError(f"`{file}` has conflict markers of a merge", place, hint)


def either_side(file: str) -> str:
    """What to do where the two sides cannot be told apart."""
    return f"take either side (`git checkout --ours {file}`), then `kforge build` settles what differs again"


def restore(file: str) -> str:
    return f"restore it from an earlier commit (`git checkout HEAD -- {file}`), or delete it and run `kforge build`"

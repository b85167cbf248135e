"""A folder → the specs below it, as the last search found them, where nothing that it depends on has changed since."""

from __future__ import annotations

import os

from kforge import __version__
from kforge.system import index

NAME = "specs"


def top(folder: str) -> str | None:
    """The git top level that an absolute folder lies in, None outside of a repository."""
    while not os.path.lexists(f"{folder}{os.sep}.git"):
        above = folder.rpartition(os.sep)[0] or os.sep
        if above == folder:
            return None
        folder = above
    return folder


def key(end: str) -> str:
    """What a search depends on besides files. Where the top is decides which `.gitignore` files count."""
    return f"{__version__} {end!a}"


def known_specs(base: str, end: str) -> tuple[str, ...] | None:
    """Absolute paths of the specs, in order; None where that is not known any more.

    `end` is the top of the repository. The caller has asked whether git tracks what is remembered in `base`.
    """
    held = index.load(base, NAME, key(end), end)
    if held is None or not held.holds(base, (base,)):
        return None
    return tuple(f"{base.rstrip(os.sep)}{os.sep}{name}" for name in held.note.split("\0") if name)

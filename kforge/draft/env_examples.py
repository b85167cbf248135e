"""Examples of files of variables → what each variable is given there, and where. Judges no value.

The nearest file to a source counts most: its own, then those of the folders above it; files for tests and for one
developer's machine count last. https://www.dotenv.org/docs/security/env has the form.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from kforge.domain.draft import ExampleValue

_ASSIGNED = re.compile(r"[ \t]{0,20}(?:export[ \t]{1,20})?([A-Za-z_][A-Za-z0-9_]{0,100})[ \t]{0,20}=(.{0,2000})")
_COMMENT = re.compile(r"[ \t]#")
_FOLDERS = (
    "",
    "docker",
    "deploy",
    "deployment",
    ".docker",
    "config",
    "env",
    "envs",
    ".envs",
)  # of a source, where they lie
_WORD = re.compile(r"[a-z0-9]+")
_LAST = frozenset(("local", "dev", "development"))
_NEVER = frozenset(("test", "tests", "testing", "ci", "e2e"))
_LINES = 2000


def nearest(files: Iterable[tuple[str, str]], place: str) -> dict[str, ExampleValue]:
    """Variables that the files give to a source in the folder `place`, "" for the top."""
    found: dict[str, ExampleValue] = {}
    ranked = sorted((rank, path, text) for path, text in files if (rank := _rank(path, place)) is not None)
    for _, path, text in ranked:
        for name, value in _read(path, text).items():
            found.setdefault(name, value)
    return found


def _rank(path: str, place: str) -> tuple[int, bool, int] | None:
    """How far a file is from a source, the nearest first; None for one that is not for it."""
    folder, name = posixpath.split(path)
    words = {*_WORD.findall(name.lower())}
    parts = place.split("/") if place else []
    for up in range(len(parts) + 1):
        above = "/".join(parts[: len(parts) - up])
        for number, inner in enumerate(_FOLDERS):
            if folder == posixpath.join(above, inner).rstrip("/") and not words & _NEVER:
                return up, bool(words & _LAST), number
    return None


def _read(path: str, text: str) -> Mapping[str, ExampleValue]:
    """The variables of one file; of two lines the later one counts, as for the libraries that read such files."""
    return {name: ExampleValue(value, path, number) for number, name, value in _lines(text)}


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Line, name and value. What goes on over several lines is passed over as a whole."""
    quote = ""
    for number, each in enumerate(text.split("\n", _LINES)[:_LINES], 1):
        if quote:
            quote = "" if quote in each else quote
            continue
        if not (match := _ASSIGNED.fullmatch(each.rstrip("\r"))):
            continue
        name, rest = match[1], match[2].strip(" \t")
        quote = rest[:1] if rest[:1] in ("'", '"', "`") else ""
        if not quote:
            yield number, name, _COMMENT.split(f" {rest}", maxsplit=1)[0].strip(" \t")
        elif (end := rest.find(quote, 1)) > 0:
            quote = ""
            yield number, name, rest[1:end]

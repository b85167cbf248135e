"""Where generated files lie → lines of .gitattributes, by which reviews fold them. Touches no disk.

The lock, Dockerfiles and image components are not among them: they are what a reviewer reads.
https://github.com/github-linguist/linguist/blob/main/docs/overrides.md#generated-code
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from kforge.domain.own_files import SUMS_FILE
from kforge.domain.target import Paths, Target

FILE = ".gitattributes"
MARK = "linguist-generated"
HEAD = "# What kforge generates: reviews may fold it."
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/-]*")  # no blank, quote or wildcard, which mean something to git


def attributes(folder: str, targets: Iterable[Target], paths: Paths | None) -> tuple[str, ...]:
    """Lines for the spec in a folder, relative to the top of the repository. `paths` is the spec's block."""
    written = [path for target in targets for path in target.generated(paths or {})]
    places = [posixpath.normpath(posixpath.join(folder, each)) for each in (SUMS_FILE, *written)]
    return tuple(f"/{place} {MARK}" for place in places if _PLAIN.fullmatch(place.removesuffix("/**")))


def missing(text: str, lines: Iterable[str]) -> tuple[str, ...]:
    """Those of the lines that a .gitattributes lacks. One that says something else of a place counts: it is the user's."""
    known = {line.split(maxsplit=1)[0].lstrip("/") for line in text.splitlines() if line.strip()[:1] not in ("", "#")}
    return tuple(line for line in lines if line.split(" ")[0].lstrip("/") not in known)


def joined(text: str, lines: Iterable[str]) -> str:
    """A .gitattributes with these lines at its end."""
    head = [] if HEAD in text.splitlines() else [HEAD]
    before = text if not text or text.endswith("\n") else f"{text}\n"
    return before + "\n".join([*head, *lines]) + "\n"

"""A source → files of it that a merge left with conflict markers. Only what was read for other facts is looked at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.domain.artifact import texts
from kforge.domain.conflict_sides import sides
from kforge.domain.facts import Evidence, Fact, Many

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_BEGINS = re.compile(r"^<{7}(?= |\r?$)", re.MULTILINE)
# Prose shows markers to its readers, and a test of a tool for merges has them as its data.
_SHOWS = re.compile(r".*\.(?:md|mdx|rst|adoc)|(?:.*/)?(?:tests?|__tests__|testdata|fixtures|docs?)/.*", re.IGNORECASE)


def conflicts(tree: Tree) -> Many:
    """One fault a file, by path."""
    found = []
    for path, text in sorted(texts(tree).items()):
        begin = _BEGINS.search(text) if "<<<<<<<" in text and not _SHOWS.fullmatch(path) else None
        if begin and sides(text.encode("utf-8", errors="replace")):
            said = f"`{path}` holds both sides of a merge, between conflict markers"
            line = text.count("\n", 0, begin.start()) + 1
            found.append(
                Fact({"said": said, "hint": "keep one side of each, and remove the markers"}, (Evidence(path, line),))
            )
    return tuple(found)

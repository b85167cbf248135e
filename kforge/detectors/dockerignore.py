"""The user's own .dockerignore → a fact: what kforge excludes begins with it. It claims no language; kforge's own is no
fact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.artifact import Detector
from kforge.domain.document import MARK
from kforge.domain.facts import Evidence, Fact, Facts

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH = ".dockerignore"


def detect(tree: Tree) -> Facts | None:
    found = patterns(tree.text(PATH)) if PATH in tree.files else None
    if found is None:
        return None
    return Facts(detector="dockerignore", revision=1, dockerignore=Fact(found, (Evidence(PATH),)))


def patterns(text: str) -> list[str] | None:
    """The patterns of a file's text; None for no text, and for that of kforge's own file."""
    lines = text.splitlines()
    if not lines or any(MARK in line for line in lines[:5]):
        return None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


DETECTOR = Detector("dockerignore", 1, detect)

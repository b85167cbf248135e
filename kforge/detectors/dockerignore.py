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
    if PATH not in tree.files:
        return None
    lines = tree.text(PATH).splitlines()
    if any(MARK in line for line in lines[:5]):
        return None
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return Facts(detector="dockerignore", revision=1, dockerignore=Fact(patterns, (Evidence(PATH),)))


DETECTOR = Detector("dockerignore", 1, detect)

"""A source and the files that its image gets from elsewhere in the repository → the source as the image has it.

The fact `brought` holds such files: `{"from": path from the source, "to": place in the source}`.
"""

from __future__ import annotations

import posixpath
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.artifact import around
from kforge.domain.facts import Evidence, Fact, Facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kforge.domain.artifact import Tree


class BroughtTree:
    """A source as detectors see it, with what is brought to it."""

    def __init__(self, tree: Tree, places: Mapping[str, str]) -> None:
        """`places`: from the source's paths to those of the repository's top."""
        self._tree, self._places = tree, places
        self._files = tuple(sorted({*tree.files, *places}))  # detectors ask for them in loops

    @property
    def files(self) -> tuple[str, ...]:
        """Sorted POSIX paths below the root."""
        return self._files

    def text(self, path: str) -> str:
        """Content of a file, "" where it is missing, binary or too large."""
        place = around(self._tree)
        return place.text(self._places[path]) if place and path in self._places else self._tree.text(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tree, name)  # what lies around it, what is closed, what was left out


def places(brought: tuple[Fact, ...], folder: str) -> dict[str, str]:
    """Where the brought files lie, from the repository's top, by their places in a source at `folder`."""
    return {one.value["to"]: posixpath.normpath(posixpath.join(folder, one.value["from"])) for one in brought}


def shown_there(facts: Facts, brought: tuple[Fact, ...]) -> Facts:
    """The facts with evidence of brought files where these lie in the repository."""
    named = {one.value["to"]: one.value["from"] for one in brought}

    def moved(fact: Fact) -> Fact:
        seen = tuple(Evidence(named.get(one.file, one.file), one.line) for one in fact.evidence)
        return Fact(fact.value, seen) if seen != fact.evidence else fact

    changes: dict[str, Any] = {}
    for field in fields(Facts):
        held = getattr(facts, field.name)
        if isinstance(held, Fact):
            changes[field.name] = moved(held)
        elif isinstance(held, tuple):
            changes[field.name] = tuple(moved(one) for one in held)
    return replace(facts, **changes)

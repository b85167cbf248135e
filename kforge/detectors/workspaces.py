"""Workspaces of any language: patterns of members → folders, and paths of a repository as seen from a source.

Unaware of manifests: a reader says which name makes a folder a member. Patterns are those that package managers share:
`packages/*`, `apps/**`, `{a,b}/*`, and `!pattern` for what is left out.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kforge.domain.source.build_context import between

if TYPE_CHECKING:
    from kforge.domain.artifact import Around
    from kforge.domain.facts import Fact, Many

MOST_PATTERNS, LONGEST = 100, 200
MOST_MEMBERS = 500
DEEPEST = 6  # folders that `**` stands for
_BRACES = re.compile(r"([^{}]{0,200})\{([^{}]{0,200})\}(.{0,200})")


class TakenWorkspace(NamedTuple):
    """What a build takes of a workspace: the facts of the same names."""

    workspace: Fact
    context: Fact | None
    missing: Many


class FolderTree:
    """A folder of the repository as a detector sees a source: the files right in it, by their names."""

    def __init__(self, place: Around, folder: str) -> None:
        self.place, self.folder = place, folder

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(name for name, below in self.place.names(self.folder).items() if not below)

    def text(self, path: str) -> str:
        return self.place.text(inside(self.folder, path))


def inside(folder: str, path: str) -> str:
    """A path in a folder, both from the top."""
    return f"{folder}/{path}".lstrip("/")


def members(place: Around, root: str, patterns: Iterable[str], manifest: str) -> tuple[str, ...]:
    """Folders below a root that patterns name and that hold a manifest, sorted; from the repository's top."""
    wanted, unwanted = _split(patterns)
    found: set[str] = set()
    for pattern in wanted:
        for folder in _expanded(place, root, pattern.split("/"), DEEPEST):
            relative = between(root, folder)
            if manifest in place.names(folder) and not any(matches(each, relative) for each in unwanted):
                found.add(folder)
            if len(found) >= MOST_MEMBERS:
                return tuple(sorted(found))
    return tuple(sorted(found))


def is_member(patterns: Iterable[str], relative: str) -> bool:
    """Whether patterns name a folder, by its path from the root."""
    wanted, unwanted = _split(patterns)
    return any(matches(each, relative) for each in wanted) and not any(matches(each, relative) for each in unwanted)


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern fits a path, part by part."""
    return _fits(pattern.split("/"), path.split("/"))


def _fits(pattern: list[str], parts: list[str]) -> bool:
    reached = {0}  # parts that the pattern so far may have taken
    for each in pattern:
        if each == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatch.fnmatchcase(parts[at], each)}
    return len(parts) in reached


def _split(patterns: Iterable[str]) -> tuple[list[str], list[str]]:
    plain = [each for each in patterns if isinstance(each, str) and len(each) <= LONGEST][:MOST_PATTERNS]
    cut = [(each.startswith("!"), each.lstrip("!").removeprefix("./").strip("/")) for each in plain]
    opened = [(against, one) for against, each in cut for one in _opened(each)]
    return [each for against, each in opened if not against], [each for against, each in opened if against]


def _opened(pattern: str) -> list[str]:
    found = _BRACES.fullmatch(pattern)
    return [f"{found[1]}{each}{found[3]}" for each in found[2].split(",")[:20]] if found else [pattern]


def _expanded(place: Around, folder: str, parts: list[str], depth: int) -> Iterator[str]:
    if not parts or parts in ([""], ["."]):
        yield folder
        return
    first, *rest = parts
    below = [name for name, is_folder in place.names(folder).items() if is_folder and not name.startswith(".")]
    if first == "**":
        yield from _expanded(place, folder, rest, depth)
        for name in below if depth else ():
            yield from _expanded(place, inside(folder, name), parts, depth - 1)
    elif not re.search(r"[*?\[]", first):
        if first in below:
            yield from _expanded(place, inside(folder, first), rest, depth)
    else:
        for name in below:
            if fnmatch.fnmatchcase(name, first):
                yield from _expanded(place, inside(folder, name), rest, depth)

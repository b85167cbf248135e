"""Artifact: what makes one document; Detector: what reads a source; Tree: the source as it sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from kforge.domain.document import Document
    from kforge.domain.facts import Facts
    from kforge.domain.source.build_context import ContextPins
    from kforge.domain.view import View


@dataclass(frozen=True, slots=True)
class Artifact:
    """Makes a document of a service (or of the app) from what the view shows, or None where there is none.

    A tuple holds several of one sort: a claim for each shared volume, a headless Service beside the normal one.
    `data` may hold `sourced` values; the assembler splits them off. `revision` rises whenever the same input gives
    other bytes. What is `shared` is made once: every environment has the base's.
    """

    name: str
    revision: int
    output: str  # the name of its target
    build: Callable[[View], Document | tuple[Document, ...] | None]
    scope: Literal["service", "app"] = "service"
    shared: bool = False


class Tree(Protocol):
    """A source as detectors see it: regular files only, ignored and secret ones left out, everything bounded."""

    @property
    def files(self) -> tuple[str, ...]:
        """Sorted POSIX paths below the root."""

    def text(self, path: str) -> str:
        """Content of a file, "" where it is missing, binary or too large."""


class Around(Protocol):
    """The repository around a source. Paths are from its top, "" is the top itself."""

    folder: str  # of the source
    pins: ContextPins  # what the spec says of the build

    def text(self, path: str) -> str:
        """Content of a file, "" where it is missing, binary, too large, secret or behind a link."""

    def names(self, folder: str) -> Mapping[str, bool]:
        """What lies in a folder, sorted, and whether each is a folder."""

    def has(self, path: str) -> bool:
        """Whether something lies there; true where that cannot be told."""

    def ignored(self, path: str) -> bool:
        """Whether a .gitignore file leaves the path out of the repository."""


def around(tree: Tree) -> Around | None:
    """What lies around a source; None where a tree stands alone."""
    return getattr(tree, "around", None)


def closed(tree: Tree) -> tuple[str, ...]:
    """Files that no tree opens, since names like theirs hold secrets: their paths alone."""
    return getattr(tree, "closed", ())


def texts(tree: Tree) -> Mapping[str, str]:
    """Files of a source that were read so far, with their contents; none of a tree that keeps none."""
    held: Mapping[str, str] = getattr(tree, "texts", {})
    return held


def links(tree: Tree) -> tuple[tuple[str, str], ...]:
    """Links of a source, which no tree follows, and where they lead as they say it."""
    return getattr(tree, "links", ())


@dataclass(frozen=True, slots=True)
class Detector:
    """Reads one language. `detect` gives None for a source that is not its own. A `last` one is asked only about a source
    in which nothing else found a start or files to serve.
    """

    name: str
    revision: int
    detect: Callable[[Tree], Facts | None]
    last: bool = False

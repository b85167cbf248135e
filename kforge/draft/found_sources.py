"""What a walk over a repository's folders found: services, what is none, libraries, and another look at a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kforge.domain.draft import FoundSource, LeftOut


class LibrarySource(NamedTuple):
    """A package that services take in, with the paths of these."""

    seen: FoundSource
    users: tuple[str, ...] = ()


class Sources:
    """What was found: `found` are services by path, `left` what is none, `libraries` what of that services take in.
    `built_by` gives a source as a Dockerfile, by its path from the spec's folder, and a stage of it build it.
    """

    def __init__(
        self,
        found: Iterable[FoundSource],
        left: Iterable[LeftOut],
        libraries: Iterable[LibrarySource],
        built_by: Callable[[FoundSource, str, str], FoundSource],
    ) -> None:
        self.found, self.left, self.libraries = tuple(found), tuple(left), tuple(libraries)
        self.built_by = built_by

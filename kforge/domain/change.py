"""WantedFile: what a build wants at a path; Change: what that means for what is there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kforge.domain.lock import Sums

Status = Literal["created", "changed", "unchanged", "removed", "foreign", "edited", "missing", "kept", "left", "shared"]
# What a status says of a path:
#   created    wanted, and nothing is there              missing    kforge's, and gone from the disk
#   changed    kforge's, its content will differ         unchanged  nothing to do
#   removed    kforge's, no longer wanted                kept       written by an older renderer, which still holds
#   foreign    wanted, but the user's file is there      edited     kforge's, changed by hand since
#   left       no longer wanted, and changed by hand or not this spec's: it stays, and no list has it from now on
#   shared     wanted, and the list of another spec has it already


@dataclass(frozen=True, slots=True)
class WantedFile:
    """Content that is wanted at a path, and the revision of the renderer that made it.

    An `aggregate` is rendered again by `check` instead of being hashed, a `seed` is written once and then the user's.
    """

    content: bytes
    revision: int = 1
    aggregate: bool = False
    seed: bool = False
    service: str = ""  # whose it is; "" is the app


@dataclass(frozen=True, slots=True)
class Change:
    """What happens at one path. `before` and `after` are contents, None where there is no file. `other` is the spec that
    a shared path belongs to, from the repository's top. `yours`: a Dockerfile of the user in the place of kforge's, or the
    .dockerignore beside it, which stays. `unused`: a seed that the user changed and nothing reads any more, which stays.
    """

    path: str
    status: Status
    before: bytes | None
    after: bytes | None
    other: str = ""
    yours: bool = False
    unused: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """Every path that is wanted or was owned, in order, and the sums that hold once the changes are made."""

    items: tuple[Change, ...]
    sums: Sums

    def __iter__(self) -> Iterator[Change]:
        return iter(self.items)

    def of(self, *statuses: Status) -> tuple[Change, ...]:
        return tuple(change for change in self.items if change.status in statuses)

    @property
    def current(self) -> bool:
        """Whether every wanted file is as it should be and nothing is left over."""
        return all(change.status in ("unchanged", "kept") for change in self.items)

    @property
    def refused(self) -> tuple[Change, ...]:
        """What stands in a build's way."""
        return self.of("foreign", "edited", "shared")

    @property
    def pending(self) -> tuple[Change, ...]:
        """What a build writes or removes."""
        return tuple(change for change in self.items if change.before != change.after)

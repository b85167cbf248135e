"""Open: a question that wants an answer now; Ask: whoever answers a batch of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer, Topic
from kforge.domain.lock import LockedDecision
from kforge.errors import Error

if TYPE_CHECKING:
    from kforge.domain.view import View


@dataclass(frozen=True, slots=True)
class Open:
    """A question that wants an answer now. `complaint` is what the rules found wrong with the last one."""

    topic: Topic
    view: View
    pinned: Mapping[str, Any]
    locked: LockedDecision | None
    state: str  # open, stale, upgraded, asked, rejected
    complaint: str = ""

    @property
    def target(self) -> str:
        return f"{self.view.service}/{self.topic.name}"


class Unanswered(Error):
    """Nobody could be asked. A locked answer may stay in its place, marked stale, where the user said so."""


Reply = tuple[Answer, Mapping[str, Any]] | Error
# Questions that do not depend on each other → a reply each, in order; how many are asked at once is the decider's.
Ask = Callable[[Sequence[Open]], Sequence[Reply]]

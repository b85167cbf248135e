"""Question: everything that a prompt is made of, and that an answer is held against; Rejected: what is wrong with one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.decision import Answer, Topic
    from kforge.domain.facts import Facts
    from kforge.domain.view import View

# (file below the source, first line, last line) → text; "" where there is none
ReadExcerpt = Callable[[str, int, int], str]


@dataclass(frozen=True, slots=True)
class Question:
    """One open decision of one service. Values are read through `view` alone, so that each is recorded as an input.

    `facts` and `excerpt` give evidence, which is shown and is no input. `earlier` holds answers to this question that
    were rejected, each with the finding, oldest first.
    """

    topic: Topic
    view: View
    facts: Facts
    pinned: Mapping[str, Any]
    baseline: Answer  # of the heuristics
    excerpt: ReadExcerpt
    attempt: int = 0
    earlier: tuple[tuple[str, str], ...] = ()
    files: Collection[str] = ()  # of the source, besides those that facts name
    readable: Collection[str] = ()  # of the source: lines of them may be shown
    memo: dict[str, Any] = field(default_factory=dict, compare=False)  # what was worked out of it before

    @property
    def target(self) -> str:
        """`web/build`"""
        return f"{self.view.service}/{self.topic.name}"


class Rejected(Exception):
    """An answer that cannot be taken. `finding` says why, in words that can be sent back and shown: no secret, one line
    a fault.
    """

    def __init__(self, finding: str) -> None:
        super().__init__(finding)
        self.finding = finding

"""PendingDecision: a decision that has to be settled now; Ask: a function that settles a batch of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.domain.decider import Decider
from kforge.domain.decision import Answer, Topic
from kforge.domain.facts import NOTHING, Facts
from kforge.domain.lock import LockedDecision
from kforge.domain.model.question import Question, ReadExcerpt
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.errors import Error, InputError

if TYPE_CHECKING:
    from kforge.domain.view import View


_NAMED = 12


@dataclass(frozen=True, slots=True)
class PendingDecision:
    """A question that wants an answer now. `complaint` is what the rules found wrong with the last one."""

    topic: Topic
    view: View
    pinned: Mapping[str, Any]
    locked: LockedDecision | None
    state: str  # open, stale, upgraded, asked, rejected
    complaint: str = ""
    facts: Facts = NOTHING  # with evidence, which explains and is no input
    excerpt: ReadExcerpt = lambda file, first, last: ""
    files: Collection[str] = ()  # of the source: a locked answer may name files that today's facts do not
    readable: Collection[str] = ()  # of the source: lines of them may be shown
    memo: dict[str, Any] = field(default_factory=dict, compare=False)  # of its question

    @property
    def target(self) -> str:
        return f"{self.view.service}/{self.topic.name}"

    def question(self) -> Question:
        """What a model is asked. Raises InputError where even the heuristics, its baseline, need the user and no line of
        the source names a command that a model could read: with such lines the baseline is empty.
        """
        return Question(
            topic=self.topic,
            view=self.view,
            facts=self.facts,
            pinned=self.pinned,
            baseline=self._baseline(),
            excerpt=self.excerpt,
            files=self.files,
            readable=self.readable,
            memo=self.memo,
        )

    def _baseline(self) -> Answer:
        try:
            return self.topic.heuristics(self.view)
        except InputError:
            if self._is_told_by_commands():
                return Answer({}, {})
            raise

    def _is_told_by_commands(self) -> bool:
        """Whether commands in lines of the source may say what the heuristics cannot."""
        if self.topic.name not in (BUILD, PROCESS) or not self.view.fact("commands"):
            return False
        if self.topic.name == BUILD:
            return True
        recipe = self.view.languages.recipe(self.view.decided(BUILD, "recipe"))
        return recipe is not None and recipe.proposed


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer could be had. `error` says why; its class is the exit code. A locked answer may stay in its place."""

    error: Error


def named(targets: Sequence[str]) -> str:
    """Targets as a message lists them, the first dozen by name."""
    return ", ".join(f"`{target}`" for target in targets[:_NAMED]) + (
        f" and {len(targets) - _NAMED} more" if targets[_NAMED:] else ""
    )


Reply = tuple[Answer, Decider] | InputError | Unanswered
# Questions that do not depend on each other → a reply each, in order; how many are asked at once is the decider's.
Ask = Callable[[Sequence[PendingDecision]], Sequence[Reply]]

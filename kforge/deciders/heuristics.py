"""Open questions → answers, offline: each topic's own rules of thumb. They need no network, and equal inputs give equal answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kforge.domain.decider import HEURISTICS, PROPOSAL, Decider
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.decision import Answer
    from kforge.domain.model.pending_decision import PendingDecision


def ask(questions: Sequence[PendingDecision]) -> list[tuple[Answer, Decider] | InputError]:
    """A reply for every question; InputError where a topic cannot answer without the user."""
    return [_reply(question) for question in questions]


def _reply(question: PendingDecision) -> tuple[Answer, Decider] | InputError:
    try:
        answer = question.topic.heuristics(question.view)
        return answer, PROPOSAL if answer.proposed else HEURISTICS
    except InputError as error:
        return error

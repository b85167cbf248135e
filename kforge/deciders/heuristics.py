"""Open questions → answers, offline: each topic's own rules of thumb. Always there, always the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.decision import Answer
    from kforge.domain.model.pending_decision import PendingDecision

RECORD: Mapping[str, Any] = {"by": "heuristics"}


def ask(questions: Sequence[PendingDecision]) -> list[tuple[Answer, Mapping[str, Any]] | InputError]:
    """A reply for every question; InputError where a topic cannot answer without the user."""
    return [_reply(question) for question in questions]


def _reply(question: PendingDecision) -> tuple[Answer, Mapping[str, Any]] | InputError:
    try:
        return question.topic.heuristics(question.view), RECORD
    except InputError as error:
        return error

"""Open questions → answers, offline: each topic's own rules of thumb. Always there, always the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.digest import canonical
from kforge.domain.pins import nested, overlay, without
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.decision import Answer
    from kforge.domain.open import Open

RECORD: Mapping[str, Any] = {"by": "heuristics"}


def ask(questions: Sequence[Open]) -> list[tuple[Answer, Mapping[str, Any]] | InputError]:
    """A reply for every question; InputError where a topic cannot answer without the user."""
    return [_reply(question) for question in questions]


def disowned(question: Open) -> bool:
    """Whether a locked answer of the heuristics is none: somebody wrote into the lock, and another's value would pass for
    theirs without a review. What the spec pins, then or now, is no part of the comparison.
    """
    locked = question.locked
    if locked is None or locked.decider.get("by") != RECORD["by"] or locked.revision != question.topic.revision:
        return False
    reply = _reply(question)
    if isinstance(reply, InputError):
        return True
    fixed = overlay(nested(locked.pinned), question.pinned)
    return canonical(without(reply[0].value, fixed)) != canonical(without(locked.value, fixed))


def _reply(question: Open) -> tuple[Answer, Mapping[str, Any]] | InputError:
    try:
        return question.topic.heuristics(question.view), RECORD
    except InputError as error:
        return error

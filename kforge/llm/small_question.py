"""Which small question is put to a model: what the wishes ask for, else what telling lines mean, else none."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kforge.errors import InputError
from kforge.llm.line_question import LineForm, line_form
from kforge.llm.wish_question import WishForm, wish_form

if TYPE_CHECKING:
    from kforge.domain.model.pending_decision import PendingDecision
    from kforge.domain.model.question import Question


def form_of(question: Question) -> WishForm | LineForm | None:
    """What a question asks; None where neither a wish nor a line of the source may change anything."""
    return wish_form(question) or line_form(question) or None


def for_model(decides: Collection[str], one: PendingDecision) -> bool:
    """Whether a question goes to a model that decides these topics. One that has nothing to ask never does."""
    if one.topic.name not in decides:
        return False
    try:
        return form_of(one.question()) is not None
    except InputError:  # not even the heuristics can answer, which needs no model to say
        return False

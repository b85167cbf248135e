"""Which small question a decision is asked by: how a source without a sure way is built and started, unless a decision is
usual and the owner's wishes speak of it; else what these wishes ask for, else what lines of the source mean.

Where no wish and no line speaks nothing is asked: the heuristics' answer is all that there is to know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from kforge.errors import InputError
from kforge.llm.generic_answer import AskedGeneric
from kforge.llm.generic_form import generic_form
from kforge.llm.line_question import line_form
from kforge.llm.wish_question import wish_form

if TYPE_CHECKING:
    from kforge.domain.decision import Answer
    from kforge.domain.model.pending_decision import PendingDecision
    from kforge.domain.model.question import Question


class SmallForm(Protocol):
    """What is asked, how it is put, and what an answer to it becomes."""

    template: str  # of the question
    system: str  # template of its system message

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of an answer: one object, an enum for each of its keys."""

    def shown(self, question: Question) -> dict[str, Any]:
        """What the template is filled with, besides the mark around what was read."""

    def answer(self, said: Mapping[str, Any], question: Question) -> Answer:
        """The whole decision by an answer that has the form. Raises Rejected."""


def small_form(question: Question) -> SmallForm | None:
    """The form by which a question is asked, None where there is nothing to ask."""
    # A form reads through the question's view, which must record what was read: so it is kept beside that view.
    view, held = question.memo.get("form", (None, None))
    if view is not question.view:
        held = _form(question) or None
        question.memo["form"] = (question.view, held)
    return cast("SmallForm | None", held)


def _form(question: Question) -> SmallForm | None:
    generic = generic_form(question)
    if generic:
        return AskedGeneric(generic.lines)
    if not question.baseline.value:
        return None  # what is usual is what an answer changes
    return wish_form(question) or line_form(question)


def for_model(decides: Collection[str], one: PendingDecision) -> bool:
    """Whether a question goes to a model that decides these topics. One about which nothing speaks never does."""
    if one.topic.name not in decides:
        return False
    try:
        return small_form(one.question()) is not None
    except InputError:  # not even the heuristics can answer, which needs no model to say
        return False

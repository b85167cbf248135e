"""An open question about a source without a sure way → an answer that lets the rest of the project be shown: nothing is
written of it, and a build asks the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kforge.deciders import heuristics
from kforge.domain.decider import PROPOSAL
from kforge.errors import InputError
from kforge.llm.generic_answer import stand_in
from kforge.llm.generic_form import generic_form

if TYPE_CHECKING:
    from kforge.domain.model.pending_decision import PendingDecision, Reply


def previewed(questions: Sequence[PendingDecision]) -> list[Reply]:
    """The heuristics' replies; where they have none and lines of the source are asked about, one that stands in."""
    return [
        _instead(one) or reply if isinstance(reply, InputError) else reply
        for one, reply in zip(questions, heuristics.ask(questions), strict=True)
    ]


def _instead(one: PendingDecision) -> Reply | None:
    try:
        question = one.question()
    except InputError:
        return None
    form = generic_form(question)
    made = stand_in(question, form) if form else None
    return (made, PROPOSAL) if made else None

"""A completion's text → the Answer, or the finding to send back. Every text is untrusted.

Recovered, held against its form, and worked into the usual decision within the hard limits. Every fault is told at once,
so that one repair can mend them all.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from kforge.domain.decision import Answer
from kforge.domain.model.question import Rejected
from kforge.llm.conformance import faults
from kforge.llm.json_recovery import recover
from kforge.llm.small_question import small_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

MOST = 12  # faults that are told: more of them say that the answer is about something else


def read_answer(completion: str, question: Question) -> Answer:
    """Value and reasons of every field. Raises Rejected with all that is wrong, one fault a line."""
    form = small_form(question)
    if form is None:
        raise Rejected("nothing was asked")
    schema = form.schema()
    said = recover(completion, tuple(schema["properties"]))
    wrong = list(islice(faults(said, schema), MOST + 1))
    if wrong:
        raise Rejected("\n".join([*wrong[:MOST], *(["and more"] if len(wrong) > MOST else [])]))
    return form.answer(said, question)


__all__ = ["Rejected", "read_answer"]

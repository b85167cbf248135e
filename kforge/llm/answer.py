"""A completion's text → the Answer, or the finding to send back. Every text is untrusted.

Recovered, held against its schema, against the hard limits, and against the types that a person's pin has. Every fault
is told at once, so that one repair can mend them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.model.answer_fields import record
from kforge.domain.model.question import Rejected
from kforge.llm.answer_schema import asked_fields, wide
from kforge.llm.answer_spelling import eased
from kforge.llm.complete_answer import completed, typed_faults
from kforge.llm.conformance import faults, quoted
from kforge.llm.generic_answer import read_generic
from kforge.llm.generic_form import generic_form
from kforge.llm.guardrails import limit_faults
from kforge.llm.json_recovery import recover
from kforge.llm.line_question import line_form, read_lines
from kforge.llm.reasons import NO_CHOICE, is_wordless, reason
from kforge.llm.wish_question import read_wish, wish_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

MOST = 12  # faults that are told: more of them say that the answer is about something else


def read_answer(completion: str, question: Question) -> Answer:
    """Value and reasons of every field. Raises Rejected with all that is wrong, one fault a line."""
    generic = generic_form(question)
    if generic:
        return read_generic(completion, question, generic)
    wish = wish_form(question)
    if wish:
        return read_wish(completion, question, wish)
    told = line_form(question)
    if told:
        return read_lines(completion, question, told)
    asked = asked_fields(question)
    found = recover(completion, ("value", "reasons"))
    if isinstance(found.get("value"), dict):
        found = {**found, "value": eased(found["value"], asked)}
    _refuse(_shape(found, asked))
    complete = completed(question, found["value"])
    _refuse(limit_faults(question, complete))
    _refuse(typed_faults(question, complete))
    usual = question.baseline.reasons
    said = {name: reason(found["reasons"][name]) for name in asked}
    wordless = {name for name, why in said.items() if is_wordless(why)}
    # A value that is the usual one gets the usual reason: models write noise in its place.
    kept = {name for name in wordless if name in usual and complete[name] == question.baseline.value.get(name)}
    _refuse(
        f"`reasons.{name}` says nothing; say in one plain sentence why" for name in asked if name in wordless - kept
    )
    # Small models copy the sentence beside the usual value when they change the value: on record it would be a lie.
    copied = [
        name
        for name in asked
        if complete[name] != question.baseline.value.get(name) and said[name] == reason(usual.get(name, ""))
    ]
    _refuse(
        f"`reasons.{name}` says why the usual value is taken, and yours is another; say why yours is" for name in copied
    )
    return Answer(
        complete,
        {name: said[name] if name in said and name not in kept else usual.get(name, NO_CHOICE) for name in complete},
    )


def _refuse(found: Iterator[str]) -> None:
    told = list(islice(found, MOST + 1))
    if told:
        more = "\nand more" if len(told) > MOST else ""
        raise Rejected("\n".join(told[:MOST]) + more)


def _shape(found: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[str]:
    """What differs from the schema. Reasons are held to being texts: what is wrong with their words is mended, not sent
    back.
    """
    said = found.get("reasons")
    yield from faults(
        {**found, "reasons": {}} if isinstance(said, dict) else found,
        record({"reasons": record({}), "value": record(wide(asked))}),
    )
    if not isinstance(said, dict):
        return
    for name in asked:
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield f"`reasons.{name}` is missing or no text; say in one sentence why"
    yield from (f"`reasons` has the key {quoted(name)}, which nobody asked for" for name in said if name not in asked)


__all__ = ["Rejected", "read_answer"]

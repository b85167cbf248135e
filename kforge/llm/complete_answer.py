"""A decision with every field of its topic, and what no model may decide in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from kforge.domain.spec.pin_types import TOPIC_PINS
from kforge.llm.answer_spelling import plain
from kforge.llm.guardrails import limit_faults

if TYPE_CHECKING:
    from pydantic import BaseModel

    from kforge.domain.model.question import Question

_UNASKED: Mapping[str, Any] = {"ports": []}  # what holds where neither heuristics nor model could say


def completed(question: Question, value: Mapping[str, Any]) -> dict[str, Any]:
    """Every field of the topic: those of an answer that has its form, in the heuristics' spelling, and the rest as it
    is settled.
    """
    held = {**_UNASKED, **question.pinned, **question.baseline.value, **plain(question, value)}
    return {name: held[name] for name in question.topic.fields if name in held}


def value_faults(question: Question, complete: Mapping[str, Any]) -> Iterator[str]:
    """Faults of a value: what the guardrails forbid a model, and what a pin in the spec could not say either."""
    yield from limit_faults(question, complete)
    yield from typed_faults(question, complete)


def typed_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """Faults by the types of pins, which hold for the spec too: the last gate, should a guardrail miss something."""
    pins = cast("type[BaseModel] | None", TOPIC_PINS.get(question.topic.name))
    if pins is None:
        return
    data = dict(value)
    if "ports" in data:
        data["ports"] = [{key: port[key] for key in ("name", "port", "protocol")} for port in data["ports"]]
    try:
        pins.model_validate(data)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            yield f"`{'.'.join(map(str, item['loc']))}`: {item['msg'].lower()}"

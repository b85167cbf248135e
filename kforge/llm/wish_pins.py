"""What a wish asks for, as the pin in the spec that gives it: for a wish that a limit stands against, or that was not heard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.topic_names import PROCESS
from kforge.domain.wishes.heard import pin_command
from kforge.llm.complete_answer import typed_faults
from kforge.spec.edit import flow

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]


def commands(question: Question, made: Fields, usual: Fields) -> str:
    """The commands that pin changed fields of a decision, as a message lists them: `kforge pin web resources.memory 600Gi`;
    "" where none can.
    """
    if any(_refused(question, {**usual, **made})):
        return ""
    service, pins = question.view.service, _pins(question, made, usual)
    return " and ".join(f"`{pin_command(service, flow({name: value})[1:-1])}`" for name, value in pins)


def way(question: Question, made: Fields, usual: Fields) -> str:
    """What a person can do about a wish that a limit stands against."""
    beyond = next(_refused(question, {**usual, **made}), "")
    return (
        f"no pin can do it either: {beyond}"
        if beyond
        else f"where it has to be, pin it: {commands(question, made, usual)}"
    )


def _pins(question: Question, made: Fields, usual: Fields) -> Iterator[tuple[str, Any]]:
    """Keys below the service, with what a pin says there."""
    topic = question.topic.name
    for field, value in made.items():
        if topic == PROCESS and field == "ports" and value:
            yield "port", value[0]["port"]
        elif topic == PROCESS and field == "user":
            yield "user", value
        elif isinstance(value, Mapping) and isinstance(usual.get(field), Mapping):
            changed = {name: each for name, each in value.items() if each != usual[field].get(name)}
            yield topic, {field: changed}
        else:
            yield topic, {field: value}


def _refused(question: Question, value: Fields) -> Iterator[str]:
    """Why a pin could not say it either: by the form of the spec, or since a rule refuses what would come of it."""
    yield from typed_faults(question, value)
    if value.get("user") == 0:
        yield "the rules refuse a container of root"
    if "surge" in value and {str(value.get(name)).rstrip("%") for name in ("surge", "unavailable")} == {"0"}:
        yield "with neither an extra copy nor a missing one no copy could be replaced"

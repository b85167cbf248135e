"""Question → the fields that a model is asked for, each with what can be chosen here, and the schema of the answer.

A field that the spec pins is not asked, nor one that leaves no choice: the source shows one way to build it, nothing
listens, no command is known. Those keep the heuristics' value. What can be chosen is read through the view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain import answers
from kforge.domain.names import is_job

if TYPE_CHECKING:
    from kforge.domain.question import Question

Slots = dict[str, Mapping[str, Any]]  # field → schema


def slots(question: Question) -> Slots:
    """The open fields in the topic's order, with their schemas; empty where there is nothing to ask."""
    known, value = answers.FIELDS.get(question.topic.name, {}), question.baseline.value
    names = [name for name in question.topic.fields if name in known and (name in value or not value)]
    found: Slots = {}
    for name in names:
        if name in question.pinned and not isinstance(question.pinned[name], Mapping):
            continue
        schema = _NARROWED.get((question.topic.name, name), _as_it_is)(question, known[name])
        if schema is not None:
            found[name] = schema
    return found


def schema(question: Question) -> dict[str, Any]:
    """The JSON Schema of the whole answer."""
    return answers.answer(slots(question))


# ---- what there is to choose from -----------------------------------------------------------------------------
def recipes(question: Question) -> tuple[str, ...]:
    """Recipes that can build this source: its language's, or nginx for a front end that leaves files."""
    language, view = question.view.fact("language"), question.view
    if language == "node":
        return ("node", "static") if view.fact("output") and view.fact("build") else ("node",)
    return (language,) if language in ("python", "go") else ()


def ports(question: Question) -> dict[int, Mapping[str, Any]]:
    """Ports that may be named, by number: the heuristics', the spec's, and those that the source shows."""
    found: dict[int, Mapping[str, Any]] = {}
    if is_job(question.view):
        return found
    for port in (*(question.baseline.value.get("ports") or ()), *(question.pinned.get("ports") or ()), *question.view.fact("ports")):
        found.setdefault(int(port["port"]), port)
    return found


def starts(question: Question) -> list[list[str]]:
    """Commands that are known to start the program, best first."""
    own = question.baseline.value.get("command")
    return [*([list(own)] if own else []), *(list(command) for command in question.view.fact("start"))]


def builds(question: Question) -> list[list[str]]:
    """Commands that are known to build it."""
    return [list(step) for step in (*(question.baseline.value.get("steps") or ()), *question.view.fact("build"))]


def port_names(question: Question) -> tuple[str, ...]:
    return tuple(str(port["name"]) for port in question.view.decided("process", "ports") or ())


# ---- schemas, narrowed ----------------------------------------------------------------------------------------
def _as_it_is(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return schema


def _recipe(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = recipes(question)
    if len(found) < 2 and "recipe" in question.baseline.value:
        return None
    return answers.choice(*found) if found else schema


def _command(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not starts(question) and question.baseline.value:
        return None  # the image's own command, of which nothing is known here
    return schema if question.baseline.value.get("command") is None else schema["anyOf"][0]


def _ports(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return schema if ports(question) else None


def _user(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return {**schema, "minimum": 1}


def _probe(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    names = port_names(question)
    if not names:
        return None
    properties = {**schema["properties"], "port": answers.or_null(answers.choice(*names))}
    return {**schema, "properties": properties}


_NARROWED: Mapping[tuple[str, str], Any] = {
    ("build", "recipe"): _recipe,
    ("process", "command"): _command,
    ("process", "ports"): _ports,
    ("process", "user"): _user,
    **{("probes", name): _probe for name in ("startup", "readiness", "liveness")},
}


def open_fields(question: Question) -> Iterator[tuple[str, str]]:
    """Name and meaning of every field that is asked."""
    return ((name, question.topic.fields[name]) for name in slots(question))

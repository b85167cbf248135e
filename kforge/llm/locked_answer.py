"""A locked answer under a model's name → what a fresh answer could not have: form, spelling, limits, reasons.

A lock comes with a pull request, so its raw values are judged: what a fresh answer would have become must be what is
locked. What the spec pinned, then or now, is the owner's: it is not in the lock, and held to no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.domain.digest import canonical
from kforge.domain.kubernetes import names
from kforge.domain.model.answer_fields import FIELDS, record
from kforge.domain.spec.pins import nested, overlay, without
from kforge.domain.topic_names import BUILD
from kforge.llm.answer_schema import asked_fields, port_names, spelled, wide
from kforge.llm.answer_spelling import bare
from kforge.llm.complete_answer import completed, value_faults
from kforge.llm.conformance import faults, quoted
from kforge.llm.generic_answer import form_faults, generic_faults
from kforge.llm.generic_form import generic_form
from kforge.llm.reasons import NO_CHOICE, is_reason, is_wordless, reason

if TYPE_CHECKING:
    from kforge.domain.lock import LockedDecision
    from kforge.domain.model.question import Question

Fields = Mapping[str, Any]  # by name


def locked_faults(question: Question, locked: LockedDecision) -> Iterator[str]:
    """What is wrong with an answer that a lock ascribes to a model."""
    fixed, own = _parted(question, locked)
    if generic_form(question):
        yield from _missing(own, _open(question), question.topic.fields)
        yield from generic_faults(question, own)
        yield from _reason_faults(question, locked.reasons, own, without(question.baseline.value, fixed))
        return
    asked = {name: schema for name, schema in asked_fields(question).items() if not _pinned(name, fixed)}

    def judged(told: Fields) -> Iterator[str]:
        forms = {name: schema for name, schema in wide(asked).items() if name in told}
        wrong = [*_form_faults(told, forms, own, fixed, lambda fit: completed(question, fit))]
        yield from wrong or value_faults(question, completed(question, told))

    told = {
        name: _told(question, name, own[name], schema, fixed, judged) for name, schema in asked.items() if name in own
    }
    usual = without(completed(question, {}), fixed)
    yield from _missing(own, usual, question.topic.fields)
    yield from judged(told)
    for name, value in own.items():
        if name not in asked and (name not in usual or canonical(value) != canonical(usual[name])):
            yield f"`{name}` leaves nothing to choose here"
    yield from _reason_faults(question, locked.reasons, own, usual)


def stale_faults(question: Question, locked: LockedDecision) -> Iterator[str]:
    """What is wrong even with a stale answer that the user keeps: a field that is missing or has another form, and
    programs and images that no model may name. Ports and amounts may be yesterday's: that is what keeping it means.
    """
    fixed, own = _parted(question, locked)
    usual, known = without(question.baseline.value, fixed), FIELDS.get(question.topic.name, {})
    if generic_form(question):
        yield from (f"`{name}` is missing" for name in _open(question) if name not in own)
        yield from form_faults(question, own)
    yield from _missing(own, usual, question.topic.fields)
    for name in sorted(own.keys() & usual.keys() & known.keys()):
        if canonical(own[name]) != canonical(usual[name]):
            judged = partial(_form_faults, forms={name: known[name]}, own=own, fixed=fixed, become=bare)
            yield from judged({name: _told(question, name, own[name], known[name], fixed, judged)})
    named = locked_faults(question, locked)
    yield from (fault for fault in named if question.topic.name == BUILD or fault.startswith("`command"))


def _parted(question: Question, locked: LockedDecision) -> tuple[Fields, Fields]:
    """What the spec pins or pinned of the topic, and what the lock has besides."""
    fixed = overlay(nested(locked.pinned), question.pinned)
    return fixed, without(locked.value, fixed)


def _pinned(name: str, fixed: Fields) -> bool:
    return name in fixed and not isinstance(fixed[name], Mapping)


def _open(question: Question) -> list[str]:
    """The fields that the spec leaves open today, in whole or in part."""
    return [name for name in question.topic.fields if not _pinned(name, question.pinned)]


def _missing(own: Fields, wanted: Iterable[str], fields: Fields) -> Iterator[str]:
    """Fields that an answer lacks, and keys of it that are no fields of the topic."""
    yield from (f"{quoted(name)} is no field" for name in own if name not in fields)
    yield from (f"`{name}` is missing" for name in wanted if name not in own)


def _form_faults(
    told: Fields, forms: Fields, own: Fields, fixed: Fields, become: Callable[[Fields], Fields]
) -> Iterator[str]:
    """What of an answer in the words of its schema leaves that, or does not become what is locked."""
    misfits = [*faults(told, record(forms))]
    yield from misfits
    if misfits:
        return
    fresh = without(become(told), fixed)
    for name in told:
        if canonical(own[name]) != canonical(fresh[name]):
            yield f"`{name}` is not as an answer is taken over: spelled otherwise, incomplete, or without what the source shows"


# ---- the part of a probe that the spec pins -------------------------------------------------------------------
def _told(
    question: Question,
    name: str,
    own: Any,
    schema: Fields,
    fixed: Fields,
    judged: Callable[[Fields], Iterator[str]],
) -> Any:
    """A field as the model may have said it. Nothing shows what it said where the spec pins a part: anything will do
    that fits the rest, since a model is not told what is pinned.
    """
    if not (isinstance(fixed.get(name), Mapping) and isinstance(own, Mapping)):
        return spelled(own, schema)
    ways = [spelled(overlay(filling, own), schema) for filling in _fillings(question, name, own)]
    return next((way for way in ways if not any(judged({name: way}))), ways[0])


def _fillings(question: Question, name: str, own: Fields) -> Iterator[dict[str, Any]]:
    """Whole probes, one for each type that it may have."""
    usual = question.baseline.value.get(name) or {}
    kinds = [own["type"]] if "type" in own else dict.fromkeys((usual.get("type"), "http", "grpc", "tcp", "none"))
    routes = [route for route in question.view.fact("health") if route.startswith("/")]
    protocols = {port.name: port.probe for port in names.ports(question.view)}
    for kind in kinds:
        path = (usual.get("path") or next(iter(routes), "/")) if kind == "http" else None
        listed = (str(usual.get("port")), *port_names(question))
        ports = (port for port in listed if port in protocols and kind in ("tcp", protocols[port]))
        times = {part: usual.get(part) or 3 for part in ("period", "timeout", "failures")}
        whole = {"type": kind, "path": path, "port": next(ports, None), **times}
        yield whole if kind != "none" else {**dict.fromkeys(whole), "type": kind}


# ---- reasons --------------------------------------------------------------------------------------------------
def _reason_faults(question: Question, said: Mapping[str, str], own: Fields, usual: Fields) -> Iterator[str]:
    """What is wrong with reasons: each field has one, of plain words, that is not why another value is usual."""
    yield from (f"`reasons` has the key {quoted(name)}" for name in said if name not in question.topic.fields)
    for name, value in own.items():
        why, usually = said.get(name, ""), question.baseline.reasons.get(name, NO_CHOICE)
        same = name in usual and canonical(value) == canonical(usual[name])
        if same and why == usually:
            continue
        if not is_reason(why) or is_wordless(why):
            yield f"`reasons.{name}` is missing, or no plain sentence"
        elif not same and why == reason(usually):
            yield f"`reasons.{name}` says why the usual value is taken, and this is another"

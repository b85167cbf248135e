"""A completion's text → the Answer, or the finding to send back. Every text is taken for an attacker's.

Recovered, held against its schema, against the hard limits, and against the types that a person's pin has. Every fault
is told at once, so that one repair can mend them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError

from kforge.domain.decision import Answer
from kforge.domain.digest import canonical
from kforge.domain.images import SCRATCH, qualified
from kforge.domain.kubernetes.quantity import number
from kforge.domain.model.answer_fields import FIELDS, record
from kforge.domain.model.question import Rejected
from kforge.domain.spec.pins import overlay
from kforge.domain.spec.types import TOPIC_PINS
from kforge.llm.answer_schema import builds, slots, spelled, starts
from kforge.llm.conformance import faults, quoted
from kforge.llm.guardrails import limit_faults, share_of
from kforge.llm.json_recovery import recover
from kforge.llm.reasons import reason

if TYPE_CHECKING:
    from kforge.domain.lock import LockedDecision
    from kforge.domain.model.question import Question

_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_CHOICE = "nothing else can be chosen here"
_AMOUNTS = frozenset(("cpu", "cpuLimit", "memory", "memoryLimit", "storage"))
MOST = 12  # faults that are told: more of them say that the answer is about something else
_UNASKED: Mapping[str, Any] = {"ports": []}  # what holds where neither heuristics nor model could say


def read_answer(completion: str, question: Question) -> Answer:
    """Value and reasons of every field. Raises Rejected with all that is wrong, one fault a line."""
    asked = slots(question)
    found = recover(completion, ("value", "reasons"))
    if isinstance(found.get("value"), dict):
        found = {**found, "value": _eased(found["value"], asked)}
    _refuse(_shape(found, asked))
    held = {**_UNASKED, **question.pinned, **question.baseline.value, **_plain(question, found["value"])}
    complete = {name: held[name] for name in question.topic.fields if name in held}
    _refuse(limit_faults(question, complete))
    _refuse(_typed(question, complete))
    usual = question.baseline.reasons
    said = {name: reason(found["reasons"][name]) for name in asked}
    wordless = {name for name, why in said.items() if len(_WORD.findall(why)) < 2}
    # A value that is the usual one has the usual reason, whatever noise stands in its place.
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
        {name: said[name] if name in said and name not in kept else usual.get(name, _NO_CHOICE) for name in complete},
    )


def locked_faults(question: Question, locked: LockedDecision) -> Iterator[str]:
    """What is wrong with an answer that a lock ascribes to a model: what a fresh one may not hold either."""
    asked, usual, value = slots(question), question.baseline.value, locked.value
    for name in value:
        if name not in question.topic.fields:
            yield f"{quoted(name)} is no field"
        elif name not in asked and name not in question.pinned and canonical(value[name]) != canonical(usual.get(name)):
            yield f"`{name}` leaves nothing to choose here"
    # What the spec pinned then is not in the lock, and a pin is the owner's: neither is held to a limit.
    lacking = {name: usual[name] for name in map(_head, locked.pinned) if name in usual}
    partly = {name: pin for name, pin in question.pinned.items() if isinstance(pin, Mapping)}
    held = overlay(overlay(lacking, {name: value[name] for name in asked if name in value}), partly)
    shape = [*faults({name: spelled(held[name], asked[name]) for name in asked if name in held}, record(_wide(asked)))]
    yield from shape
    if shape:
        return
    complete = {**_UNASKED, **question.pinned, **usual, **held}
    complete = {name: complete[name] for name in question.topic.fields if name in complete}
    yield from limit_faults(question, complete)
    yield from _typed(question, complete)


def _head(path: str) -> str:
    return path.partition(".")[0]


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
        record({"reasons": record({}), "value": record(_wide(asked))}),
    )
    if not isinstance(said, dict):
        return
    for name in asked:
        if not isinstance(said.get(name), str) or not said[name].strip():
            yield f"`reasons.{name}` is missing or no text; say in one sentence why"
    yield from (f"`reasons` has the key {quoted(name)}, which nobody asked for" for name in said if name not in asked)


def _wide(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Schemas as wide as the limits: those say more of what a list lacks than its length, know a port by its number,
    and say why a type of probe is none here.
    """
    wide = {name: {**schema, "minItems": 0} if name == "steps" else schema for name, schema in asked.items()}
    for name in asked.keys() & FIELDS["probes"].keys():
        wide[name] = {
            **wide[name],
            "properties": {**wide[name]["properties"], "type": FIELDS["probes"][name]["properties"]["type"]},
        }
    return wide | ({"ports": FIELDS["process"]["ports"]} if "ports" in asked else {})


# ---- one spelling for one meaning -----------------------------------------------------------------------------
def _eased(value: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What servers without constraints write for nothing: null where a probe's type has no use for a part."""
    made = dict(value)
    for field in ("startup", "readiness", "liveness"):
        probe = made.get(field)
        if not isinstance(probe, dict) or field not in asked:
            continue
        if probe.get("type") == "none" and set(probe) <= set(asked[field]["properties"]):
            made[field] = spelled({"type": "none"}, asked[field])
        elif probe.get("path", "") is None:
            made[field] = {**probe, "path": ""}
    return made


def _plain(question: Question, value: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the heuristics spell them: images in full, lists in order, what a probe's type leaves out as null."""
    made = dict(value)
    for field in ("base", "runtime"):
        if field in made and made[field] != SCRATCH:
            made[field] = qualified(made[field])
    for field in ("packages", "buildPackages"):
        if field in made:
            made[field] = sorted(set(made[field]))
    made |= _amounts(made, question.baseline.value)
    if "writable" in made:  # what the source is seen to write to stays writable
        made["writable"] = sorted({*made["writable"], *(question.baseline.value.get("writable") or ())})
    for field in ("surge", "unavailable"):
        share = share_of(made.get(field))
        if share is not None:
            made[field] = share
    if isinstance(made.get("command"), list):
        made["command"] = _split(made["command"], starts(question))
    if "steps" in made:
        made["steps"] = [_split(step, builds(question)) for step in made["steps"]]
    if "ports" in made:
        made["ports"] = _ports(made["ports"], question.baseline.value.get("ports") or ())
    for field in ("startup", "readiness", "liveness"):
        if field in made:
            made[field] = _probe(made[field])
    return made


def _amounts(found: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts that are the usual ones, in the usual spelling: `0.1` is `100m`."""
    same = {}
    for field in _AMOUNTS & found.keys():
        with suppress(ValueError, TypeError):  # what is no quantity is told later
            if usual.get(field) and number(found[field]) == number(usual[field]):
                same[field] = usual[field]
    return same


def _split(command: list[str], candidates: list[list[str]]) -> list[str]:
    """A known command that was written as one text, as its words."""
    return next((words for words in candidates if " ".join(words) == " ".join(command)), command)


def _ports(found: list[Mapping[str, Any]], usual: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Known ports keep their name and variable, and none is lost: they are facts, and others refer to them."""
    own = {each["port"]: each for each in usual}
    kept = [
        {**port, "name": own[port["port"]]["name"], "env": own[port["port"]]["env"]}
        if port["port"] in own
        else dict(port)
        for port in found
    ]
    return [*kept, *(dict(each) for each in usual if each["port"] not in {port["port"] for port in found})]


def _probe(probe: Mapping[str, Any]) -> dict[str, Any]:
    if probe["type"] == "none":
        return {"type": "none", **dict.fromkeys(("path", "port", "period", "timeout", "failures"))}
    return {**probe, "path": probe["path"] or None if probe["type"] == "http" else None}


def _typed(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """What a person could not have written in the spec: the last gate, should a limit have a hole."""
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


__all__ = ["Rejected", "locked_faults", "read_answer"]

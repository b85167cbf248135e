"""Two snapshots → the decisions that changed between them. Knows nothing of git and of files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.approval import handover, standing
from kforge.domain.digest import alike
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.secrets.redact import redact
from kforge.domain.spec.pins import effective, leaves, pins
from kforge.domain.topic_names import PROCESS

DECIDER = "decided by"  # stands in a field's place where only the decider changed
APPROVAL = "approval"  # the same where only a person's word was given or taken back
GONE = "no longer asked"
PREVIEW = "heuristics for now: a build asks the model"
OPEN = "not decided yet"
_LONGEST = 2000  # characters of a reason that are looked at


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One project at one time: the spec as data, and the lock."""

    raw: Mapping[str, Any]
    lock: Lock
    previews: Collection[str] = ()  # targets that the heuristics answered where a build asks a model

    def value(self, service: str, topic: str) -> dict[str, Any]:
        """Settled value of a decision, pins included; {} where there is none."""
        block = (self.raw.get("services") or {}).get(service)
        locked = self.lock.decision(service, topic)
        return effective(topic, locked.value, block) if locked and isinstance(block, Mapping) else {}

    def pinned(self, service: str, topic: str) -> set[str]:
        block = (self.raw.get("services") or {}).get(service)
        if not isinstance(block, Mapping):
            return set()
        return {*leaves(pins(block, topic)), *(["ports"] if topic == PROCESS and "port" in block else [])}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A decided field that moved. `old` or `new` is None where the field was not there."""

    target: str  # web/resources
    field: str
    old: Any
    new: Any
    who: str  # pinned, heuristics, model NAME, heuristics (instead of NAME), or why it has no decider
    why: str
    inputs: tuple[str, ...]  # names of the inputs that changed
    was: str = ""  # the decider before, where it is another now
    approval: str = ""  # approved here, approved (in the base already), open, or "" where none is needed
    reliability: str = ""  # of a model's decision, with its parts


def decisions_since(old: Snapshot, new: Snapshot) -> tuple[FieldChange, ...]:
    """Every decided field whose settled value differs, sorted by service, topic and field."""
    keys = {
        (service, topic)
        for lock in (old.lock, new.lock)
        for service, held in lock.services.items()
        for topic in held.decisions
    }
    return tuple(change for key in sorted(keys) for change in _fields(old, new, *key))


def _fields(old: Snapshot, new: Snapshot, service: str, topic: str) -> Iterator[FieldChange]:
    before, after = _flat(old.value(service, topic)), _flat(new.value(service, topic))
    was, now = old.lock.decision(service, topic), new.lock.decision(service, topic)
    pinned = new.pinned(service, topic)
    target, inputs, approval = f"{service}/{topic}", _moved(was, now), _approval(was, now)
    former, present = _deciders(was, now, target in new.previews) if now else ("", _nobody(new, service))
    weighed = str(now.reliability) if now and now.reliability else ""
    told = False
    for field in sorted(before.keys() | after.keys()):
        if not alike(before.get(field), after.get(field)):
            values = (target, field, before.get(field), after.get(field))
            if field in pinned:
                yield FieldChange(*values, "pinned", "the spec says it", ())
                continue
            told = True
            yield FieldChange(*values, present, _reason(now, field), inputs, former, approval, weighed)
    if told or was is None or now is None:
        return
    if present == PREVIEW:
        yield FieldChange(target, DECIDER, former, "asked again", present, "", inputs)
    elif former:  # the same value by another decider is another answer
        why = _reasons(was, now)
        yield FieldChange(target, DECIDER, former, present, present, why, inputs, former, approval, weighed)
    elif approval and standing(was) != standing(now):
        stood, stands = _WORDS[standing(was)], _WORDS.get(approval, approval)
        yield FieldChange(target, APPROVAL, stood, stands, present, "", inputs, "", approval, weighed)


def _deciders(was: LockedDecision | None, now: LockedDecision, preview: bool) -> tuple[str, str]:
    """Who had decided, "" for the same, and who does now."""
    if preview:
        return (str(was.decider) if was else ""), PREVIEW
    return (handover(was.decider, now.decider) if was else None) or ("", str(now.decider))


_WORDS = {"open": "none", "": "not needed", "approved": "approved"}


def _approval(was: LockedDecision | None, now: LockedDecision | None) -> str:
    """How an answer stands, and whether the base had approved this very value: who may change the lock may approve."""
    stands = standing(now) if now else ""
    return "approved here" if stands == "approved" and now and (was is None or was.approved != now.approved) else stands


def _nobody(new: Snapshot, service: str) -> str:
    """Why a decision is in the lock no more. A build records the inputs of a service's files; an import of some answers
    does not.
    """
    held = new.lock.services.get(service)
    settled = held is not None and bool(held.inputs)
    return GONE if settled or service not in (new.raw.get("services") or {}) else OPEN


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, Mapping):
            flat.update(_flat(inner, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = inner
    return flat


def _moved(was: LockedDecision | None, now: LockedDecision | None) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    if handover(was.decider, now.decider):  # a model's question reads more than the heuristics: that is no change
        return tuple(
            name for name in sorted(was.inputs.keys() & now.inputs.keys()) if was.inputs[name] != now.inputs[name]
        )
    return tuple(name for name in sorted(now.inputs) if was.inputs.get(name) != now.inputs[name])


def _reason(decision: LockedDecision | None, field: str) -> str:
    if decision is None:
        return ""
    return _shown(decision.reasons.get(field) or decision.reasons.get(field.partition(".")[0], ""))


def _shown(reason: str) -> str:
    """A reason out of a lock, which is untrusted text of any length."""
    return redact(reason[:_LONGEST])


def _reasons(was: LockedDecision, now: LockedDecision) -> str:
    """What the new decider says of the value that stays."""
    fresh = [f"{field}: {_shown(why)}" for field, why in sorted(now.reasons.items()) if was.reasons.get(field) != why]
    return "; ".join(["the same value", *fresh])

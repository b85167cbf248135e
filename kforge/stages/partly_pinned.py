"""A probe that the spec pins in part → why its other fields are what they are."""

from __future__ import annotations

from kforge.domain.decision import Decision
from kforge.domain.near_words import listed
from kforge.domain.probe import Probe
from kforge.domain.topic_names import PROBES

_ASKED = ("type", "path", "port")  # how it asks; the others say when, and what a failure is


def _pinned_beside(decision: Decision, name: str) -> tuple[str, ...]:
    """The pinned fields of the probe that holds a field: ("path",) for `readiness.type`."""
    which = name.partition(".")[0]
    held = (field.partition(".") for field in decision.pinned) if decision.topic == PROBES else ()
    return tuple(key for group, _, key in held if group == which and key)


def implied_by(decision: Decision, name: str) -> str:
    """The pinned field that says another one besides itself, as a route says that HTTP is spoken; "" for none."""
    which, _, key = name.partition(".")
    for each in _pinned_beside(decision, name):
        if name in Probe.follows((f"{which}.{each}",)) and (key == "type" or decision.locked[which].get(key) is None):
            return each
    return ""


def reason_beside(decision: Decision, name: str, why: str) -> str:
    """The reason of a field that is decided: the clause of it that holds beside the pinned fields."""
    beside, key = _pinned_beside(decision, name), name.rpartition(".")[2]
    if not beside:
        return why
    if "command" in beside and key in ("path", "port"):
        return "unused, since the pinned `command` is run"
    asks, _, times = why.rpartition("; ")
    if key == "port" and "path" in beside:
        said = "the port that probes of this service ask"
    else:
        said = (key in _ASKED and asks) or times
    return f"decided beside the pinned {listed(beside)}: {said}"

"""A locked decision → whether a person must look at it, and has. Bound to the value: another answer needs another look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kforge.domain.digest import digest
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.spec.pins import leaves

OWN = frozenset(("heuristics",))  # deciders whose answers are the code's own: they were reviewed with it


def due(decision: LockedDecision) -> bool:
    """Whether somebody other than the heuristics settled a field that the spec does not pin."""
    return decision.decider.get("by") not in OWN and not set(leaves(decision.value)) <= set(decision.pinned)


def approved(decision: LockedDecision) -> bool:
    """Whether the value is the one that was approved."""
    return bool(decision.approved) and decision.approved == digest(decision.value)


def approve(decision: LockedDecision) -> LockedDecision:
    return replace(decision, approved=digest(decision.value))


def standing(decision: LockedDecision) -> str:
    """In a word: approved, open, or "" where no approval is needed."""
    return ("approved" if approved(decision) else "open") if due(decision) else ""


def waiting(lock: Lock) -> Iterator[tuple[str, LockedDecision]]:
    """Decisions without the approval that they need, by target, in order."""
    for service, held in sorted(lock.services.items()):
        for topic, decision in sorted(held.decisions.items()):
            if standing(decision) == "open":
                yield f"{service}/{topic}", decision


def who(decider: Mapping[str, Any]) -> str:
    """Who decided, for people: `heuristics`, `model NAME`, `heuristics (no answer from NAME)`."""
    by = str(decider.get("by"))
    if by == "model":
        return f"model {decider.get('model', '')}".strip()
    instead = decider.get("instead of")
    return f"{by} (no answer from {instead})" if instead else by


def handover(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str] | None:
    """Names of two deciders, told apart by their weights or server where the names are the same; None for one and the
    same.
    """
    if was == now:
        return None
    first, second = who(was), who(now)
    if first == second:
        first, second = (f"{name} ({_told(each)})" for name, each in ((first, was), (second, now)))
    return (first, second) if first != second else None


def _told(decider: Mapping[str, Any]) -> str:
    return ", ".join(str(decider[key])[:24] for key in ("provider", "identity") if decider.get(key)) or "unidentified"

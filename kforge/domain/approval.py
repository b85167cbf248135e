"""A locked decision → whether a person must look at it, and has. Bound to the value: another answer needs another look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kforge.domain.decider import HEURISTICS, MODEL, Decider
from kforge.domain.digest import digest
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.spec.pins import leaves

UNAPPROVED = "was decided by a model or is a proposal, and is not approved yet"
BELOW = "was decided by a model less reliably than `model.minimum` asks, and is not approved yet"


def due(decision: LockedDecision) -> bool:
    """Whether a model settled, or a table proposed, a field that the spec does not pin. The heuristics' answers were
    reviewed with the code.
    """
    return decision.decider.by != HEURISTICS.by and not set(leaves(decision.value)) <= set(decision.pinned)


def approved(decision: LockedDecision) -> bool:
    """Whether the value is the one that was approved."""
    return bool(decision.approved) and decision.approved == digest(decision.value)


def approve(decision: LockedDecision) -> LockedDecision:
    return replace(decision, approved=digest(decision.value))


def below(decision: LockedDecision, minimum: int) -> bool:
    """Whether a model's decision waits for a person since it is less reliable than the spec asks, or as far as the lock
    tells. Nothing but an approval of this very value stands for that.
    """
    if decision.decider.by != MODEL or not due(decision) or approved(decision):
        return False
    return decision.reliability is None or decision.reliability.score < minimum


def standing(decision: LockedDecision) -> str:
    """In a word: approved, open, or "" where no approval is needed."""
    return ("approved" if approved(decision) else "open") if due(decision) else ""


def waiting(lock: Lock) -> Iterator[tuple[str, LockedDecision]]:
    """Decisions without the approval that they need, by target, in order."""
    for service, held in sorted(lock.services.items()):
        for topic, decision in sorted(held.decisions.items()):
            if standing(decision) == "open":
                yield f"{service}/{topic}", decision


def handover(was: Decider, now: Decider) -> tuple[str, str] | None:
    """Names of two deciders, told apart by their weights or server where the names are the same; None for one and the
    same.
    """
    if was == now:
        return None
    first, second = str(was), str(now)
    if first == second:
        first, second = (f"{name} ({_told(each)})" for name, each in ((first, was), (second, now)))
    return (first, second) if first != second else None


def _told(decider: Decider) -> str:
    return ", ".join(name[:24] for name in (decider.provider, decider.identity) if name) or "unidentified"

"""Outcome → which of the user's inputs changed since the lock was written, by service, and where a model is still to
answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.domain.lock import ServiceLock
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.stages.inputs import Inputs
from kforge.stages.previews import as_locked, previews
from kforge.system import lockfile

if TYPE_CHECKING:
    from kforge.outcome import Outcome

NEW, GONE, CHANGED = "a new service", "no longer a service", "changed:"
KEPT = "decisions kept"  # of a service with another name


def called(outcome: Outcome, service: str) -> str:
    """A service by its name, and by the former one where that is another: `web → storefront`."""
    former = outcome.loaded.renames.get(service)
    return f"{former} → {service}" if former else service


def reasons(outcome: Outcome) -> list[str]:
    """One line a service, then the app."""
    return [line for _, line in causes(outcome)]


def causes(outcome: Outcome) -> list[tuple[str, str]]:
    """The same with the service that a line is about, "" for the app."""
    if outcome.loaded.lock.lost:
        return [("", "there is no `kforge.lock`: nothing is settled yet"), *_previewed(outcome)]
    if outcome.loaded.sums.lost and not outcome.loaded.lock.older:
        return [("", f"{SUMS_FILE} is missing: nothing says what the answers were made of"), *_previewed(outcome)]
    lines = []
    unrecorded = {name for name, held in outcome.loaded.lock.services.items() if _unrecorded(held)}
    world = outcome.loaded.world
    before = outcome.loaded.carried
    now = as_locked(before, outcome.lock, Inputs(world.raw, world.facts, outcome.settled.values).digests)
    for name, held in sorted(now.services.items()):
        was = before.services.get(name)
        if name in outcome.loaded.renames:
            lines.append((name, f"{called(outcome, name)}: {KEPT}"))
        elif was is None:
            lines.append((name, f"{name}: {NEW}"))
        elif name in unrecorded:
            lines.append((name, f"{name}: {SUMS_FILE} does not say what its answers were made of"))
        elif moved := _of_service(was, held):
            lines.append((name, f"{name}: {CHANGED} {', '.join(moved)}"))
    gone = sorted(before.services.keys() - outcome.lock.services.keys())
    lines += [(name, f"{name}: {GONE}") for name in gone]
    known = before.inputs
    app = _moved(known, outcome.lock.inputs) if known or not unrecorded else []
    return lines + ([("", f"the app: {CHANGED} {', '.join(app)}")] if app else []) + _previewed(outcome)


def _previewed(outcome: Outcome) -> list[tuple[str, str]]:
    """Services about which a build asks a model: what this run says of their files it says of the heuristics' answers."""
    topics: dict[str, list[str]] = {}
    for target in previews(outcome.loaded.world, catalog.topics(), outcome.settled):
        service, _, topic = target.partition("/")
        topics.setdefault(service, []).append(topic)
    return [
        (name, f"{name}: a build asks a model about {', '.join(asked)}; what is shown here is the heuristics' preview")
        for name, asked in topics.items()
    ]


def records(outcome: Outcome) -> list[str]:
    """Lock and sums that are not as a build writes them, where nothing else says why."""
    held, sums = outcome.loaded.lock, outcome.loaded.sums
    text = outcome.lock_changes and (held.odd or lockfile.render(outcome.lock) != lockfile.render(held))
    lines = [f"{LOCK_FILE} is not as a build writes it"] if text else []
    if sums.lost:
        lines.append(f"{SUMS_FILE} is missing")
    elif (outcome.lock_changes and not text) or (outcome.sums_change and outcome.changes.current):
        lines.append(f"{SUMS_FILE} is not as a build writes it")
    return lines


def _unrecorded(held: ServiceLock) -> bool:
    """Whether the record of what its files or answers were made of is lost."""
    return any(SUMS_FILE in each for each in (held.inputs, *(one.inputs for one in held.decisions.values())))


def _of_service(was: ServiceLock, now: ServiceLock) -> list[str]:
    """Inputs of its files and of its decisions."""
    pairs = [(was.inputs, now.inputs)]
    pairs += [
        (was.decisions[topic].inputs, held.inputs) for topic, held in now.decisions.items() if topic in was.decisions
    ]
    names = {name for old, new in pairs for name in _moved(old, new)}
    return sorted(name for name in names if not _follows(name)) or sorted(names)


def _moved(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Inputs whose value changed. What is merely read now and was not before follows from one of them, and so do
    decisions; but a key of a service's own that is on one side only was added or removed.
    """
    one_sided = old.keys() ^ new.keys()
    changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    changed |= {name for name in one_sided if name.startswith("spec.") or ".spec." in name}
    return sorted(name for name in changed if not _follows(name)) or sorted(changed or one_sided)


def _follows(name: str) -> bool:
    return "decisions." in name

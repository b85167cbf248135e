"""Plan → Decisions. Unaware of who decides: a pin, a lock, a model, a test's lambda.

Topics are settled one after the other, each for every service, so a topic may read what earlier ones settled, of its
own service and of others, and no circle can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kforge.deciders.locked import Standing, standing
from kforge.domain.decision import Answer, Decision, Topic
from kforge.domain.facts import Facts
from kforge.domain.lock import Lock, LockedDecision
from kforge.domain.pins import effective, leaves, overlay, pins, without
from kforge.domain.spec import Spec
from kforge.domain.view import View, links_of
from kforge.errors import InputError, Place, Problem
from kforge.stages.inputs import Inputs

Ask = Callable[[Topic, View], tuple[Answer, Mapping[str, Any]]]


@dataclass(slots=True)
class Settled:
    """Every decision, the values that artifacts read, and what each question read (also where none was posed)."""

    decisions: dict[tuple[str, str], Decision] = field(default_factory=dict)
    values: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    reads: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class World:
    """What questions are asked about: the spec, its raw text as data, and the facts by service."""

    spec: Spec
    raw: Mapping[str, Any]
    facts: Mapping[str, Facts]
    place: Callable[[tuple[str | int, ...]], Place | None] = lambda path: None  # where the text says it


def decide(world: World, topics: Collection[Topic], lock: Lock, ask: Ask, upgrade: Callable[[str], bool]) -> Settled:
    """Settle every topic of every service. `upgrade("web/build")` says whether an outdated answer is asked again.

    Raises InputError with one problem for every question that could not be answered.
    """
    settled = Settled()
    inputs = Inputs(world.raw, world.facts, settled.values)
    links = links_of(world.spec, world.facts)
    problems: list[Problem] = []
    failed: set[str] = set()  # one unanswered question a service is enough: what reads it would only fail again
    for topic in topics:
        for service in sorted(world.spec.services.keys() - failed):
            view = View(
                world.spec, world.facts, settled.values, service, may_read=topic.after.__contains__, links=links
            )
            applies = topic.applies(view)
            settled.reads[service, topic.name] = tuple(view.reads)
            if not applies:
                continue
            try:
                decision = _settle(world, topic, view, lock, ask, upgrade, inputs)
            except InputError as error:
                where = world.place(("services", service, "source"))
                problems.extend(item if item.where else replace(item, where=where) for item in error.problems)
                failed.add(service)
                continue
            settled.decisions[service, topic.name] = decision
            settled.values[service, topic.name] = dict(decision.value)
            settled.reads[service, topic.name] = tuple(decision.inputs)
        inputs.forget(topic.name)
    if problems:
        raise InputError(tuple(problems))
    return settled


def _settle(
    world: World, topic: Topic, view: View, lock: Lock, ask: Ask, upgrade: Callable[[str], bool], inputs: Inputs
) -> Decision:
    """One decision: the locked answer where it stands, a fresh one where not, the pins over either."""
    block = world.raw["services"][view.service]
    pinned = pins(block, topic.name)
    locked = lock.decision(view.service, topic.name)
    verdict = Standing("open")
    if locked is not None:
        verdict = standing(locked, inputs.digests(view.service, locked.inputs), topic.revision)
        if verdict.state == "outdated" and upgrade(f"{view.service}/{topic.name}"):
            verdict = Standing("upgraded")
    keeps = locked is not None and verdict.state in ("locked", "outdated")
    open_again = locked is not None and set(locked.pinned) - set(leaves(pinned))
    if keeps and locked is not None and not open_again:
        return _decision(topic, view.service, block, pinned, locked, verdict)
    answer, decider = ask(topic, view)
    value, reasons = answer.value, answer.reasons
    if keeps and locked is not None:
        # A pin was taken away: only the field it held is open, so the rest of the locked answer stays.
        value, reasons = overlay(value, locked.value), {**reasons, **locked.reasons}
    fresh = LockedDecision(
        value=without(value, pinned),
        reasons={name: why for name, why in reasons.items() if name not in pinned or isinstance(pinned[name], dict)},
        decider=decider,
        revision=topic.revision,
        inputs=inputs.digests(view.service, view.reads),
        pinned=tuple(sorted(leaves(pinned))),
    )
    return _decision(topic, view.service, block, pinned, fresh, verdict)


def _decision(
    topic: Topic, service: str, block: Mapping[str, Any], pinned: Mapping[str, Any], locked: LockedDecision, verdict: Standing
) -> Decision:
    state = verdict.state if verdict.state in ("locked", "outdated", "stale") else str(locked.decider["by"])
    if not locked.value and pinned:
        state = "pinned"
    return Decision(
        service=service,
        topic=topic.name,
        value=effective(topic.name, locked.value, block),
        locked=locked.value,
        reasons=locked.reasons,
        decider=locked.decider,
        revision=locked.revision,
        inputs=locked.inputs,
        pinned=tuple(sorted(leaves(pinned))),
        state=state,
        why=_why(verdict, topic, locked),
    )


def _why(verdict: Standing, topic: Topic, locked: LockedDecision) -> str:
    if verdict.state == "stale":
        return f"changed: {', '.join(verdict.changed)}"
    if verdict.state == "outdated":
        return f"answered at revision {locked.revision}, this kforge asks revision {topic.revision}"
    return ""

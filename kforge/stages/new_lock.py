"""What a run settled and read → the lock as it should be. Knows nothing of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kforge.domain.digest import ABSENT
from kforge.domain.facts import LATER, NOTHING, Facts
from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.domain.world import World
from kforge.stages.assemble import Assembled, reads_by_service
from kforge.stages.decide import Settled
from kforge.stages.inputs import Inputs, judged
from kforge.stages.outdated import OWN

_OTHERS = re.compile(r"services\.[^.]+\.spec\.build\.")


def lock_of(world: World, settled: Settled, assembled: Assembled, inputs: Inputs, includes: Mapping[str, str]) -> Lock:
    """The lock as it should be. What a question read that was not posed counts as an input of the artifacts."""
    reads = reads_by_service(assembled)
    decisions: dict[str, dict[str, LockedDecision]] = {name: {} for name in world.spec.services}
    for (service, topic), names in settled.reads.items():
        decision = settled.decisions.get((service, topic))
        if decision is None:
            reads.setdefault(service, set()).update(names)
        else:
            decisions[service][topic] = decision.record()
    services = {}
    for name, held in decisions.items():
        facts = world.facts.get(name, NOTHING)
        services[name] = ServiceLock(
            decisions=held,
            inputs=_recorded(inputs.recorded(name, {*reads.get(name, ()), *_said(world, name), *_shown(facts)})),
            detector=facts.detector,
            detector_revision=facts.revision,
        )
    app = inputs.recorded("", {*reads.get("", ()), *judged(world.raw)})
    return Lock(services=services, inputs={**app, **includes})


def filled(lock: Lock, answers: Mapping[str, LockedDecision]) -> Lock:
    """The lock with these answers by target, and nothing else of it changed: files and their inputs are a build's."""
    services = dict(lock.services)
    for target, decision in answers.items():
        service, _, topic = target.partition("/")
        held = services.get(service, ServiceLock())
        services[service] = replace(held, decisions={**held.decisions, topic: decision})
    return replace(lock, services=services)


def _said(world: World, service: str) -> set[str]:
    """Every key of a service's blocks: pins, fragments and patches reach files without a view."""
    raw = world.raw
    names = {f"spec.{key}" for key in raw["services"][service]} - {"spec.requirements", "spec.refine"} | {"patches"}
    if (raw.get("defaults") or {}).get("kubernetes"):
        names.add("app.defaults")
    for name, environment in (raw.get("environments") or {}).items():
        block = (environment.get("services") or {}).get(service) or {}
        names |= {f"environments.{name}.spec.{key}" for key in block} | {f"environments.{name}.patches"}
    return names


def _shown(facts: Facts) -> set[str]:
    """Facts that older locks know nothing of, where the source shows them: findings read some of them without a view."""
    return {f"facts.{name}" for name in LATER if facts.value(name)}


def _recorded(digests: dict[str, str]) -> dict[str, str]:
    """Less keys of services that are not there: `check` notices a new one by its being unknown to its service's lock."""
    return {
        name: value
        for name, value in digests.items()
        if value != ABSENT or not (OWN.match(name) or _OTHERS.match(name))
    }

"""What an older kforge locked and wrote → what of it stays, byte for byte, until an upgrade.

A newer detector may read other facts off the same source, a newer renderer may read other inputs and write other
bytes. Neither is the user's change. What stays, stays for a whole service: its files fit each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from kforge.domain.change import WantedFile
from kforge.domain.digest import ABSENT
from kforge.domain.facts import Facts
from kforge.domain.lock import Lock, ServiceLock, Sums

InputDigest = Callable[[str, str], str]  # (service, name of an input) → its digest today
Upgraded = Callable[[str], bool]  # whether a target is to be upgraded: `web`, `web/build`, a path
OWN = re.compile(r"spec\.|environments\.[^.]+\.spec\.|awaited\Z")
_EDGES = ("callers", "callees")


def spared(old: Lock, facts: Mapping[str, Facts], upgrade: Upgraded) -> frozenset[str]:
    """Services whose facts an older revision of their detector read."""
    return frozenset(
        name
        for name, held in old.services.items()
        if name in facts
        and held.detector == facts[name].detector
        and held.detector_revision < facts[name].revision
        and not any(upgrade(target) for target in (name, *(f"{name}/{topic}" for topic in held.decisions)))
    )


def rebased(old: Lock, names: Collection[str], digest: InputDigest) -> Lock:
    """The lock as if the older detectors had read today's facts: what differs there is no change of the user's."""
    if not names:
        return old

    def moved(service: str, inputs: Mapping[str, str]) -> dict[str, str]:
        return {
            name: digest(service, name) if of_facts(service, name, names) else held for name, held in inputs.items()
        }

    services = {}
    for name, held in old.services.items():
        decisions = {topic: replace(each, inputs=moved(name, each.inputs)) for topic, each in held.decisions.items()}
        services[name] = replace(held, decisions=decisions, inputs=moved(name, held.inputs))
    rivals = {
        target: replace(each, inputs=moved(target.partition("/")[0], each.inputs))
        for target, each in old.rivals.items()
    }
    return replace(old, services=services, rivals=rivals)


def moved(old: Lock, base: Lock) -> frozenset[str]:
    """Targets of answers for which facts were read that today's detectors do not find. `base` is the old lock rebased."""
    return frozenset(
        f"{name}/{topic}"
        for name, held in old.services.items()
        for topic, each in held.decisions.items()
        if each.inputs != base.services[name].decisions[topic].inputs
    )


def staying(
    old: Lock,
    new: Lock,
    files: Mapping[str, WantedFile],
    sums: Sums,
    names: Collection[str],
    digest: InputDigest,
    upgrade: Upgraded,
) -> frozenset[str]:
    """Services ("" is the app) whose files stay: an older kforge made them, and nothing that they were made of changed.

    `old` is rebased, `names` are those whose facts were spared.
    """
    older = {*names} | {
        file.service
        for path, file in files.items()
        if path in sums.files and sums.revisions.get(path, 1) < file.revision
    }
    upgraded = {file.service for path, file in files.items() if upgrade(path)}
    upgraded |= {service for service in older if upgrade(service)}
    return frozenset(service for service in older - upgraded if _unchanged(old, new, service, digest))


def kept(old: Lock, base: Lock, new: Lock, stay: Collection[str], names: Collection[str]) -> Lock:
    """The new lock with the records of what stays as they were. `base` is the old lock rebased."""
    services = dict(new.services)
    for name in stay:
        if name not in services:
            continue
        was, now = old.services[name], services[name]
        decisions = was.decisions if base.services[name].decisions == now.decisions else now.decisions
        revision = was.detector_revision if name in names else now.detector_revision
        services[name] = ServiceLock(
            decisions=decisions, inputs=was.inputs, detector=now.detector, detector_revision=revision
        )
    return replace(new, services=services, inputs=old.inputs if "" in stay else new.inputs)


def recorded(lock: Lock, service: str) -> Mapping[str, str]:
    """What a service's artifacts read, those of the app for ""."""
    return lock.services.get(service, ServiceLock()).inputs if service else lock.inputs


def _unchanged(old: Lock, new: Lock, service: str, digest: InputDigest) -> bool:
    """Whether every input that was recorded is as it was, and the user added no key."""
    if service and service not in old.services:
        return False
    was, now = recorded(old, service), recorded(new, service)
    same = all((now[name] if name in now else digest(service, name)) == held for name, held in was.items())
    return same and not any(value != ABSENT and OWN.match(name) for name, value in now.items() if name not in was)


def of_facts(service: str, name: str, names: Collection[str]) -> bool:
    """Whether an input is a fact of one of these services, or an edge, which facts show."""
    head, _, rest = name.partition(".")
    if head == "services" and rest:
        service, _, name = rest.partition(".")
        head = name.partition(".")[0]
    edge = head in ("callers", "callees", "environments") and name.rpartition(".")[2] in _EDGES
    return edge or (head == "facts" and service in names)

"""Spec, facts and lock → services that go on under another name, and the lock as if they had always had it.

A service stands for one that is gone where it is built from the same source or image, or where its source, moved, shows
the same facts. Of several that would do, the one whose own keys and facts are all as they were; else none is guessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from kforge.domain.digest import ABSENT
from kforge.domain.facts import Facts
from kforge.domain.lock import Lock, ServiceLock
from kforge.stages.inputs import Inputs
from kforge.stages.outdated import OWN

_SOURCE = "spec.source"
_ORIGIN = (_SOURCE, "spec.image")
_FACTS = "facts."
_LISTS = ("before", "needs")  # keys whose values are names of services
_NAMING = (*_LISTS, "awaited", "env")  # inputs that may have such names in them
_PAIRS = 2_500  # of services that are gone and new, fifty each: many more of them would take seconds
_REFERENCE = re.compile(r"(\$\{services\.)([^.}]+)\.")


def renames(raw: Mapping[str, Any], facts: Mapping[str, Facts], lock: Lock) -> dict[str, str]:
    """New name → the name that the lock has, of each service that one service alone stands for; none of very many."""
    services = raw["services"]
    gone, added = lock.services.keys() - services.keys(), services.keys() - lock.services.keys()
    if not gone or not added or len(gone) * len(added) > _PAIRS:
        return {}
    inputs = Inputs(raw, facts, {})
    recorded = {name: _recorded(lock.services[name]) for name in gone}
    found: dict[str, str] = {}
    for fits in (_unchanged, partial(_unchanged, but=_NAMING), _goes_on):
        pairs = [
            (new, old)
            for new in sorted(added - found.keys())
            for old in sorted(gone - {*found.values()})
            if fits(inputs, new, recorded[old])
        ]
        news, olds = Counter(new for new, _ in pairs), Counter(old for _, old in pairs)
        found |= {new: old for new, old in pairs if news[new] == olds[old] == 1}
    return found


def carried(raw: Mapping[str, Any], facts: Mapping[str, Facts], lock: Lock, names: Mapping[str, str]) -> Lock:
    """The lock with these services under their new names; `names` is of `renames`.

    An input that had, under the old names, the value that was recorded has the digest of its value under the new ones:
    the name alone makes no answer stale. Inputs from decisions keep the digest, since no decision holds a name.
    """
    if not names:
        return lock
    former = {old: new for new, old in names.items()}
    then = Inputs(_under(raw, names), {names.get(name, name): held for name, held in facts.items()}, {})
    now = Inputs(raw, facts, {})

    def moved(service: str, held: Mapping[str, str]) -> dict[str, str]:
        found = {}
        for name, digest in held.items():
            today = _named(name, former)
            same = "decisions." not in name and then.digest(service, name) == digest
            found[today] = now.digest(former.get(service, service), today) if same else digest
        return found

    services = {}
    for name, held in lock.services.items():
        decisions = {topic: replace(each, inputs=moved(name, each.inputs)) for topic, each in held.decisions.items()}
        services[former.get(name, name)] = replace(held, decisions=decisions, inputs=moved(name, held.inputs))
    rivals = {}
    for target, each in lock.rivals.items():
        name, slash, topic = target.partition("/")
        rivals[f"{former.get(name, name)}{slash}{topic}"] = replace(each, inputs=moved(name, each.inputs))
    return replace(lock, services=services, inputs=moved("", lock.inputs), rivals=rivals)


def _unchanged(inputs: Inputs, new: str, recorded: Mapping[str, str], but: Collection[str] = ()) -> bool:
    """Whether the service has every key and fact that this one had, `but` for keys of these names."""
    return _goes_on(inputs, new, recorded) and all(
        inputs.digest(new, name) == digest
        for name, digest in recorded.items()
        if (OWN.match(name) or name.startswith(_FACTS)) and name.rpartition(".")[2] not in but
    )


def _goes_on(inputs: Inputs, new: str, recorded: Mapping[str, str]) -> bool:
    """Whether the service is built from what this one was built from."""
    origin = [name for name in _ORIGIN if recorded.get(name, ABSENT) != ABSENT]
    if not origin:  # what a build records is lost
        return False
    if all(inputs.digest(new, name) == recorded[name] for name in origin):
        return True
    if _SOURCE not in origin or inputs.digest(new, _SOURCE) == ABSENT:
        return False
    facts = [name for name in recorded if name.startswith(_FACTS)]
    shows = any(recorded[name] != ABSENT for name in facts)
    return shows and all(inputs.digest(new, name) == recorded[name] for name in facts)


def _recorded(held: ServiceLock) -> dict[str, str]:
    """Every input of its files and of its answers."""
    found = dict(held.inputs)
    for each in held.decisions.values():
        found |= each.inputs
    return found


def _named(name: str, former: Mapping[str, str]) -> str:
    """An input's name with the service in it as it is called now: `services.web.spec.port`."""
    parts = name.split(".")
    for place in [number + 1 for number, part in enumerate(parts[:3]) if part == "services" and parts[number + 1 :]]:
        parts[place] = former.get(parts[place], parts[place])
    return ".".join(parts)


def _under(raw: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The spec as if the services were called otherwise: their keys, lists of names, and references in texts."""
    environments = {
        name: {**block, "services": _blocks(block["services"], names)} if block.get("services") else block
        for name, block in (raw.get("environments") or {}).items()
        if isinstance(block, dict)
    }
    return {**raw, "services": _blocks(raw["services"], names), "environments": environments}


def _blocks(services: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, block in services.items():
        renamed = {
            key: [names.get(each, each) for each in held] if key in _LISTS and isinstance(held, list) else held
            for key, held in (block or {}).items()
        }
        found[names.get(name, name)] = _referring(renamed, names)
    return found


def _referring(value: Any, names: Mapping[str, str]) -> Any:
    """A value with `${services.NAME.…}` in all its texts by the other names."""
    if isinstance(value, str):
        return _REFERENCE.sub(lambda match: f"{match[1]}{names.get(match[2], match[2])}.", value)
    if isinstance(value, dict):
        return {key: _referring(held, names) for key, held in value.items()}
    return [_referring(each, names) for each in value] if isinstance(value, list) else value

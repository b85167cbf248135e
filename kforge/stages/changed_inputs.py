"""What kforge.sum says was read → what of it has another value today, in words. For `check`, which asks for the first.

A word is a name with the digest of its value, as `system/record.py` writes it. A thousand services have the same few
words about the app, so what holds in one service and depends on none is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.digest import ABSENT
from kforge.domain.facts import LATER, Facts
from kforge.domain.lock import ServiceRecord
from kforge.spec.quick_checks import IDLE_OF_SERVICE
from kforge.stages.inputs import Inputs
from kforge.system.record import has_value, name_of

ANSWERED = re.compile(r"(?:services\.[^.]+\.)*decisions\.")  # an input that is an answer, of this service or another


def changed_inputs(
    raw: Mapping[str, Any], services: Mapping[str, ServiceRecord], facts: Mapping[str, Facts], inputs: Inputs
) -> Iterator[str]:
    """Inputs of services with another value than the one that was recorded, and keys that no record knows.

    Those that are answers are left out: the lock's text is as it was, and so are the pins that lie over it.
    """
    held: set[str] = set()  # words that hold in every service
    sourceless: set[str] = set()  # and in every service without a source
    for service, record in services.items():
        detected = facts.get(service)
        known = (detected.detector, detected.revision) if detected and detected.detector else ("", 0)
        if known != (record.detector, record.detector_revision):
            yield f"{service}: another detector"
        block, done = raw["services"][service], held if detected else held | sourceless
        for word in record.read.split(" "):
            if word in done or word[:10] == "decisions." or (word[:9] == "services." and ANSWERED.match(word)):
                continue
            name, _, locked = word.partition("=")
            if name[:5] == "spec." and name[5:].isalpha():
                value = block.get(name[5:])
                today = ABSENT if value is None else inputs.of(value)
            else:
                today = inputs.digest(service, name_of(name))
            if today != (locked or ABSENT):
                yield f"{service}: {name} changed"
            elif name[:4] == "app." or name == "environments":
                held.add(word)
            elif name[:6] == "facts." and not detected:
                sourceless.add(word)
        for name in sorted(LATER):
            if detected and detected.value(name) and not has_value(f"facts.{name}", record.read):
                yield f"{service}: facts.{name} is new"
        yield from _new_keys(raw, service, record)


def _new_keys(raw: Mapping[str, Any], service: str, record: ServiceRecord) -> Iterator[str]:
    """Keys of a service's blocks that the lock does not know: absent ones are not recorded."""
    known = frozenset(record.files.split(" "))
    for key in raw["services"][service]:
        if f"spec.{key}" not in known and key not in IDLE_OF_SERVICE:
            yield f"{service}: {key} is new"
    for name, environment in (raw.get("environments") or {}).items():
        for key in (environment.get("services") or {}).get(service) or ():
            if f"environments.{name}.spec.{key}" not in known:
                yield f"{service}: {key} is new in {name}"


def is_read(name: str, services: Iterable[ServiceRecord]) -> bool:
    """Whether a service has read that, and found a value."""
    return any(has_value(name, service.read) for service in services)

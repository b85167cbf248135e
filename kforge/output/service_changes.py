"""Outcome of a build over an earlier one → what changed, by service: settled values, old and new, and files.

Old values are those of the lock; of a field that the spec pinned then, which no lock holds, what the old manifest says.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.digest import alike
from kforge.domain.document import Document
from kforge.domain.kubernetes.objects import items, mapping, programs, text
from kforge.domain.spec.raw import MISSING
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES
from kforge.errors import Error
from kforge.output.causes import causes
from kforge.spec.read import read_manifests

if TYPE_CHECKING:
    from kforge.domain.change import Change
    from kforge.domain.decision import Decision
    from kforge.outcome import Outcome

NONE = "none"
SOURCE = " of the source"
_FACTS = {"ports": "ports", "command": "start", "readiness.path": "health", "liveness.path": "health"}
_WORDS = {"ports": "port"}
_SAID = {  # where the spec says what a manifest shows
    "memory": (RESOURCES, "memory"),
    "cpu": (RESOURCES, "cpu"),
    "copies": ("scale",),
    "command": ("command",),
    "image": ("image",),
    "port": ("port",),
    "schedule": ("schedule",),
}


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that moved, in words, and the place that says the new one; "" where none is known."""

    name: str
    old: str
    new: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.old} → {self.new}{f' ({self.where})' if self.where else ''}"


@dataclass(frozen=True, slots=True)
class ServiceChange:
    """What happened to one service, "" for what is of no service. `status`: added, changed, removed."""

    service: str
    status: str
    values: tuple[ValueChange, ...] = ()
    inputs: str = ""  # names of what changed in spec and source, where no value did
    files: int = 0


def service_changes(outcome: Outcome) -> list[ServiceChange]:
    """Services with changed files or values, in order; what is of no service comes last."""
    lock, services = outcome.loaded.lock, outcome.loaded.world.spec.services
    files = _files(outcome)
    told = {name: _inputs(line.partition(": changed: ")[2]) for name, line in causes(outcome)}
    found = []
    for name in sorted({*services, *lock.services, *files} - {""}):
        held, number = lock.services.get(name), len(files.get(name, ()))
        status = "added" if held is None else "changed" if name in services else "removed"
        values = _values(outcome, name, files.get(name, [])) if status == "changed" else ()
        if values or number or status != "changed":
            found.append(ServiceChange(name, status, values, "" if values else told.get(name, ""), number))
    shared = len(files.get("", ()))
    return [*found, *([ServiceChange("", "changed", (), told.get("", ""), shared)] if shared else [])]


def _inputs(names: str) -> str:
    """Names of inputs as a reader of the spec knows them: `labels`, and `ports of the source`."""
    words = (re.sub(r"^(?:spec|app)\.", "", name) for name in filter(None, names.split(", ")))
    return ", ".join(re.sub(r"^facts\.(.*)", rf"\1{SOURCE}", word) for word in words)


def _files(outcome: Outcome) -> dict[str, list[Change]]:
    """Pending changes by service. What is removed has no service any more but in its path."""
    known = {*outcome.loaded.lock.services, *outcome.loaded.world.spec.services}
    found: dict[str, list[Change]] = {}
    for change in outcome.changes.pending:
        file = outcome.files.get(change.path)
        name = file.service if file else next((part for part in change.path.split("/")[1:-1] if part in known), "")
        found.setdefault(name, []).append(change)
    return found


def _values(outcome: Outcome, service: str, files: list[Change]) -> tuple[ValueChange, ...]:
    found: dict[str, ValueChange] = {}
    for (name, topic), decision in sorted(outcome.settled.decisions.items()):
        if name == service:
            for change in _decided(outcome, topic, decision):
                found.setdefault(change.name, change)
    for change in _deployed(outcome, service, files):
        found.setdefault(change.name, change)
    return tuple(found.values())


def _decided(outcome: Outcome, topic: str, decision: Decision) -> Iterator[ValueChange]:
    """Fields of an answer that are others than in the lock."""
    was = outcome.loaded.lock.decision(decision.service, topic)
    if was is None:
        return
    before, after = flat(was.value), flat(decision.value)
    for field in sorted(before.keys() & after.keys()):
        if not alike(before[field], after[field]):
            old, new = before[field], after[field]
            if field == "ports":
                old, new = _moved(old, new)
            yield ValueChange(_name(topic, field), shown(old), shown(new), _where(outcome, decision, field))


def _moved(old: Any, new: Any) -> tuple[Any, Any]:
    """Of two lists the items that are not in both, where each has some."""
    gone, come = (
        [one for one in old or () if one not in (new or ())],
        [one for one in new or () if one not in (old or ())],
    )
    return (gone, come) if gone and come else (old, new)


def _name(topic: str, field: str) -> str:
    plain = topic in (PROCESS, RESOURCES) or (topic == PROBES and "." in field)
    word = _WORDS.get(field, field.replace(".", " "))
    return word if plain else f"{topic} {word}"


def _where(outcome: Outcome, decision: Decision, field: str) -> str:
    """The line of the spec that pins a field, else the line of the source that shows it."""
    service = decision.service
    if any(field == one or one.startswith(f"{field}.") or field.startswith(f"{one}.") for one in decision.pinned):
        path = ("port",) if field == "ports" else (decision.topic, *field.split("."))
        return _spec_line(outcome, service, path) or _spec_line(outcome, service, (field,)) or "pinned"
    facts = outcome.loaded.world.facts.get(service)
    seen = getattr(facts, _FACTS.get(field, "version" if decision.topic == BUILD else ""), None) if facts else None
    first = next(iter(seen), None) if isinstance(seen, tuple) else seen
    source = outcome.loaded.world.spec.services[service].source
    if first is None or not first.evidence or source is None:
        return ""
    return posixpath.normpath(posixpath.join(source, str(first.evidence[0])))


def _spec_line(outcome: Outcome, service: str, path: tuple[str, ...]) -> str:
    """The line of the spec that says something of a service, "" where it says nothing."""
    raw, whole = outcome.loaded.raw, ("services", service, *path)
    place = raw.place(whole)
    return f"{place.file}:{place.line}" if path and raw.dig(whole) is not MISSING else ""


def _deployed(outcome: Outcome, service: str, files: list[Change]) -> Iterator[ValueChange]:
    """What a row shows and no lock holds: pinned values, copies and the image, as the old manifest had them."""
    base = {item.path: item.data for item in outcome.documents[""] if item.service == service and item.data}
    for change in files:
        if change.path in base and change.before:
            old, new = _manifest(_read(change)), _manifest(base[change.path])
            for name in sorted(new.keys() & old.keys()) if old.get("kind") == new.get("kind") else ():
                if old[name] != new[name]:
                    where = _spec_line(outcome, service, _SAID.get(name, ()))
                    yield ValueChange(name, old[name] or NONE, new[name] or NONE, where)


def _read(change: Change) -> Mapping[str, Any]:
    try:
        found = read_manifests(change.before or b"", change.path)
    except Error:
        return {}  # edited by hand, and taken over by `--force`
    return found[0].data if found else {}


def _manifest(data: Mapping[str, Any]) -> dict[str, str]:
    """Values of a workload or an autoscaler by the words of a row."""
    spec, kind = mapping(data, "spec"), text(data, "kind")
    if kind == "HorizontalPodAutoscaler":
        return {"kind": kind, "copies": f"{spec.get('minReplicas')}–{spec.get('maxReplicas')}"}
    found = {"kind": kind}
    if "replicas" in spec:
        found["copies"] = str(spec["replicas"])
    if "schedule" in spec:
        found["schedule"] = text(spec, "schedule")
    for _, container in programs(Document(path="", artifact="", data=data)):
        requests = mapping(container, "resources", "requests")
        words = [*_list(container, "command"), *_list(container, "args")]
        ports = [str(port.get("containerPort")) for _, port in items(container, "ports")]
        found |= {"image": text(container, "image"), "command": shlex.join(words), "port": ", ".join(ports)}
        found |= {name: str(requests.get(name, "")) for name in ("memory", "cpu")}
        break
    return found


def _list(container: Mapping[str, Any], key: str) -> list[str]:
    held = container.get(key)
    return [*map(str, held)] if isinstance(held, list) else []


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Fields by their paths."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        found |= flat(inner, f"{prefix}{key}.") if isinstance(inner, Mapping) else {f"{prefix}{key}": inner}
    return found


def shown(value: Any) -> str:
    """A value as words: a port as its number, a command as a shell has it, a list with commas."""
    if value is None or value == []:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _items(value)
    return str(value)


def _items(value: list[Any]) -> str:
    if all(isinstance(one, Mapping) and "port" in one for one in value):
        return ", ".join(str(one["port"]) for one in value)
    if all(isinstance(one, str) for one in value):
        return shlex.join(value) if any(one.startswith("-") or " " in one for one in value) else " ".join(value)
    return "; ".join(shown(one) for one in value)

"""Outcome → what a build would change, one value a row: services, decided fields, fields of objects. Draws nothing.

A field of an object that follows from a decision is no row of its own: `port 3000 → 4000` stands for every place that
has the number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from os.path import commonprefix
from typing import TYPE_CHECKING, Any

from kforge.changes_since import snapshots
from kforge.domain import fieldpath
from kforge.domain.probe import Probe
from kforge.domain.spec.pins import pin_path
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT
from kforge.output.causes import KEPT, called
from kforge.output.input_places import place_of, spec_place
from kforge.output.object_changes import ObjectChange, environments_since, object_changes
from kforge.output.places import shown
from kforge.output.service_summary import service_summary
from kforge.output.value_words import words
from kforge.stages.compare import marked
from kforge.stages.decision_changes import DECIDER, PREVIEW, FieldChange, Snapshot, decisions_since
from kforge.stages.text_changes import text_changes

if TYPE_CHECKING:
    from kforge.outcome import Outcome

PORTS = "ports"
RENAMED = "renamed"
LINE = "line"  # of a text, where no key is in it
TEMPLATES = "/templates/"  # of a chart: no YAML, although named so
TOPICS = (BUILD, PROCESS, PROBES, RESOURCES, ROLLOUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """One value that a build would change. `old` or `new` is None where nothing is; both are for a whole service."""

    service: str  # "" for the app's own
    subjects: tuple[str, ...]  # web/process, or the objects that have it in common
    field: str = ""  # as a person says it: `port`, `readiness.path`, `spec.minReplicas`
    status: str = "changed"  # added, changed, removed; of a service `renamed` as well
    old: Any = None
    new: Any = None
    why: str = ""
    where: str = ""  # the line behind it, as seen from here: web/server.js:9
    environments: tuple[str, ...] = ()  # () is all
    follows: bool = False  # whether another change is its cause
    preview: str = ""  # `preview` where the heuristics stand in for a model that a build asks; of a service, about what

    def record(self) -> dict[str, Any]:
        """JSON for machines."""
        return {
            "service": self.service,
            "subjects": list(self.subjects),
            "field": self.field,
            "status": self.status,
            "before": self.old,
            "after": self.new,
            "why": self.why,
            "where": self.where,
            "environments": list(self.environments),
        }


def planned_changes(outcome: Outcome) -> tuple[PlannedChange, ...]:
    """Every change that has a cause of its own, by service, the app's last; services that are new or gone as one."""
    held, wanted = outcome.loaded.lock.services, outcome.lock.services
    renames = outcome.loaded.renames
    new_or_gone = wanted.keys() ^ held.keys()
    added, gone = wanted.keys() - held.keys() - renames.keys(), held.keys() - wanted.keys() - {*renames.values()}
    old, new = snapshots(outcome)
    decided = [each for each in decisions_since(old, new) if each.target.partition("/")[0] not in added | gone]
    objects = [each for each in object_changes(outcome) if each.service not in new_or_gone]
    pinned = {
        (f"{name}/{topic}", field)
        for name, service in outcome.loaded.carried.services.items()
        for topic, decision in service.decisions.items()
        for field in (*decision.pinned, *(Probe.follows(decision.pinned) if topic == PROBES else ()))
    }
    decided = [_with_former(each, objects) if _unknown(each, pinned) else each for each in decided]
    known = [each for each in decided if not _unknown(each, pinned)]
    rows = [
        PlannedChange(
            service=name,
            subjects=(name,),
            status="added",
            why=service_summary(outcome, name),
            preview=_previewed(name, new),
        )
        for name in added
    ]
    rows += [
        PlannedChange(service=name, subjects=(name,), status="removed", why="no longer a service") for name in gone
    ]
    rows += [
        PlannedChange(service=name, subjects=(called(outcome, name),), status=RENAMED, why=KEPT) for name in renames
    ]
    rows += _of_environments(outcome)
    rows += [row for each in _whole_probes(known, old, new) for row in _of_decision(outcome, each)]
    rows += _of_objects(each for each in objects if not _follows(each, known))
    rows += [*_of_texts(outcome, {row.service for row in rows})]
    return tuple(sorted(rows, key=_order))


def _of_texts(outcome: Outcome, told: Collection[str]) -> Iterator[PlannedChange]:
    """Instructions of Dockerfiles, keys and lines of other texts, of services of which nothing else is told: else they
    follow from that.
    """
    for change in outcome.changes:
        file = outcome.files.get(change.path)
        objects = change.path.endswith(".yaml") and TEMPLATES not in change.path
        if file is None or change.status != "changed" or objects or change.path.endswith(".md"):
            continue
        if file.service in told or (told and not file.service) or not marked(change.before or b""):
            continue
        old, new = ((text or b"").decode(errors="replace") for text in (change.before, change.after))
        for each in text_changes(change.path, old, new):
            yield PlannedChange(
                service=file.service,
                subjects=(shown(outcome.project, change.path),),
                field=each.field or LINE,
                old=each.old,
                new=each.new,
            )


def _of_environments(outcome: Outcome) -> Iterator[PlannedChange]:
    """A row for each environment that comes or goes: its objects are no news apart."""
    for names, status, why in zip(
        environments_since(outcome), ("added", "removed"), ("new", "no longer in the spec"), strict=True
    ):
        for name in sorted(names):
            where = spec_place(outcome, ("environments", name))
            yield PlannedChange(service="", subjects=(f"environment {name}",), status=status, why=why, where=where)


def _order(change: PlannedChange) -> tuple[Any, ...]:
    """The app last; of a service its new name, its decisions in the order in which they are made, then objects by name."""
    topic = change.subjects[0].partition("/")[2]
    rank = TOPICS.index(topic) if topic in TOPICS else -1 if change.status == RENAMED else len(TOPICS)
    return change.service == "", change.service, rank, "" if rank < len(TOPICS) else change.subjects[0]


def _previewed(service: str, new: Snapshot) -> str:
    topics = [topic for name, _, topic in (target.partition("/") for target in sorted(new.previews)) if name == service]
    return f"preview: {', '.join(topics)}" if topics else ""


def _unknown(change: FieldChange, pinned: Collection[tuple[str, str]]) -> bool:
    """Whether a former value is not known, since a pin that was changed or taken back said it: objects tell it."""
    return (change.target, change.field) in pinned and (change.old is None or change.target.endswith(f"/{PROBES}"))


def _with_former(change: FieldChange, objects: Iterable[ObjectChange]) -> FieldChange:
    """A field with its former value where the objects that have it show one."""
    service, _, topic = change.target.partition("/")
    origin = f"{topic}.{change.field}"
    shown = {
        str(each.old): each.old
        for each in objects
        if (each.service, each.origin) == (service, origin)
        and not each.environment
        and str(each.new) == str(change.new)
        and each.old is not None
    }
    return replace(change, old=next(iter(shown.values()))) if len(shown) == 1 else change


def _follows(change: ObjectChange, decided: Iterable[FieldChange]) -> bool:
    """Whether a decision that is told says why a field of an object differs: by its origin, or by the same two values."""
    for each in decided:
        service, _, topic = each.target.partition("/")
        part = topic == PROBES and not each.field.endswith(
            ".type"
        )  # of a probe that asks as before: nothing else of it
        head = f"{topic}.{each.field if part else each.field.partition('.')[0]}"
        if change.service == service and (change.origin == topic or f"{change.origin}.".startswith(f"{head}.")):
            return True
        old, new = str(change.old), str(change.new)
        if any(
            (old, new) == (str(was), str(now)) or (old != new and old.replace(f":{was}", f":{now}") == new)
            for _, was, now in _ports(each)
        ):
            return True
    return "kforge.dev/" in change.field  # a digest of what is told itself


def _whole_probes(decided: Iterable[FieldChange], old: Snapshot, new: Snapshot) -> Iterator[FieldChange]:
    """One change a probe where its kind differs: its path and type are no news apart."""
    for (target, head), held in groupby(decided, key=lambda each: (each.target, each.field.partition(".")[0])):
        found, (service, _, topic) = list(held), target.partition("/")
        if topic == PROBES and any(each.field == f"{head}.type" for each in found):
            was, now = (each.value(service, topic).get(head) for each in (old, new))
            yield replace(found[0], field=head, old=was, new=now)
        else:
            yield from found


def _of_decision(outcome: Outcome, change: FieldChange) -> Iterator[PlannedChange]:
    service, _, topic = change.target.partition("/")
    for field, old, new in _ports(change) or [(change.field, change.old, change.new)]:
        if change.who == "pinned":
            block = outcome.loaded.world.raw["services"].get(service, {})
            where = spec_place(outcome, ("services", service, *pin_path(block, topic, change.field)))
        else:
            seen = new.get("path") if isinstance(new, Mapping) else new
            where = place_of(outcome, service, change.inputs, seen)
        yield PlannedChange(
            service=service,
            subjects=(change.target,),
            field=field,
            status="added" if old is None else "removed" if new is None else "changed",
            old=old,
            new=new,
            why=_why(change),
            where=where,
            follows=not where and bool(change.inputs),
            preview="preview" if change.who == PREVIEW else "",
        )


def _ports(change: FieldChange) -> list[tuple[str, Any, Any]]:
    """A change of ports by their names; [] for another field, and where a lock has something else than ports there."""
    if change.field != PORTS or not change.target.endswith(f"/{PROCESS}"):
        return []
    if not (_are_ports(change.old) and _are_ports(change.new)):
        return []
    was, now = ({str(port.get("name") or ""): port for port in side or ()} for side in (change.old, change.new))
    names = [*dict.fromkeys((*was, *now))]
    found = [(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]
    main = next(iter(was or now), "")
    return [("port" if name == main else f"port {name}", *_numbers(old, new)) for name, old, new in found]


def _are_ports(value: Any) -> bool:
    return value is None or (isinstance(value, (list, tuple)) and all(isinstance(port, Mapping) for port in value))


def _numbers(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> tuple[Any, Any]:
    """The numbers alone, where nothing else differs."""
    if old and new and all(old.get(key) == new.get(key) for key in ("protocol", "env")):
        return old.get("port"), new.get("port")
    return old, new


def _why(change: FieldChange) -> str:
    who = f"now decided by {change.who}" if change.was and change.who != PREVIEW else ""
    weighed = f"reliability {change.reliability}" if change.reliability else ""
    pinned = "pinned" if change.who == "pinned" else ""
    told = pinned or ("" if change.field == DECIDER else change.why)
    return "; ".join(part for part in (who, told, weighed) if part)


def _of_objects(changes: Iterable[ObjectChange]) -> Iterator[PlannedChange]:
    """One row for what objects, or environments, have in common: the same field and values, or the same part of them."""
    alike: dict[tuple[Any, ...], list[ObjectChange]] = {}
    for each in changes:
        last = fieldpath.text(fieldpath.parse(each.field)[-1:])
        key = (each.status, each.why, last, *_parts(each.old, each.new), each.reach)
        if words(each.old, 0) == words(each.new, 0) and each.field:
            continue
        alike.setdefault(key, []).append(each)
    for (status, why, last, old, new, reach), held in alike.items():
        first, fields = held[0], {each.field for each in held}
        same = len({(str(each.old), str(each.new)) for each in held}) == 1
        within = tuple(dict.fromkeys(each.environment for each in held))
        yield PlannedChange(
            service=first.service if first.own and len({each.service for each in held}) == 1 else "",
            subjects=tuple(dict.fromkeys(each.target for each in held)),
            field=first.field if len(fields) == 1 else last,
            status=status,
            old=None if not first.field else first.old if same else old,
            new=None if not first.field else first.new if same else new,
            why=why,
            where=first.where,
            environments=within if all(within) else reach,
        )


def _parts(old: Any, new: Any) -> tuple[str, str]:
    """What differs between two texts, up to the signs before and behind that they have in common: `…:1.4.2`."""
    was, now = str(old), str(new)
    start = len(commonprefix((was, now)))  # noqa: RUF071 - of characters
    start = max((was.rfind(sign, 0, start) for sign in ":/@"), default=-1)
    if start <= 0 or not isinstance(old, str) or not isinstance(new, str):
        return was, now
    tail = len(commonprefix((was[start:][::-1], now[start:][::-1])))  # noqa: RUF071
    cut = min((at for sign in ":/@" if (at := was.find(sign, len(was) - tail)) >= 0), default=-1) if tail else -1
    if cut >= 0:
        return f"{was[:cut]}…", f"{now[: len(now) - len(was) + cut]}…"
    return f"…{was[start:]}", f"…{now[start:]}"

"""The short way of `check`: are spec, facts, lock and files together exactly as the last build left them?

It validates nothing, plans nothing and imports nothing heavy. It compares digests: of every input that the lock
names, of every file that the sums name; it renders the aggregates again, and looks at what others put beside them:
image components, and files that tools merge in. Any difference, and any doubt, is a no: then the pipeline works out
what it means.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kforge import __version__, catalog
from kforge.deciders.heuristics import RECORD
from kforge.domain.digest import ABSENT
from kforge.domain.document import is_of_a_kind
from kforge.domain.facts import Facts
from kforge.domain.kubernetes.image_component import sound
from kforge.domain.lock import LOCK_FILE, SUMS_FILE, Lock, ServiceLock, Sums
from kforge.domain.spec.pins import effective, leaves, pins
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.domain.spec.waivers import covers
from kforge.domain.untracked_file import RULE
from kforge.image_components import components, public_by
from kforge.neighbouring_files import neighbours
from kforge.render.aggregates import aggregates, seeds
from kforge.render.built_images import targets
from kforge.render.kustomize import Layout
from kforge.source_scan import ScannedSource, survey
from kforge.spec.quick_checks import IDLE, IDLE_OF_SERVICE, TOPICS, doubts
from kforge.spec.read import LIMITS, ReadLimits, read
from kforge.stages.compare import sha256
from kforge.stages.inputs import Inputs, judged
from kforge.system import included, lockfile, sums
from kforge.system.files import read as read_file
from kforge.system.files import reader

STRUCTURE = frozenset(("services", "environments", "patches"))  # their parts are compared one by one


@dataclass(slots=True)
class Glance:
    """The verdict, and every file and folder that was looked at, for the stat index."""

    current: bool = False
    why: str = ""
    consulted: set[str] = field(default_factory=set)


def glance(project: Project, today: date, limits: ReadLimits = LIMITS) -> Glance:
    """Compare everything. Raises InputError for a spec, lock or sums that cannot be read, or a missing source."""
    folder = f"{project.folder}{os.sep}"
    seen = Glance(consulted={str(project.spec), folder + LOCK_FILE, folder + SUMS_FILE})
    raw = read(read_file(project.spec, shown=project.name, root=project.root) or b"", project.name, limits)
    lock = lockfile.load(project.folder / LOCK_FILE, project.root, catalog.revisions())
    owned = sums.load(project.folder / SUMS_FILE, project.root)
    sources = survey(raw, project, catalog.detectors())
    for source in sources.values():
        seen.consulted.update(source.tree.consulted)
    try:
        seen.why = next(_differences(project, raw, lock, owned, sources, today, seen), "")
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        seen.why = f"the spec has an unexpected shape: {error}"  # the pipeline says it properly
    seen.current = not seen.why
    return seen


def _differences(
    project: Project,
    spec: Raw,
    lock: Lock,
    owned: Sums,
    sources: Mapping[str, ScannedSource],
    today: date,
    seen: Glance,
) -> Iterator[str]:
    """What is not as it was; the first one is enough. No difference, and everything is current."""
    raw = spec.data
    if lock.lost or owned.lost:
        yield "there is no lock"
    yield from doubts(spec, __version__)
    services: Mapping[str, Any] = raw["services"]
    if services.keys() != lock.services.keys():
        yield "other services than in the lock"
    if any(str(waiver.get("until", "9")) < today.isoformat() for waiver in raw.get("waivers", ())):
        yield "a waiver has ended"
    facts = {name: source.facts for name, source in sources.items()}
    yield from _changed_pins(services, lock)
    yield from _other_deciders(raw.get("model") or {}, lock)
    decisions = {
        (name, topic): effective(topic, decision.value, services[name])
        for name, held in lock.services.items()
        for topic, decision in held.decisions.items()
    }
    inputs = Inputs(raw, facts, decisions)
    own = included.find(project, raw.get("include") or [], lambda number: spec.place(("include", number)))
    seen.consulted.update(own.consulted)
    yield from _changed_app(raw, lock, inputs, included.digests(included.contents(project, own.paths)))
    yield from _changed_inputs(raw, lock, facts, inputs)
    yield from _changed_files(project, owned, inputs, raw, own.paths, seen)


def _changed_pins(services: Mapping[str, Any], lock: Lock) -> Iterator[str]:
    """Pins are no inputs of what they pin, and the lock lists them."""
    for name, held in lock.services.items():
        for topic, decision in held.decisions.items():
            if sorted(leaves(pins(services[name], topic))) != [*decision.pinned]:
                yield f"{name}/{topic}: other pins"


def _other_deciders(named: Mapping[str, Any], lock: Lock) -> Iterator[str]:
    """Answers of a model count only where the spec leaves the topic to one: a lock that a pull request brings may call
    them so.
    """
    decides = named.get("decides", TOPICS) if named else ()
    for name, held in lock.services.items():
        for topic, decision in held.decisions.items():
            if decision.decider != RECORD and topic not in decides:
                yield f"{name}/{topic}: a decider that the spec does not name"


def _changed_app(raw: Mapping[str, Any], lock: Lock, inputs: Inputs, includes: Mapping[str, str]) -> Iterator[str]:
    """What the app's own artifacts read and what findings depend on, and keys that the lock does not know."""
    held = {name: value for name, value in lock.inputs.items() if not name.startswith(included.INPUT)}
    if not judged(raw) <= held.keys() or includes.items() ^ (lock.inputs.items() - held.items()):
        yield "other inputs of the app"
    yield from (f"{name} changed" for name, locked in held.items() if inputs.digest("", name) != locked)
    recorded = {**held}
    for service in lock.services.values():
        recorded |= service.inputs
        for decision in service.decisions.values():
            recorded |= decision.inputs
    blocks = {"app": raw, **{f"environments.{name}": block for name, block in (raw.get("environments") or {}).items()}}
    for prefix, block in blocks.items():
        for key in block.keys() - STRUCTURE - (IDLE.keys() if prefix == "app" else set()):
            if recorded.get(f"{prefix}.{key}", ABSENT) == ABSENT:
                yield f"{key} is new, or empty"


def _changed_inputs(raw: Mapping[str, Any], lock: Lock, facts: Mapping[str, Facts], inputs: Inputs) -> Iterator[str]:
    digest = inputs.digest
    newest = catalog.revisions()
    for service, held in lock.services.items():
        detected = facts.get(service)
        known = (detected.detector, detected.revision) if detected and detected.detector else ("", 0)
        if known != (held.detector, held.detector_revision):
            yield f"{service}: another detector"
        for decision in held.decisions.values():
            yield from (
                f"{service}: {name} changed"
                for name, locked in decision.inputs.items()
                if digest(service, name) != locked
            )
        yield from (
            f"{service}: {name} changed" for name, locked in held.inputs.items() if digest(service, name) != locked
        )
        yield from (
            f"{service}: an older answer to {topic}"
            for topic, decision in held.decisions.items()
            if decision.revision != newest.topics[topic]
        )
        yield from _new_keys(raw, service, held)


def _new_keys(raw: Mapping[str, Any], service: str, held: ServiceLock) -> Iterator[str]:
    """Keys of a service's blocks that the lock does not know: absent ones are not recorded."""
    for key in raw["services"][service]:
        if f"spec.{key}" not in held.inputs and key not in IDLE_OF_SERVICE:
            yield f"{service}: {key} is new"
    for name, environment in (raw.get("environments") or {}).items():
        for key in (environment.get("services") or {}).get(service) or ():
            if f"environments.{name}.spec.{key}" not in held.inputs:
                yield f"{service}: {key} is new in {name}"


def _changed_files(
    project: Project, owned: Sums, inputs: Inputs, raw: Mapping[str, Any], includes: Collection[str], seen: Glance
) -> Iterator[str]:
    folder = f"{project.folder}{os.sep}"
    held = reader(project.folder, project.root)
    for path, recorded in owned.files.items():
        if not is_of_a_kind(path):  # a list may name anything, a secret too: it is not even opened
            yield f"{path} is of no kind that kforge writes"
        seen.consulted.add(folder + path)
        content = held(path)
        if content is None or sha256(content) != recorded:
            yield f"{path} differs"
    for path, text in aggregates(inputs, raw, owned.files.keys(), includes, project.name).items():
        seen.consulted.add(folder + path)
        if path not in owned.aggregates or held(path) != text.encode():
            yield f"{path} differs"
    wanted = seeds(raw, owned.files.keys())
    if {*owned.seeds} != wanted.keys():
        yield "other seeds"
    for path in owned.seeds:
        seen.consulted.add(folder + path)
        if not os.path.lexists(folder + path):
            yield f"{path} is missing"
    written = {path: text.encode() for path, text in wanted.items()}
    yield from _changed_components(project, written, raw.get("registries") or (), seen)
    overlays = Layout.of(raw.get("paths")).overlays + "/"  # their renderer has a revision of its own
    for path in owned.files if catalog.REVISED or owned.revisions else ():
        newest = 1 if path.startswith(overlays) else catalog.REVISED.get(path.rpartition("/")[2], 1)
        if owned.revisions.get(path, 1) != newest:
            yield f"{path} is by another renderer"
    listed = {*owned.files, *owned.aggregates, *owned.seeds, *includes}
    around = neighbours(project, raw, listed, lambda: {target.name for target in targets(inputs, raw["services"])})
    seen.consulted.update(folder + path for path in around.consulted)
    yield from (f"{stray.path} is nobody's" for stray in around.strays if not _waived(raw, stray.path))


def _changed_components(
    project: Project, written: Mapping[str, bytes], registries: Collection[str], seen: Glance
) -> Iterator[str]:
    for each in components(project, written):
        if each.private or not sound(each.raw, registries):
            yield f"{each.path} holds more than images"
        if not each.seeded:
            seen.consulted.add(public_by(project))


def _waived(raw: Mapping[str, Any], path: str) -> bool:
    return any(covers(waiver["rule"], waiver.get("target", "*"), RULE, path) for waiver in raw.get("waivers") or ())

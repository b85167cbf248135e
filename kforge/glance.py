"""The short way of `check`: are spec, facts, lock and files together exactly as the last build left them?

It validates nothing, plans nothing and imports nothing heavy. It compares digests: of every input that the lock
names, of every file that the sums name; it renders the aggregates again and looks for files with kforge's mark that
nobody lists. Any difference, and any doubt, is a no: then the pipeline works out what it means.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from kforge import __version__, catalog
from kforge.domain.facts import Facts
from kforge.domain.lock import LOCK_FILE, SUMS_FILE, Lock, ServiceLock, Sums
from kforge.domain.pins import effective
from kforge.domain.project import Project
from kforge.stages.aggregates import aggregates
from kforge.stages.compare import marked, sha256
from kforge.stages.inputs import Inputs
from kforge.stages.read import LIMITS, Limits, read
from kforge.stages.requires import too_new
from kforge.survey import Source, survey
from kforge.system import included, lockfile, sums
from kforge.system.files import read as read_file

# Keys that neither a file nor a finding depends on.
IDLE = frozenset(("apiVersion", "requires", "description"))
STRUCTURE = frozenset(("services", "environments", "patches"))  # their parts are compared one by one
IDLE_OF_SERVICE = frozenset(("requirements", "refine"))


@dataclass(slots=True)
class Glance:
    """The verdict, and every file and folder that was looked at, for the stat index."""

    current: bool = False
    why: str = ""
    consulted: set[str] = field(default_factory=set)


def glance(project: Project, today: date, limits: Limits = LIMITS) -> Glance:
    """Compare everything. Raises InputError for a spec, lock or sums that cannot be read, or a missing source."""
    folder = f"{project.folder}{os.sep}"
    seen = Glance(consulted={str(project.spec), folder + LOCK_FILE, folder + SUMS_FILE})
    raw = read(read_file(project.spec) or b"", project.name, limits)
    lock = lockfile.load(project.folder / LOCK_FILE, catalog.revisions())
    owned = sums.load(project.folder / SUMS_FILE)
    sources = survey(raw, project, catalog.detectors())
    for source in sources.values():
        seen.consulted.update(source.tree.consulted)
    try:
        seen.why = next(_differences(project, raw.data, lock, owned, sources, today, seen), "")
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        seen.why = f"the spec has an unexpected shape: {error}"  # the pipeline says it properly
    seen.current = not seen.why
    return seen


def _differences(
    project: Project, raw: Mapping[str, Any], lock: Lock, owned: Sums, sources: Mapping[str, Source], today: date, seen: Glance
) -> Iterator[str]:
    """What is not as it was; the first one is enough. No difference, and everything is current."""
    if lock.lost or owned.lost:
        yield "there is no lock"
    if too_new(dict(raw), __version__):
        yield "another kforge is wanted"
    services: Mapping[str, Any] = raw["services"]
    if services.keys() != lock.services.keys():
        yield "other services than in the lock"
    if any(str(waiver.get("until", "9")) < today.isoformat() for waiver in raw.get("waivers", ())):
        yield "a waiver has ended"
    facts = {name: source.facts for name, source in sources.items()}
    decisions = {
        (name, topic): effective(topic, decision.value, services[name])
        for name, held in lock.services.items()
        for topic, decision in held.decisions.items()
    }
    inputs = Inputs(raw, facts, decisions)
    yield from _changed_inputs(raw, lock, facts, inputs)
    yield from _changed_files(project, owned, inputs, raw, seen)


def _changed_inputs(raw: Mapping[str, Any], lock: Lock, facts: Mapping[str, Facts], inputs: Inputs) -> Iterator[str]:
    digest = inputs.digest
    newest = catalog.revisions()
    for name, locked in lock.inputs.items():
        if digest("", name) != locked:
            yield f"{name} changed"
    for service, held in lock.services.items():
        detected = facts.get(service)
        if detected and (detected.detector, detected.revision) != (held.detector, held.detector_revision):
            yield f"{service}: another detector"
        for decision in held.decisions.values():
            yield from (f"{service}: {name} changed" for name, locked in decision.inputs.items() if digest(service, name) != locked)
        yield from (f"{service}: {name} changed" for name, locked in held.inputs.items() if digest(service, name) != locked)
        yield from (
            f"{service}: an older answer to {topic}"
            for topic, decision in held.decisions.items()
            if decision.revision != newest.topics[topic]
        )
        yield from _new_keys(raw, service, held)
    recorded = set(lock.inputs).union(*(held.inputs for held in lock.services.values()))
    for key in raw.keys() - IDLE - STRUCTURE:
        if f"app.{key}" not in recorded:
            yield f"{key} is new"
    for name, block in (raw.get("environments") or {}).items():
        for key in block.keys() - STRUCTURE:
            if f"environments.{name}.{key}" not in recorded:
                yield f"environments.{name}.{key} is new"


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
    project: Project, owned: Sums, inputs: Inputs, raw: Mapping[str, Any], seen: Glance
) -> Iterator[str]:
    folder = f"{project.folder}{os.sep}"
    for path, recorded in owned.files.items():
        place = folder + path
        seen.consulted.add(place)
        content = read_file(place)
        if content is None or sha256(content) != recorded:
            yield f"{path} differs"
    includes = included.paths(project, raw.get("include") or [])
    for path, text in aggregates(inputs, raw, owned.files.keys(), includes, project.name).items():
        seen.consulted.add(folder + path)
        if path not in owned.aggregates or read_file(folder + path) != text.encode():
            yield f"{path} differs"
    for path in owned.seeds:
        seen.consulted.add(folder + path)
        if not os.path.lexists(folder + path):
            yield f"{path} is missing"
    for path in owned.files if catalog.REVISED else ():
        if owned.revisions.get(path, 1) < catalog.REVISED.get(path.rpartition("/")[2], 1):
            yield f"{path} is by an older renderer"
    yield from _strangers(folder, owned, seen)


def _strangers(folder: str, owned: Sums, seen: Glance) -> Iterator[str]:
    """Files with kforge's mark that nobody lists, in the folders that kforge writes to."""
    listed = {*owned.files, *owned.aggregates, *owned.seeds}
    for parent in sorted({path.rpartition("/")[0] for path in listed}):
        seen.consulted.add(folder + parent)
        with os.scandir(folder + parent) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        for name in names:
            path = f"{parent}/{name}" if parent else name
            if path not in listed and not name.endswith((".lock", ".sum")) and _is_marked(folder + path):
                yield f"{path} is nobody's"


def _is_marked(place: str) -> bool:
    try:
        with open(place, "rb") as file:  # noqa: PTH123 - a thousand times
            return marked(file.read(512))
    except OSError:
        return False

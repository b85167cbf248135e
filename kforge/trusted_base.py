"""Project and a commit that the user trusts → the project as it was there, read by today's kforge.

The spec, the lock and the sums are read at once, the sources only where an older kforge's work depends on them.
"""

from __future__ import annotations

from functools import cache

from kforge import catalog
from kforge.changes_since import BaseRevision, held_at
from kforge.domain.facts import Facts
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.outcome import Outcome
from kforge.pipeline import valid
from kforge.source_scan import sources
from kforge.spec.inherited import inherited
from kforge.spec.read import read
from kforge.stages.contexts import pinned
from kforge.stages.detect import detect
from kforge.stages.inputs import Inputs
from kforge.stages.outdated import recorded
from kforge.stages.vouching import ProjectState, answer_vouched, file_vouched, record_vouched
from kforge.system.git.commit_tree import CommitTree
from kforge.system.paths import from_top

UNKNOWN = "?"  # the digest of nothing


def trusted(project: Project, revision: str) -> ProjectState:
    """The project at a revision. Raises InputError for a revision that git does not know, and where lock or sums cannot
    be read there.
    """
    base = BaseRevision(revision)
    lock, sums = held_at(project, base)

    @cache
    def inputs() -> Inputs | None:
        return _inputs(project, base)

    def digest(service: str, name: str) -> str:
        held = inputs()
        return held.digest(service, name) if held else UNKNOWN

    return ProjectState(lock, sums, digest)


def _inputs(project: Project, base: BaseRevision) -> Inputs | None:
    """What today's kforge reads of the spec and the sources there; None where it cannot read them."""
    try:
        text = base.texts(project)[project.name]
        valid(project, text.decode())
        raw = inherited(read(text, project.name))
        folder = project.folder.relative_to(project.root).as_posix()
        places = {name: from_top(folder, path) for name, path in sources(raw).items()}
    except (InputError, KeyError, UnicodeDecodeError):
        return None
    commit = base.at(project.root)
    ids = commit.below({place for place in places.values() if place is not None})
    facts: dict[str, Facts] = {}
    pins = pinned(raw, folder)
    for place, pin in sorted({(where, pins[name]) for name, where in places.items() if where is not None}, key=repr):
        tree = CommitTree(commit, place, ids[place], pins=pin)
        try:
            found = detect(tree, catalog.detectors())
        finally:
            tree.close()
        if not tree.whole:
            return None
        facts |= {name: found for name, where in places.items() if (where, pins[name]) == (place, pin)}
    return Inputs(raw.data, facts, {})


def unvouched(outcome: Outcome, base: ProjectState) -> tuple[str, ...]:
    """What an older kforge left and this one cannot work out again, less that for which the base vouches."""
    world, renewed = outcome.loaded.world, outcome.renewed
    inputs = Inputs(world.raw, world.facts, {})

    def digest(service: str, name: str) -> str:
        return recorded(renewed, service).get(name) or inputs.digest(service, name)

    here = ProjectState(outcome.loaded.lock, outcome.loaded.sums, digest)

    def vouched(target: str) -> bool:
        if target in outcome.files:
            service = outcome.files[target].service
            return file_vouched(target, service, recorded(renewed, service), here, base)
        service, _, topic = target.partition("/")
        if topic:
            reads = outcome.settled.decisions[service, topic].reads
            return answer_vouched(service, topic, reads, here, base)
        return record_vouched(service, recorded(renewed, service), here, base)

    return tuple(target for target in outcome.unproven if not vouched(target))

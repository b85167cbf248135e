"""The short way of `check`: are spec, facts, lock and files together exactly as the last build left them?

It validates nothing, plans nothing and imports nothing heavy. It compares digests: of every input that the lock
names, of every file that the sums name; it renders the aggregates again, and looks at what others put beside them:
image components, and files that tools merge in. Any difference, and any doubt, is a no: then the pipeline works out
what it means.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from kforge import __version__, catalog
from kforge.domain.approval import below
from kforge.domain.decider import HEURISTICS, PROPOSAL
from kforge.domain.digest import ABSENT
from kforge.domain.document import is_dockerfile, is_of_a_kind
from kforge.domain.image_updates import updated
from kforge.domain.kubernetes.image_component import Component, entries_by_name, sound, surely_matched
from kforge.domain.kubernetes.releases import unsupported
from kforge.domain.lock import LockedDecision, Record, ServiceRecord, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.pins import leaves, pins
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.domain.spec.waivers import covers
from kforge.domain.target import OUTPUTS, Listed, aggregates, components, seeds
from kforge.domain.topic_names import BUILD, TOPIC_NAMES
from kforge.domain.untracked_file import RULE
from kforge.image_components import INPUT as IMAGES
from kforge.image_components import components as changed_components
from kforge.image_components import digests as digests_of_images
from kforge.image_components import public_by
from kforge.neighbouring_files import neighbours
from kforge.render.dockerfile.built_images import named, targets
from kforge.source_scan import ScannedSource, scan_sources
from kforge.spec.inherited import inherited
from kforge.spec.quick_checks import IDLE, doubts
from kforge.spec.read import LIMITS, read
from kforge.spec.tree_builder import ReadLimits
from kforge.stages.changed_inputs import ANSWERED, changed_inputs, is_read
from kforge.stages.compare import sha256
from kforge.stages.inputs import Inputs, judged
from kforge.system import included, lockfile, sums
from kforge.system.files import read as read_file
from kforge.system.files import reader
from kforge.system.other_specs import OtherSpecs
from kforge.written_images import standing

if TYPE_CHECKING:
    from kforge.domain.finding import Finding

STRUCTURE = frozenset(("services", "environments", "patches"))  # their parts are compared one by one


@dataclass(slots=True)
class FastCheck:
    """The verdict, and every file and folder that was looked at, for the stat index. `notes` are told all the same."""

    current: bool = False
    why: str = ""
    notes: tuple[Finding, ...] = ()
    consulted: set[str] = field(default_factory=set)
    app: str = ""
    files: int = 0  # of the spec, on the disk


def fast_check(project: Project, today: date, limits: ReadLimits = LIMITS) -> FastCheck:
    """Compare everything. Raises InputError for a spec, lock or sums that cannot be read, or a missing source."""
    folder = f"{project.folder}{os.sep}"
    seen = FastCheck(consulted={str(project.spec), folder + LOCK_FILE, folder + SUMS_FILE})
    raw = inherited(read(read_file(project.spec, shown=project.name, root=project.root) or b"", project.name, limits))
    lock = read_file(project.folder / LOCK_FILE, lockfile.MAX_BYTES, LOCK_FILE, project.root)
    owned = read_file(project.folder / SUMS_FILE, sums.MAX_BYTES, SUMS_FILE, project.root)
    sources = scan_sources(raw, project, catalog.detectors(), catalog.languages().code)
    for source in sources.values():
        seen.consulted.update(source.tree.consulted)
    if lock is None or owned is None:
        seen.why = "there is no lock"
        return seen
    text, held = lockfile.text_of(lock, LOCK_FILE), sums.parse(owned, SUMS_FILE)
    seen.app, seen.files = str(raw.data.get("app")), len({*held.files, *held.aggregates, *held.seeds})
    if lockfile.is_older(text):
        seen.why = "the lock is in the format of an older kforge"
        return seen
    blocks = lockfile.blocks(text, LOCK_FILE)
    try:
        seen.why = next(_differences(project, raw, blocks, held, sources, today, seen), "")
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        seen.why = f"the spec has an unexpected shape: {error}"  # the pipeline says it properly
    seen.current = not seen.why
    if seen.current and next(unsupported(raw.data, today.isoformat()), None):
        from kforge.stages.support import support  # few specs need it

        seen.notes = support(raw, today)
    return seen


def _differences(
    project: Project,
    spec: Raw,
    blocks: Mapping[str, str],
    owned: Sums,
    sources: Mapping[str, ScannedSource],
    today: date,
    seen: FastCheck,
) -> Iterator[str]:
    """What is not as it was; the first one is enough. No difference, and everything is current."""
    raw, record = spec.data, owned.record
    yield from doubts(spec, __version__)
    services: Mapping[str, Any] = raw["services"]
    if not services.keys() == blocks.keys() == record.services.keys():
        yield "the services of spec and lock differ"
    if any(str(waiver.get("until", "9")) < today.isoformat() for waiver in raw.get("waivers", ())):
        yield "a waiver has ended"
    facts = {name: source.facts for name, source in sources.items()}
    for name, block in blocks.items():
        yield from _other_answers(name, block, record.services[name], services[name], raw.get("model") or {})
        yield from _waiting(name, block, raw.get("model") or {})
    inputs = Inputs(raw, facts, {})
    own = included.find(project, raw.get("include") or [], lambda number: spec.place(("include", number)))
    seen.consulted.update(own.consulted)
    includes = included.contents(project, own.paths)
    yield from _changed_app(raw, record, inputs, included.digests(includes))
    yield from changed_inputs(raw, record.services, facts, inputs)
    yield from _changed_files(project, owned, inputs, raw, includes, seen, blocks)


def _other_answers(
    name: str, block: str, record: ServiceRecord, service: Mapping[str, Any], named: Mapping[str, Any]
) -> Iterator[str]:
    """Answers, pins, deciders and revisions that are not those of the last build.

    Pins are no inputs of what they pin, and the lock lists them. Answers of a model count only where the spec leaves
    the topic to one: a lock that a pull request brings may call them so.
    """
    if lockfile.digest_of(block) != record.text or record.apart:
        yield f"{name}: its answers in the lock changed since the last build"
    decides = named.get("decides", TOPIC_NAMES) if named else ()
    topics = set()
    for topic, decider, pinned in lockfile.heads(block):
        topics.add(topic)
        if sorted(leaves(pins(service, topic))) != [*pinned]:
            yield f"{name}/{topic}: its pins changed"
        if decider not in (HEURISTICS.by, PROPOSAL.by) and topic not in decides:
            yield f"{name}/{topic}: decided by a model that the spec does not name"
        if record.answers[topic][0] != catalog.TOPICS[topic]:
            yield f"{name}: an older answer to {topic}"
    if topics != record.answers.keys():
        yield f"{name}: its decisions differ from those of the last build"


def _waiting(name: str, block: str, named: Mapping[str, Any]) -> Iterator[str]:
    """A model's answers that wait for a person, where the spec asks for a reliability."""
    if named.get("minimum") is None:
        return
    for topic, answer in lockfile.answers(name, block, LOCK_FILE, f"\n  {name}:\n{block}"):
        if below(LockedDecision(**answer, revision=0, inputs={}), named["minimum"]):
            yield f"{name}/{topic}: less reliable than the spec asks"


def _changed_app(raw: Mapping[str, Any], record: Record, inputs: Inputs, includes: Mapping[str, str]) -> Iterator[str]:
    """What the app's own artifacts read and what findings depend on, and keys that the lock does not know."""
    apart = {name: value for name, value in record.inputs.items() if name.startswith(included.INPUT)}
    held = {name: value for name, value in record.inputs.items() if not name.startswith((included.INPUT, IMAGES))}
    if not judged(raw) <= held.keys() or includes.items() ^ apart.items():
        yield "what the app depends on changed"
    # Answers of services are left out, as among the inputs of services: the lock's text is as it was.
    mine = {name: locked for name, locked in held.items() if not ANSWERED.match(name)}
    yield from (f"{name} changed" for name, locked in mine.items() if inputs.digest("", name) != locked)
    blocks = {"app": raw, **{f"environments.{name}": block for name, block in (raw.get("environments") or {}).items()}}
    for prefix, block in blocks.items():
        for key in block.keys() - STRUCTURE - (IDLE.keys() if prefix == "app" else set()):
            name = f"{prefix}.{key}"
            if held.get(name, ABSENT) == ABSENT and not is_read(name, record.services.values()):
                yield f"{key} is new, or empty"


def _changed_files(
    project: Project,
    owned: Sums,
    inputs: Inputs,
    raw: Mapping[str, Any],
    includes: Mapping[str, bytes],
    seen: FastCheck,
    blocks: Mapping[str, str],
) -> Iterator[str]:
    folder = f"{project.folder}{os.sep}"
    held = reader(project.folder, project.root)
    others = OtherSpecs(project.folder, project.root)
    yield from (
        f"{path} belongs to another spec too"
        for path in (*owned.files, *owned.aggregates, *owned.seeds)
        if others.rival(path, listed=True)
    )
    seen.consulted.update(others.consulted)
    standings = cache(lambda: _standings(blocks))  # a lock is read on only where a Dockerfile differs
    for path, recorded in owned.files.items():
        if not is_of_a_kind(path):  # a list may name anything, a secret too: it is not even opened
            yield f"{path} is not a file that kforge writes"
        seen.consulted.add(folder + path)
        content = held(path)
        if content is None or (sha256(content) != recorded and not _updated(path, content, recorded, standings)):
            yield f"{path} differs"
    made = catalog.targets(raw.get("outputs") or OUTPUTS).values()
    place = project.folder.relative_to(project.root).as_posix()
    listed = Listed(raw, inputs, owned.files.keys(), includes, project.name, place)
    for path, text in aggregates(made, listed).items():
        seen.consulted.add(folder + path)
        if path not in owned.aggregates or held(path) != text.encode():
            yield f"{path} differs"
    wanted = seeds(made, listed)
    if {*owned.seeds} != wanted.keys():
        yield "other seeds"
    for path in owned.seeds:
        seen.consulted.add(folder + path)
        if not os.path.lexists(folder + path):
            yield f"{path} is missing"
    places = components(made, raw.get("paths"), raw.get("environments"))
    written = {path: wanted[path].encode() for path in places if path in wanted}
    changed = {places[each.path]: each for each in changed_components(project, written)}
    shown = digests_of_images(changed, made)
    known_images = {name: value for name, value in owned.record.inputs.items() if name.startswith(IMAGES)}
    yield from (f"{name} changed" for name, _ in sorted(shown.items() ^ known_images.items()))
    yield from _changed_components(project, changed, inputs, raw, includes, seen)
    newest = {f"{root}/": target.revision for target in made if (root := target.root(listed.paths))}
    for path in owned.files if catalog.REVISED or owned.revisions or {*newest.values()} - {1} else ():
        own = next((revision for root, revision in newest.items() if path.startswith(root)), 0)
        if owned.revisions.get(path, 1) != (own or catalog.REVISED.get(path.rpartition("/")[2], 1)):
            yield f"{path} was written by another version"
    known = {*owned.files, *owned.aggregates, *owned.seeds, *includes}
    around = neighbours(project, raw, known, lambda: {image.name for image in targets(inputs, raw["services"])})
    seen.consulted.update(folder + path for path in around.consulted)
    yield from (f"{file.path} is not in kforge.sum" for file in around.untracked if not _waived(raw, file.path))


def _updated(path: str, content: bytes, recorded: str, standings: Callable[[], list[dict[str, str]]]) -> bool:
    """Whether a file is a Dockerfile as it was recorded, but for updates of its base images."""
    if not is_dockerfile(path):
        return False
    found = (updated(content.decode("utf-8", "replace"), each) for each in standings())
    return any(each is not None and sha256(each.text.encode()) == recorded for each in found)


def _standings(blocks: Mapping[str, str]) -> list[dict[str, str]]:
    """Base images of every service with what stands in their place, each set once: most services have the same."""
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for name, block in blocks.items():
        answers = dict(lockfile.answers(name, block, LOCK_FILE, f"\n  {name}:\n{block}"))
        if BUILD in answers:
            images = standing(LockedDecision(**answers[BUILD], revision=0, inputs={}))
            found[tuple(sorted(images.items()))] = None
    return [dict(each) for each in found]


def _changed_components(
    project: Project,
    changed: Mapping[str, Component],
    inputs: Inputs,
    raw: Mapping[str, Any],
    includes: Mapping[str, bytes],
    seen: FastCheck,
) -> Iterator[str]:
    texts = b"\n".join(includes.values())
    for environment, each in changed.items():
        if each.private or not sound(each.raw, raw.get("registries") or ()):
            yield f"{each.path} holds more than images"
        if entries_by_name(each.raw) and any(block.get("before") for block in raw["services"].values()):
            yield f"{each.path} may set the image of a job that others wait for"
        if not surely_matched(each.raw, named(inputs, raw, environment), texts):
            yield f"{each.path} may name an image that is not there, or several"
        if not each.seeded:
            seen.consulted.add(public_by(project))


def _waived(raw: Mapping[str, Any], path: str) -> bool:
    return any(covers(waiver["rule"], waiver.get("target", "*"), RULE, path) for waiver in raw.get("waivers") or ())

"""kforge on one page: text → spec, sources → facts, both → decisions → documents → findings → files. Read this first.

    read, resolve      text → Spec                     spec/read.py, spec/resolve.py
    detect             source trees → Facts            stages/detect.py, detectors/
    decide             open questions → Decisions      stages/decide.py, topics/, deciders/
    assemble, patch    decisions → Documents           stages/assemble.py, artifacts/, stages/patch.py
    check              documents → Findings            stages/check.py, rules/
    outputs            documents → files               render/outputs.py
    compare, write     files and disk → Changes        stages/compare.py, system/writer.py

All but the last step happens in memory, so a failure leaves every file as it was. `fast_check.py` is a shorter way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial

from kforge import catalog
from kforge.deciders import heuristics
from kforge.domain import target
from kforge.domain.document import Document, Documents, Validate
from kforge.domain.facts import Facts
from kforge.domain.image_settings import image_settings
from kforge.domain.kubernetes.hardening import levels
from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.domain.spec.service_types import Namespace
from kforge.domain.spec.types import Spec
from kforge.domain.world import World
from kforge.errors import Error, InputError, Place
from kforge.image_components import digests, with_components
from kforge.merged_versions import mingled
from kforge.neighbouring_files import beside, neighbours
from kforge.outcome import Loaded, Options, Outcome
from kforge.render import outputs
from kforge.render.dockerfile.built_images import targets
from kforge.render.kubernetes.kustomize import SEED, placed
from kforge.source_scan import ScannedSource, missing_sources, noted, scan_sources
from kforge.spec import size_limits
from kforge.spec.inherited import inherited
from kforge.spec.manifests import included as manifests
from kforge.spec.manifests import refuse_misfits
from kforge.spec.read import LIMITS, read
from kforge.spec.resolve import KnownNames, resolve
from kforge.spec.tree_builder import ReadLimits
from kforge.spec.unsaved import unsaved
from kforge.stages import claims, decide, outdated
from kforge.stages.assemble import assemble
from kforge.stages.check import check_all
from kforge.stages.compare import compare, sha256
from kforge.stages.decide import Settled
from kforge.stages.inputs import Inputs
from kforge.stages.new_lock import lock_of
from kforge.stages.origins import locate
from kforge.stages.patch import patched
from kforge.stages.support import support
from kforge.stages.wishes import wishes
from kforge.system import included, locked, merged_lock, schemas, unfinished
from kforge.system.files import LIMIT, reader
from kforge.system.files import read as read_file
from kforge.system.other_specs import OtherSpecs
from kforge.written_images import restoring, written_images


def load(project: Project, options: Options) -> Loaded:
    """Read the spec, the sources and what an earlier run left. Raises InputError, WorldError."""
    options.step("reading the sources")
    raw = read_spec(project, options.limits, options.text)
    try:
        spec = resolve(raw, _known(project))
    except InputError as error:  # one run names all that is wrong, a folder that is not there as well
        raise InputError((*error.problems, *missing_sources(raw, project))) from None
    with ThreadPoolExecutor(options.jobs) as pool:
        sources = scan_sources(raw, project, catalog.detectors(), catalog.languages().code, pool.map)
    facts: dict[str, Facts] = {name: source.facts for name, source in sources.items()}
    held = merged_lock.load if options.merges else locked.load
    lock, owned = held(project.folder, catalog.revisions(), project.root)
    return Loaded(
        project=project,
        raw=raw,
        world=World(
            spec,
            raw.data,
            facts,
            catalog.languages(),
            raw.place,
            _excerpts(sources),
            lambda name: sources[name].tree.files if name in sources else (),
        ),
        sources=sources,
        lock=lock,
        sums=owned,
    )


def _excerpts(sources: Mapping[str, ScannedSource]) -> Callable[[str, str, int, int], str]:
    """Lines of a service's source, first to last, one-based."""

    def excerpt(service: str, file: str, first: int, last: int) -> str:
        source = sources.get(service)
        return "\n".join(source.tree.text(file).splitlines()[max(0, first - 1) : last]) if source else ""

    return excerpt


def _known(project: Project) -> KnownNames:
    """What a spec may name: recipes, rules, Kubernetes versions, and folders up to the repository's top."""
    return KnownNames(
        folder=project.folder.relative_to(project.root).as_posix(),
        recipes=tuple(recipe.name for recipe in catalog.languages().recipes),
        rules=tuple(rule.id for rule in catalog.rules()),
        kubernetes=schemas.versions(),
        outputs=catalog.TARGETS,
    )


def read_spec(project: Project, limits: ReadLimits = LIMITS, text: str | None = None) -> Raw:
    """The spec as plain data with places, from its file or from a text. Raises InputError for text that is no spec."""
    limit = max(LIMIT, limits.size)
    content = read_file(project.spec, limit, project.name, project.root) if text is None else text.encode()
    if content is None:
        raise InputError(f"there is no `{project.name}`", Place(str(project.spec)), "run `kforge init` to draft one")
    return inherited(read(content, project.name, limits))


def valid(project: Project, text: str) -> Spec:
    """The spec in a text, validated. Raises InputError with every problem; reads no source."""
    with unsaved(text, project.name):
        return resolve(read_spec(project, text=text), _known(project))


def run(project: Project, options: Options) -> Outcome:
    """Everything but writing. Raises InputError where a question has no answer, and what kept a model from answering."""
    with unsaved(options.text, project.name):
        return _whole(project, options)


def _whole(project: Project, options: Options) -> Outcome:
    loaded = load(project, options)
    outcome = _run(loaded, options, {})
    if options.written is None:
        found = written_images(outcome.files, outcome.changes, loaded.lock, loaded.sums)
        options = replace(options, written=found)
        outcome = _run(loaded, options, {}) if found.images else outcome
    if doubted := _doubted(options, outcome):
        outcome = _run(loaded, options, {}, doubted)
    for _ in range(options.repairs):
        if not (complaints := outcome.complaints()):
            break
        outcome = _run(loaded, options, complaints, doubted)
    return outcome


def _doubted(options: Options, outcome: Outcome) -> frozenset[str]:
    """Unproven answers that the files on disk do not show: a build would bring in what only the lock says."""
    targets = frozenset(f"{one.service}/{one.topic}" for one in outcome.settled.decisions.values() if not one.proven)
    if not targets:
        return targets
    project = outcome.project
    try:
        today = _run(outcome.loaded, replace(options, ask=lambda world: heuristics.ask, looks=False), {}, targets).files
    except InputError:  # no rule answers today, as where a model read commands: then the disk has to show every line
        today = {}
    shows = claims.shown(outcome.files, today, reader(project.folder, project.root))
    return frozenset(target for target in targets if not shows(target.partition("/")[0]))


def _run(
    loaded: Loaded, options: Options, complaints: Mapping[str, str], doubted: frozenset[str] = frozenset()
) -> Outcome:
    project, world = loaded.project, loaded.world
    spare = outdated.spared(loaded.carried, world.facts, lambda target: target in doubted or options.upgrade(target))
    base = outdated.rebased(loaded.carried, spare, Inputs(world.raw, world.facts, {}).digest)
    options.step("settling decisions")
    try:
        settled = decide.decide(
            world,
            catalog.topics(),
            base,
            options.ask(world),
            options.deciding(world, complaints, spare, outdated.moved(loaded.carried, base), doubted),
        )
    except Error as error:
        raise type(error)(noted(error.problems, loaded.raw, loaded.sources)) from None
    options.step("making the manifests")
    written = catalog.targets(world.spec.outputs)
    assembled = assemble(replace(world, spec=outputs.needed(world.spec, written)), catalog.artifacts(), settled.values)
    own = included.find(project, world.spec.include, lambda number: loaded.raw.place(("include", number)))
    held = included.contents(project, own.paths)
    extra = manifests(held)
    size_limits.refuse_included(loaded.raw, extra)
    finished = partial(_documents, loaded, settled, extra, cache(schemas.validator))
    documents = {name: finished(name, made) for name, made in assembled.documents.items()}
    inputs = Inputs(world.raw, world.facts, settled.values)
    place = locate(loaded.raw, settled.decisions)
    rendering = outputs.Rendering(
        spec=world.spec,
        inputs=inputs,
        raw=world.raw,
        name=project.name,
        artifacts={each.name: (each.output, each.revision) for each in catalog.artifacts()},
        targets=written,
        place=place,
        spec_place=loaded.raw.place,
        folder=project.folder.relative_to(project.root).as_posix(),
    )
    places = target.components(written.values(), world.raw.get("paths"), world.spec.environments)
    documents = with_components(documents, project, places, outputs.seeded(rendering, documents[""]))
    files = outputs.files(rendering, documents)
    listed = {*files, *loaded.sums.files, *loaded.sums.aggregates, *loaded.sums.seeds, *own.paths}
    around = neighbours(
        project, world.raw, listed, lambda: {image.name for image in targets(inputs, world.raw["services"])}
    )
    documents = beside(documents, around.untracked)
    options.step("checking the manifests")
    findings = check_all(
        documents.values(), catalog.rules() if options.looks else (), world.spec.waivers, options.today, place
    )
    findings += support(loaded.raw, options.today)
    options.step("comparing with the files")
    images = digests({name: each.component for name, each in documents.items()}, written.values())
    new = lock_of(world, settled, assembled, inputs, {**included.digests(held), **images})
    stay = outdated.staying(base, new, files, loaded.sums, spare, inputs.digest, options.upgrade)
    if spare - stay:  # something else changed there as well: then the facts are taken as they are read today
        wanted = options.upgrade
        again = replace(options, upgrade=lambda target: target in spare - stay or wanted(target))
        return _run(loaded, again, complaints, doubted)
    lock = outdated.kept(loaded.carried, base, new, stay, spare)
    records = tuple(sorted(name for name in stay if outdated.recorded(lock, name) != outdated.recorded(new, name)))
    others = OtherSpecs(project.folder, project.root)
    changes = compare(
        files,
        loaded.sums,
        restoring(reader(project.folder, project.root), options.restored),
        project.name,
        pending={**unfinished.load(project.folder, project.root).files, **options.taken.digests},
        keep=lambda path: files[path].service in stay,
        others=others.have,
        rival=others.rival,
        mingled=mingled(project),
        untouched=(SEED.encode(),),
        force=options.force,
    )
    return Outcome(
        loaded=loaded,
        settled=settled,
        assembled=assembled,
        documents=documents,
        findings=findings,
        files=files,
        changes=changes,
        lock=lock,
        spared=tuple(sorted(spare & stay)),
        records=records,
        upgrades_lock=options.upgrade(LOCK_FILE),
        renewed=new,
        written=options.taken,
    )


def _documents(
    loaded: Loaded,
    settled: Settled,
    extra: tuple[Document, ...],
    validator: Callable[[str], Validate],
    environment: str,
    made: tuple[Document, ...],
) -> Documents:
    """One environment's documents with fragments and patches applied, and the settings its rules need."""
    spec = loaded.world.spec
    changed = spec.environments.get(environment)
    home = spec.namespace.name if isinstance(spec.namespace, Namespace) else spec.namespace
    theirs = placed(extra, (changed.namespace if changed else None) or home, home, made)
    validate = validator(spec.here(environment, "kubernetes"))
    refuse_misfits(theirs, validate)
    return Documents(
        items=(*patched(made, spec, environment, loaded.raw), *theirs),
        environment=environment,
        kubernetes=spec.here(environment, "kubernetes"),
        platform=spec.here(environment, "platform"),
        registries=tuple(spec.registries),
        digests=image_settings(spec.images).digests,
        hardening=levels(spec, spec.here(environment, "platform")),
        facts=loaded.world.facts,
        languages=loaded.world.languages,
        reasons=settled.reasons(),
        wishes=() if environment else wishes(loaded.world, settled.values),
        validate=validate,
    )


def digest(outcome: Outcome) -> str:
    """One digest over every wanted file, the lock and the sums: equal wherever the inputs are equal."""
    parts = [f"{path} {sha256(file.content)}" for path, file in sorted(outcome.files.items())]
    return sha256("\n".join([*parts, *locked.render(outcome.lock, outcome.changes.sums)]).encode())

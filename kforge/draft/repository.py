"""A folder on disk → what the repository shows: its sources, what the author's own files say of them, what is left out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kforge import catalog
from kforge.detectors.build_context import taken
from kforge.detectors.dockerfile_lines import instructions
from kforge.domain.commands.own_image import image_command
from kforge.domain.document import MARK
from kforge.domain.draft import FoundSource, LeftOut, SurveyedRepository, Told, WantedService, name_of
from kforge.domain.near_words import listed
from kforge.draft.beside import with_beside
from kforge.draft.compose_commands import settled
from kforge.draft.compose_files import compose_files
from kforge.draft.composed import Composed, composed
from kforge.draft.env_examples import nearest
from kforge.draft.foreign_migrations import untold
from kforge.draft.found_sources import LibrarySource, Sources
from kforge.draft.manifest_hints import hints
from kforge.draft.migration_tools import with_tool
from kforge.draft.migrations import left_to_the_user, of_library, with_migration
from kforge.draft.own_dockerfiles import FINAL_STAGES, own_dockerfile, preferred, unset_arguments
from kforge.draft.procfile import PATH, processes
from kforge.draft.programs import serving, split, supervised
from kforge.draft.source_roles import holds_dockerfile, starts_something
from kforge.draft.source_services import lasting, once
from kforge.draft.sources import DOCKERFILES, is_utf8, look
from kforge.draft.start_commands import production, released
from kforge.system.example_files import example_files
from kforge.system.tree import SourceTree

_RELEASE = "release"  # of a Procfile: what runs before a new version
_NAME = re.compile(
    r"^\s{0,8}(?:\"name\"\s{0,4}:\s{0,4}|name\s{0,4}=\s{0,4}|module\s{1,4})\"?([\w@./-]{1,100})", re.MULTILINE
)


def survey(
    folder: Path, root: Path, app: str, sentence: str = "", tell: Callable[[str], None] = lambda line: None
) -> SurveyedRepository:
    """All that is found in and below a folder; what `sentence` names counts as what runs. `tell` hears which folders no
    spec can name.

    Raises InputError where .gitignore files left no time to look at all of it.
    """
    tree = SourceTree(folder, root)
    files = compose_files(tree)
    said = composed(files, _places(tree.files), {app, name_of(folder.name), *_manifest_names(tree)})
    words = {*re.findall(r"[a-z0-9][a-z0-9-]*", sentence.lower()[:2000])}
    seen = look(folder, root, said.told.keys(), lambda name: name in words or lasting(name), tell, said.unwanted)
    known, hinted = hints(tree), list[str]()
    found, left, notes = list[FoundSource](), [*seen.left, *said.left], [*said.notes]
    for source in seen.found:
        place = source.path.removeprefix("./").removeprefix(".")
        own = SourceTree(folder / place, root)
        told = (*said.told.get(place, ()), *_processes(source, own, said, place, notes))
        if not told and (hint := known.get(source.name or name_of(posixpath.basename(place) or app, ""))):
            told = (hint,)
            hinted.append(hint.place)
            notes += [
                f"{hint.place} mounts {each}, and the draft does not: add it under `kubernetes`, or as `config`"
                for each in hint.lost
            ]
        made, said_so = _as_built(source, told, tree, app, seen)
        told, unused = settled(told, made)
        notes += [*said_so, *unused, *_unset(made, told, tree, place)]
        programs, others = split(made, own, app, lasting, told)
        left += others
        main = source.name or name_of(posixpath.basename(place) or app)
        programs[0] = replace(programs[0], told=with_beside(made, programs[0].told))
        if not any(one.once for each in programs for one in each.told):
            names = (main, *(each.name for each in programs))
            told = with_migration(made, own, programs[0].told, names)
            told = told if len(programs) > 1 or any(one.once for one in told) else with_tool(made, own, told, names)
            programs[0] = replace(programs[0], told=told)
        called = next((one.name for one in programs[0].told if one.name), main)
        if not any(one.once for one in programs[0].told) and (undone := left_to_the_user(made, own, called)):
            notes.append(undone)
        found += [replace(each, told=_released(each.told, programs, main)) for each in programs]
    left += (parts := [*_built_in(found, tree, said.told)])
    found = [one for one in found if one.path.removeprefix("./") not in {part.path for part in parts}]
    found += _migrating(seen.libraries, folder, root, found)
    found = _with_examples(found, tree, root)
    notes += untold(tree, found, app)
    if hinted:
        notes.append(
            f"ports, variables and health routes come from your manifests ({listed(hinted)}); `include` lists those that the draft does not replace"
        )
    return SurveyedRepository(tuple(found), tuple(_reachable(said.beside, said, left)), tuple(left), tuple(notes))


def _with_examples(found: Iterable[FoundSource], tree: SourceTree, root: Path) -> list[FoundSource]:
    """Sources with what the author's examples of files of variables give to each."""
    files = [*example_files(tree, root)]
    return [replace(one, examples=nearest(files, one.path.removeprefix("./").removeprefix("."))) for one in found]


def _built_in(found: Sequence[FoundSource], tree: SourceTree, told: Collection[str]) -> Iterator[LeftOut]:
    """Sources that no file of the author's names and that the Dockerfile of another one, in another place, copies."""
    for outer in found:
        path = str(
            outer.build.get("dockerfile", "") or next((one.build.get("dockerfile", "") for one in outer.told), "")
        )
        lines, escape = instructions(tree.text(path)) if path else ([], "")
        copied = {posixpath.normpath(one.path.lstrip("/")) for one in taken(lines, escape)}
        for one in found:
            place = one.path.removeprefix("./")
            inside = any(f"{each}/".startswith(f"{place}/") for each in copied)
            if one.path != outer.path and inside and place not in told and not one.facts.dockerfile:
                yield LeftOut(place, f"is a part of `{outer.path}`, whose `{path}` copies it")


def _migrating(
    libraries: Iterable[LibrarySource], folder: Path, root: Path, found: list[FoundSource]
) -> Iterator[FoundSource]:
    """Libraries of which a job is started, before the services that take them in and have no such job of their own."""
    if any(one.once for source in found for one in source.told):
        return
    for seen, users in libraries:
        waiting = [one.name or name_of(posixpath.basename(one.path)) for one in found if one.path in users]
        if told := of_library(seen, SourceTree(folder / seen.path, root), waiting):
            yield replace(seen, told=told)


def _released(told: tuple[Told, ...], programs: list[FoundSource], main: str) -> tuple[Told, ...]:
    """What is told, with the services before which a `release` runs: all of its source."""
    names = dict.fromkeys((main, *(one.name for each in programs for one in each.told)))
    before = tuple(name for name in names if name not in ("", _RELEASE))
    return tuple(replace(one, before=before) if one.name == _RELEASE and one.once else one for one in told)


def _manifest_names(tree: SourceTree) -> set[str]:
    """The name that a manifest at the top gives to the whole."""
    texts = [tree.text(path) for language in catalog.languages() for path in language.signs if path in tree.files]
    found = [match for text in texts for match in [_NAME.search(text[:20_000])] if match]
    return {name_of(match[1].rpartition("/")[2], "") for match in found} - {""}


def _places(paths: Collection[str]) -> dict[str, set[str]]:
    """Folders with the names of their files."""
    found: dict[str, set[str]] = {"": set()}
    for path in paths:
        place, name = posixpath.split(path)
        if is_utf8(place):
            found.setdefault(place, set()).add(name)
    return found


def _as_built(
    source: FoundSource, told: tuple[Told, ...], tree: SourceTree, app: str, seen: Sources
) -> tuple[FoundSource, list[str]]:
    """A source as the Dockerfile makes it that the author keeps in another place, or that a Compose file names; and what
    to say of it.
    """
    place = source.path.removeprefix("./").removeprefix(".")
    said = next((one.build for one in told if "dockerfile" in one.build or "target" in one.build), None)
    if said is not None:
        made = seen.built_by(source, str(said.get("dockerfile", "")), str(said.get("target", "")))
        why = image_command(made.facts.value("dockerfile") or {}).development
        notes = [f"`{said.get('dockerfile', DOCKERFILES[0])}` is for development: {why}"] if why else []
        return made, [f"{one}; name another by `build: {{dockerfile: …}}`, or leave `build` out" for one in notes]
    if source.facts.dockerfile:
        return source, []
    names = {app, posixpath.basename(place).lower(), *(one.name for one in told)}
    path = own_dockerfile(tree.files, place, names - {""})
    others = [] if path else _alternatives(source, seen)
    path = path or preferred(others)
    text = tree.text(path) if path else ""
    if "FROM" not in text or MARK in text[:1000]:
        shown = " or ".join(f"`{each}`" for each in others)
        said_so = f"`{source.path}` could be built by {shown}: name one as `build: {{dockerfile: …}}`; without, kforge writes its own"
        return source, [said_so] if others else []
    made, target = _as_staged(source, path, names, seen)
    if made is source:
        return source, [f"`{path}` starts nothing, so `{source.path}` is not built by it"]
    build = {"dockerfile": path, **({"target": target} if target else {})}
    stage = f", up to its stage `{target}`" if target else ""
    return replace(made, build=build), [f"`{source.path}` is built by `{path}`{stage}"]


def _unset(made: FoundSource, told: Sequence[Told], tree: SourceTree, place: str) -> Iterator[str]:
    """What to say of arguments without which the author's base images have no name."""
    if not made.facts.dockerfile:
        return
    builds = [made.build, *(one.build for one in told)]
    path = next(
        (str(one["dockerfile"]) for one in builds if "dockerfile" in one), posixpath.join(place, DOCKERFILES[0])
    )
    given = {name for one in builds for name in one.get("args", {})}
    if names := unset_arguments(tree.text(path), given):
        shown = ", ".join(f"{name}: …" for name in names)
        yield f"`{path}` takes {listed(names)} for its base image, and has no value for {'it' if len(names) == 1 else 'them'}: write `build: {{args: {{{shown}}}}}`"


def _alternatives(source: FoundSource, seen: Sources) -> list[str]:
    """Dockerfiles in folders of their own that build a source."""
    why = holds_dockerfile(source.path)
    return [posixpath.join(each.path, DOCKERFILES[0]) for each in seen.left if each.why == why]


def _as_staged(source: FoundSource, path: str, names: Collection[str], seen: Sources) -> tuple[FoundSource, str]:
    """A source as a Dockerfile makes it, and the stage that does where it is not the last one: the one of the source's
    name, or that of production where the last one starts nothing. The source itself where no stage starts anything.
    """
    made = seen.built_by(source, path, "")
    described = made.facts.value("dockerfile") or {}
    stages = [str(stage["name"]) for stage in described.get("stages", ())]
    runs = starts_something(described)
    wanted = [stage for stage in stages[:-1] if stage and stage.lower() in names]
    wanted += [] if runs else [stage for word in FINAL_STAGES for stage in stages[:-1] if stage.lower() == word]
    for target in wanted:
        staged = seen.built_by(source, path, target)
        if starts_something(staged.facts.value("dockerfile") or {}):
            return staged, target
    return (made, "") if runs else (source, "")


def _reachable(beside: list[WantedService], said: Composed, left: list[LeftOut]) -> Iterator[WantedService]:
    """What stands beside the sources, each without needs that are no service."""
    gone = {each.path for each in said.left}
    for one in beside:
        needs = tuple(each for each in one.told.needs if each not in gone) if one.told else ()
        yield replace(one, told=replace(one.told, needs=needs)) if one.told else one


def _processes(source: FoundSource, tree: SourceTree, said: Composed, place: str, notes: list[str]) -> Iterator[Told]:
    """Processes of a Procfile beside its `web`, which the source starts anyway, where no Compose file tells more."""
    if said.told.get(place):
        return
    if not (found := processes(tree)):
        yield from supervised(source, tree)
        return
    at = posixpath.join(place, PATH)
    for one in found:
        where = one.place.replace(PATH, at)
        if one.name == "web":
            yield serving(source, one.command, where)
            continue
        command, why = released(one.command) if one.name == _RELEASE else production(["sh", "-c", one.command])
        if not command:
            notes.append(
                f"`{one.name}` ({where}): its command {why or 'is not for production'}: write it as a service with a `command`"
            )
            continue
        name = _RELEASE if one.name == _RELEASE else name_of(one.name)
        yield Told(name, where, command=command, once=one.name == _RELEASE or once(name))

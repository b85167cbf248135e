"""Project and revision → what changed since, or what a build would change: decisions, then files.

Spec, lock and sums are the pull request's own text, and so are the paths in them: each is looked at below the top of
the repository, through no link, and `stages/file_diff.py` says what of a file may be shown.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kforge import catalog, image_components
from kforge.domain import target
from kforge.domain.document import is_of_a_kind
from kforge.domain.lock import Lock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError, Place, Problem
from kforge.outcome import Outcome
from kforge.pipeline import valid
from kforge.spec.inherited import inherited
from kforge.spec.read import read
from kforge.stages.decision_changes import FieldChange, Snapshot, decisions_since
from kforge.stages.file_diff import FileChange, FileSide, file_change, files_since, side
from kforge.stages.inputs import Inputs
from kforge.stages.previews import as_locked, previews
from kforge.system import locked
from kforge.system.beneath import Beneath
from kforge.system.files import reader
from kforge.system.git.commits import Commit, commit_at
from kforge.system.paths import from_top, odd
from kforge.system.project import SUFFIX, top
from kforge.system.temporary import PREFIX

Difference = tuple[tuple[FieldChange, ...], tuple[FileChange, ...]]
LARGEST = 8 << 20  # bytes of a file that is compared line by line
_OUTSIDE = "lies outside the repository"
_OTHER = "is not a file that kforge writes"


class BaseRevision:
    """A revision, in each of the repositories that are asked about. A repository is listed once."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self._commits: dict[Path, Commit] = {}

    def at(self, root: Path) -> Commit:
        """Raises InputError for a revision git does not know, and where there is no repository."""
        if root not in self._commits:
            self._commits[root] = commit_at(root, self.revision)
        return self._commits[root]

    def texts(self, project: Project) -> dict[str, bytes]:
        """Spec, lock and sums by name, those that were there. Raises InputError where one was no regular file."""
        folder = _folder(project)
        names = {f"{folder}/{name}".lstrip("/"): name for name in (project.name, LOCK_FILE, SUMS_FILE)}
        found = {}
        for path, blob in self.at(project.root).read(names):
            if blob.why:
                name = names[path]
                raise InputError(f"`{name}` {blob.why}", Place(name))
            found[names[path]] = blob.content
        return found

    def sides(
        self, project: Project, paths: Collection[str], listed: Collection[str], components: Collection[str]
    ) -> Iterator[tuple[str, FileSide]]:
        """Files as they were, by path relative to the project; of those that cannot be looked at, the ones that were
        `listed`.
        """
        names: dict[str, str] = {}
        folder = _folder(project)
        for path in paths:
            place = from_top(folder, path)
            if why := _barred(place):
                yield from [(path, FileSide(b"", f"it {why}", self.revision))] if path in listed else []
            else:
                names[str(place)] = path
        for place, blob in self.at(project.root).read(names, LARGEST):
            path = names[place]
            if blob.why:
                yield path, FileSide(b"", f"it {blob.why}", self.revision)
            else:
                yield (
                    path,
                    image_components.side(path, blob.content, True) if path in components else side(blob.content),
                )


def since(project: Project, base: BaseRevision) -> Difference:
    """What changed between a revision and the files on disk. Raises InputError for a spec, lock or sums that cannot be
    read.
    """
    held = reader(project.folder, project.root)
    texts = {name: content for name in (project.name, LOCK_FILE, SUMS_FILE) if (content := held(name)) is not None}
    return _compared(project, base, texts)[0]


def since_removal(project: Project, base: BaseRevision) -> tuple[Difference, tuple[str, ...]]:
    """What went with a spec, and the paths of its files that are still there. The folder itself may be gone."""
    return _compared(project, base, {})


def removed(paths: Iterable[Path], base: BaseRevision) -> list[Project]:
    """Specs below these paths that a revision has and that are gone, sorted; one that was only renamed is not gone."""
    found: set[Project] = set()
    for path in map(Path, map(os.path.abspath, paths)):
        above = top(path)
        names = base.at(above).names(SUFFIX) if above else ()
        specs = [above / name for name in names if above and not Path(name).name.startswith(PREFIX)]
        found.update(
            Project(spec, above)
            for spec in specs
            if above and spec.is_relative_to(path) and not _holds_spec(above, spec.parent)
        )
    return sorted(found, key=lambda project: project.spec)


def held_at(project: Project, base: BaseRevision) -> tuple[Lock, Sums]:
    """Lock and sums of a project at a revision; lost ones where it had none. Raises InputError where they cannot be
    read.
    """
    texts = base.texts(project)
    with _told_of(base):
        return locked.parse(texts, catalog.revisions())


def snapshots(outcome: Outcome) -> tuple[Snapshot, Snapshot]:
    """The project as it was last built, and as a build would make it: with the heuristics' answers where it asks a
    model. Of a pin that changed the former value is not known.
    """
    loaded = outcome.loaded
    world, settled = loaded.world, outcome.settled
    held = loaded.carried
    lock = as_locked(held, outcome.lock, Inputs(world.raw, world.facts, settled.values).digests)
    old = Snapshot({"services": _unchanged(world.raw, held, outcome.lock)}, held)
    return old, Snapshot(world.raw, lock, previews(world, catalog.topics(), settled))


def pending(outcome: Outcome) -> Difference:
    """What a build would change, with the heuristics' answers where it asks a model."""
    old, new = snapshots(outcome)
    files = tuple(
        file_change(
            change.path,
            "created" if change.before is None else "removed" if change.after is None else "changed",
            side(change.before or b""),  # a file in an output's place may be private
            side(change.after or b"", ours=True),
        )
        for change in outcome.changes.pending
    )
    return decisions_since(old, new), files


def _unchanged(raw: Mapping[str, Any], old: Lock, new: Lock) -> dict[str, Any]:
    """Services with the keys that are as they were when the lock was written: a pin among the others is new."""
    found = {}
    for name, block in raw["services"].items():
        was, now = (held.services[name].inputs if name in held.services else {} for held in (old, new))
        found[name] = {key: value for key, value in block.items() if was.get(f"spec.{key}") == now.get(f"spec.{key}")}
    return found


@dataclass(frozen=True, slots=True)
class _State:
    """A project at one time, as its texts say it."""

    raw: Mapping[str, Any]
    lock: Lock
    owned: frozenset[str]  # files and aggregates
    seeds: frozenset[str]  # listed ones
    components: frozenset[str]  # paths that the layout gives to seeds

    @property
    def listed(self) -> frozenset[str]:
        return self.owned | self.seeds | self.components


def _state(project: Project, texts: Mapping[str, bytes]) -> _State:
    raw = inherited(read(texts[project.name], project.name)).data if project.name in texts else {}
    lock, held = locked.parse(texts, catalog.revisions())
    return _State(
        raw, lock, frozenset((*held.files, *held.aggregates)), frozenset(held.seeds), frozenset(_components(raw))
    )


def _components(raw: Mapping[str, Any]) -> Iterator[str]:
    """Where the seeds of a spec lie. The spec need not be valid."""
    paths, environments = raw.get("paths"), raw.get("environments")
    found = target.components(
        catalog.targets().values(),
        paths if isinstance(paths, Mapping) else None,
        map(str, environments) if isinstance(environments, Mapping) else (),
    )
    return (path for path in found if not odd(path))


def _compared(project: Project, base: BaseRevision, texts: Mapping[str, bytes]) -> tuple[Difference, tuple[str, ...]]:
    with _told_of(base):
        old = _state(project, base.texts(project))
    new = _state(project, texts)
    paths, components = sorted(old.listed | new.listed), old.components | new.components
    before = dict(base.sides(project, paths, old.owned | old.seeds, components))
    after = dict(_sides_now(project, paths, new.owned | new.seeds, components))
    decisions = _decisions(project, base, Snapshot(old.raw, old.lock), Snapshot(new.raw, new.lock), texts)
    return (decisions, files_since(before, after)), tuple(path for path in after if path in old.owned)


def _sides_now(
    project: Project, paths: Collection[str], listed: Collection[str], components: Collection[str]
) -> Iterator[tuple[str, FileSide]]:
    """Files as they are, as `BaseRevision.sides`."""
    held = reader(project.folder, project.root, LARGEST)
    folder = _folder(project)
    for path in paths:
        if why := _barred(from_top(folder, path)):
            yield from [(path, FileSide(b"", f"it {why}", "now"))] if path in listed else []
            continue
        try:
            content = held(path)
        except Error as error:
            yield path, FileSide(b"", error.problems[0].message, "now")
            continue
        if content is not None and path in components:
            yield path, image_components.side(path, content, image_components.is_public(project, path))
        elif content is not None:
            yield path, side(content)


def _barred(place: str | None) -> str:
    """Why a path from the top of the repository is not even looked at."""
    if place is None:
        return _OUTSIDE
    return "" if is_of_a_kind(place) else _OTHER


def _decisions(
    project: Project, base: BaseRevision, old: Snapshot, new: Snapshot, texts: Mapping[str, bytes]
) -> tuple[FieldChange, ...]:
    try:
        return decisions_since(old, new)
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError):
        if project.name in texts:
            valid(project, texts[project.name].decode())  # where the spec has that shape, this says so with a place
        message = f"`{LOCK_FILE}`, here or at `{base.revision}`, has an answer that cannot be read"
        raise InputError(
            message, Place(LOCK_FILE), "restore it from an earlier commit, or delete it and run `kforge build`"
        ) from None


@contextmanager
def _told_of(base: BaseRevision) -> Iterator[None]:
    """Errors that come out of the block are the revision's: nothing here is to be mended."""
    try:
        yield
    except InputError as error:
        hint = "compare with another revision"
        raise InputError(
            tuple(Problem(f"at `{base.revision}`: {each.message}", each.where, hint) for each in error.problems)
        ) from None


def _folder(project: Project) -> str:
    return "" if project.folder == project.root else project.folder.relative_to(project.root).as_posix()


def _holds_spec(root: Path, folder: Path) -> bool:
    """Whether a spec lies in a folder that no link leads to."""
    try:
        with Beneath(root, folder) as ways:
            return any(name.endswith(SUFFIX) for name in os.listdir(ways.folder(".")))  # noqa: PTH208 - of a handle
    except (OSError, InputError):
        return False

"""A Python project → the uv workspace that it is a member of, and the projects and archives of the repository that it takes.

Its requirements are those of all these projects together: what a library of the repository needs is installed as well.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kforge.detectors import python_asked, python_install, python_paths, python_project
from kforge.detectors.build_context import needed_context
from kforge.detectors.python_paths import ARCHIVE, PathNeed
from kforge.detectors.python_project import PythonProject, normalized
from kforge.detectors.workspaces import FolderTree, TakenWorkspace, inside, is_member, members
from kforge.domain.artifact import around
from kforge.domain.facts import Evidence, Fact
from kforge.domain.source.build_context import between, joined, upwards
from kforge.domain.source.sightings import Sightings
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree
    from kforge.domain.facts import Facts

PATH, UV, PIPFILE = "pyproject.toml", "uv.lock", "Pipfile"
LATE = (UV, "poetry.lock")  # from which dependencies are installed without the repository's own projects
_PROJECTS = frozenset((PATH, "setup.py", "setup.cfg"))
_TABLE = "[tool.uv.workspace]"
_DEEPEST, _MOST = 50, 20


@dataclass(slots=True)
class PythonWorkspace:
    """What a source takes of the repository around it. Folders are from the repository's top."""

    place: Around
    root: str = ""  # of the uv workspace
    shared: dict[str, Any] | None = None  # sources that it names for its members; None outside of one
    named: dict[str, str] = field(default_factory=dict)  # the folder of each member, by its name
    virtual: Evidence | None = None  # what says so where the source is its root, and no project itself
    needed: dict[str, Evidence] = field(default_factory=dict)  # projects, what needs least first
    files: dict[str, Evidence] = field(default_factory=dict)  # archives, and files of requirements elsewhere
    missing: list[Fact] = field(default_factory=list)

    def rel(self, path: str) -> str:
        """A path as seen from the source."""
        return between(self.place.folder, path)

    @property
    def whole(self) -> bool:
        return self.shared is not None

    @property
    def outer(self) -> bool:
        """Whether the source is one of the members of a workspace above it."""
        return self.whole and self.root != self.place.folder


def find(tree: Tree, project: PythonProject) -> PythonWorkspace | None:
    """The workspace above a source, or what it takes by path; None where there is neither."""
    place = around(tree)
    if place is None:
        return None
    found = _workspace(tree, place) if PATH in tree.files else PythonWorkspace(place)
    _need(found, place.folder, [])
    if found.virtual:
        for folder in found.named.values():
            _need(found, folder, [])
            found.needed.setdefault(folder, found.virtual)
    found.needed.pop(place.folder, None)  # but for `-e .`, by which pip installs the source itself
    if any(str(fact.value).endswith((".txt", ".in")) for fact in project.seen.many("manifests")):
        _of_requirements(found, project)
    if project.seen.holds("package_manager", "pipenv"):
        text = place.text(inside(place.folder, PIPFILE))
        for need in python_paths.of_pipfile(_toml(place, place.folder, PIPFILE), text):
            _take(found, place.folder, need, PIPFILE, [])
    return found if found.outer or found.needed or found.files or found.missing else None


# ---- the workspace --------------------------------------------------------------------------------------------
def _workspace(tree: Tree, place: Around) -> PythonWorkspace:
    """https://docs.astral.sh/uv/concepts/projects/workspaces/"""
    for folder in upwards(place.folder):
        # A listing changes with the first run's own `.kforge`: a folder is listed once its manifest asks for it.
        if (patterns := _patterns(place, folder)) is None:
            continue
        if folder == place.folder:
            below = [posixpath.dirname(path) for path in tree.files if path.endswith(f"/{PATH}")]
            folders = tuple(inside(folder, each) for each in below if is_member(patterns, each))
        elif is_member(patterns, between(folder, place.folder)):
            folders = members(place, folder, patterns, PATH)
        else:
            continue
        shared = table_in(_toml(place, folder), "tool", "uv", "sources")
        named = {_name(place, each): each for each in (folder, *folders)}
        inner = folder == place.folder and folders and not table_in(_toml(place, folder), "project")
        at = Evidence(PATH, python_paths.line_of(place.text(inside(folder, PATH)), _TABLE)) if inner else None
        return PythonWorkspace(place, folder, shared, named, at)
    return PythonWorkspace(place)


def _patterns(place: Around, folder: str) -> list[str] | None:
    if _TABLE not in place.text(inside(folder, PATH)):
        return None
    held = table_in(_toml(place, folder), "tool", "uv", "workspace")
    listed, but = held.get("members"), held.get("exclude")
    wanted = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    return wanted + [f"!{each}" for each in (but if isinstance(but, list) else ())]


def _name(place: Around, folder: str) -> str:
    return normalized(str(table_in(_toml(place, folder), "project").get("name", "")))


def _toml(place: Around, folder: str, path: str = PATH) -> dict[str, Any]:
    return python_project.toml(FolderTree(place, folder), path, PythonProject(Sightings()))


# ---- what is needed -------------------------------------------------------------------------------------------
def _need(found: PythonWorkspace, folder: str, way: list[str]) -> None:
    """Adds what the pyproject.toml of a folder takes, each project behind those that it takes itself."""
    text = found.place.text(inside(folder, PATH))
    if not text or folder in way or len(way) > _DEEPEST:
        return
    for need in python_paths.of_table(_toml(found.place, folder), text, found.shared or {}):
        _take(found, folder, need, PATH, [*way, folder])


def _take(found: PythonWorkspace, folder: str, need: PathNeed, manifest: str, way: list[str]) -> None:
    at = Evidence(found.rel(inside(folder, manifest)), need.line)
    if not need.path:
        _take_member(found, need, at, way)
        return
    target = joined(folder, need.path.rstrip("/") or "/")
    shown = f"`{need.path}`" + (f", taken for `{need.name}`," if need.name else "")
    if target is None:
        found.missing.append(Fact(f"{shown} lies outside of the repository", (at,)))
    elif ARCHIVE.fullmatch(need.path) and found.place.has(target):
        found.files.setdefault(target, at)
    elif need.links and found.place.has(target):
        (found.needed if found.place.names(target) else found.files).setdefault(target, at)
    elif _PROJECTS.isdisjoint(found.place.names(target)):
        there = found.place.has(target) and not ARCHIVE.fullmatch(need.path)
        said = f"has no {PATH} or setup.py" if there else "is not in the repository"
        found.missing.append(Fact(f"{shown} {said}", (at,)))
    else:
        _need(found, target, way)
        found.needed.setdefault(target, at)


def _take_member(found: PythonWorkspace, need: PathNeed, at: Evidence, way: list[str]) -> None:
    target = found.named.get(need.name)
    if target is None:
        where = "the workspace has no member" if found.whole else "no workspace above has a member"
        found.missing.append(Fact(f"`{need.name}` is taken from the workspace, and {where} of that name", (at,)))
        return
    _need(found, target, way)
    found.needed.setdefault(target, at)


def _of_requirements(found: PythonWorkspace, project: PythonProject) -> None:
    """What files of requirements take; those of other folders are read as well."""
    place = found.place
    queue = [joined(place.folder, str(fact.value)) for fact in project.seen.many("manifests")]
    for path in queue:
        if path is None or not path.endswith((".txt", ".in")) or len(queue) > _MOST:
            continue
        text = place.text(path)
        for need in python_paths.of_requirements(text):
            at = Evidence(found.rel(path), need.line)
            _take(found, place.folder, need, found.rel(path), [])
        for other, line in python_paths.included(text):
            at = Evidence(found.rel(path), line)
            target = joined(posixpath.dirname(path), other)
            if target is None or not place.has(target):
                found.missing.append(Fact(f"`{other}` is included, and it is not in the repository", (at,)))
            elif target not in queue:
                queue.append(target)
                found.files.setdefault(target, at)
                _elsewhere(found, project, target)


def _elsewhere(found: PythonWorkspace, project: PythonProject, path: str) -> None:
    """Requirements of a file outside of the source."""
    for number, line in enumerate(found.place.text(path).split("\n"), 1):
        if not line.startswith(("-", "#")):
            python_project.requirement(project, line.partition(" #")[0], found.rel(path), number)


# ---- what a build takes of it ---------------------------------------------------------------------------------
def take(found: PythonWorkspace, project: PythonProject) -> TakenWorkspace:
    """What a build takes; the project is told its package manager, lock file, manifests, requirements and its Python."""
    place = found.place
    if found.outer:
        _of_workspace(found, project)
    lock = project.seen.first("lockfile")
    late = lock is not None and posixpath.basename(str(lock.value)) in LATE
    for folder in found.needed:
        _join(found, folder, project)
        if late and place.has(path := inside(folder, PATH)):
            project.seen.see("manifests", found.rel(path), found.rel(path))
    for path, at in found.files.items():
        project.seen.see("manifests", found.rel(path), at.file, at.line)
    value = {"root": ".", "members": [found.rel(folder) for folder in found.needed], "packages": [], "files": []}
    whole = {"all": True} if found.virtual else {}
    evidence = next(iter((*found.needed.values(), *found.files.values())), Evidence(PATH))
    top = {found.root: Evidence(found.rel(inside(found.root, PATH)))} if found.outer else {}
    context, missing, _ = needed_context(place, {**top, **found.needed, **found.files})
    return TakenWorkspace(Fact({**value, "late": late, **whole}, (evidence,)), context, (*found.missing, *missing))


def unserved(found: PythonWorkspace, facts: Facts) -> Facts:
    """Facts without a start where a workspace itself is built, and one of its members is what serves: which of them, and
    how, is not for a guess.
    """
    app, start = facts.framework, next(iter(facts.start), None)
    path = app.evidence[0].file if app else ""
    member = next((each for each in map(found.rel, found.needed) if path.startswith(f"{each}/")), "")
    at = found.virtual
    if not (at and member) or (start and "/" not in start.evidence[0].file):
        return facts
    said = f"is a workspace and no project itself ({at}), while `{path}` is a program of its member `{member}`"
    hint = f"name the member as `source`, which is built with its workspace: `{member}`"
    return replace(facts, start=(), unserved=Fact({"said": said, "hint": hint}, (at,)))


def _of_workspace(found: PythonWorkspace, project: PythonProject) -> None:
    """uv and the workspace's lock file in place of the source's own, and its Python."""
    place, seen = found.place, project.seen
    root, lock = found.rel(inside(found.root, PATH)), inside(found.root, UV)
    own = [fact for fact in seen.many("manifests") if fact.value == PATH] or [Fact(PATH, (Evidence(PATH),))]
    seen.forget("package_manager", "manifests", "lockfile")
    seen.see("package_manager", "uv", found.rel(lock) if place.has(lock) else root)
    seen.see("manifests", root, root)
    if place.has(lock):
        seen.see("manifests", found.rel(lock), found.rel(lock))
        seen.see("lockfile", found.rel(lock), found.rel(lock))
        _lacks(found, lock, seen)
    seen.adopt("manifests", own)
    names = python_asked.named(FolderTree(place, found.root), _toml(place, found.root), {})
    asked = python_asked.asked(FolderTree(place, found.root), names)
    if asked and (project.asked is None or (asked.pinned and not project.asked.pinned)):
        project.asked = asked._replace(place=_placed(found, found.root, asked.place))


def _lacks(found: PythonWorkspace, lock: str, seen: Sightings) -> None:
    """A lock file that was made without the source: a frozen installation refuses it."""
    name, text = _name(found.place, found.place.folder), found.place.text(lock)
    if text and name and f'\nname = "{name}"\n' not in text:
        said = f"`{UV}` knows no package `{name}`, so an installation from it will fail"
        seen.see("doubts", {"said": said, "hint": f"run `uv lock` in the workspace and commit `{UV}`"}, found.rel(lock))


def _join(found: PythonWorkspace, folder: str, project: PythonProject) -> None:
    """Adds what a project of the repository requires, and what its own build reads besides its code."""
    tree = FolderTree(found.place, folder)
    inner = python_project.read(tree)
    for name, (extras, at) in inner.requires.items():
        held = project.requires.get(name)
        place = _placed(found, folder, at)
        project.requires[name] = (extras | held[0], held[1]) if held else (extras, place)
    project.wanted += [(*each[:3], _placed(found, folder, each[3])) for each in inner.wanted]
    project.vcs = project.vcs or (_placed(found, folder, inner.vcs) if inner.vcs else None)
    for path in python_install.read_by_builds(tree):
        project.seen.see("needed", found.rel(inside(folder, path)), found.rel(inside(folder, PATH)))
    if (versioned := python_install.from_git(tree)) and not project.seen.has("scm_version"):
        at = _placed(found, folder, versioned.evidence[0])
        project.seen.see("scm_version", versioned.value, at.file, at.line)


def _placed(found: PythonWorkspace, folder: str, at: Evidence) -> Evidence:
    return replace(at, file=found.rel(inside(folder, at.file)))


def text_of(tree: Tree, path: str) -> str:
    """A file of the source, or of the repository around it, by its path from the source."""
    if path in tree.files:
        return tree.text(path)
    place = around(tree)
    target = joined(place.folder, path) if place else None
    return place.text(target) if place and target else ""

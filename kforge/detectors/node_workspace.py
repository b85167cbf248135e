"""A package of a Node workspace → the workspace's root, its lock file, and the packages of it that this one needs.

npm, yarn and bun say `workspaces` in the root's package.json, pnpm has a pnpm-workspace.yaml. Packages by path (`file:`,
`link:`) are read in the same way, with and without a workspace.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_locks, node_mounts
from kforge.detectors.build_context import needed_context
from kforge.detectors.node_release import read_release
from kforge.detectors.workspaces import FolderTree, TakenWorkspace, inside, is_member, members
from kforge.domain.artifact import around
from kforge.domain.facts import Evidence, Fact
from kforge.domain.source.build_context import between, joined, upwards
from kforge.domain.source.sightings import Sightings
from kforge.syntax import yaml_data

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Around, Tree
    from kforge.domain.facts import Facts

PATH, PNPM = "package.json", "pnpm-workspace.yaml"
_KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_BY_PATH = re.compile(r"(?:file|link|portal):(?!.*\.t(?:ar\.)?gz$)(.+)|(\.{1,2}/.+)")
_ELSEWHERE = re.compile(r"(?:npm|git|github|http|https|ssh|git\+\w+):")
_INSTALLED = (".yarn/releases", ".yarn/plugins", ".yarn/patches", "patches")
# What a build of a package may extend, right in the root of its workspace.
_SHARED = re.compile(
    r"tsconfig[\w.-]*\.json|[\w.-]+\.config\.(?:[cm]?[jt]s|json)|turbo\.json|nx\.json|\.swcrc|\.babelrc|\.browserslistrc"
)


@dataclass(slots=True)
class NodeWorkspace:
    """What a source's workspace comes to. Folders are from the repository's top."""

    place: Around
    root: str
    table: dict[str, Any]
    folders: tuple[str, ...] = ()  # of all members
    needed: dict[str, Evidence] = field(default_factory=dict)  # what the source needs, what needs least first
    missing: list[Fact] = field(default_factory=list)

    def rel(self, path: str) -> str:
        """A path as seen from the source."""
        return between(self.place.folder, path)


def find(tree: Tree, project: NodeProject) -> NodeWorkspace | None:
    """The workspace above a source, or the packages that it takes by path; None where there is neither."""
    place = around(tree)
    if place is None or PATH not in tree.files:
        return None
    found = _root(place)
    if found is None:
        found = NodeWorkspace(place, place.folder, project.table, _own_members(tree, project, place))
    named = {str(_table(place, folder).get("name", "")): folder for folder in found.folders}
    _need(found, place.folder, project.table, named, [])
    found.needed.pop(place.folder, None)
    return found if found.root != place.folder or found.needed or found.missing else None


def _own_members(tree: Tree, project: NodeProject, place: Around) -> tuple[str, ...]:
    """Members of a workspace whose root is the source itself. Its own listing has them: nothing is listed anew."""
    patterns = _patterns(place, place.folder, project.table)
    folders = [posixpath.dirname(path) for path in tree.files if path.endswith(f"/{PATH}")] if patterns else []
    return tuple(inside(place.folder, folder) for folder in folders if is_member(patterns, folder))


def _root(place: Around) -> NodeWorkspace | None:
    """The nearest folder above the source whose workspace has it."""
    for folder in upwards(place.folder)[1:]:
        table = _table(place, folder)
        patterns = _patterns(place, folder, table)
        if is_member(patterns, between(folder, place.folder)):
            return NodeWorkspace(place, folder, table, members(place, folder, patterns, PATH))
    return None


def _patterns(place: Around, folder: str, table: dict[str, Any]) -> list[str]:
    # Two files are read, and no folder is listed: a listing changes with the first run's own `.kforge`.
    if text := place.text(inside(folder, PNPM)):
        data = yaml_data.read(text)
        listed = data.get("packages") if isinstance(data, dict) else None
    else:
        listed = table.get("workspaces")
        listed = listed.get("packages") if isinstance(listed, dict) else listed
    return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []


def _table(place: Around, folder: str) -> dict[str, Any]:
    try:
        value = json.loads(place.text(inside(folder, PATH)) or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _need(found: NodeWorkspace, folder: str, table: dict[str, Any], named: dict[str, str], way: list[str]) -> None:
    """Adds the packages that one needs, each behind those that it needs itself."""
    if folder in found.needed or folder in way or len(way) > 50:
        return
    for name, spec in _dependencies(table):
        at = Evidence(found.rel(inside(folder, PATH)), _line(found.place, folder, name))
        by_path = _BY_PATH.fullmatch(spec)
        if by_path:
            target = joined(folder, (by_path[1] or by_path[2]).rstrip("/"))
            if target is None or PATH not in found.place.names(target):
                said = "lies outside of the repository" if target is None else "holds no package.json"
                found.missing.append(Fact(f"`{name}` is taken from `{spec}`, which {said}", (at,)))
                continue
        elif name in named and not _ELSEWHERE.match(spec):
            target = named[name]
        elif spec.startswith("workspace:"):
            said = f"`{name}` is asked for as `{spec}`, and no workspace above holds a package of that name"
            found.missing.append(Fact(said, (at,)))
            continue
        else:
            continue
        _need(found, target, _table(found.place, target), named, [*way, folder])
        found.needed.setdefault(target, at)


def _dependencies(table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for kind in _KINDS:
        held = table.get(kind)
        for name, spec in sorted(held.items()) if isinstance(held, dict) else ():
            if isinstance(spec, str):
                yield name, spec


def _line(place: Around, folder: str, name: str) -> int:
    text = place.text(inside(folder, PATH))
    offset = text.find(json.dumps(name))
    return text.count("\n", 0, offset) + 1 if offset >= 0 else 0


# ---- what a build takes of it ---------------------------------------------------------------------------------
def completed(facts: Facts, taken: TakenWorkspace) -> Facts:
    """Facts of a package with those of its workspace. Programs that dependencies bring may lie in the root's folder or in
    its own: they are started by name, from the image's PATH.
    """
    made = replace(facts, **taken._asdict())
    if taken.workspace.value["root"] == ".":
        return made
    start, build, first = (tuple(map(_bare, each)) for each in (facts.start, facts.build, facts.build_first))
    return replace(made, start=start, build=build, build_first=first)


def _bare(command: Fact) -> Fact:
    return replace(command, value=[str(word).removeprefix("node_modules/.bin/") for word in command.value])


def take(found: NodeWorkspace, project: NodeProject) -> TakenWorkspace:
    """What a build takes of the workspace; the project is told its package manager, lock file and manifests."""
    place, root = found.place, found.root
    if root != place.folder:
        _manager(found, project)
    names = place.names(root) if root != place.folder else dict.fromkeys(project.files, False)
    every = found.folders if project.manager == "yarn" and ".yarnrc.yml" in names else ()
    for folder in dict.fromkeys((*every, *found.needed, place.folder)):
        path = found.rel(inside(folder, PATH))
        project.seen.see("manifests", path, path)
    packages = [_package(found, folder) for folder in (*found.needed, place.folder)]
    shared = [name for name, below in names.items() if not below and _SHARED.fullmatch(name)]
    value = {
        "root": found.rel(root),
        "members": [found.rel(folder) for folder in found.needed],
        "packages": packages,
        "files": [found.rel(inside(root, name)) for name in shared] if root != place.folder else [],
    }
    seen = Evidence(found.rel(inside(root, PNPM if PNPM in names else PATH)))
    context, missing, _ = needed_context(place, {root: seen, **found.needed})
    return TakenWorkspace(Fact(value, (seen,)), context, (*found.missing, *missing))


def held(found: NodeWorkspace, taken: TakenWorkspace) -> list[str]:
    """What of the repository a build takes besides the source, from the repository's top."""
    value = taken.workspace.value
    paths = (joined(found.place.folder, path) for path in (*value["members"], *value["files"]))
    return [path for path in paths if path is not None]


def _package(found: NodeWorkspace, folder: str) -> dict[str, str]:
    table = _table(found.place, folder)
    scripts = table.get("scripts")
    build = "build" if isinstance(scripts, dict) and isinstance(scripts.get("build"), str) else ""
    return {"path": found.rel(folder), "name": str(table.get("name", "")), "build": build}


def _manager(found: NodeWorkspace, project: NodeProject) -> None:
    """The root's package manager and lock file in place of the source's own, and its Node.js where the source names none."""
    seen, root = Sightings(), FolderTree(found.place, found.root)
    wanted = {
        name: (spec, _line(found.place, found.root, name))
        for name, spec in _dependencies({kind: found.table.get(kind) for kind in _KINDS[:3]})
    }
    chosen = node_locks.choose(root, found.table, wanted, _line(found.place, found.root, "packageManager"), seen)
    project.manager = chosen.manager
    if chosen.lock and (text := root.text(chosen.lock)):
        _lacks(found, chosen.lock, text, seen)
    if not project.seen.has("version"):
        read_release(root, found.table, lambda block, name: _line(found.place, found.root, name), seen)
    project.seen.forget("package_manager", "manifests", "lockfile")
    path = found.rel(inside(found.root, chosen.lock or PATH))
    project.seen.see("package_manager", chosen.manager, path)
    if chosen.lock:
        project.seen.see("lockfile", path, path)
    config = inside(found.root, node_mounts.NPMRC)
    if node_mounts.NPMRC in found.place.names(found.root) and not found.place.ignored(
        config
    ):  # no link is a name there
        project.seen.see("mounted", found.rel(config), found.rel(config))
    for name in (PATH, chosen.lock, PNPM, ".yarnrc.yml", ".yarnrc", ".pnpmfile.cjs", "bunfig.toml", *_hooks(found)):
        if name and (name in root.files or "/" in name):
            project.seen.see("manifests", found.rel(inside(found.root, name)), found.rel(inside(found.root, name)))
    for name in ("doubts", "notes", "version", "version_range"):
        for fact in seen.many(name):
            for each in fact.evidence:
                project.seen.see(name, fact.value, found.rel(inside(found.root, each.file)), each.line)


def _hooks(found: NodeWorkspace) -> Iterator[str]:
    """Files that an install itself reads."""
    for folder in _INSTALLED:
        names = (
            found.place.names(inside(found.root, folder))
            if folder.partition("/")[0] in found.place.names(found.root)
            else {}
        )
        yield from (posixpath.join(folder, name) for name, below in names.items() if not below)


def _lacks(found: NodeWorkspace, lock: str, text: str, seen: Sightings) -> None:
    """A lock file that was made without the source: a frozen install refuses it."""
    path = between(found.root, found.place.folder)
    pattern = rf"^ {{2}}['\"]?{re.escape(path)}['\"]?:" if lock == "pnpm-lock.yaml" else rf"\"{re.escape(path)}\""
    if lock in ("pnpm-lock.yaml", "package-lock.json", "bun.lock") and not re.search(pattern, text, re.MULTILINE):
        said = f"`{lock}` knows no package in `{path}`, so a frozen install will refuse it"
        seen.see("doubts", {"said": said, "hint": f"install in the workspace's root and commit `{lock}`"}, lock)

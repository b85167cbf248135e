"""package.json and its neighbours → version, package manager, dependencies, scripts. Unaware of the code."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_locks, node_mounts, node_natives
from kforge.detectors.node_release import read_release
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings, SourcePlace, version_tag
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_INSTALLED = (".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/")  # what an install itself reads
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
PATH = "package.json"


@dataclass(slots=True)
class NodeProject:
    """What the manifests say. `requires` maps a production dependency to its range and line, `dev` a development one."""

    seen: Sightings
    table: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    requires: dict[str, tuple[str, int]] = field(default_factory=dict)
    dev: dict[str, tuple[str, int]] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    manager: str = "npm"
    lock: str = ""
    files: frozenset[str] = frozenset()
    compiled: tuple[str, ...] = ()  # folders beside which a build compiles nothing; () where that is not shown

    def needs(self, *names: str) -> str:
        """The first of these that is a production dependency, "" when none is."""
        return next((name for name in names if name in self.requires), "")

    def has(self, *names: str) -> str:
        """The same, development dependencies included: a build has both."""
        return next((name for name in names if name in self.requires or name in self.dev), "")

    def place(self, name: str) -> Evidence:
        return Evidence(PATH, (self.requires.get(name) or self.dev.get(name) or ("", self.line(f'"{name}"')))[1])

    def line(self, word: str) -> int:
        offset = self.text.find(word)
        return self.text.count("\n", 0, offset) + 1 if offset >= 0 else 0


def read(tree: Tree) -> NodeProject:
    files = frozenset(tree.files)
    project = NodeProject(Sightings(), files=files)
    project.text = tree.text(PATH) if PATH in files else ""
    project.table = _json(project.text, PATH, project.seen)
    index = _Index(project.text)
    for name, held in (
        ("optionalDependencies", project.requires),
        ("dependencies", project.requires),
        ("devDependencies", project.dev),
    ):
        for dependency, spec in sorted(table_in(project.table.get(name)).items()):
            held[dependency] = (str(spec), index.line(name, dependency))
    project.scripts = {
        name: text for name, text in table_in(project.table.get("scripts")).items() if isinstance(text, str)
    }
    _manager(tree, files, project)
    _identity(project)
    wanted = read_release(tree, project.table, index.line, project.seen)
    node_mounts.take(tree, project)
    node_natives.take(project, tree.text(project.lock) if project.lock else "", wanted)
    if "workspaces" in project.table or "pnpm-workspace.yaml" in files:
        place = PATH if "workspaces" in project.table else "pnpm-workspace.yaml"
        project.seen.see(
            "notes", "a workspace of several packages: the root is what is built", place, project.line('"workspaces"')
        )
    return project


def _json(text: str, path: str, seen: Sightings) -> dict[str, Any]:
    if not text:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        seen.see("notes", f"`{path}` is not JSON: {error}", path)
        return {}
    return value if isinstance(value, dict) else {}


class _Index:
    """Where the texts of package.json stand."""

    def __init__(self, text: str) -> None:
        self._place = SourcePlace.of(PATH, text)
        self._offsets: dict[str, list[int]] = {}
        for match in _STRING.finditer(text):
            self._offsets.setdefault(match.group(1), []).append(match.start())

    def line(self, block: str, name: str) -> int:
        """The line of a key inside a block; 0 where it is not."""
        start = self._offsets.get(block, [0])[0]
        offsets = self._offsets.get(name, [])
        found = bisect_left(offsets, start)
        return self._place.line(offsets[found]) if found < len(offsets) else 0


def _manager(tree: Tree, files: frozenset[str], project: NodeProject) -> None:
    """The package manager and its lock file, and what a dependency layer needs of both."""
    see = project.seen.see
    wanted = {**project.requires, **{name: at for name, at in project.dev.items() if name not in project.requires}}
    chosen = node_locks.choose(tree, project.table, wanted, project.line('"packageManager"'), project.seen)
    project.manager, project.lock = chosen.manager, chosen.lock
    if chosen.declared:
        see("package_manager", project.manager, PATH, project.line('"packageManager"'))
    elif chosen.lock or PATH in files:
        see("package_manager", project.manager, chosen.lock or PATH)
    for path in (PATH, chosen.lock, "pnpm-workspace.yaml", ".yarnrc.yml", ".yarnrc", ".pnpmfile.cjs", "bunfig.toml"):
        if path in files:
            see("manifests", path, path)
    schema = str(table_in(project.table.get("prisma")).get("schema", "")).removeprefix("./")
    for path in tree.files:
        member = path.endswith("/package.json") and ("workspaces" in project.table or "pnpm-workspace.yaml" in files)
        if member or path in ("prisma/schema.prisma", schema) or path.startswith(_INSTALLED):
            see("manifests", path, path)
    if chosen.lock:
        see("lockfile", chosen.lock, chosen.lock)


def _identity(project: NodeProject) -> None:
    for key, name in (("version", "project_version"), ("name", "project_name")):
        value = project.table.get(key)
        if isinstance(value, str) and (value := version_tag(value) if key == "version" else value):
            project.seen.see(name, value, PATH, project.line(f'"{key}"'))

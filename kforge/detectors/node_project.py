"""package.json and its neighbours → version, package manager, dependencies, scripts. Unaware of the code."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings, SourcePlace, version_tag

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

# long-term releases that have official images, newest first: https://nodejs.org/en/about/previous-releases
MAJORS = (24, 22, 20, 18)
_CODENAMES = {"krypton": "24", "jod": "22", "iron": "20", "hydrogen": "18", "*": "24"}
_LOCKS = (
    ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("package-lock.json", "npm"), ("npm-shrinkwrap.json", "npm"),
)  # fmt: skip
_INSTALLED = (".yarn/releases/", ".yarn/plugins/", ".yarn/patches/", "patches/")  # what an install itself reads
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_LONGEST = 200  # characters of a range of versions
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
    project = NodeProject(Sightings())
    files = frozenset(tree.files)
    project.text = tree.text(PATH) if PATH in files else ""
    project.table = _json(project.text, PATH, project.seen)
    index = _Index(project.text)
    for name, held in (
        ("optionalDependencies", project.requires),
        ("dependencies", project.requires),
        ("devDependencies", project.dev),
    ):
        for dependency, spec in sorted(_table(project.table.get(name)).items()):
            held[dependency] = (str(spec), index.line(name, dependency))
    project.scripts = {
        name: text for name, text in _table(project.table.get("scripts")).items() if isinstance(text, str)
    }
    _manager(tree, files, project)
    _identity(project)
    _version(tree, files, project)
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


def _table(value: Any) -> dict[str, Any]:
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
    """By `packageManager` where it agrees with a lock file or there is none, else by the lock file."""
    see = project.seen.see
    declared = re.match(r"(npm|pnpm|yarn)@", str(project.table.get("packageManager", "")))
    present = [(lock, manager) for lock, manager in _LOCKS if lock in files]
    chosen = next(
        (pair for pair in present if declared and pair[1] == declared.group(1)), present[0] if present else None
    )
    if declared and (chosen is None or chosen[1] == declared.group(1)):
        project.manager = declared.group(1)
        see("package_manager", project.manager, PATH, project.line('"packageManager"'))
    elif chosen:
        project.manager = chosen[1]
        see("package_manager", project.manager, chosen[0])
    elif PATH in files:
        see("package_manager", "npm", PATH)
    for lock, manager in present:
        if chosen and lock != chosen[0]:
            see("notes", f"`{lock}` of {manager} is not used: `{chosen[0]}` is", lock)
    for path in (PATH, chosen[0] if chosen else "", "pnpm-workspace.yaml", ".yarnrc.yml", ".pnpmfile.cjs"):
        if path in files:
            see("manifests", path, path)
    for path in tree.files:
        member = path.endswith("/package.json") and ("workspaces" in project.table or "pnpm-workspace.yaml" in files)
        if member or path == "prisma/schema.prisma" or path.startswith(_INSTALLED):
            see("manifests", path, path)
    if chosen:
        see("lockfile", chosen[0], chosen[0])


def _identity(project: NodeProject) -> None:
    for key, name in (("version", "project_version"), ("name", "project_name")):
        value = project.table.get(key)
        if isinstance(value, str) and (value := version_tag(value) if key == "version" else value):
            project.seen.see(name, value, PATH, project.line(f'"{key}"'))


def _version(tree: Tree, files: frozenset[str], project: NodeProject) -> None:
    """The major to build with: what is pinned for tools first, then the newest that `engines` allows."""
    for path, pattern in (
        (".nvmrc", r"^[^\S\n]*+(\S++)"),
        (".node-version", r"^[^\S\n]*+(\S++)"),
        (".tool-versions", r"^node(?:js)?\s++(\S++)"),
    ):
        text = tree.text(path) if path in files else ""
        if (found := re.search(pattern, text, re.MULTILINE)) and (version := fitting(found.group(1))):
            project.seen.see("version", version, path, text.count("\n", 0, found.start(1)) + 1)
            return
    for block in ("volta", "engines"):
        spec = _table(project.table.get(block)).get("node")
        if isinstance(spec, str) and (version := fitting(spec)):
            project.seen.see("version", version, PATH, _Index(project.text).line(block, "node"))
            return


def fitting(spec: str) -> str:
    """The newest long-term major that a semver range allows, or the one it names: `>=18 <21` → `20`; "" for none."""
    spec = spec.strip().lower() if len(spec) <= _LONGEST else ""
    if spec in ("node", "stable", "latest", "current"):
        return str(MAJORS[0])
    if spec.startswith("lts/"):
        return _CODENAMES.get(spec[4:], "")
    for major in MAJORS:
        if any(_range(choice, major) for choice in spec.split("||")):
            return str(major)
    exact = re.fullmatch(r"[v=^~\s]*+([0-9]{1,9})(?:\.[0-9x*]++){0,2}", spec)
    return exact.group(1) if exact and 10 <= int(exact.group(1)) < 40 else ""


def _range(choice: str, major: int) -> bool:
    """Whether some release of a major satisfies every comparator of one alternative."""
    hyphen = re.fullmatch(r"\s*+v?(\d{1,9})\S*+\s++-\s++v?(\d{1,9})\S*+\s*+", choice)
    if hyphen:
        return int(hyphen.group(1)) <= major <= int(hyphen.group(2))
    parts = re.findall(r"(?:(>=|<=|[<>=^~])\s*+)?v?(\d{1,9}|[x*])((?:\.[\dx*]++)*+)\S*+", choice)
    if not parts:
        return False
    for operator, number, rest in parts:
        if number in ("x", "*"):
            continue
        wanted = int(number)
        more = any(part not in ("", "0", "x", "*") for part in rest.split("."))
        fits = {
            ">=": major >= wanted,
            ">": major > wanted or (major == wanted and bool(rest)),
            "<": major < wanted or (major == wanted and more),
            "<=": major <= wanted,
        }.get(operator, major == wanted)
        if not fits:
            return False
    return True

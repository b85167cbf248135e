"""A front end inside (or beside) a source that its back end embeds or serves → how it is built, and what of it is needed.

The back end is the source; the front end is a folder with a package.json that builds. They belong together where a
`//go:embed` line takes what the build leaves, where the build leaves it among the back end's own files, or where code of
the back end names that folder. It claims no language: it completes what the back end's detector reads.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_frameworks, node_install, node_outputs, node_project, node_workspace
from kforge.detectors.build_context import needed_context
from kforge.detectors.go_embeds import Embed, embeds
from kforge.detectors.node_packages import PACKAGES
from kforge.detectors.part_trees import BesideTree, PartTree
from kforge.domain.artifact import Detector, around
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.instructions import within
from kforge.domain.source.sightings import product_code

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

_SCRIPTS = ("build:prod", "build:production", "build", "release", "build:release", "compile", "bundle", "dist")
_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|e2e|cypress|docs?|examples?|samples?|fixtures?|testdata|website|storybook|\.[^/]+)(?:/|$)"
)
_CODE = (".py", ".go", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".php")
_BACK = ("go.mod", "pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "manage.py", "composer.json", "Gemfile")
# Folders beside a back end that may hold its front end. The folder that holds both is not listed: a hundred services in
# one folder would each look at all others.
_BESIDE = (
    "frontend",
    "front-end",
    "front",
    "web",
    "webapp",
    "ui",
    "client",
    "dashboard",
    "admin",
    "site",
    "www",
    "spa",
)
_QUOTED = re.compile(r"[\"'`]([^\"'`\n]{1,200})[\"'`]")
_OUTSIDE = re.compile(r"[\"'`](\.\./[^\"'`\n]{0,200})[\"'`]")
_DEEPEST, _MOST = 3, 20  # folders that are looked at
_MOST_TEXTS = 20_000  # of one file


@dataclass(slots=True)
class FrontEnd:
    """A folder that builds, from the source; what fills which folder, "" where that is not known."""

    folder: str
    tree: Tree
    project: NodeProject
    script: str
    output: str
    place: Evidence
    taken: list[str] = field(default_factory=list)  # folders that the back end needs of it
    workspace: dict[str, Any] | None = None  # as the fact of this name, its paths from `folder`

    def covers(self, path: str) -> bool:
        """Whether the build fills a folder, as far as that is known."""
        if not self.output:
            return within(path, self.folder)
        return within(path, self.output) or within(self.output, path)


def detect(tree: Tree) -> Facts | None:
    files = frozenset(tree.files)
    own = not files.isdisjoint(_BACK)
    lines = embeds(tree) if "go.mod" in files or any(path.endswith(".go") for path in files) else []
    wanted = [line.prefix for line in lines if not line.found]
    found = [one for one in _candidates(tree, own, wanted) if one is not None]
    if not found and not lines:
        return None
    faults = [fault for line in lines for fault in _embedded(line, found, files)]
    if found:
        _served(tree, found)
    taken = [one for one in found if one.taken]
    if not taken and not faults:
        return None
    for one in taken:
        _in_workspace(one)
    beside = {posixpath.normpath(path): one.place for one in taken for path in _reached(one) if path.startswith("..")}
    place = around(tree)
    context = None
    if beside and place is not None:
        needed = {posixpath.normpath(posixpath.join(place.folder, folder)): seen for folder, seen in beside.items()}
        context = needed_context(place, needed).fact
    return Facts(
        detector="front_ends",
        revision=1,
        front_ends=tuple(Fact(_described(one), (one.place,)) for one in taken),
        context=context,
        faults=tuple(faults),
        mounted=tuple(
            Fact(posixpath.normpath(posixpath.join(one.folder, str(fact.value))), (one.place,))
            for one in taken
            for fact in one.project.seen.many("mounted")
        ),
    )


def _reached(one: FrontEnd) -> list[str]:
    """Folders that its build needs, from the source."""
    of_workspace = (one.workspace["root"], *one.workspace["members"]) if one.workspace else ()
    return [posixpath.normpath(posixpath.join(one.folder, path)) for path in (".", *of_workspace)]


# ---- folders that build ---------------------------------------------------------------------------------------
def _candidates(tree: Tree, own: bool, wanted: Sequence[str]) -> Iterator[FrontEnd | None]:
    root = node_project.read(tree) if "package.json" in tree.files else None
    scripts = " ".join(root.scripts.values()) if root and not own else ""
    if root is not None and "workspaces" in root.table and not own:
        return  # the root's own build makes them
    folders = [path.rpartition("/")[0] for path in tree.files if path.rpartition("/")[2] == "package.json"]
    for folder in sorted(folders, key=lambda each: (each.count("/"), each))[:_MOST]:
        built = bool(folder) and re.search(
            rf"(?<![\w/-]){re.escape(folder)}(?![\w-])", scripts
        )  # by the back end's own
        if (folder or own) and not built and folder.count("/") < _DEEPEST and not _ASIDE.search(folder):
            yield _front_end(folder or ".", PartTree(tree, folder) if folder else tree, wanted)
    place = around(tree)
    if place is None or not place.folder:
        return
    parent, _, mine = place.folder.rpartition("/")
    for name in _BESIDE:
        if name != mine and place.text(posixpath.join(parent, name, "package.json")):
            yield _front_end(f"../{name}", BesideTree(place, posixpath.join(parent, name)), wanted, mine)


def _script(project: NodeProject, folder: str, wanted: Sequence[str]) -> str:
    """The script that builds: the one that leaves what is embedded and not there, else the first by its name."""
    for name in [*project.scripts][:_MOST] if wanted else ():
        told = node_outputs.flagged(project, name)
        output = posixpath.normpath(posixpath.join(folder, told[0])) if told else ""
        if output and any(within(each, output) for each in wanted):
            return name
    return next((name for name in _SCRIPTS if name in project.scripts), "")


def _front_end(folder: str, tree: Tree, wanted: Sequence[str], mine: str = "") -> FrontEnd | None:
    """`wanted`: folders that are embedded and not there; `mine`: the name of the source's own folder, where the front end
    lies beside it and may fill it.
    """
    project = node_project.read(tree)
    script = _script(project, folder, wanted)
    if not script:
        return None
    told = _output(tree, project, script)
    output = posixpath.normpath(posixpath.join(folder, told[0])) if told else ""
    if mine and within(output, f"../{mine}"):
        output = output.removeprefix(f"../{mine}").lstrip("/") or "."
    line = told[1] if told else Evidence("package.json", project.line(f'"{script}"'))
    place = Evidence(posixpath.join(folder, line.file), line.line)
    return FrontEnd(folder, tree, project, script, output, place)


def _in_workspace(one: FrontEnd) -> None:
    """Settles the workspace that a front end is built in. Only what is taken is asked: it reads folders around it."""
    found = node_workspace.find(one.tree, one.project)
    one.workspace = node_workspace.take(found, one.project).workspace.value if found else None


def _output(tree: Tree, project: NodeProject, script: str) -> tuple[str, Evidence] | None:
    if project.has("next"):
        (folder, place), static = node_outputs.of_next(tree, project)
        return (folder, place) if static else None
    row = node_frameworks.chosen(project)
    if row and (folder := node_frameworks.static_folder(row, tree, project)):
        return folder, project.place(row.dependency)
    bundler = project.has(*node_outputs.STATIC)
    return node_outputs.bundled(tree, project, bundler, script) if bundler else node_outputs.flagged(project, script)


# ---- what the back end takes ----------------------------------------------------------------------------------
def _embedded(line: Embed, found: list[FrontEnd], files: frozenset[str]) -> Iterator[Fact]:
    """A line that embeds: what builds it is noted, and where nothing does and nothing is there, that is a fault."""
    near = sorted((one for one in found if one.covers(line.prefix)), key=lambda one: (not one.output, -len(one.folder)))
    if near:
        is_file = "." in posixpath.basename(line.prefix)
        _take(near[0], near[0].output or (posixpath.dirname(line.prefix) if is_file else line.prefix))
    elif not line.found:
        other = next((one for one in found if within(line.prefix, one.folder)), None)
        why = (
            f", and `{other.project.manager} run {other.script}` of `{other.folder}` leaves `{other.output}`"
            if other
            else ""
        )
        said = f"`//go:embed {line.pattern}` takes `{line.prefix}`, which is not in the source and which no step makes{why}"
        hint = "commit it, or let the build leave it there: a package.json with a script `build` whose output it is"
        yield Fact({"said": said, "hint": hint}, (Evidence(line.file, line.line),))


def _take(one: FrontEnd, path: str) -> None:
    if path not in one.taken:
        one.taken.append(path)


def _served(tree: Tree, found: list[FrontEnd]) -> None:
    """Front ends whose output lies among other files of the source, or whose folder code names."""
    for one in found:
        leaves = bool(one.output) and not within(one.output, one.folder) and not one.output.startswith("..")
        if leaves and not one.taken:
            _take(one, one.output)
    named = [one for one in found if not one.taken and one.output]
    for path in product_code(tree, _CODE)[0] if named else ():
        if any(within(path, one.folder) for one in found if one.folder != "."):
            continue
        texts = {text.strip("./") for text in _QUOTED.findall(tree.text(path))[:_MOST_TEXTS]}
        for one in named:
            if _names(one, texts, posixpath.dirname(path)):
                _take(one, one.output)


def _names(one: FrontEnd, texts: set[str], base: str) -> bool:
    """`"../client/dist"`, `"client/dist/index.html"`, or each part by itself: `join(dir, "..", "client", "dist")`."""
    parts = [part for part in one.output.split("/") if part != ".."]
    whole = "/".join(parts)
    if len(parts) == 1:
        return one.folder == "." and (whole in texts or any(text.startswith(f"{whole}/") for text in texts))
    relative = posixpath.relpath(one.output, base or ".").strip("./")
    near = any(text == end or text.startswith(f"{end}/") for text in texts for end in (whole, relative) if "/" in end)
    return near or all(part in texts for part in parts) or any(text.endswith(f"/{whole}") for text in texts)


def _described(one: FrontEnd) -> dict[str, Any]:
    """What a recipe needs to build it. Paths of `manifests` are from the folder, those of `output` from the source."""
    seen, project = one.project.seen, one.project
    node_install.read(one.tree, project.table, project, lambda path: path)
    version, lock = seen.first("version"), seen.first("lockfile")
    whole = one.folder == "." or _reaches_out(one)
    described = {
        "folder": one.folder,
        "manager": project.manager,
        "version": version.value if version else "",
        "locked": lock is not None,
        "manifests": [fact.value for fact in seen.many("manifests")],
        "steps": [*(fact.value for fact in seen.many("build_first")), [project.manager, "run", one.script]],
        "output": sorted(one.taken),
        "whole": whole,
        "packages": sorted(
            {package for name in PACKAGES if project.has(name) for package in PACKAGES[name].build}
            | {str(fact.value) for fact in seen.many("native build")}
        ),
    }
    told = {
        "workspace": one.workspace,
        "variables": [fact.value for fact in seen.many("install_variables")],
        "scripts": [fact.value for fact in seen.many("install_scripts")],
        "manager_version": next((fact.value for fact in seen.many("manager_version")), ""),
    }
    return described | {key: value for key, value in told.items() if value}


def _reaches_out(one: FrontEnd) -> bool:
    """Whether a configuration of the folder names what lies outside of it: then the whole source is there to build it."""
    for path in one.tree.files:
        if "/" not in path and path.endswith((".js", ".ts", ".mjs", ".cjs", ".json")) and "lock" not in path:
            for text in _OUTSIDE.findall(one.tree.text(path))[:_MOST_TEXTS]:
                full = posixpath.normpath(posixpath.join(one.folder, text))
                if not (within(full, one.folder) or (one.output and within(full, one.output))):
                    return True
    return False


DETECTOR = Detector("front_ends", 1, detect)

"""A Go source → the modules of the repository that it is built with: those that its `go.work` uses, and folders that replace
modules.

In a workspace, `go` reads the go.mod of every module that is used, and the code of those that are imported.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge.detectors import go_modules
from kforge.detectors.build_context import needed_context
from kforge.detectors.go_modules import GoModule
from kforge.detectors.workspaces import TakenWorkspace, inside
from kforge.domain.artifact import around
from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.source.build_context import between, contains, joined, upwards

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree

MODULE, WORK, SUM, WORK_SUM, VENDORED = "go.mod", "go.work", "go.sum", "go.work.sum", "vendor/modules.txt"
_IMPORTED = re.compile(r'"([\w.~/-]{1,300})"')
_VENDORS = "## workspace"  # https://go.dev/ref/mod#go-work-vendor
_MOST_FILES, _DEEPEST = 400, 8  # of a module that is looked into for what it imports


@dataclass(slots=True)
class GoWorkspace:
    """Folders are from the repository's top."""

    place: Around
    root: str | None = None  # of the go.work that has the source
    modules: dict[str, GoModule] = field(
        default_factory=dict
    )  # by folder: the source's own, those used, those that replace
    used: dict[str, Evidence] = field(default_factory=dict)  # folders that the workspace names
    needed: dict[str, Evidence] = field(default_factory=dict)  # folders whose code is built as well
    missing: list[Fact] = field(default_factory=list)

    def rel(self, path: str) -> str:
        """A path as seen from the source."""
        return between(self.place.folder, path)


def find(tree: Tree) -> GoWorkspace | None:
    """The workspace of a source, or the modules of the repository that it names; None where there is neither."""
    place = around(tree)
    if place is None:
        return None
    found = GoWorkspace(place)
    if MODULE in tree.files:
        found.modules[place.folder] = go_modules.read(tree.text(MODULE))
    work = _workspace(found, tree)
    _replaced(found, work)
    return found if found.modules.keys() - {place.folder} or found.missing else None


def _workspace(found: GoWorkspace, tree: Tree) -> GoModule:
    """Takes the nearest go.work, as `go` does, if it has the source."""
    place = found.place
    for folder in upwards(place.folder):
        text = tree.text(WORK) if folder == place.folder and WORK in tree.files else place.text(inside(folder, WORK))
        if not text:
            continue
        work = go_modules.read(text)
        used = [(joined(folder, path), path, line) for path, line in work.uses]
        if folder != place.folder and place.folder not in [target for target, _, _ in used]:
            break  # `go` is told elsewhere: it refuses a module that the workspace around it does not use
        found.root = folder
        for target, path, line in used:
            at = Evidence(found.rel(inside(folder, WORK)), line)
            _use(found, target, path, at)
        return work
    return GoModule()


def _use(found: GoWorkspace, target: str | None, path: str, at: Evidence) -> None:
    if target is None:
        found.missing.append(Fact(f"`{path}` is used, and it lies outside of the repository", (at,)))
    elif target in found.modules:
        found.used[target] = at
    elif text := found.place.text(inside(target, MODULE)):
        found.modules[target] = go_modules.read(text)
        found.used[target] = at
    else:
        found.missing.append(Fact(f"`{path}` is used, and it has no {MODULE}", (at,)))


def _replaced(found: GoWorkspace, work: GoModule) -> None:
    """Adds the folders that replace modules: those that go.work names, and those of the modules that are built."""
    required = {name for module in found.modules.values() for name in module.requires}
    said = [(inside(found.root or "", WORK), found.root or "", work)]
    said += [(inside(folder, MODULE), folder, module) for folder, module in found.modules.items()]
    for file, folder, module in said:
        for name, path, line in module.replaces:
            if name not in required:
                continue
            at, target = Evidence(found.rel(file), line), joined(folder, path)
            if target is None:
                text = f"`{name}` is replaced by `{path}`, which lies outside of the repository"
                found.missing.append(Fact(text, (at,)))
            elif target in found.modules or (text := found.place.text(inside(target, MODULE))):
                if target not in found.modules:
                    found.modules[target] = go_modules.read(text)
                    required.update(found.modules[target].requires)
                found.needed.setdefault(target, at)
            else:
                found.missing.append(Fact(f"`{name}` is replaced by `{path}`, which has no {MODULE}", (at,)))


# ---- what of it is built --------------------------------------------------------------------------------------
def built_here(found: GoWorkspace | None, path: str, modules: Collection[str]) -> bool:
    """Whether a file of the source belongs to a module that is built: its own, or one of those that were found.
    `modules` are the folders of the source that have a go.mod, the deepest first.
    """
    own = next((folder for folder in modules if path.startswith(f"{folder}/")), "")
    return not own or (found is not None and inside(found.place.folder, own) in found.modules)


def started_here(found: GoWorkspace | None, folder: str, modules: Collection[str]) -> bool:
    """Whether `go build` takes a package of the source by its folder: it is of the source's own module, or of one that is
    used.
    """
    own = next((each for each in modules if folder == each or folder.startswith(f"{each}/")), "")
    return not own or (found is not None and inside(found.place.folder, own) in found.used)


def nested(tree: Tree) -> list[str]:
    """Folders below the source that have a go.mod of their own, the deepest first."""
    return sorted(
        (posixpath.dirname(path) for path in tree.files if path.endswith(f"/{MODULE}")), key=len, reverse=True
    )


def take(found: GoWorkspace, imported: Collection[str]) -> TakenWorkspace:
    """What a build takes. `imported` are paths of packages that the source's own code imports."""
    place = found.place
    if found.root is not None:
        _reach(found, place.folder, imported)
    found.needed.pop(place.folder, None)
    outside = [folder for folder in (*found.needed, *_vendored(found)) if not contains(place.folder, folder)]
    value = {"root": ".", "members": [found.rel(folder) for folder in outside], "packages": [], "files": []}
    first = next(iter((*found.used.values(), *found.needed.values())), Evidence(MODULE))
    asked = {folder: at for folder, at in {**found.used, **found.needed}.items() if folder != place.folder}
    if found.root not in (None, place.folder):
        asked[found.root or ""] = Evidence(found.rel(inside(found.root or "", WORK)))
    context, missing, _ = needed_context(place, asked)
    return TakenWorkspace(Fact(value, (first,)), context, (*found.missing, *missing))


def _reach(found: GoWorkspace, folder: str, imported: Collection[str]) -> None:
    """Adds the modules of the workspace that packages are imported from, through others too."""
    queue: list[tuple[str, Collection[str]]] = [(folder, imported)]
    for here, names in queue:
        required = found.modules[here].requires if here in found.modules else {}
        for other, at in found.used.items():
            path = found.modules[other].path
            wanted = path in required or any(name == path or name.startswith(f"{path}/") for name in names)
            if path and wanted and other not in found.needed and other != folder:
                found.needed[other] = at
                queue.append((other, frozenset(_imports(found.place, other, _DEEPEST, [_MOST_FILES]))))


def _imports(place: Around, folder: str, depth: int, left: list[int]) -> Iterator[str]:
    """Texts between quotes in the Go files of a module, the paths that it imports among them."""
    for name, below in place.names(folder).items():
        if below and depth and not name.startswith((".", "_")) and name not in ("testdata", "vendor"):
            yield from _imports(place, inside(folder, name), depth - 1, left)
        elif name.endswith(".go") and not name.endswith("_test.go") and left[0] > 0:
            left[0] -= 1
            yield from _IMPORTED.findall(place.text(inside(folder, name)))


def _vendored(found: GoWorkspace) -> list[str]:
    """The folder of modules that `go work vendor` wrote beside a go.work above the source."""
    folder = inside(found.root or "", "vendor")
    if found.root in (None, found.place.folder) or not found.place.text(f"{folder}/modules.txt").startswith(_VENDORS):
        return []
    return [folder]


def manifests(found: GoWorkspace | None, tree: Tree) -> Many:
    """Files that `go mod download` reads, by their paths from the source."""
    paths: list[str] = []
    own = [path for path in (MODULE, SUM, WORK, WORK_SUM, VENDORED) if path in tree.files]
    if found is not None:
        root = found.root
        if root not in (None, found.place.folder):
            own = [path for path in own if path != VENDORED]  # `go` uses that of the workspace, or none
        top = [inside(root, name) for name in (WORK, WORK_SUM)] if root is not None else []
        top += [inside(folder, "modules.txt") for folder in _vendored(found)]
        each = [inside(folder, name) for folder in found.modules for name in (MODULE, SUM)]
        paths = [found.rel(path) for path in (*top, *each) if found.place.has(path)]
    return tuple(Fact(path, (Evidence(path),)) for path in dict.fromkeys((*own, *paths)))


def texts(found: GoWorkspace | None, tree: Tree) -> list[tuple[str, str]]:
    """The go.mod of the source and of the modules that it is built with, by their paths from the source."""
    if found is None:
        return [(MODULE, tree.text(MODULE))] if MODULE in tree.files else []
    paths = [
        inside(folder, MODULE) for folder in found.modules if folder == found.place.folder or folder in found.needed
    ]
    every = paths or [inside(folder, MODULE) for folder in found.used]
    return [(found.rel(path), found.place.text(path)) for path in every]

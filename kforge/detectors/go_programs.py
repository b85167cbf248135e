"""Programs of a Go module beside its first → where each of them listens. Reads only the packages that it is made of."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kforge.detectors import go_code, go_ports
from kforge.detectors.go_dialect import DIALECT
from kforge.domain.artifact import around
from kforge.domain.commands.installed_programs import SCRIPT
from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.program import program

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_MOST = 7  # programs; a module with more holds examples


def beside(tree: Tree, files: list[CodeFile], mains: list[tuple[str, str, int]], module: str) -> Many:
    """`{"command": "/app/mail", "ports": […]}` of each program behind the first that listens."""
    folders: dict[str, list[CodeFile]] = {}
    for file in files:
        folders.setdefault(posixpath.dirname(file.path), []).append(file)
    found: list[Fact] = []
    for folder, path, line in mains[1:] if len(mains) <= _MOST + 1 else ():
        seen = Sightings()
        names = program(_made_of(folder, folders, module), DIALECT)
        imports = frozenset(each for file in names.files for each in file.imported)
        go_code.scan(names, imports, tree, seen)
        ports = [fact.value for fact in go_ports.ports(tree, seen, None)]
        if ports:
            command = f"/app/{posixpath.basename(folder) or posixpath.basename(module)}"
            found.append(Fact({"command": command, "ports": ports}, (Evidence(path, line),)))
    return tuple(found)


def absent(tree: Tree, manifest: str) -> Many:
    """What commands of the spec start by a name alone: an image holds the programs that are built, by their paths."""
    place = around(tree)
    names = place.pins.programs if place is not None else ()
    plain = (name for name in names if not name.startswith(SCRIPT))
    return tuple(
        Fact({"program": name, "by": name, "packages": [], "manifest": manifest, "listed": ""}) for name in plain
    )


def _made_of(folder: str, folders: dict[str, list[CodeFile]], module: str) -> list[CodeFile]:
    """The files of a main package and of the packages of the module that it imports, through others too."""
    queue, met = [folder], {folder}
    for each in queue:
        for file in folders.get(each, ()):
            for path in sorted(file.imported):
                inner = path.removeprefix(module).lstrip("/") if module and f"{path}/".startswith(f"{module}/") else ""
                if inner and inner in folders and inner not in met:
                    met.add(inner)
                    queue.append(inner)
    return [file for each in queue for file in folders.get(each, ())]

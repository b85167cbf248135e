"""Packages of the repository that a Node source imports → variables that their code reads, as far as imports reach it.

What a package's manifest names is often built; the file that it is built from is looked for below `src`.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from kforge.detectors import environment, node_settings
from kforge.detectors.node_dialect import DIALECT
from kforge.detectors.node_imports import stems
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.workspaces import inside
from kforge.domain.artifact import around
from kforge.domain.source.build_context import between, contains, joined
from kforge.domain.source.sightings import Sightings
from kforge.syntax import javascript as syntax
from kforge.syntax.program import SourceProgram, program, read_all

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree

_IMPORTED = re.compile(r"(?:\bfrom|\bimport|\brequire\(|\bimport\()[ \t]{0,9}['\"]([^'\"\n]{1,300})['\"]")
_BUILT = re.compile(r"^(?:dist|build|lib|out)/(?:(?:cjs|esm|src|types)/)?")
_ENDS = re.compile(r"(?:\.d)?\.[cm]?[jt]sx?$")
_CODE = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")
_MOST = 200  # files that are read


def read(tree: Tree, names: SourceProgram, seen: Sightings, folders: Collection[str]) -> None:
    """See `env` and `hosts` of files that are reached, and let the program know their settings and helpers. `folders`: of the
    packages, from the repository's top.
    """
    place = around(tree)
    if place is None or not folders:
        return
    packages: dict[str, tuple[str, dict[str, Any]]] = {}
    for folder in folders:
        table = {} if contains(folder, place.folder) else _table(place, folder)
        packages |= {str(table["name"]): (folder, table)} if "name" in table else {}
    texts = dict(_reached(place, packages, tree, names)) if packages else {}
    if not texts:
        return
    files, _ = read_all(texts, lambda path: texts[path], syntax.read)
    # By themselves: a key of an object is a field of that name in every file of a program.
    theirs, found = program(files, DIALECT), Sightings()
    node_settings.scan(theirs, knowledge("node"), found)
    environment.scan(theirs, knowledge("node"), found)
    seen.adopt("env", found.many("env"))
    seen.adopt("named_files", found.many("named_files"))
    seen.adopt("named_folders", found.many("named_folders"))
    seen.adopt("hosts", found.many("hosts"))
    names.settings = {**theirs.settings, **names.settings}
    names.readers = {**theirs.readers, **names.readers}


def _table(place: Around, folder: str) -> dict[str, Any]:
    try:
        value = json.loads(place.text(inside(folder, "package.json")) or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _reached(
    place: Around, packages: dict[str, tuple[str, dict[str, Any]]], tree: Tree, names: SourceProgram
) -> Iterator[tuple[str, str]]:
    """Files of the packages, through others too, by their paths from the source."""
    queue = [("", tree.text(file.path)) for file in names.files]
    done: set[str] = set()
    for folder, text in queue:
        for wanted in dict.fromkeys(_IMPORTED.findall(text)):
            path = _file(place, folder, wanted, packages)
            if path and path not in done and len(done) < _MOST:
                done.add(path)
                own = place.text(path)
                queue.append((posixpath.dirname(path), own))
                yield between(place.folder, path), own


def _file(place: Around, folder: str, wanted: str, packages: dict[str, tuple[str, dict[str, Any]]]) -> str:
    """The file of a package that an import names, from the repository's top; "" for others. `folder`: of the file that
    imports, "" where that is one of the source's own.
    """
    if wanted.startswith("."):
        target = joined(folder, wanted) if folder else None
        return _there(place, target) if target else ""
    name = "/".join(wanted.split("/")[: 2 if wanted.startswith("@") else 1])
    if name not in packages:
        return ""
    base, table = packages[name]
    for entry in _entries(table, wanted[len(name) :].strip("/")):
        for path in dict.fromkeys((entry, _BUILT.sub("src/", entry), _BUILT.sub("", entry))):
            if found := _there(place, inside(base, path)):
                return found
    return ""


def _entries(table: dict[str, Any], inner: str) -> Iterator[str]:
    """Where a package may keep what an import names, as its manifest says and as is usual; without endings."""
    exports = table.get("exports")
    said = exports.get(f"./{inner}" if inner else ".") if isinstance(exports, dict) else None if inner else exports
    while isinstance(said, dict):
        said = next(iter(said.values()), None)
    for each in (said, *(() if inner else (table.get(key) for key in ("main", "module", "types")))):
        if isinstance(each, str):
            yield _ENDS.sub("", posixpath.normpath(each[:300]))
    yield from (f"src/{inner}", inner) if inner else ("src/index", "index", "src/main", "lib/index")


def _there(place: Around, path: str) -> str:
    """The file that a path without its ending, or with that of what is built of it, names; "" where there is none."""
    for stem in dict.fromkeys((path, *stems(path), _ENDS.sub("", path))):
        folder, name = posixpath.split(stem)
        held = place.names(folder)
        if _ENDS.search(name) and held.get(name) is False:
            return stem
        if found := next((f"{stem}{end}" for end in _CODE if held.get(f"{name}{end}") is False), ""):
            return found
        inner = place.names(stem) if held.get(name) else {}
        if found := next((f"{stem}/index{end}" for end in _CODE if inner.get(f"index{end}") is False), ""):
            return found
    return ""

"""Code of the projects that a source takes of its repository, as far as it imports it → variables that it reads, too.

A library of a workspace holds the settings of several services: only modules that are reached by imports are read.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from kforge.detectors import environment, python_settings
from kforge.detectors.python_dialect import DIALECT
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.workspaces import inside
from kforge.domain.artifact import around
from kforge.domain.source.build_context import between, contains, upwards
from kforge.domain.source.sightings import Sightings
from kforge.syntax import python as syntax
from kforge.syntax.program import SourceProgram, program, read_all

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree

_IMPORT = re.compile(
    r"^[ \t]{0,40}(?:from[ \t]{1,9}(\.{0,9}[\w.]{0,200})[ \t]{1,9}import[ \t]{0,9}+(\([^()]{0,2000}+\)|[^\n(]{0,1000}+)"
    r"|import[ \t]{1,9}([\w., \t]{1,400}+))",
    re.MULTILINE,
)
_NAMES = re.compile(r"(?:^|,|\()\s{0,99}(\w{1,200})")
_ROOTS = ("", "src")  # folders of a project that hold its packages
_ABOVE = 2  # folders above a package in which its name may begin
_MOST, _MOST_NAMES = 200, 2000  # files that are read; modules that are looked for


def read(tree: Tree, names: SourceProgram, seen: Sightings, folders: Collection[str]) -> None:
    """See `env` and `hosts` of modules that are reached, and let the program know their settings and helpers. `folders`: of
    the projects, from the repository's top.
    """
    place = around(tree)
    others = [each for each in folders if place and not contains(each, place.folder) and place.names(each)]
    if place is None or not others:
        return
    texts = {between(place.folder, path): place.text(path) for path in _reached(place, others, tree, names)}
    files, _ = read_all(texts, lambda path: texts[path], syntax.read)
    whole, found = program([*names.files, *files], DIALECT), Sightings()
    python_settings.take_settings(whole)
    environment.scan(whole, knowledge("python"), found)
    python_settings.scan(whole, knowledge("python"), found)
    seen.adopt("env", found.many("env"))
    seen.adopt("named_files", found.many("named_files"))
    seen.adopt("named_folders", found.many("named_folders"))
    seen.adopt("hosts", found.many("hosts"))
    names.settings = {**whole.settings, **names.settings}
    names.readers = {**whole.readers, **names.readers}


def _reached(place: Around, folders: Collection[str], tree: Tree, names: SourceProgram) -> list[str]:
    """Files of the projects that the source imports, through others too; from the repository's top."""
    roots = [inside(folder, root).rstrip("/") for folder in folders for root in _ROOTS]
    for folder in folders:  # a package that is no project begins above
        above = [] if "pyproject.toml" in place.names(folder) else upwards(posixpath.dirname(folder))[:_ABOVE]
        roots += [each for each in above if each and not contains(each, place.folder)]
    found: dict[str, None] = {}
    asked: set[tuple[str, str]] = set()
    queue = [("", tree.text(file.path)) for file in names.files]
    for folder, text in queue:
        for base, module in _imported(text, folder):
            if (base, module) in asked or len(asked) > _MOST_NAMES:
                continue
            asked.add((base, module))
            for path in _modules(place, [base] if base else roots, module.split(".")):
                if path not in found and len(found) < _MOST:
                    found[path] = None
                    queue.append((posixpath.dirname(path), place.text(path)))
    return [*found]


def _imported(text: str, folder: str) -> Iterator[tuple[str, str]]:
    """(folder, dotted name) of what a file imports; the folder of relative imports, "" for others."""
    for each in _IMPORT.finditer(text):
        if each[3]:
            yield from (("", name.split()[0]) for name in each[3].split(",") if name.split())
            continue
        dots = len(each[1]) - len(each[1].lstrip("."))
        base = "/".join(folder.split("/")[: len(folder.split("/")) - dots + 1]) if dots else ""
        if dots and not base:
            continue  # of the source itself
        inner = each[1].lstrip(".")
        listed = _NAMES.findall(each[2])[:100]
        yield from ((base, f"{inner}.{name}".lstrip(".")) for name in listed)
        if inner:
            yield base, inner


def _modules(place: Around, roots: Iterable[str], parts: list[str]) -> list[str]:
    """The files that an import runs: of each package on the way, and of the module; none where no folder has it."""
    for root in roots:
        found, here = [], root
        for part in parts:
            held = place.names(here)
            if held.get(part):
                here = inside(here, part)
                if "__init__.py" in place.names(here):
                    found.append(inside(here, "__init__.py"))
            else:
                found += [inside(here, f"{part}.py")] if f"{part}.py" in held else []
                break
        if found:
            return found
    return []

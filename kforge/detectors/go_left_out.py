"""What a Go program is compiled with and opens, and the user's own .dockerignore keeps out of the image → doubts with the
line, as `left_out_files` has them for what other languages import.

An import is a folder of the module here, `//go:embed` ends a build that finds nothing, and what is opened is copied out
of the stage that compiles.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kforge.detectors.dockerignore import PATH, patterns
from kforge.detectors.go_embeds import embeds
from kforge.detectors.left_out_files import HINT, MOST
from kforge.domain.facts import Evidence
from kforge.domain.source.ignore_lines import excluding, matching

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.program import SourceProgram

_Found = tuple[str, str, Evidence]  # path, what the program does with it, where that is said


def scan(names: SourceProgram, tree: Tree, main: str, module: str, seen: Sightings) -> None:
    """`main`: the folder of the program that starts; `module`: how its imports begin."""
    lines = patterns(tree.text(PATH)) if PATH in tree.files else None
    if not lines or patterns(tree.text("Dockerfile") if "Dockerfile" in tree.files else "") is not None:
        return  # who writes the Dockerfile knows what it copies
    kept = {path: line for path in tree.files if (line := excluding(path, lines))}
    told: dict[str, _Found] = {}
    for found in (*_compiled(names, main, module, kept), *_embedded(tree, kept), *_opened(tree, kept, seen)):
        if len(told) < MOST:
            told.setdefault(found[0], found)
    for path, how, place in told.values():
        said = f"`{kept[path]}` of `{PATH}` keeps `{path}` out of the image, and the program {how}"
        seen.see("doubts", {"said": said, "hint": HINT}, place.file, place.line)


def _compiled(names: SourceProgram, main: str, module: str, kept: dict[str, str]) -> Iterator[_Found]:
    """The first file that is kept out of each package that the program reaches."""
    packages: dict[str, list[str]] = {}
    for file in names.files:
        packages.setdefault(posixpath.dirname(file.path), []).append(file.path)
    imports = {file.path: file.import_lines for file in names.files}
    reached = {main: Evidence(min(packages.get(main, [PATH])), 1)}
    waiting = [main]
    while waiting:
        folder = waiting.pop()
        for path in packages.get(folder, ()):
            if path in kept:
                yield path, "is made of it", reached[folder]
            for package, line in imports[path].items():
                inner = package.removeprefix(module).strip("/")
                if f"{package}/".startswith(f"{module}/") and inner in packages and inner not in reached:
                    reached[inner] = Evidence(path, line)
                    waiting.append(inner)


def _embedded(tree: Tree, kept: dict[str, str]) -> Iterator[_Found]:
    for line in embeds(tree) if kept else ():
        full = posixpath.normpath(posixpath.join(posixpath.dirname(line.file), line.pattern.removeprefix("all:")))
        if line.file not in kept and (lost := _lost(full, tree.files, kept)):
            yield lost, "embeds it", Evidence(line.file, line.line)


def _opened(tree: Tree, kept: dict[str, str], seen: Sightings) -> Iterator[_Found]:
    for fact in seen.many("opened") if kept else ():
        if fact.evidence and (lost := _lost(fact.value, tree.files, kept)):
            yield lost, "opens it", fact.evidence[0]


def _lost(pattern: str, files: Sequence[str], kept: dict[str, str]) -> str:
    """The first file that a pattern or folder stands for, where all of them are kept out; "" else."""
    stood = [path for path in files if matching(pattern, [path])]
    return stood[0] if stood and all(path in kept for path in stood) else ""

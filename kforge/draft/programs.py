"""A source with several programs → those that are services, and those that help to build or to look after them.

Only where a program is started by its own name: there every folder with a main is one. The service is the one that is
named like the module, the application or the folder, or that the author's own files start. Where no name tells, every
program that listens, or that is called a worker, is a service of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from kforge import catalog
from kforge.domain.artifact import Tree
from kforge.domain.draft import FoundSource, LeftOut, name_of
from kforge.domain.facts import Fact, Facts
from kforge.draft.pruned_tree import PrunedTree
from kforge.stages.detect import detect

_POINTING = (("Dockerfile", "Procfile"), ("README.md", "README", "Makefile"))  # the first that names a main decides
_MOST = 12  # programs that are looked at one by one


@dataclass(frozen=True, slots=True)
class _Main:
    """One program: its command, and the file with its main."""

    command: tuple[str, ...]
    file: str

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.file)

    @property
    def stem(self) -> str:
        return name_of(posixpath.basename(self.command[0]), "")


def split(
    source: FoundSource, tree: Tree, app: str, lasting: Callable[[str], bool], started: Collection[str] = ()
) -> tuple[list[FoundSource], list[LeftOut]]:
    """The source once for each of its services, and its other programs. `started` are words of commands that the
    author's files start; a source with a Dockerfile has the one program that this starts.
    """
    language = catalog.languages().named(source.facts.value("language"))
    mains = [_Main(tuple(fact.value), fact.evidence[0].file) for fact in source.facts.start if fact.evidence]
    if language is None or not language.compiled or source.facts.dockerfile or len(mains) < 2:
        return [source], []
    chosen = _named(source.facts, mains, app, source.path, started) or _pointed(mains, tree)
    if chosen:
        return [_as(source, tree, mains, chosen, source.name)], _others(source, mains, [chosen])
    seen = {main: _as(source, tree, mains, main, main.stem) for main in mains[:_MOST]}
    held = [main for main, one in seen.items() if one.ports or lasting(main.stem)] or mains[:1]
    if len(held) == 1:
        return [replace(seen[held[0]], name=source.name)], _others(source, mains, held)
    return [_pinned(seen[main], main) for main in held], _others(source, mains, held)


def _named(facts: Facts, mains: list[_Main], app: str, path: str, started: Collection[str]) -> _Main | None:
    """The program that bears a name which the author gave to the whole."""
    module = re.sub(r"/v\d+$", "", str(facts.value("project_name") or ""))
    names = [posixpath.basename(word) for word in started]
    names += [posixpath.basename(module), app, posixpath.basename(path)]
    for name in (name_of(each, "") for each in names):
        if found := next((main for main in mains if name and main.stem == name), None):
            return found
    return next((main for main in mains if not main.folder), None)


def _pointed(mains: list[_Main], tree: Tree) -> _Main | None:
    """The one program whose folder a file of the author's names in what it builds or runs."""
    for files in _POINTING:
        text = "\n".join(tree.text(path) for path in files if path in tree.files)
        found = [main for main in mains if re.search(rf"(?<![\w-])\./{re.escape(main.folder)}(?![\w/-])", text)]
        if len(found) == 1:
            return found[0]
    return None


def _as(source: FoundSource, tree: Tree, mains: list[_Main], main: _Main, name: str) -> FoundSource:
    """The source as one of its programs sees it: without the folders of the others."""
    others = {other.folder for other in mains if other.folder and other.folder != main.folder}
    files = {other.file for other in mains if not other.folder and other is not main}
    own = PrunedTree(tree, {each for each in others if not f"{main.folder}/".startswith(f"{each}/")}, files)
    facts = detect(own, catalog.detectors())
    ports = tuple(int(each["port"]) for each in facts.value("ports"))
    pins: dict[str, object] = dict(source.pins)
    if main is not mains[0]:
        pins["command"] = list(main.command)
        if ports and ports[:1] != source.ports[:1]:
            pins["port"] = ports[0]
    command = tuple(fact for fact in source.facts.start if tuple(fact.value) == main.command)
    return FoundSource(source.path, _starting(facts, command), ports, source.base, pins, name)


def _starting(facts: Facts, command: tuple[Fact, ...]) -> Facts:
    return replace(facts, start=command)


def _pinned(one: FoundSource, main: _Main) -> FoundSource:
    """One of several services of a source says which program it is, and where it listens."""
    pins: Mapping[str, object] = {"command": list(main.command), **({"port": one.ports[0]} if one.ports else {})}
    return replace(one, pins={**one.pins, **pins})


def _others(source: FoundSource, mains: list[_Main], held: Collection[_Main]) -> list[LeftOut]:
    base = source.path.removeprefix("./").removeprefix(".")
    return [
        LeftOut(
            posixpath.join(base, main.folder) or ".",
            f"is another program of `{source.path}`: a service starts it with `command: [{', '.join(main.command)}]`",
        )
        for main in mains
        if main not in held
    ]

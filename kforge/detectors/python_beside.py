"""Python modules → processes that run beside the first start: task queues' workers, schedulers, commands that go on.

`python_beside.json` says by which signs of the code a library shows them, and the command by its own documentation. What
only other code than this source's would name (an application that a factory alone makes) is not found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors import python_brokers, python_cli, python_commands
from kforge.detectors.python_apps import rank
from kforge.detectors.python_project import PythonProject
from kforge.detectors.python_roots import import_root
from kforge.detectors.python_servers import PythonStarts, dotted_name
from kforge.detectors.python_signs import PythonSigns
from kforge.domain.commands.beside import BesideProcess, same_work
from kforge.domain.commands.read_command import read
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Subscript, Text
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_MOST = 20  # modules of tasks that one command names


@cache
def table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found


class _Held(NamedTuple):
    """What a command names: a module, the name of an object in it ("" for none), and the line."""

    file: CodeFile
    name: str
    line: int


def take(tree: Tree, project: PythonProject, names: SourceProgram, start: PythonStarts, seen: Sightings) -> None:
    """Sees as `beside` each process that is not the first start, and as `env` what its program reads by itself."""
    if not start.commands:
        return
    signs = PythonSigns(names)
    first = read(start.commands[0][0])
    own = [
        *python_cli.beside(tree, project, names, table(), start),
        *python_commands.beside(tree, names, table(), start),
    ]
    first_files = {file.path for file in names.files if file.path in start.commands[0][0] and _works(file)}
    started = {*first_files, *(place.file for _, place in own)}
    taking = {package for file in names.files if file.path in started for package in file.imported}
    found = [*_of_libraries(tree, project, names, signs, seen, taking), *own]
    taken: set[str] = set()
    for process, place in found:
        if process.name not in taken and not same_work(read(process.command), first):
            taken.add(process.name)
            seen.see("beside", process.record(), place.file, place.line)


def _works(file: CodeFile) -> bool:
    """Whether a file goes on for good by a call: what starts it works off queues."""
    return any(python_commands.lasts(call, file, table()) for call in file.calls)


def _of_libraries(
    tree: Tree, project: PythonProject, names: SourceProgram, signs: PythonSigns, seen: Sightings, taking: set[str]
) -> Iterator[tuple[BesideProcess, Evidence]]:
    """`taking` are the packages that workers of the source's own import: these start the library's in their own way."""
    for row in table()["libraries"]:
        if not project.needs(*row["packages"]) or not signs.hold(row.get("when")) or signs.any(row.get("apart")):
            continue
        shown = _shown(row, names, signs)
        if shown is None:
            continue
        words = _Words(tree, row, shown, signs)
        python_brokers.read_by_library(row, names, shown.file.path, shown.line, seen)
        for one in row["processes"]:
            wanted = signs.hold(one.get("when")) and not signs.any(one.get("unless"))
            if not wanted or not project.needs(*one.get("packages", row["packages"])):
                continue
            if one["role"] == "worker" and row.get("from") in table()["works"] and row["from"] in taking:
                continue
            more = [
                word
                for each in one.get("more", ())
                if signs.hold(each["when"]) and not signs.any(each.get("unless"))
                for word in each["words"]
            ]
            place = signs.place(one.get("when")) or Evidence(shown.file.path, shown.line)
            command = words.command(one["command"])
            if command:
                why = f"`{place.file}` has {row['title']}"
                yield BesideProcess(one["name"], one["role"], (*command, *more), why), place
                for name, default in row.get("reads", {}).items():
                    value = {"name": name, "default": default, "required": False}
                    seen.see("env", value, place.file, place.line)


def _shown(row: Mapping[str, Any], names: SourceProgram, signs: PythonSigns) -> _Held | None:
    """What shows that a source uses a library: the object or class that its command names, else the first sign."""
    if "installed" in row:
        return _first(signs, {"installed": row["installed"]}, names)
    if "class" in row:
        of = ((file, each) for file in names.files for each in file.classes if each.name.endswith(row["class"]))
        return min(
            (_Held(file, each.name, each.line) for file, each in of if "functions" in each.options),
            key=lambda one: rank(one.file.path),
            default=None,
        )
    if "makes_within" in row:
        calls = ((file, call) for file in names.files for call in file.calls if call.last in row["makes_within"])
        held = (_Held(file, "", call.line) for file, call in calls if _from(call, file, row["from"]))
        return min(held, key=lambda one: rank(one.file.path), default=None)
    if "makes" in row:
        return min(
            _objects(row, names),
            key=lambda one: (one.name not in row.get("usual", ()), rank(one.file.path), one.line),
            default=None,
        )
    return _first(signs, row["modules"], names)


def _first(signs: PythonSigns, wanted: Mapping[str, Any], names: SourceProgram) -> _Held | None:
    place = signs.place(wanted)
    file = next((file for file in names.files if place and file.path == place.file), None)
    return _Held(file, "", place.line) if file is not None and place is not None else None


def _from(call: Call, file: CodeFile, package: str) -> bool:
    """Whether what is called comes from a package."""
    root = call.name.partition(".")[0]
    origin = file.imports.get(call.name, file.imports.get(root, root))
    return f"{origin}.".startswith(f"{package}.")


def _objects(row: Mapping[str, Any], names: SourceProgram) -> Iterator[_Held]:
    """Objects at the top of modules: made there, by a function of the source's own, or taken out of another."""
    makers: set[str] = set()
    makes, package = frozenset(row["makes"]), row.get("from", "")
    for file in names.files:
        for call in file.calls:
            if call.last in makes and (not package or _from(call, file, package)):
                around = file.function(call.line)
                makers.update([around.name] if around else ())
    for file in names.files:
        for name, value, line in file.top:
            if isinstance(value, Call):
                own = value.last in makes and (not package or _from(value, file, package))
                if own or value.last in makers:
                    yield _Held(file, name, line)
            elif (
                isinstance(value, Subscript) and isinstance(value.key, Text) and value.key.value in row.get("held", ())
            ):
                yield _Held(file, name, line)  # celery_app = flask_app.extensions["celery"]


class _Words:
    """Puts what the source calls things into the words of a command."""

    def __init__(self, tree: Tree, row: Mapping[str, Any], shown: _Held, signs: PythonSigns) -> None:
        self._tree, self._row, self._shown, self._signs = tree, row, shown, signs
        self._folder = import_root(shown.file, tree)

    def command(self, words: list[str]) -> list[str]:
        """The command; empty where the source has no name for one of its words."""
        found: list[str] = []
        for word in words:
            made = self._made(word)
            if not made:
                return []
            found += made
        folder = "" if "{manage}" in words else self._folder
        return ["env", f"PYTHONPATH={folder}", *found] if folder else found

    def _made(self, word: str) -> list[str]:
        module, name = dotted_name(self._shown.file.path, self._folder), self._shown.name
        match word:
            case "{object}":
                return [module if name in self._row.get("usual", ()) else f"{module}:{name}"]
            case "{colon}":
                return [f"{module}:{name}"]
            case "{dotted}":
                return [f"{module}.{name}"]
            case "{manage}":
                return [path for path in python_commands.MANAGE if path in self._tree.files][:1]
            case "{queues}":
                return self._signs.queues(self._row.get("queues", "")) or ["default"]
            case "{modules}":
                files = self._signs.files(self._row["modules"])[:_MOST]
                return [dotted_name(path, self._folder) for path in files]
        return [word]

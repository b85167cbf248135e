"""A Node project → processes that work off queues or at times beside the first: what scripts start, and files that no
other loads. A worker that the server itself loads runs within it. Libraries: rows of the JSON file of this name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_commands, node_imports, node_scripts
from kforge.detectors.node_commands import NodeCommand, NodePlaces
from kforge.detectors.node_project import PATH
from kforge.detectors.node_scripts import NeedsShell, ScriptStep
from kforge.domain.commands.beside import BesideProcess, BesideRole
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_WORK = r"(?P<noun>workers?|queues?|consumers?|jobs?|processors?|schedulers?|crons?|agenda)"
_SCRIPT = re.compile(
    rf"(?:(?:start|serve|run)[:_-])?{_WORK}(?:[:_-](?P<best>prod|production))?(?:[:_-](?:start|run))?(?:[:_-](?P<last>prod|production))?"
)
_FILE = re.compile(
    rf"(?:^|/)(?:[\w-]+[._-])?{_WORK}(?:[._-](?:main|server|entry|index))?(?:/(?:index|main))?\.[cm]?[jt]s$"
)
_SCHEDULES = ("scheduler", "cron", "agenda")
_ENDS = ("cron", "job", "queue", "processor", "agenda")  # may be called so and end
_DEEPEST = 3  # folders above a file that may be started
_RUNNERS = ("node", "tsx", "ts-node", "bun")


@cache
def _table() -> dict[str, tuple[dict[str, Any], ...]]:
    """Packages → their rows: calls that take work, and the role of what makes them."""
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    found: dict[str, tuple[dict[str, Any], ...]] = {}
    for row in rows:
        for package in row["packages"]:
            found[package] = (*found.get(package, ()), row)
    return found


def take(tree: Tree, project: NodeProject, names: SourceProgram, start: NodeStarts) -> None:
    """Adds to `start.beside`, and to `start.needs` what of development they need. Nothing beside what starts nothing."""
    if not start.commands:
        return
    place = NodePlaces(project, start.output[0] if start.output else "", bool(start.builds))
    around = CommandContext(scripts=project.scripts, text=tree.text)
    held = [" ".join(words) for words, _ in start.commands[:1]]
    held += [" ".join(one.command) for one, _ in start.beside]
    for process, needs, shown in (
        *_of_scripts(project, place, around, names),
        *_of_files(project, names, place, around),
    ):
        if not any(_same(process.command, other) for other in held):
            held.append(" ".join(process.command))
            start.beside.append((process, shown))
            start.needs = tuple(dict.fromkeys((*start.needs, *needs)))


def _same(command: tuple[str, ...], other: str) -> bool:
    """Whether two start one file."""
    files = {word.removeprefix("./") for word in command[1:] if re.search(r"\.[cm]?[jt]s$", word)}
    return " ".join(command) == other or bool(files & {word.removeprefix("./") for word in other.split()})


Found = Iterator[tuple[BesideProcess, tuple[str, ...], Evidence]]


def _of_scripts(project: NodeProject, place: NodePlaces, around: CommandContext, names: SourceProgram) -> Found:
    by_noun: dict[str, list[tuple[bool, str, NodeCommand]]] = {}
    for name in project.scripts:
        match = _SCRIPT.fullmatch(name)
        if match is None:
            continue
        try:
            steps = node_scripts.steps(name, project.scripts, {})
            made = _started([one for one in steps if isinstance(one, ScriptStep)], place, around)
        except NeedsShell:
            continue
        if made.words:
            produced = bool(match["best"] or match["last"])
            by_noun.setdefault(match["noun"].removesuffix("s"), []).append((not produced, name, made))
    for noun, found in by_noun.items():
        _, name, made = min(found, key=lambda each: each[:2])
        file = _file(made, names, place)
        if noun in _ENDS and not (file and _lasts(file, names)):
            continue  # `cron`: what a clock elsewhere starts ends by itself
        role = _role(noun, file)
        process = BesideProcess(noun, role, node_commands.by_itself(made), f"script `{name}` starts it")
        yield process, made.needs, Evidence(PATH, project.line(f'"{name}"'))


def _started(steps: list[ScriptStep], place: NodePlaces, around: CommandContext) -> NodeCommand:
    """What the last step starts, where that is a file of the source's own or a known worker."""
    if not steps or steps[-1].building:
        return NodeCommand()
    command = read(steps[-1].words)
    own = bool(command.file) and (command.program in _RUNNERS or command.known.role == "watcher")
    if not own and command.role not in ("worker", "scheduler"):
        return NodeCommand()
    made = node_commands.of_steps(steps, place, around, 0)
    return NodeCommand() if made.idle else made


def _of_files(project: NodeProject, names: SourceProgram, place: NodePlaces, around: CommandContext) -> Found:
    meant = [(file, row) for file in names.files if _FILE.search(file.path) and (row := _takes_work(file))]
    used = node_imports.loaded(names.files) if meant else set()
    for file, row in meant:
        if file.path in used or file.path.count("/") > _DEEPEST:
            continue
        try:
            made = node_commands.of_steps([ScriptStep(("node", file.path))], place, around, 0)
        except NeedsShell:
            continue
        found = _FILE.search(file.path)
        noun = found["noun"].removesuffix("s") if found else "worker"
        role: BesideRole = row.get("role") or _role(noun, None)
        yield (
            BesideProcess(noun, role, node_commands.by_itself(made), f"`{file.path}` takes work, and nothing loads it"),
            made.needs,
            Evidence(file.path),
        )


def _takes_work(file: CodeFile) -> dict[str, Any] | None:
    for package in sorted(file.imported & _table().keys()):
        for row in _table()[package]:
            if any(call.last in row["calls"] for call in file.calls):
                return row
    return None


def _lasts(file: CodeFile, names: SourceProgram) -> bool:
    """Whether a file, or what it loads, takes work or waits for its time."""
    files = {one.path: one for one in names.files}
    loads = node_imports.loads(names.files)
    reached, waiting = {file.path}, [file.path]
    while waiting:
        new = loads.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return any(
        _takes_work(files[path]) or any(call.last == "setInterval" for call in files[path].calls)
        for path in sorted(reached)
    )


def _file(made: NodeCommand, names: SourceProgram, place: NodePlaces) -> CodeFile | None:
    return next((file for file in names.files if {file.path, place.compiled(file.path)} & {*made.words}), None)


def _role(noun: str, file: CodeFile | None) -> BesideRole:
    row = _takes_work(file) if file else None
    return row.get("role", "worker") if row else "scheduler" if noun in _SCHEDULES else "worker"

"""What a source says of its start, in its Procfile and its scripts → the start, and processes beside it.

A container runs one process: what starts several at once gives the first that serves, and the others are told.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kforge.detectors import node_builds, node_commands, node_nx, node_parts, node_scripts, procfile, supervised
from kforge.detectors.node_commands import NodeCommand, NodePlaces
from kforge.detectors.node_parts import NodePart
from kforge.detectors.node_project import PATH
from kforge.detectors.node_scripts import NeedsShell, ScriptParts, ScriptStep
from kforge.detectors.unread_variables import tell_unread
from kforge.domain.commands.beside import BesideProcess, BesideRole
from kforge.domain.commands.command import Command
from kforge.domain.commands.container_words import of_line
from kforge.domain.commands.program_table import called, program, runner
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence
from kforge.domain.near_words import listed

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree

# Scripts that start a program in production, the likeliest first. Those for a container come before all others.
SCRIPTS = ("start:docker", "start-docker", "docker:start", "start:prod", "start:production", "start", "serve")
USUAL_PORT = 3000
_BESIDE = re.compile(r"(?<!\|)\|(?!\|)|(?<!&)&(?!&)|npm_")  # pipes, work in the background, what only npm says
_LABEL = re.compile(r"[a-z][a-z0-9-]{0,40}")
_DEEPEST = 3  # what starts several within what starts several


class SaidPart(NamedTuple):
    """A process of several, as it starts in a container."""

    part: NodePart
    made: NodeCommand
    command: Command


def take(tree: Tree, project: NodeProject, start: NodeStarts, listening: Sequence[str], wanted: int) -> None:
    """Takes the web process of a Procfile, then the scripts. `wanted` is the port that code or Dockerfile name, or 0."""
    said = _Said(tree, project, start, frozenset(listening), wanted or USUAL_PORT)
    process = procfile.web(tree) or supervised.only(tree, project.seen)
    if process is not None:
        said.line(process.line, Evidence(process.file, process.number))
    for name in SCRIPTS:
        text = project.scripts.get(name, "")
        if text and not node_builds.drives_engine(name, text):
            said.script(name, text)


class _Said:
    def __init__(
        self, tree: Tree, project: NodeProject, start: NodeStarts, listening: frozenset[str], port: int
    ) -> None:
        self._tree, self._project, self._start, self._listening, self._port = tree, project, start, listening, port
        known = {f"npm_package_{key}": str(project.table.get(key, "")) for key in ("name", "version", "main")}
        config = project.table.get("config")
        if isinstance(config, dict):
            known.update({f"npm_package_config_{name}": str(value) for name, value in config.items()})
        self._variables = {**known, "PORT": str(port)}
        self._around = CommandContext(variables=self._variables, scripts=project.scripts, text=tree.text)

    def script(self, name: str, text: str) -> None:
        place = Evidence(PATH, self._project.line(f'"{name}"'))
        try:
            steps = node_scripts.steps(name, self._project.scripts, self._variables)
            self._take(steps, place, f"`{name}`")
        except NeedsShell:
            if name == "start":
                self._shell(text, place, [self._project.manager, "start"])

    def line(self, text: str, place: Evidence) -> None:
        try:
            self._take(node_scripts.line_steps(text, self._project.scripts, self._variables), place, f"`{place.file}`")
        except NeedsShell:
            self._shell(text, place, [])

    def _shell(self, text: str, place: Evidence, otherwise: list[str]) -> None:
        """A line that only a shell runs; through the package manager where it leans on that, or starts several."""
        made = of_line(text, self._port, self._around) if not otherwise or text.startswith("cd ") else None
        plain = not _BESIDE.search(text)
        if made is not None and plain:
            if not self._start.commands:
                tell_unread(self._project.seen, f"`{place.file}`", made.unread, place)
            self._start.take(NodeCommand(made.words, made.variables), place)
        else:
            self._start.take(NodeCommand(tuple(otherwise)), place)

    def _take(self, steps: list[ScriptStep | ScriptParts], place: Evidence, said: str) -> None:
        found = self._made(steps, 0)
        served = [one for one in found if one.made.words]
        if not served:
            self._start.idle = self._start.idle or next((f"{said}: {one.made.idle}" for one in found), "")
            return
        first = next((one for one in served if self._serves(one)), served[0])
        for path in first.made.missing:
            told = f"{said} loads `{path}`, which is not in the source: it starts without"
            hint = f"put `{path}` there, or pin `command`"
            self._project.seen.see("doubts", {"said": told, "hint": hint}, place.file, place.line)
        if not self._start.commands:
            tell_unread(self._project.seen, said, first.made.unread, place)
            self._several(first, [one for one in served if one is not first], place, said)
            self._build(steps, place)
        self._start.take(first.made, first.part.place if first.part.place.file != PATH else place)

    def _made(self, steps: list[ScriptStep | ScriptParts], depth: int) -> list[SaidPart]:
        plain = [one for one in steps if isinstance(one, ScriptStep) and not _watching(one)]
        parts = next((one for one in steps if isinstance(one, ScriptParts)), None)
        if parts is not None:
            return self._parts([NodePart(name, line, Evidence(PATH)) for name, line in parts.lines], depth)
        if not plain:
            return []
        if several := node_parts.of_pm2(plain[-1].words, self._tree):
            return self._parts(several, depth)
        if program := node_nx.served(plain[-1].words, self._tree):
            self._start.output = program.output, program.place
            plain[-1] = replace(plain[-1], words=("node", program.file))
        output = self._start.output[0] if self._start.output else ""
        place = NodePlaces(self._project, output, bool(self._start.builds))
        made = node_commands.of_steps(plain, place, self._around, self._port)
        return [SaidPart(NodePart("", "", Evidence(PATH)), made, read(plain[-1].words))]

    def _parts(self, parts: list[NodePart], depth: int) -> list[SaidPart]:
        if depth >= _DEEPEST:
            raise NeedsShell
        found: list[SaidPart] = []
        for part in parts:
            try:
                steps = node_scripts.line_steps(part.line, self._project.scripts, self._variables)
                inner = self._made(steps, depth + 1)
                found += [one._replace(part=part) for one in inner]
            except NeedsShell:
                made = of_line(part.line, self._port, self._around)
                if made is not None:
                    found.append(SaidPart(part, NodeCommand(made.words, made.variables), made.command))
        return found

    def _serves(self, one: SaidPart) -> bool:
        return one.command.serves or bool(self._listening & {*one.made.words, one.command.file})

    def _several(self, first: SaidPart, others: list[SaidPart], place: Evidence, said: str) -> None:
        """What runs beside the first: told, since one container runs one process."""
        if not others:
            return
        names = [_name(one) for one in others]
        shown = " ".join(first.made.words)
        text = (
            f"{said} starts several programs, and one container runs one of them: `{shown}`; beside it {listed(names)}"
        )
        commands = "; ".join(" ".join(one.made.words) for one in others)
        hint = f"make a service of each that production needs, with `like` and `command`: {commands}"
        self._project.seen.see("doubts", {"said": text, "hint": hint}, place.file, place.line)
        for name, one in zip(names, others, strict=True):
            role: BesideRole = (
                "scheduler" if one.command.role == "scheduler" else "server" if self._serves(one) else "worker"
            )
            beside = BesideProcess(name, role, one.made.words, f"{said} starts it")
            self._start.beside.append((beside, one.part.place))

    def _build(self, steps: list[ScriptStep | ScriptParts], place: Evidence) -> None:
        """What a start builds first is built in the image, where no script of that name does."""
        found = node_commands.builds_of([one for one in steps if isinstance(one, ScriptStep)])
        if found and (not self._start.builds or self._start.assumed):
            # `npm exec` finds the programs of dependencies, for every package manager
            words = (
                found[0]
                if len(found) == 1 and runner(found[0][0])
                else ["npm", "exec", "-c", " && ".join(map(shlex.join, found))]
            )
            self._start.builds[:], self._start.assumed = [(words, place)], False


def _name(one: SaidPart) -> str:
    """What to call a process: by its name, else by its file."""
    stem = re.sub(r"\.\w+$", "", one.command.file.rpartition("/")[2])
    return next((name for name in (one.part.name, stem) if _LABEL.fullmatch(name)), one.command.program or "worker")


def _watching(step: ScriptStep) -> bool:
    """Whether a step only looks at processes that another has started: `pm2 logs`."""
    name = called(step.words[0]) if step.words else ""
    known = program(name) if name else None
    looks = ("logs", "log", "list", "ls", "monit", "save", "status", "delete", "stop", "kill", "flush", "update")
    return known is not None and known.role == "supervisor" and bool({*step.words[1:3]} & {*looks})

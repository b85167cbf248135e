"""The steps of a start script → what starts in a container: words that need no package manager, and the variables that
they are given. A watcher gives way to the program that it watches, a development server to that of production.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kforge.detectors import node_builds
from kforge.detectors.node_scripts import NeedsShell, ScriptStep
from kforge.domain.commands.command import Command
from kforge.domain.commands.container_words import ContainerCommand, of_words
from kforge.domain.commands.program_table import runner
from kforge.domain.commands.read_command import CommandContext, read

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject

_TYPED = re.compile(r"\.[cm]?tsx?$")
_PACKAGE = re.compile(r"(?:@[\w.-]+/)?[\w][\w.-]*")
_LOADER = re.compile(r"(?:tsx|ts-node|@swc-node/register|esbuild-register|tsconfig-paths)(?:/\S*)?")
_SET_BY_IMAGE = ("development", "dev", "test", "production")  # the image says that it is production
SUFFIXES = ("", ".js", ".cjs", ".mjs", "/index.js", ".ts", ".mts", "/index.ts")


@dataclass(frozen=True, slots=True)
class NodeCommand:
    """A start. `words` are empty for what serves development alone."""

    words: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()  # development dependencies that must be there when it starts
    unread: tuple[str, ...] = ()  # what gave it variables and is left out, in words that follow its name
    missing: tuple[str, ...] = ()  # files that it would load and that are not there
    idle: str = ""  # why it serves development alone


def by_itself(made: NodeCommand) -> tuple[str, ...]:
    """The words of a start with the variables that they are given, for a process that takes no others."""
    words = tuple(word.removeprefix("node_modules/.bin/") for word in made.words)  # they lie on the image's PATH
    given = tuple(f"{name}={value}" for name, value in made.variables.items())
    return ("env", *given, *words) if given else words


class NodePlaces:
    """Where files run once the source is built. `output` is the folder that the build fills, "" where nothing builds."""

    def __init__(self, project: NodeProject, output: str, built: bool) -> None:
        self.project, self.output, self.built = project, output, built

    def source(self, path: str) -> str:
        """A file of the source by what a command calls it."""
        return next((path + suffix for suffix in SUFFIXES if path + suffix in self.project.files), path)

    def compiled(self, path: str) -> str:
        """Where the build puts a file of TypeScript; "" where nothing compiles it."""
        held = self.project.compiled
        if not self.built or not self.output or (held and not any(path.startswith(f"{one}/") for one in held)):
            return ""
        return f"{self.output}/" + re.sub(r"\.([cm]?)tsx?$", r".\1js", path).removeprefix("src/")


def of_steps(steps: Sequence[ScriptStep], place: NodePlaces, around: CommandContext, port: int) -> NodeCommand:
    """What the steps come to. `port` stands for `$PORT`. Raises NeedsShell where that cannot be told."""
    *before, last = steps
    if last.building:
        return NodeCommand(idle="it builds, and starts nothing")
    made = _of_step(last, place, around, port)
    kept = [one for one in before if not _makes(one)]
    if not kept or not made.words:
        return made
    first = [_of_step(one, place, around, 0) for one in kept]
    line = " && ".join([*(_shell(one) for one in first if one.words), f"exec {shlex.join(made.words)}"])
    needs = tuple(dict.fromkeys(name for one in (*first, made) for name in one.needs))
    unread = tuple(dict.fromkeys(said for one in (*first, made) for said in one.unread))
    return replace(made, words=("sh", "-c", line), needs=needs, unread=unread)


def builds_of(steps: Sequence[ScriptStep]) -> list[list[str]]:
    """The steps that make what the last of them starts: `tsc && node dist/main.js`."""
    made = (list(one.words) for one in steps[:-1] if _makes(one))
    return [words for words in made if words[0].rpartition("/")[2] in node_builds.COMPILERS or runner(words[0])]


def _makes(step: ScriptStep) -> bool:
    """Whether a step makes what the image holds already."""
    command = read(step.words)
    tidy = bool(step.words) and step.words[0].rpartition("/")[2] in node_builds.TIDY
    return step.building or tidy or (command.role == "once" and not command.migrates)


def _shell(one: NodeCommand) -> str:
    assigned = [f"{name}={shlex.quote(value)}" for name, value in one.variables.items()]
    return " ".join([*assigned, shlex.join(one.words)])


def _of_step(step: ScriptStep, place: NodePlaces, around: CommandContext, port: int) -> NodeCommand:
    known = replace(around, variables={**around.variables, **step.variables})
    made = of_words(step.words, port, known)
    found = _program(made, place)
    variables = {**step.variables, **made.variables, **found.variables}
    if variables.get("NODE_ENV") in _SET_BY_IMAGE:
        del variables["NODE_ENV"]
    return replace(found, variables=variables, unread=tuple(dict.fromkeys((*step.unread, *made.unread))))


def _program(made: ContainerCommand, place: NodePlaces) -> NodeCommand:
    command = made.command
    at = max(command.at, 0)
    head, words = made.words[:at], made.words[at:]
    if not words:
        raise NeedsShell
    if command.program == "nest" and command.subcommand == "start":
        return NodeCommand(("node", f"{place.output or 'dist'}/main.js"))
    if command.program == "nuxt" and command.subcommand in ("start", "preview"):
        return NodeCommand(("node", ".output/server/index.mjs"), _told(command))
    if command.known.needs not in ("", "Bun"):
        return NodeCommand(idle=f"it needs {command.known.needs}, which no image of Node.js has")
    watches = command.known.role == "watcher" and command.known.starts == "file"
    if command.file or watches:
        found = _file(command, list(words), place)
        return replace(found, words=(*head, *found.words))
    if command.program == "node" and len(words) < 2:
        raise NeedsShell
    if command.program and command.development:
        return NodeCommand(idle=command.development)
    if not command.program and (own := _own(list(words), place)):
        return NodeCommand((*head, *own))
    found = local(list(words), place.project, command.known.packages)
    if not command.program and found.words == words:
        raise NeedsShell
    return replace(found, words=(*head, *found.words))


def _file(command: Command, words: list[str], place: NodePlaces) -> NodeCommand:
    """What an interpreter, a watcher or a supervisor of one file runs: the file as it will be, by Node.js."""
    path = command.file or "."
    at = next((number for number, word in enumerate(words) if number and word.removeprefix("./") == path), 0)
    if not at and command.file:
        raise NeedsShell
    rest = words[at + 1 :] if at else []
    if path == ".":
        path = str(place.project.table.get("main") or "index.js").removeprefix("./")
    if re.search(r"\.(?:json5?|ya?ml)$", path):  # a supervisor's file that is not there
        raise NeedsShell
    if command.known.role == "supervisor":  # what stands before `--` is its own
        rest = rest[rest.index("--") + 1 :] if "--" in rest else []
    elif command.known.role == "watcher":
        rest = [word for word in rest if word != "--"]
    found = place.source(path)
    if command.program in ("bun", "deno"):
        if path not in place.project.files:
            raise NeedsShell
        return NodeCommand((*(word for word in words[:at] if word not in command.known.skips), path, *rest))
    options, missing = _present(words[1:at] if command.program == "node" else [], place)
    needs = _preloaded(options, place.project)
    if not _TYPED.search(found):
        return NodeCommand(("node", *options, found, *rest), needs=needs, missing=missing)
    if compiled := place.compiled(found):
        options = _without_loaders(options)
        return NodeCommand(
            ("node", *options, compiled, *rest), needs=_preloaded(options, place.project), missing=missing
        )
    return _typed(command, words[:at], found, rest, place.project)


def _typed(command: Command, before: list[str], path: str, rest: list[str], project: NodeProject) -> NodeCommand:
    """A file of TypeScript that nothing compiles: what the author starts it by, where that is there."""
    if command.program == "node":
        return NodeCommand((*before, path, *rest), needs=_preloaded(before, project))
    own_packages = command.known.packages if command.known.role == "interpreter" else ()
    package = project.has(*own_packages, "tsx", "ts-node")
    if not package:
        raise NeedsShell
    own = package in own_packages
    words = [before[0], *before[1:], path, *rest] if own else [package, path, *rest]
    return local(words, project, (package,))


def _present(options: list[str], place: NodePlaces) -> tuple[list[str], tuple[str, ...]]:
    """Options of Node.js less those that load a file which is not there, and those files."""
    kept: list[str] = []
    missing: list[str] = []
    for word in options:
        value = word.rpartition("=")[2]
        path = value.removeprefix("./")
        built = place.built and bool(place.output) and path.startswith(f"{place.output}/")
        if not value.startswith("./") or built or place.source(path) in place.project.files:
            kept.append(word)
            continue
        missing.append(path)
        if value == word:
            del kept[-1:]
    return kept, tuple(missing)


def _preloaded(options: Sequence[str], project: NodeProject) -> tuple[str, ...]:
    """Development dependencies that options have Node.js load: `--import tsx`, `-r dotenv/config`."""
    named = (found[0] for word in options if (found := _PACKAGE.match(word.rpartition("=")[2])))
    return tuple(dict.fromkeys(name for name in named if name in project.dev and not project.needs(name)))


def _without_loaders(options: list[str]) -> list[str]:
    """Options less those that let Node.js run TypeScript as it is."""
    kept: list[str] = []
    for word in options:
        if _LOADER.fullmatch(word):
            del kept[-1:]
        elif not _LOADER.fullmatch(word.partition("=")[2]) and word != "--experimental-strip-types":
            kept.append(word)
    return kept


def _told(command: Command) -> dict[str, str]:
    """The port that the words name, for a program that is told by its variable."""
    return {"PORT": str(command.listening.port)} if command.told and command.listening.port else {}


def _own(words: list[str], place: NodePlaces) -> list[str]:
    """A file of the source's own that is started by its path."""
    path = words[0].removeprefix("./")
    found = place.source(path)
    if "/" not in words[0] or not (found in place.project.files or path.startswith(f"{place.output or '/'}/")):
        return []
    ran = place.compiled(found) if _TYPED.search(found) else found
    return ["node", ran, *words[1:]] if ran and not ran.endswith(".sh") else []


def local(words: list[str], project: NodeProject, packages: Sequence[str] = ()) -> NodeCommand:
    """A program that a dependency installs, by its place."""
    name = words[0].rpartition("/")[2]
    owner = project.needs(*packages, *_owners(name)) or project.has(*packages, *_owners(name))
    if not owner:
        return NodeCommand(tuple(words))
    needs = () if project.needs(owner) else (owner,)
    return NodeCommand((f"node_modules/.bin/{name}", *words[1:]), needs=needs)


def _owners(name: str) -> tuple[str, ...]:
    """Packages that may install a program of this name."""
    remix, router = name.removeprefix("remix-"), name.removeprefix("react-router-")
    return (name, f"{name}-cli", f"@{name}/cli", f"@{name}/core", f"@remix-run/{remix}", f"@react-router/{router}")

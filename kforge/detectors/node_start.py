"""Scripts and files of a Node project → how it starts, best first, what builds it, and where the build leaves it.

`node FILE` comes before a package manager: npm passes no signals on and writes a log of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge.detectors import node_builds, node_frameworks, node_hugo, node_nest, node_outputs, node_said, node_tsconfig
from kforge.detectors.node_commands import NodeCommand
from kforge.detectors.node_project import PATH, NodeProject
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.commands.read_command import read
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

DEFAULT_NEXT = 3000
FILES = (
    "server",
    "index",
    "app",
    "main",
    "src/server",
    "src/index",
    "src/app",
    "src/main",
    "bin/www",
    "lib/index",
    "worker",
    "src/worker",
)


# Scripts that build, the likeliest first. Those for a container come before all others.
_BUILDS = ("build:docker", "build-docker", "docker:build", "build:prod", "build:production", "build")


@dataclass(slots=True)
class NodeStarts:
    """The starts found, best first, each with its place; builds likewise; and the folder of what runs."""

    commands: list[tuple[list[str], Evidence]] = field(default_factory=list)
    builds: list[tuple[list[str], Evidence]] = field(default_factory=list)
    output: tuple[str, Evidence] | None = None
    scattered: Evidence | None = None  # a build that may fill other folders as well
    variables: list[tuple[str, str, Evidence]] = field(default_factory=list)  # what the first one is given
    needs: tuple[str, ...] = ()  # development dependencies without which the first one does not start
    said: bool = False  # a line of the source's own says the first one
    beside: list[tuple[BesideProcess, Evidence]] = field(default_factory=list)
    idle: str = ""  # why a start that the source says is none for production
    assumed: bool = False  # no script says the build
    static: str = ""  # the bundler that makes static files, where nothing serves them

    def add(self, words: list[str], place: Evidence) -> None:
        if words and words not in [known for known, _ in self.commands]:
            self.commands.append((words, place))

    def take(self, made: NodeCommand, place: Evidence) -> None:
        """A start that a line of the source's own says."""
        if made.words and not self.commands:
            self.said, self.needs = True, made.needs
            self.variables = [(name, value, place) for name, value in made.variables.items()]
        self.add(list(made.words), place)


def find(tree: Tree, project: NodeProject, listening: list[str], framework: str, wanted: int = 0) -> NodeStarts:
    """Every start, best first. `listening`: files in which something listens, in the order of the source; `wanted` is the
    port that code or Dockerfile name, 0 where none does.
    """
    start = NodeStarts()
    _build(tree, project, framework, start)
    files = frozenset(tree.files)
    if start.static and start.builds:
        return start
    node_said.take(tree, project, start, listening, wanted)
    if framework == "next":
        _next(project, start)
    elif framework == "nuxt":
        start.add(["node", ".output/server/index.mjs"], project.place("nuxt"))
    if not listening:
        node_frameworks.add(tree, project, start)
    _static(project, listening, start)
    if start.static or framework == "fastify-cli":
        return start
    node_nest.place(tree, project, start)
    _main(project, files, start)
    for path in sorted(listening, key=_rank) if not start.commands else ():
        start.add(_node(path, files, start) or [], Evidence(path, 0))
    _named(files, start)
    _made(files, start)
    _unbuilt(files, start)
    return start


def _unbuilt(files: frozenset[str], start: NodeStarts) -> None:
    """Compiles nothing that no script asks for, where what starts is not what would be compiled."""
    words = start.commands[0][0] if start.commands else []
    if start.assumed and any(word.removeprefix("./") in files for word in words[1:]):
        start.builds.clear()
        start.output, start.assumed = None, False


def _next(project: NodeProject, start: NodeStarts) -> None:
    """Next.js's own server, where the source says no other: with `output: "standalone"` one that the build leaves."""
    first = start.commands[0][0] if start.commands else []
    served = [words for words in (first,) if words[1:2] == ["start"] and words[0].endswith("next")]
    there = "server.js" in project.files
    left = first == ["node", "server.js"] and not there
    if first[:1] == ["sh"] and not there:  # what runs before it needs the whole source beside it
        first[-1] = first[-1].replace("exec node server.js", "exec node_modules/.bin/next start")
    elif first[:1] == ["node"] and first[2:] and first[-1] == "server.js" and not there:  # so does what it loads
        first[-1:] = ["node_modules/next/dist/bin/next", "start"]
    alone = start.output is not None and start.output[0] == node_outputs.STANDALONE
    place = project.place("next")
    if alone and start.output and (served or left or not first or first[0] == project.manager):
        heard = read(first).listening.port if served else 0
        if heard and heard != DEFAULT_NEXT:
            start.variables.append(("PORT", str(heard), start.commands[0][1]))
        start.commands[:] = [(["node", "server.js"], start.output[1])]
    elif alone:
        start.output = (".next", place)
    if not alone or not start.commands:
        start.add(["node_modules/.bin/next", "start"], place)


def _main(project: NodeProject, files: frozenset[str], start: NodeStarts) -> None:
    """The file that package.json names."""
    entry = str(project.table.get("module") or "").removeprefix("./")
    if project.manager == "bun" and not start.commands and re.search(r"\.[cm]?tsx?$", entry) and entry in files:
        start.add(["bun", entry], Evidence(PATH, project.line('"module"')))
    main = str(project.table.get("main") or "").removeprefix("./")
    for candidate in (main, f"{main}.js", f"{main}/index.js"):
        if main and (candidate in files or (start.output and candidate.startswith(f"{start.output[0]}/"))):
            start.add(["node", candidate], Evidence(PATH, project.line('"main"')))


def _made(files: frozenset[str], start: NodeStarts) -> None:
    """What a start names and the source has not is what the build makes: `node build/server/index.js`."""
    if not start.builds or not start.commands:
        return
    words, place = start.commands[0]
    for word in words[1:]:
        path = word.removeprefix("./")
        top = path.partition("/")[0]
        named = re.fullmatch(r"[\w.-]+(?:/[\w.-]+)+", path) and re.search(r"\.[cm]?js$", path)
        if named and not any(known == path or known.startswith(f"{top}/") for known in files):
            if start.output is None or not path.startswith(f"{start.output[0]}/"):
                start.output = (top, place)
            return


def _rank(path: str) -> tuple[int, int, str]:
    stem = re.sub(r"\.[cm]?[jt]sx?$", "", path)
    return FILES.index(stem) if stem in FILES else len(FILES), path.count("/"), path


def _named(files: frozenset[str], start: NodeStarts) -> None:
    """A file that has the name of an entry point, where nothing else says how to start."""
    for stem in FILES if not start.commands else ():
        for suffix in (".js", ".mjs", ".cjs", ".ts", ".mts", ""):
            path = f"{stem}{suffix}"
            if path in files and not start.commands:
                start.add(_node(path, files, start) or [], Evidence(path, 0))


def _build(tree: Tree, project: NodeProject, framework: str, start: NodeStarts) -> None:
    """The script that builds, and the folder that it fills."""
    for name in _BUILDS:
        if name in project.scripts and not node_builds.drives_engine(name, project.scripts[name]):
            start.builds.append(([project.manager, "run", name], Evidence(PATH, project.line(f'"{name}"'))))
    if start.builds and node_builds.scatters(start.builds[0][0][-1], project.scripts):
        start.scattered = start.builds[0][1]
    if framework == "next":
        start.output, start.static = node_outputs.of_next(tree, project)
    elif framework == "nuxt":
        start.output, start.static = _nuxt(project, start)
    elif bundler := project.has(*node_outputs.STATIC) if start.builds and framework not in ("nest",) else "":
        start.output = node_outputs.bundled(tree, project, bundler, start.builds[0][0][-1])
        filled = node_tsconfig.outputs(tree, _commands(project, start))
        beside = [place for folder, place in filled if not f"{folder}/".startswith(f"{start.output[0]}/")]
        start.scattered = start.scattered or next(iter(beside), None)
        if bundler in node_hugo.TOOLS:
            node_hugo.need(tree, project)
    _compiled(tree, project, framework, start)


def _compiled(tree: Tree, project: NodeProject, framework: str, start: NodeStarts) -> None:
    """What the TypeScript compiler reads and fills where no bundler fills a folder of its own."""
    typescript = next((path for path in ("tsconfig.build.json", "tsconfig.json") if path in tree.files), "")
    if not typescript or (start.output is not None and start.output[0] != "dist"):
        return
    place = node_tsconfig.output(tree, "tsconfig.json") or node_tsconfig.output(tree, typescript)
    if place and start.output is None:
        start.output = place
    elif start.output is None and (start.builds or framework == "nest"):
        start.output = ("dist", Evidence(typescript))
    compilers = {words[0].rpartition("/")[2] for words in _commands(project, start)}
    if compilers & {"tsc", "tspc", "nest"} or not start.builds:
        project.compiled = node_tsconfig.compiled_folders(tree, typescript)
    if not start.builds and project.has("typescript"):
        start.assumed = True
        start.builds.append((["node_modules/.bin/tsc", "--project", typescript], Evidence(typescript)))


def _commands(project: NodeProject, start: NodeStarts) -> list[list[str]]:
    """The commands of the script that builds."""
    return list(node_builds.commands(start.builds[0][0][-1], project.scripts)) if start.builds else []


def _nuxt(project: NodeProject, start: NodeStarts) -> tuple[tuple[str, Evidence], str]:
    """Where Nuxt leaves a server, or by `nuxt generate` pages alone."""
    place = project.place("nuxt")
    if not start.builds and "generate" in project.scripts:
        start.builds.append(([project.manager, "run", "generate"], Evidence(PATH, project.line('"generate"'))))
    pages = any(
        words[0].rpartition("/")[2] in ("nuxt", "nuxi") and words[1:2] == ["generate"]
        for words in _commands(project, start)
    )
    return ((".output/public", place), "nuxt") if pages else ((".output", place), "")


def _node(path: str, files: frozenset[str], start: NodeStarts) -> list[str] | None:
    """How a file of the source runs; None for TypeScript that nothing compiles."""
    found = next(
        (
            path + suffix
            for suffix in ("", ".js", ".cjs", ".mjs", "/index.js", ".ts", "/index.ts")
            if path + suffix in files
        ),
        path,
    )
    if not re.search(r"\.[cm]?tsx?$", found):
        # a file of the build's output gets its suffix too: `node dist/main` is what Nest writes
        return ["node", found]
    if not start.builds or start.output is None:
        return None
    compiled = re.sub(r"\.([cm]?)tsx?$", r".\1js", found).removeprefix("src/")
    return ["node", f"{start.output[0]}/{compiled}"]


def _library(project: NodeProject) -> bool:
    """Whether others take what a bundler leaves as a package: it has an entry for them, asks them for what it needs beside
    itself or lists what is published, and has no page.
    """
    entered = {"main", "module", "exports"} & project.table.keys()
    published = {"peerDependencies", "files", "publishConfig"} & project.table.keys()
    page = any(path.rpartition("/")[2] == "index.html" and path.count("/") < 3 for path in project.files)
    return bool(entered and published) and not page


def _static(project: NodeProject, listening: list[str], start: NodeStarts) -> None:
    """A bundler with a build, and nothing that serves: what it builds is files."""
    bundler = project.has(*node_outputs.STATIC)
    row = node_frameworks.chosen(project)
    if row and row.start:  # a bundler that a framework uses to build its server
        return
    serves = listening or any(words[0] != project.manager for words, _ in start.commands)
    if bundler and start.builds and not start.static and not serves and not _library(project):
        start.commands.clear()
        start.static = bundler

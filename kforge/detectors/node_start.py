"""Scripts and files of a Node project → how it starts, best first, what builds it, and where the build leaves it.

`node FILE` comes before a package manager: npm passes no signals on and writes a log of its own.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge.detectors import node_builds, node_frameworks, node_outputs
from kforge.detectors.node_project import PATH, NodeProject
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_OPERATORS = re.compile(r"[|&;<>$`*\\]")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+=\S*+")
_LONGEST = 2000  # characters of a command
_WATCHERS = ("nodemon", "node-dev", "supervisor", "forever", "pm2", "pm2-runtime", "babel-node", "ts-node", "ts-node-dev", "tsnd", "tsx",
             "swc-node", "esno", "jiti")  # fmt: skip
_DEV_SERVERS = ("vite", "webpack", "webpack-dev-server", "react-scripts", "vue-cli-service", "ng", "parcel", "astro", "snowpack", "gatsby",
                "rollup", "react-app-rewired", "craco", "svelte-kit", "storybook", "expo", "wmr", "rsbuild")  # fmt: skip
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
_MAX_SCRIPTS = 5


@dataclass(slots=True)
class NodeStarts:
    """The starts found, best first, each with its place; builds likewise; and the folder of what runs."""

    commands: list[tuple[list[str], Evidence]] = field(default_factory=list)
    builds: list[tuple[list[str], Evidence]] = field(default_factory=list)
    output: tuple[str, Evidence] | None = None
    scattered: Evidence | None = None  # a build that may fill other folders as well
    hosts: list[tuple[str, Evidence]] = field(default_factory=list)  # variables that say where the first one listens
    static: str = ""  # the bundler that makes static files, where nothing serves them

    def add(self, words: list[str], place: Evidence) -> None:
        if words and words not in [known for known, _ in self.commands]:
            self.commands.append((words, place))


def find(tree: Tree, project: NodeProject, listening: list[str], framework: str) -> NodeStarts:
    """Every start, best first. `listening`: files in which something listens, in the order of the source."""
    start = NodeStarts()
    _build(tree, project, framework, start)
    files = frozenset(tree.files)
    if start.static and start.builds:
        return start
    if framework == "next" and start.output and start.output[0] == node_outputs.STANDALONE:
        start.add(["node", "server.js"], start.output[1])
        return start
    if framework == "next":
        start.add(["node_modules/.bin/next", "start"], project.place("next"))
    elif framework == "nuxt":
        start.add(["node", ".output/server/index.mjs"], project.place("nuxt"))
    for name in ("start:prod", "start:production", "start", "serve"):
        if name in project.scripts:
            words = _plain(project.scripts[name], project, files, start, 0)
            start.add(words or [], Evidence(PATH, project.line(f'"{name}"')))
            if words is None and name == "start":
                start.add([project.manager, "start"], Evidence(PATH, project.line('"start"')))
    if not listening:
        node_frameworks.add(tree, project, start)
    _static(project, listening, start)
    if start.static or framework == "fastify-cli":
        return start
    _main(project, files, start)
    for path in sorted(listening, key=_rank) if not start.commands else ():
        start.add(_node(path, files, start) or [], Evidence(path, 0))
    _named(files, start)
    _made(files, start)
    return start


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
    for name in ("build:prod", "build:production", "build"):
        if name in project.scripts:
            start.builds.append(([project.manager, "run", name], Evidence(PATH, project.line(f'"{name}"'))))
    if start.builds and node_builds.scatters(start.builds[0][0][-1], project.scripts):
        start.scattered = start.builds[0][1]
    typescript = next((path for path in ("tsconfig.build.json", "tsconfig.json") if path in tree.files), "")
    if framework == "next":
        start.output, start.static = node_outputs.of_next(tree, project)
    elif framework == "nuxt":
        start.output = (".output", project.place("nuxt"))
    elif bundler := project.has(*node_outputs.STATIC) if start.builds and framework not in ("nest",) else "":
        start.output = node_outputs.bundled(tree, project, bundler, start.builds[0][0][-1])
    if typescript and (start.output is None or start.output[0] == "dist"):
        place = node_outputs.configured(tree, "tsconfig.json", "outDir") or node_outputs.configured(
            tree, typescript, "outDir"
        )
        if place and start.output is None:
            start.output = place
        elif start.output is None and (start.builds or framework == "nest"):
            start.output = ("dist", Evidence(typescript))
        if not start.builds and project.has("typescript"):
            start.builds.append((["node_modules/.bin/tsc", "--project", typescript], Evidence(typescript)))


def _plain(text: str, project: NodeProject, files: frozenset[str], start: NodeStarts, depth: int) -> list[str] | None:
    """The words of a script that needs no shell; [] for what serves development only, None where a shell is needed."""
    if depth > _MAX_SCRIPTS or len(text) > _LONGEST:
        return None
    parts = [part.strip() for part in text.split("&&")]
    if len(parts) > 1:  # `npm run build && node dist/main.js`: the image is built already
        return (
            _plain(parts[-1], project, files, start, depth + 1) if all(_builds(part) for part in parts[:-1]) else None
        )
    if _OPERATORS.search(text):
        return None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    while words and (
        _ASSIGNMENT.fullmatch(words[0]) or words[0] in ("cross-env", "env", "npx", "exec", "dotenv", "--")
    ):
        words = words[1:]
    if not words:
        return None
    name = words[0].removeprefix("./").removeprefix("node_modules/.bin/")
    if name in ("npm", "pnpm", "yarn") and len(words) > 1:
        target = (
            words[2] if words[1] in ("run", "run-script") and len(words) == 3 else words[1] if len(words) == 2 else ""
        )
        return _plain(project.scripts[target], project, files, start, depth + 1) if target in project.scripts else None
    if name == "bun":
        return _bun(words, project, files, start, depth)
    if name == "node":
        return _node_words(words, project, files, start)
    if name in _WATCHERS:
        script = next((word for word in words[1:] if re.search(r"\.[cm]?[jt]sx?$", word) or word == "."), "")
        return _node_words(["node", script], project, files, start) if script else None
    if name in _DEV_SERVERS:
        return []
    return _runner(name, words, project, start)


def _bun(
    words: list[str], project: NodeProject, files: frozenset[str], start: NodeStarts, depth: int
) -> list[str] | None:
    """`bun run start` follows the script; `bun index.ts` runs TypeScript as it is."""
    rest = words[2:] if words[1:2] == ["run"] else words[1:]
    if not rest:
        return None
    if rest[0] in project.scripts and rest[0] not in files:
        return _plain(project.scripts[rest[0]], project, files, start, depth + 1) if len(rest) == 1 else None
    return ["bun", *rest] if rest[0].removeprefix("./") in files else None


def _builds(part: str) -> bool:
    return bool(re.search(r"\b(?:build|compile|tsc|rimraf|clean|generate|prisma|lint|prestart|install)\b", part))


def _node_words(words: list[str], project: NodeProject, files: frozenset[str], start: NodeStarts) -> list[str] | None:
    """`node FLAGS FILE ARGUMENTS`, the file as it will be: with its suffix, compiled where it is TypeScript."""
    index = next(
        (
            number
            for number, word in enumerate(words)
            if number
            and not word.startswith("-")
            and words[number - 1] not in ("-r", "--require", "--import", "--loader", "--env-file")
        ),
        0,
    )
    if not index:
        return words if len(words) > 1 else None
    path = words[index].removeprefix("./")
    if path in (".", ""):
        path = str(project.table.get("main") or "index.js").removeprefix("./")
    ran = _node(path, files, start)
    return [*words[:index], *(ran[1:] if ran else [path]), *words[index + 1 :]] if ran else None


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


def _runner(name: str, words: list[str], project: NodeProject, start: NodeStarts) -> list[str] | None:
    """A program that a dependency installs, told to listen where a container must."""
    if name == "nest":
        return ["node", f"{start.output[0] if start.output else 'dist'}/main.js"] if words[1:2] == ["start"] else None
    if name in ("nuxt", "nuxi"):
        return ["node", ".output/server/index.mjs"] if words[1:2] != ["dev"] else []
    if name == "next":
        return ["node_modules/.bin/next", *words[1:]] if words[1:2] == ["start"] else []
    if name == "fastify" and words[1:2] == ["start"]:
        # fastify-cli binds localhost unless it recognizes Docker, which it does not in every cluster.
        listens = any(word in ("-a", "--address") or word.startswith("--address=") for word in words)
        return ["node_modules/.bin/fastify", "start", *([] if listens else ["--address", "0.0.0.0"]), *words[2:]]  # noqa: S104
    owner = project.needs(
        name,
        f"{name}-cli",
        f"@{name}/cli",
        f"@{name}/core",
        f"@remix-run/{name.removeprefix('remix-')}",
        f"@react-router/{name.removeprefix('react-router-')}",
    )
    return [f"node_modules/.bin/{name}", *words[1:]] if owner else None


def _static(project: NodeProject, listening: list[str], start: NodeStarts) -> None:
    """A bundler with a build, and nothing that serves: what it builds is files."""
    bundler = project.has(*node_outputs.STATIC)
    row = node_frameworks.chosen(project)
    if row and row.start:  # a bundler that a framework uses to build its server
        return
    serves = listening or any(words[0] != project.manager for words, _ in start.commands)
    if bundler and start.builds and not start.static and not serves:
        start.commands.clear()
        start.static = bundler

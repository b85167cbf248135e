"""Dependencies and configuration of a project → the framework that builds it: what starts it, where, or that its build
leaves static files. Frameworks are rows of node_frameworks.json; unaware of code that listens by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.container_words import EVERYWHERE
from kforge.domain.facts import Evidence
from kforge.syntax import javascript as syntax
from kforge.syntax.expression import Constant, Text

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.program import SourceProgram

# Dependency → framework, the outermost first: Nest programs depend on express too.
_FRAMEWORKS = {
    "next": "next", "nuxt": "nuxt", "@nestjs/core": "nest", "@remix-run/serve": "remix", "@react-router/serve": "react-router",
    "@apollo/server": "apollo", "apollo-server": "apollo", "apollo-server-express": "apollo", "fastify-cli": "fastify-cli",
    "fastify": "fastify", "express": "express", "@hapi/hapi": "hapi", "hapi": "hapi", "koa": "koa", "hono": "hono", "restify": "restify",
    "polka": "polka", "socket.io": "socket.io", "ws": "ws", "@grpc/grpc-js": "grpc", "grpc": "grpc",
}  # fmt: skip
_COMPILED = ("nuxt",)  # those of which the build leaves all that starts: they may be development dependencies
_SUFFIXES = (".ts", ".mts", ".js", ".mjs", ".cjs", ".json")


@dataclass(frozen=True, slots=True)
class Framework:
    """A row. `static` says when its build leaves files: always, by a word of its configuration or of a build script;
    `but` says which word of its configuration makes it none. `needs` are dependencies of which one makes what `start`
    names, and with one of `unless` the build is for another platform; `host` is the variable that it listens by; `script`
    is what a build script runs."""

    dependency: str
    framework: str
    output: str = ""
    start: tuple[str, ...] = ()
    port: int = 0
    host: str = ""
    doubt: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    script: str = ""
    static: dict[str, Any] | None = field(default=None, hash=False)


def of(names: SourceProgram, project: NodeProject) -> tuple[str, Evidence] | None:
    """The framework that the program runs by, with its place."""
    name = project.has(*_COMPILED) or project.needs(*_FRAMEWORKS)
    serves = any(call.last == "bindAsync" for script in names.files for call in script.calls)
    if name and _FRAMEWORKS[name] == "grpc" and not serves:
        name = ""  # a client of somebody else's service
    if name:
        return _FRAMEWORKS[name], project.place(name)
    for script in names.files:
        for shown, callees in (
            ("http", ("http.createServer", "https.createServer", "createServer")),
            ("net", ("net.createServer",)),
        ):
            for call in script.calls:
                if call.name in callees:
                    return shown, Evidence(script.path, call.line)
    return None


@cache
def rows() -> tuple[Framework, ...]:
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    lists = ("start", "doubt", "needs", "unless")
    return tuple(Framework(**{**row, **{key: tuple(row[key]) for key in lists if key in row}}) for row in rows)


def chosen(project: NodeProject) -> Framework | None:
    """The first row of which the project has the dependency, and what it needs besides."""
    return next((row for row in rows() if project.has(row.dependency) and _needs(row, project)), None)


def add(tree: Tree, project: NodeProject, start: NodeStarts) -> None:
    """Add what the project's framework builds: static files, or a server."""
    row = chosen(project)
    if row is None or not start.builds:
        return
    place = project.place(row.dependency)
    if folder := static_folder(row, tree, project):
        start.commands.clear()
        start.output, start.static = (folder, place), row.dependency
    elif starts(row, project):
        start.output = (row.output, place)
        start.add(list(row.start), place)
        if row.host and start.commands[0][0] == list(row.start):
            start.variables.append((row.host, EVERYWHERE, place))
        if row.doubt:
            project.seen.see("doubts", {"said": row.doubt[0], "hint": row.doubt[1]}, place.file, place.line)


def starts(row: Framework, project: NodeProject) -> bool:
    """Whether the build makes the server that the row's start names."""
    return bool(row.start) and _needs(row, project) and not project.has(*row.unless)


def _needs(row: Framework, project: NodeProject) -> bool:
    builds = (text for name, text in project.scripts.items() if name.startswith("build"))
    return (not row.needs or bool(project.has(*row.needs))) and (
        not row.script or any(row.script in text for text in builds)
    )


def static_folder(row: Framework, tree: Tree, project: NodeProject) -> str:
    """Where the build leaves static files; "" where it makes a server, or where that is not shown."""
    if row.static is None:
        return ""
    folder: str = row.static.get("folder", row.output)
    if not row.static:
        return folder
    but = row.static.get("but")
    if but and _setting(tree, but["file"], but["key"]) == but["is"]:
        return ""
    if script := row.static.get("script"):
        return (
            folder if any(script in text for name, text in project.scripts.items() if name.startswith("build")) else ""
        )
    said = _setting(tree, row.static["file"], row.static["key"])
    return folder if said == row.static["is"] else ""


def _setting(tree: Tree, stem: str, key: str) -> str:
    """A text or a word (`false`) of a configuration file; "" where it holds none."""
    path = next((stem + suffix for suffix in _SUFFIXES if stem + suffix in tree.files), "")
    text = f"({tree.text(path)})" if path.endswith(".json") else tree.text(path) if path else ""
    for held in syntax.read(path, text).objects if path else ():
        match held.get(key):
            case Text(value=value):
                return value
            case Constant(word=word):
                return word.lower()
    return ""

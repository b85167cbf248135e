"""A Node source → facts. The pieces are read by node_project, node_code, node_routes and node_start."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.detectors import (
    address_forms,
    node_code,
    node_folders,
    node_frameworks,
    node_project,
    node_routes,
    node_start,
    node_workspace,
)
from kforge.detectors.code import files_of, needed_of
from kforge.detectors.dockerfile import declared_port
from kforge.detectors.node_dialect import DIALECT
from kforge.detectors.node_packages import PACKAGES
from kforge.detectors.route_graph import settled
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.sightings import Sightings, port_number, product_code
from kforge.syntax import javascript as syntax
from kforge.syntax.program import SourceProgram, program

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile

# Dependency → framework, the outermost first: Nest programs depend on express too.
_FRAMEWORKS = {
    "next": "next", "nuxt": "nuxt", "@nestjs/core": "nest", "@remix-run/serve": "remix", "@react-router/serve": "react-router",
    "@apollo/server": "apollo", "apollo-server": "apollo", "apollo-server-express": "apollo", "fastify-cli": "fastify-cli",
    "fastify": "fastify", "express": "express", "@hapi/hapi": "hapi", "hapi": "hapi", "koa": "koa", "hono": "hono", "restify": "restify",
    "polka": "polka", "socket.io": "socket.io", "ws": "ws", "@grpc/grpc-js": "grpc", "grpc": "grpc",
}  # fmt: skip
_DEFAULTS = {
    "next": 3000,
    "nuxt": 3000,
    "remix": 3000,
    "react-router": 3000,
    "fastify-cli": 3000,
    "nest": 3000,
    "apollo": 4000,
}
_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", "bin/www")
_SHOWN = {"fastify-cli": "fastify", "@angular/cli": "angular", "@vue/cli-service": "vue-cli", "@docusaurus/core": "docusaurus",
          "@11ty/eleventy": "eleventy", "@rsbuild/core": "rsbuild"}  # fmt: skip
_MARKERS = frozenset(
    (
        "go.mod",
        "Cargo.toml",
        "pom.xml",
        "build.gradle",
        "composer.json",
        "Gemfile",
        "requirements.txt",
        "pyproject.toml",
    )
)


def detect(tree: Tree) -> Facts | None:
    claim = _claims(tree)
    if not claim:
        return None
    project = node_project.read(tree)
    found = node_workspace.find(tree, project)
    workspace = node_workspace.take(found, project) if found else None
    facts = _read(tree, project, claim)
    return node_workspace.completed(facts, workspace) if workspace else facts


def _read(tree: Tree, project: NodeProject, claim: str) -> Facts:
    seen = project.seen
    names = program(_scripts(tree, seen), DIALECT)
    framework = _framework(names, project)
    node_code.scan(names, seen, default_local=bool(framework and framework[0] == "fastify"))
    needed_of(names, tree, seen)
    autoload = bool(project.needs("@fastify/autoload", "fastify-autoload"))
    node_routes.health(tree, names, seen, autoload)
    listening = [
        evidence.file for name in ("ports", "port variables") for fact in seen.many(name) for evidence in fact.evidence
    ]
    start = node_start.find(tree, project, listening, framework[0] if framework else "")
    row = node_frameworks.chosen(project)
    if start.static:
        name = row.framework if row and row.dependency == start.static else start.static
        return _facts(claim, project, _site(start), start, (name, project.place(start.static)))
    if row and row.port and framework is None and start.commands:
        framework = row.framework, project.place(row.dependency)
    if framework and framework[0] == "next":
        seen.see("writable", "/app/.next/cache", PATH, project.place("next").line)
    node_folders.scan(tree, names, project, start, seen)
    facts = _with_ports(_facts(claim, project, seen, start, framework), tree, seen, framework, start)
    known = {fact.value["port"] for fact in facts.ports}
    beside = tuple(fact for fact in seen.many("beside ports") if fact.value["port"] not in known)
    return _with_health(_replaced(facts, (*facts.ports, *beside), seen), seen)


PATH = node_project.PATH
ANYWHERE = "0.0.0.0"  # noqa: S104  of a container


def _claims(tree: Tree) -> str:
    files = frozenset(tree.files)
    if PATH in files:
        return PATH
    if files & _MARKERS or any(path.endswith((".py", ".go")) and "/" not in path for path in files):
        return ""
    return next((f"{stem}.js" for stem in node_start.FILES if f"{stem}.js" in files), "")


def _scripts(tree: Tree, seen: Sightings) -> list[CodeFile]:
    built = ("dist/", "build/", "out/", "public/", "static/", "assets/", "www/", "lib/vendor/")
    paths, more = product_code(tree, _SUFFIXES, built)
    if not paths:
        paths, more = product_code(tree, _SUFFIXES)
    return files_of(tree, paths, more, syntax.read, "JavaScript", seen)


def _framework(names: SourceProgram, project: NodeProject) -> tuple[str, Evidence] | None:
    name = project.needs(*_FRAMEWORKS)
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


def _facts(
    claim: str,
    project: NodeProject,
    seen: Sightings,
    start: NodeStarts,
    framework: tuple[str, Evidence] | None,
) -> Facts:
    own = project.seen
    return Facts(
        detector="node",
        revision=1,
        language=Fact("node", (Evidence(claim),)),
        version=own.first("version"),
        version_range=own.first("version_range"),
        package_manager=own.first("package_manager"),
        framework=Fact(_SHOWN.get(framework[0], framework[0]), (framework[1],)) if framework else None,
        start=tuple(Fact(words, (place,)) for words, place in start.commands),
        variables=tuple(Fact({"name": name, "value": ANYWHERE}, (place,)) for name, place in start.hosts),
        ports=seen.ports(),
        env=seen.env(),
        hosts=seen.hosts(),
        writable=seen.by_value("writable"),
        kept=seen.by_value("kept"),
        project_version=own.first("project_version"),
        project_name=own.first("project_name"),
        manifests=own.many("manifests"),
        lockfile=own.first("lockfile"),
        dependencies=tuple(
            Fact(name.lower(), (project.place(name),)) for name in sorted(project.requires, key=str.lower)
        ),
        build=tuple(Fact(words, (place,)) for words, place in start.builds),
        output=Fact(start.output[0], (start.output[1],)) if start.output else None,
        scattered=Fact(True, (start.scattered,)) if start.scattered and not start.static else None,
        packages=_packages(project, run=True) if not start.static else (),
        build_packages=_packages(project, run=False),
        needed=_needed(project, start, seen),
        faults=own.many("faults"),
        doubts=own.many("doubts"),
        notes=own.many("notes") if own is seen else (*own.many("notes"), *seen.many("notes")),
    )


def _needed(project: NodeProject, start: NodeStarts, seen: Sightings) -> Many:
    """What code imports and opens; and a folder that the build fills where the project keeps files of its own in it."""
    if start.output and any(path.startswith(f"{start.output[0]}/") for path in project.files):
        seen.see("needed", start.output[0], start.output[1].file, start.output[1].line)
    return seen.by_value("needed")


def _site(start: NodeStarts) -> Sightings:
    """What is known of static files: nothing of the code runs in the container."""
    seen = Sightings()
    folder, place = start.output if start.output else ("dist", Evidence(PATH))
    seen.see(
        "notes", f"builds static files into `{folder}`: a web server serves them, no Node runs", place.file, place.line
    )
    return seen


def _with_ports(
    facts: Facts, tree: Tree, seen: Sightings, framework: tuple[str, Evidence] | None, start: NodeStarts
) -> Facts:
    """What the code or the start names first, else what the Dockerfile names, else the framework's default."""
    name = framework[0] if framework else ""
    words = start.commands[0][0] if start.commands else []
    given = _option(words)
    if facts.ports and not (given and _default(name)):
        ports: Many = tuple(sorted(facts.ports, key=lambda fact: fact.value["protocol"] == "tcp"))
        return _replaced(facts, ports, seen)
    variable = seen.first("port variables")
    declared = declared_port(tree)
    port = given or (declared.value if declared else 0) or _default(name) or (8080 if variable else 0)
    if not port:
        return facts
    begun = start.commands[0][1] if start.commands else Evidence(PATH)
    place = begun if given or not declared else declared.evidence[0]
    env = (
        variable.value
        if variable
        else "PORT"
        if _default(name) and name not in ("nest", "apollo") and not given
        else ""
    )
    evidence = variable.evidence if variable else (place if given or declared or framework is None else framework[1],)
    return _replaced(
        facts, (Fact({"port": port, "protocol": "grpc" if name == "grpc" else "http", "env": env}, evidence),), seen
    )


def _default(name: str) -> int:
    """The port that a framework listens on where nothing tells it another."""
    return _DEFAULTS.get(name) or next(
        (row.port for row in node_frameworks.rows() if row.framework == name and row.port), 0
    )


def _replaced(facts: Facts, ports: Many, seen: Sightings) -> Facts:
    held = address_forms.kept(ports, seen)
    return replace(facts, ports=held, forms=address_forms.forms(held, seen))


def _with_health(facts: Facts, seen: Sightings) -> Facts:
    health, beside = settled(seen, facts.ports)
    return replace(facts, health=health, health_ports=beside, unprobed=seen.many("unprobed"))


def _option(words: list[str]) -> int:
    """The port that a start's own options name: `-p 3000`, `--port=3000`, `-l 5000`."""
    for number, word in enumerate(words):
        if word in ("-p", "--port", "-l", "--listen") and number + 1 < len(words):
            return port_number(words[number + 1])
        if found := re.fullmatch(r"--(?:port|listen)=(\S+)", word):
            return port_number(found.group(1))
    return 0


def _packages(project: NodeProject, run: bool) -> Many:
    seen = Sightings()
    for name, needs in PACKAGES.items():
        if project.needs(name):
            for package in needs.run if run else needs.build:
                seen.see("packages", package, PATH, project.place(name).line)
    for _, (spec, line) in sorted(project.requires.items()):
        if not run and re.match(r"(?:git\+|git:|github:|ssh:)|[\w-]+/[\w.-]+(?:#|$)", spec):
            seen.see("packages", "git", PATH, line)
    return seen.by_value("packages")


DETECTOR = Detector("node", 1, detect)

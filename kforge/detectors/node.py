"""A Node source → facts. The pieces are read by node_project, node_code, node_routes and node_start."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.detectors import (
    absent_files,
    brought_files,
    closed_files,
    encryption,
    node_build_variables,
    node_code,
    node_config_reads,
    node_driven,
    node_folders,
    node_frameworks,
    node_install,
    node_manifests,
    node_members,
    node_migrations,
    node_outside,
    node_ports,
    node_prisma,
    node_programs,
    node_project,
    node_routes,
    node_start,
    node_workers,
    node_workspace,
    outside_files,
)
from kforge.detectors.code import files_of, needed_of
from kforge.detectors.folder_tables import table
from kforge.detectors.html import loaded_by_page
from kforge.detectors.node_dialect import DIALECT
from kforge.detectors.node_packages import PACKAGES
from kforge.detectors.route_graph import settled
from kforge.detectors.start_facts import settings
from kforge.detectors.workspaces import FolderTree, inside
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.sightings import Sightings, product_code
from kforge.syntax import javascript as syntax
from kforge.syntax.program import program

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile

_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", "bin/www")
_SHOWN = {"fastify-cli": "fastify", "@angular/cli": "angular", "@vue/cli-service": "vue-cli", "@docusaurus/core": "docusaurus",
          "@11ty/eleventy": "eleventy", "@rsbuild/core": "rsbuild", "hugo-extended": "hugo", "hugo-bin": "hugo"}  # fmt: skip
_SITES = (
    "next",
    "nuxt",
    "astro",
    "@docusaurus/core",
    "@11ty/eleventy",
    "hugo-extended",
    "hugo-bin",
    "hexo",
)  # what they leave has a file for every path
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
    if other := node_manifests.other_manifest(tree):
        facts = detect(node_manifests.RenamedManifest(tree, other))
        return node_manifests.renamed(facts, other) if facts else None
    claim = _claims(tree)
    if not claim:
        return None
    project = node_project.read(tree)
    found = node_workspace.find(tree, project)
    workspace = node_workspace.take(found, project) if found else None
    node_install.read(*_installed(tree, project, found))
    facts = _read(tree, project, claim, node_workspace.held(found, workspace) if found and workspace else ())
    return node_workspace.completed(facts, workspace) if workspace else facts


def _installed(
    tree: Tree, project: NodeProject, found: node_workspace.NodeWorkspace | None
) -> tuple[Tree, Mapping[str, Any], NodeProject, Callable[[str], str]]:
    """What is installed: the workspace's root where there is one, with its manifest, and how the source names its files."""
    if found is None or found.root == found.place.folder:
        return tree, project.table, project, str
    root = FolderTree(found.place, found.root)
    return root, found.table, project, lambda path: found.rel(inside(found.root, path))


def _read(tree: Tree, project: NodeProject, claim: str, held: Collection[str]) -> Facts:
    """`held`: what a build takes of the repository besides the source, from the repository's top."""
    seen = project.seen
    names = program(_scripts(tree, seen), DIALECT)
    node_members.read(tree, names, seen, held)
    framework = node_frameworks.of(names, project)
    node_code.scan(names, seen, default_local=bool(framework and framework[0] == "fastify"))
    needed_of(names, tree, seen)
    absent_files.protocols(tree, names, seen)
    node_outside.imports(tree, names, seen, held)
    outside_files.find(tree, names, seen, held, table("node").once)
    brought_files.opened(tree, names, seen, "node")
    closed_files.opened(names, tree, seen)
    autoload = bool(project.needs("@fastify/autoload", "fastify-autoload"))
    node_routes.health(tree, names, seen, autoload)
    listening = [
        evidence.file for name in ("ports", "port variables") for fact in seen.many(name) for evidence in fact.evidence
    ]
    name = framework[0] if framework else ""
    start = node_start.find(tree, project, listening, name, node_ports.wanted(tree, seen))
    if named := node_prisma.store(tree, project):
        seen.see("connectors", f"prisma:{named.provider}", named.place.file, named.place.line)
        if named.variable:
            fact = {"name": named.variable, "default": None, "required": True}
            seen.see("env", fact, named.place.file, named.place.line)
    built = start.builds[0][0] if start.builds else []
    if made := node_prisma.generating(tree, project, built[-1] if built[1:2] == ["run"] else ""):
        seen.see("build_first", made, PATH, project.place("@prisma/client").line)
    for words in node_driven.installing(tree, project, built[-1] if built[1:2] == ["run"] else ""):
        seen.see("build_first", words, PATH, project.line(f'"{built[-1]}"'))
    if (tool := node_install.migrating(tree, project)) and tool not in start.needs:
        start.needs = (*start.needs, tool)
    node_migrations.take(tree, project, names, start)
    node_workers.take(tree, project, names, start)
    node_programs.take(tree, project, start)
    node_config_reads.of_migrations(tree, project, start, seen)
    row = node_frameworks.chosen(project)
    node_build_variables.forget_defined(tree, seen)
    node_config_reads.of_nuxt(tree, seen)
    inlined = node_build_variables.find(tree, names, project, bool(start.static), seen)
    if start.static:
        name = row.framework if row and row.dependency == start.static else start.static
        site = _facts(claim, project, _site(start), start, (name, project.place(start.static)))
        return replace(site, build_env=inlined)
    if row and row.port and framework is None and start.commands:
        framework = row.framework, project.place(row.dependency)
    if framework and framework[0] == "next":
        seen.see("writable", "/app/.next/cache", PATH, project.place("next").line)
    node_folders.scan(tree, names, project, start, seen)
    facts = replace(_facts(claim, project, seen, start, framework), build_env=inlined)
    facts = node_ports.with_ports(facts, tree, seen, framework, start)
    known = {fact.value["port"] for fact in facts.ports}
    beside = tuple(fact for fact in seen.many("beside ports") if fact.value["port"] not in known)
    facts = _with_health(node_ports.replaced(facts, (*facts.ports, *beside), seen), seen)
    return encryption.settled(facts, tree, seen)


PATH = node_project.PATH


def _claims(tree: Tree) -> str:
    files = frozenset(tree.files)
    if PATH in files:
        return PATH
    if files & _MARKERS or any(path.endswith((".py", ".go")) and "/" not in path for path in files):
        return ""
    own = (f"{stem}.js" for stem in node_start.FILES if f"{stem}.js" in files)
    return next((path for path in own if not loaded_by_page(tree, path)), "")


def _scripts(tree: Tree, seen: Sightings) -> list[CodeFile]:
    built = ("dist/", "build/", "out/", "public/", "static/", "assets/", "www/", "lib/vendor/")
    paths, more = product_code(tree, _SUFFIXES, built)
    if not paths:
        paths, more = product_code(tree, _SUFFIXES)
    return files_of(tree, paths, more, syntax.read, "JavaScript", seen)


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
        variables=_variables(start),
        beside=tuple(Fact(one.record(), (place,)) for one, place in start.beside),
        absent=own.many("absent") if not start.static else (),
        ports=seen.ports(),
        env=seen.env(),
        named_folders=seen.by_value("named_folders"),
        named_files=seen.by_value("named_files"),
        hosts=seen.hosts(),
        writable=seen.by_value("writable"),
        kept=seen.by_value("kept"),
        project_version=own.first("project_version"),
        project_name=own.first("project_name"),
        manifests=own.many("manifests"),
        manager_version=own.first("manager_version"),
        install_variables=own.many("install_variables"),
        install_scripts=own.many("install_scripts"),
        build_first=own.many("build_first"),
        lockfile=own.first("lockfile"),
        dependencies=_dependencies(project, seen),
        build=tuple(Fact(words, (place,)) for words, place in start.builds),
        output=Fact(start.output[0], (start.output[1],)) if start.output else None,
        error_page=Fact("404.html", (start.output[1],)) if start.output and start.static in _SITES else None,
        scattered=Fact(True, (start.scattered,)) if start.scattered and not start.static else None,
        packages=_packages(project, run=True) if not start.static else (),
        build_packages=_packages(project, run=False),
        needed=_needed(project, start, seen),
        mounted=own.many("mounted"),
        unpruned=tuple(Fact(name, (project.place(name),)) for name in start.needs) if not start.static else (),
        faults=own.many("faults"),
        doubts=own.many("doubts"),
        brought=seen.many("brought"),
        notes=own.many("notes") if own is seen else (*own.many("notes"), *seen.many("notes")),
    )


def _variables(start: NodeStarts) -> Many:
    """What the start sets, by name; a port that it is given stays where no variable says another."""
    places = {name: place for name, _, place in start.variables}
    said = {name: value for name, value, _ in start.variables}
    return tuple(fact for name in sorted(said) for fact in settings({name: said[name]}, places[name]))


def _dependencies(project: NodeProject, seen: Sightings) -> Many:
    """Direct dependencies by name, and `prisma:postgresql` for a store that one of them speaks to by its schema."""
    found = [Fact(name.lower(), (project.place(name),)) for name in sorted(project.requires, key=str.lower)]
    return (*found, *seen.many("connectors"))


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


def _with_health(facts: Facts, seen: Sightings) -> Facts:
    health, beside = settled(seen, facts.ports)
    return replace(facts, health=health, health_ports=beside, unprobed=seen.many("unprobed"))


def _packages(project: NodeProject, run: bool) -> Many:
    seen = Sightings()
    seen.adopt("packages", project.seen.many("native run" if run else "native build"))
    for name, needs in PACKAGES.items():
        if project.needs(name):
            for package in needs.run if run else needs.build:
                seen.see("packages", package, PATH, project.place(name).line)
    for _, (spec, line) in sorted(project.requires.items()):
        if not run and re.match(r"(?:git\+|git:|github:|ssh:)|[\w-]+/[\w.-]+(?:#|$)", spec):
            for package in ("ca-certificates", "git"):  # the slim images have neither
                seen.see("packages", package, PATH, line)
    return seen.by_value("packages")


DETECTOR = Detector("node", 1, detect)

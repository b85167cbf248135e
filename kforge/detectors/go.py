"""A Go source → facts: the module, its programs, and what go_code and go_routes read in its files."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.detectors import (
    address_forms,
    brought_files,
    closed_files,
    encryption,
    folders,
    go_code,
    go_commands,
    go_config_files,
    go_left_out,
    go_links,
    go_members,
    go_modules,
    go_opened,
    go_ports,
    go_programs,
    go_routes,
    go_workspace,
    outside_files,
)
from kforge.detectors.code import files_of
from kforge.detectors.folder_tables import table
from kforge.detectors.go_dialect import DIALECT
from kforge.detectors.route_graph import settled
from kforge.detectors.tool_versions import PinnedTool, pinned_tools
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.needed_files import doubtful
from kforge.domain.source.sightings import Sightings, product_code
from kforge.syntax import go as syntax
from kforge.syntax.code_file import CodeFile
from kforge.syntax.program import program

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_MAIN_PACKAGE = re.compile(r"^package\s++main\b", re.MULTILINE)
_GENERATE = re.compile(
    r"^//go:generate[ \t]++(?:env[ \t]++)?(?:\w++=\S*+[ \t]++)*+go[ \t]++run[ \t]++(?:-\S++[ \t]++)*+(\S{1,200}+)",
    re.MULTILINE,
)
_IGNORED = re.compile(r"^//go:build\s++ignore\b", re.MULTILINE)
_FRAMEWORKS = (
    ("github.com/gin-gonic/gin", "gin"), ("github.com/labstack/echo", "echo"), ("github.com/gofiber/fiber", "fiber"),
    ("github.com/go-chi/chi", "chi"), ("github.com/gorilla/mux", "gorilla/mux"), ("github.com/kataras/iris", "iris"),
    ("github.com/beego/beego", "beego"), ("github.com/valyala/fasthttp", "fasthttp"), ("connectrpc.com/connect", "connect"),
)  # fmt: skip
_NET_HTTP = ("http.ListenAndServe", "http.ListenAndServeTLS", "http.Serve", "http.ServeTLS")
_GOENV = ".go-version"
_SIDE = re.compile(r"(?:^|/)(?:tools?|hack|scripts?|examples?|samples?|devtools|codegen|build|ci|misc|_\w+)(?:/|$)")
_SERVICES = ("server", "api", "app", "service", "web", "main")


def detect(tree: Tree) -> Facts | None:
    paths, more = product_code(tree, (".go",))
    loose = (path for path in paths if "/" not in path and _MAIN_PACKAGE.search(tree.text(path)))
    claim = next((path for path in ("go.mod", "go.work") if path in tree.files), "") or next(loose, "")
    if not claim:
        return None
    seen = Sightings()
    space, modules = go_workspace.find(tree), go_workspace.nested(tree)
    requires = _module(tree, go_workspace.texts(space, tree), seen)
    paths = [path for path in paths if go_workspace.built_here(space, path, modules)]
    files = files_of(
        tree, [path for path in paths if not _IGNORED.search(tree.text(path))], more, syntax.read, "Go", seen
    )
    started = [file for file in files if go_workspace.started_here(space, posixpath.dirname(file.path), modules)]
    mains = _mains(started, _generators(tree, files, seen), seen)
    # Programs beside the first are no part of it, whether they are shipped or only run by developers and generators.
    others = {posixpath.dirname(file.path) for file in files if _entry(file)} - {main[0] for main in mains[:1]}
    names = program([file for file in files if posixpath.dirname(file.path) not in others], DIALECT)
    imports = {path: (file, line) for file in reversed(names.files) for path, line in file.import_lines.items()}
    go_members.read(space, [*imports], names, seen)
    go_code.scan(names, frozenset(imports), tree, seen)
    folders.scan(names, table("go"), seen)
    go_routes.health(names, seen)
    framework = _framework(names.files, imports)
    _programs(mains, sorted({tag for tag, _ in go_commands.tags(tree, names)}), seen)
    if not mains and not more:
        said = f"has no `package main` ({claim}): it is a library, which makes no program"
        seen.see("unserved", {"said": said, "hint": "name a folder that holds one as `source`"}, claim)
    _needed(imports, seen)
    go_commands.find(names, posixpath.basename(mains[0][0]) if mains else "", seen)
    go_opened.find(files, tree, seen)
    if not any(path.startswith(go_commands.tools()) for path in imports):
        go_opened.migrations(tree, seen)
    outside_files.find(tree, names, seen, (), table("go").once, "copy it into the source, or embed it")
    brought_files.opened(tree, names, seen, "go")
    go_config_files.find(names, tree, seen)
    closed_files.opened(names, tree, seen, "opened")
    closed_files.embedded(tree, seen)
    go_left_out.scan(names, tree, mains[0][0] if mains else "", _module_path(seen), seen)
    workspace = go_workspace.take(space, [*imports]) if space else None
    go_links.linked(go_workspace.texts(space, tree), imports, seen)
    ports = address_forms.kept(go_ports.ports(tree, seen, framework), seen)
    health, beside = settled(seen, ports)
    manifests = go_workspace.manifests(space, tree)
    facts = Facts(
        detector="go",
        revision=2,
        language=Fact("go", (Evidence(claim),)),
        version=seen.first("version"),
        toolchain=_pinned(tree),
        package_manager=Fact("go", (Evidence(claim),)),
        framework=framework,
        start=_started(seen),
        unserved=seen.first("unserved"),
        beside=_beside(seen),
        programs=go_programs.beside(tree, files, mains, _module_path(seen)),
        absent=go_programs.absent(tree, claim),
        ports=ports,
        forms=address_forms.forms(ports, seen),
        health=health,
        health_ports=beside,
        unprobed=seen.many("unprobed"),
        env=seen.env(),
        named_folders=seen.by_value("named_folders"),
        named_files=seen.by_value("named_files"),
        hosts=seen.hosts(),
        writable=seen.by_value("writable"),
        kept=seen.by_value("kept"),
        project_name=seen.first("project_name"),
        manifests=manifests,
        lockfile=next((fact for fact in manifests if fact.value.endswith("go.sum")), None),
        dependencies=tuple(Fact(name.lower(), (at,)) for name, at in sorted(requires.items())),
        build=seen.many("build"),
        packages=seen.by_value("packages"),
        build_packages=seen.by_value("build_packages"),
        needed=seen.by_value("needed"),
        opened=seen.by_value("opened"),
        configured=seen.many("configured"),
        faults=seen.many("faults"),
        doubts=seen.many("doubts"),
        brought=seen.many("brought"),
        notes=seen.many("notes"),
    )
    facts = encryption.settled(facts, tree, seen)
    return replace(facts, **workspace._asdict()) if workspace else facts


def _module(tree: Tree, sources: list[tuple[str, str]], seen: Sightings) -> dict[str, Evidence]:
    """Direct requirements with their lines; module path and version of Go are seen on the way."""
    own = next((path for path in ("go.mod", "go.work") if path in tree.files), "")
    requires = {
        name: Evidence(path, line)
        for path, text in ([] if own == "go.mod" else sources)
        for name, line in _said(path, text, Sightings()).items()
    }
    requires |= {name: Evidence(own, line) for name, line in (_said(own, tree.text(own), seen) if own else {}).items()}
    version = max(
        (*seen.many("go"), *seen.many("toolchain")),
        key=lambda fact: [int(part) for part in fact.value.split(".")],
        default=None,
    )
    if version:
        seen.see("version", version.value, version.evidence[0].file, version.evidence[0].line)
    if not own:
        seen.see("notes", "no go.mod: versions of dependencies are not pinned; run `go mod init` and commit it")
    return requires


def _said(path: str, text: str, seen: Sightings) -> dict[str, int]:
    """Direct requirements of one go.mod with their lines; module path and version of Go are seen on the way."""
    requires: dict[str, int] = {}
    rows = text.split("\n")
    for number, word, operands in go_modules.lines(text):
        if not operands:
            continue
        if word == "module":
            seen.see("project_name", operands[0], path, number)
        elif word in ("go", "toolchain") and (found := re.match(r"(?:go)?([0-9]{1,4}\.[0-9]{1,4})", operands[0])):
            seen.see(word, found.group(1), path, number)
        elif word == "require" and "// indirect" not in rows[number - 1]:
            requires[operands[0]] = number
    return requires


def _pinned(tree: Tree) -> Fact | None:
    """The Go that a team's tools install: https://github.com/go-nv/goenv/blob/master/COMMANDS.md, asdf and mise."""
    text = tree.text(_GOENV) if _GOENV in tree.files else ""
    own = [PinnedTool(word, _GOENV, 1) for word in text.split()[:1]]
    for tool in (*own, *pinned_tools(tree, "go", "golang")):
        if found := re.match(r"(?:go)?([0-9]{1,4}\.[0-9]{1,4})(?!\d)", tool.version):
            return Fact(found[1], (Evidence(tool.file, tool.line),))
    return None


def _generators(tree: Tree, files: list[CodeFile], seen: Sightings) -> set[str]:
    """Folders of programs that `//go:generate go run …` lines start, so that nothing ships them."""
    module = seen.first("project_name")
    found: set[str] = set()
    for file in files:
        base = posixpath.dirname(file.path)
        for path in _GENERATE.findall(tree.text(file.path)):
            if module and path.startswith(f"{module.value}/"):
                found.add(path.removeprefix(f"{module.value}/"))
            elif path.startswith("."):
                whole = posixpath.normpath(posixpath.join(base, path))
                found.add(posixpath.dirname(whole) if path.endswith(".go") else whole)
    return found


def _entry(file: CodeFile) -> int:
    """The line of a program's `main`; 0 in a file that has none."""
    mains = (one.line for one in file.functions if one.name == "main" and not one.owner)
    return next(mains, 0) if file.package == "main" else 0


def _mains(files: list[CodeFile], generators: set[str], seen: Sightings) -> list[tuple[str, str, int]]:
    """(folder, file, line) of every main package, the likeliest first: the root, the module's name, a service's name."""
    module = seen.first("project_name")
    own = posixpath.basename(re.sub(r"/v\d+$", "", module.value)) if module else ""
    found: dict[str, tuple[str, str, int]] = {}
    for file in files:
        if line := _entry(file):
            folder = posixpath.dirname(file.path)
            found.setdefault(folder, (folder, file.path, line))

    def rank(item: tuple[str, str, int]) -> tuple[bool, bool, int, int, str]:
        name = posixpath.basename(item[0])
        usual = _SERVICES.index(name) if name in _SERVICES else len(_SERVICES)
        return (
            bool(_SIDE.search(item[0])),
            item[0] != "" and name != own,
            usual if item[0] else -1,
            item[0].count("/"),
            item[0],
        )

    run = [each for folder, each in found.items() if folder not in generators]
    ranked = sorted(run or found.values(), key=rank)
    shipped = [item for item in ranked if item[0].startswith("cmd/") or not _SIDE.search(item[0])]
    return shipped or ranked  # what is made for developers is no part of what runs


def _programs(mains: list[tuple[str, str, int]], tags: list[str], seen: Sightings) -> None:
    module = seen.first("project_name")
    own = posixpath.basename(re.sub(r"/v\d+$", "", module.value)) if module else "app"
    for folder, path, line in mains:
        name = posixpath.basename(folder) or own
        seen.see("start", [f"/app/{name}"], path, line)
        flags = ["-trimpath", "-ldflags=-s -w", *([f"-tags={','.join(tags)}"] if tags else [])]
        build = ["go", "build", *flags, "-o", f"/out/{name}", f"./{folder}" if folder else "."]
        seen.see("build", build, path, line)


def _started(seen: Sightings) -> Many:
    """The programs, the first with the words by which others reach it."""
    words = [fact.value for fact in (*seen.many("serving"), *seen.many("words"))]
    first, rest = seen.many("start")[:1], seen.many("start")[1:]
    return (*(replace(fact, value=[*fact.value, *words]) for fact in first), *rest)


def _module_path(seen: Sightings) -> str:
    module = seen.first("project_name")
    return module.value if module else ""


def _beside(seen: Sightings) -> Many:
    if (first := seen.first("start")) is not None:
        go_commands.beside(first.value[0], seen)
    return seen.many("beside")


def _needed(imports: dict[str, tuple[CodeFile, int]], seen: Sightings) -> None:
    """Packages of the module whose folder has the name of what an image does without: `internal/kubeconfig`."""
    module = seen.first("project_name")
    for path, (file, line) in sorted(imports.items()):
        if module and path.startswith(f"{module.value}/") and (name := doubtful(path.removeprefix(f"{module.value}/"))):
            seen.see("needed", name, file.path, line)


def _framework(files: list[CodeFile], imports: dict[str, tuple[CodeFile, int]]) -> Fact | None:
    for prefix, name in _FRAMEWORKS:
        for path, (file, line) in sorted(imports.items()):
            if path.startswith(prefix):
                return Fact(name, (Evidence(file.path, line),))
    for file in files:
        for call in file.calls:
            if go_code.serves_grpc(call, file):
                return Fact("grpc", (Evidence(file.path, call.line),))
    for file in files:
        lines = [call.line for call in file.calls if call.name in _NET_HTTP]
        lines += [each.line for each in file.objects if each.kind == "http.Server"]
        if lines:
            return Fact("net/http", (Evidence(file.path, min(lines)),))
    return None


DETECTOR = Detector("go", 2, detect)

"""A Python source → facts. The pieces are read by python_project, python_code, python_routes and python_start."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.detectors import (
    absent_files,
    address_forms,
    address_schemes,
    brought_files,
    closed_files,
    django_build,
    django_debug,
    django_hosts,
    django_settings,
    encryption,
    flask_folders,
    folders,
    outside_files,
    python_beside,
    python_code,
    python_engines,
    python_members,
    python_outside,
    python_programs,
    python_project,
    python_releases,
    python_routes,
    python_servers,
    python_start,
    python_workspace,
    server_files,
    store_switches,
)
from kforge.detectors.code import files_of, needed_of
from kforge.detectors.dockerfile import declared_port
from kforge.detectors.folder_tables import table
from kforge.detectors.python_dialect import DIALECT
from kforge.detectors.python_packages import BUNDLED, CLIENTS, EXTRAS, PACKAGES
from kforge.detectors.python_settings import take_settings
from kforge.detectors.start_facts import settings, told_port
from kforge.domain.artifact import Detector
from kforge.domain.commands.read_command import read
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.port import WEB
from kforge.domain.source.sightings import Sightings, product_code
from kforge.syntax import python as syntax
from kforge.syntax.program import SourceProgram, program

if TYPE_CHECKING:
    from kforge.detectors.python_project import PythonProject
    from kforge.detectors.python_servers import PythonStarts
    from kforge.domain.artifact import Tree

# Top-level import → framework, the outermost first: FastAPI programs import starlette too.
_FRAMEWORKS = (
    "fasthtml", "fastapi", "litestar", "django", "sanic", "quart", "flask", "starlette", "falcon", "bottle", "robyn", "tornado", "celery",
    "streamlit", "gradio", "dash", "dramatiq", "locust",
)  # fmt: skip
_GRPC = 50051  # of the examples: https://grpc.io/docs/languages/python/quickstart/
_WEB = frozenset((
    "fastapi", "fasthtml", "litestar", "django", "sanic", "quart", "flask", "starlette", "falcon", "bottle", "streamlit",
))  # fmt: skip


def detect(tree: Tree) -> Facts | None:
    claim = python_project.claims(tree)
    if not claim:
        return None
    project = python_project.read(tree)
    found = python_workspace.find(tree, project)
    workspace = python_workspace.take(found, project) if found else None
    facts = _read(tree, project, claim, (*found.needed, *found.files) if found else ())
    if found is None or workspace is None:
        return facts
    return python_workspace.unserved(found, replace(facts, **workspace._asdict()))


def _read(tree: Tree, project: PythonProject, claim: str, held: Collection[str]) -> Facts:
    """`held`: what a build takes of the repository besides the source, from the repository's top."""
    seen = project.seen
    names = program(files_of(tree, *product_code(tree, (".py",)), syntax.read, "Python", seen), DIALECT)
    take_settings(names)
    flask_folders.take(tree, names)
    python_members.read(tree, names, seen, held)
    python_code.scan(names, seen)
    store_switches.scan(names, seen)
    address_schemes.scan(names, seen)
    python_engines.scan(tree, names, project, seen)
    needed_of(names, tree, seen)
    absent_files.modules(tree, names, seen, project.requires)
    python_outside.modules(tree, names, seen, held, project.requires)
    outside_files.find(tree, names, seen, held, table("python").once)
    brought_files.opened(tree, names, seen, "python")
    closed_files.opened(names, tree, seen)
    health = python_routes.health(names, seen)
    framework = _framework(names, project, seen)
    declared = declared_port(tree)
    code_port = next((fact.value["port"] for fact in seen.ports() if fact.value["protocol"] in WEB), 0)
    files = server_files.found(tree, names, seen)
    start = python_start.find(tree, project, names, seen, code_port or (declared.value if declared else 0), files)
    python_programs.groups(tree, project)
    python_releases.take(tree, project)
    python_programs.absent(tree, project, start, bool(held))
    _gunicorn(names, project, start, seen)
    _folders(names, start, seen)
    _prepared(tree, project, names, start, seen)
    python_beside.take(tree, project, names, start, seen)
    for words, place in start.commands:
        seen.see("start", words, place.file, place.line)
    ports = address_forms.kept(_ports(seen, framework, start, declared), seen)
    facts = Facts(
        detector="python",
        revision=1,
        language=Fact("python", (Evidence(claim),)),
        version=seen.first("version"),
        package_manager=seen.first("package_manager"),
        framework=framework,
        start=seen.many("start"),
        variables=settings(start.variables, start.place),
        production=seen.many("production"),
        unserved=seen.first("unserved"),
        beside=seen.many("beside"),
        groups=seen.many("groups"),
        absent=seen.many("absent"),
        server_files=_server_files(files, ports),
        ports=ports,
        forms=address_forms.forms(ports, seen),
        health=health,
        unprobed=seen.many("unprobed"),
        allowed_hosts=seen.first("allowed_hosts"),
        probe_headers=seen.many("probe_headers"),
        env=seen.env(),
        named_folders=seen.by_value("named_folders"),
        named_files=seen.by_value("named_files"),
        switches=seen.many("switches"),
        schemes=seen.many("schemes"),
        hosts=seen.hosts(),
        writable=seen.by_value("writable"),
        kept=seen.by_value("kept"),
        project_version=seen.first("project_version"),
        scm_version=seen.first("scm_version"),
        project_name=seen.first("project_name"),
        manifests=seen.many("manifests"),
        lockfile=seen.first("lockfile"),
        dependencies=_dependencies(project),
        packages=_packages(project, run=True),
        build_packages=_packages(project, run=False),
        build=seen.many("build"),
        collected=seen.by_value("collected"),
        needed=seen.by_value("needed"),
        faults=seen.many("faults"),
        doubts=seen.many("doubts"),
        brought=seen.many("brought"),
        notes=seen.many("notes"),
    )
    return encryption.settled(facts, tree, seen)


def _dependencies(project: PythonProject) -> Many:
    """What is named, and the clients of stores that come with it."""
    found = {name: project.place(name) for name in project.requires}
    for name, clients in CLIENTS.items():
        for extra, client in clients.items() if name in project.requires else ():
            if not extra or extra in project.extras(name):
                found.setdefault(client, project.place(name))
    return tuple(Fact(name, (place,)) for name, place in sorted(found.items()))


def _server_files(files: list[server_files.FoundFile], ports: Many) -> Many:
    """Those that say more than the ports do, so that locks of sources that show no more stay current."""
    main = ports[0].value["port"] if ports else 0
    return tuple(
        Fact(one.record(), (place,))
        for one, place in files
        if one.tells or one.program != "gunicorn" or one.port != main
    )


def _framework(names: SourceProgram, project: PythonProject, seen: Sightings) -> Fact | None:
    """What the code imports; servers of the standard library and gRPC by the call that makes them."""
    for name in _FRAMEWORKS:
        for module in names.files:
            if name in module.imported:
                return Fact(name, (Evidence(module.path, module.import_lines[name]),))
    for module in names.files:
        for call in module.calls:
            place = (Evidence(module.path, call.line),)
            if call.name in ("web.Application", "web.run_app", "web.AppRunner") and "aiohttp" in module.imported:
                return Fact("aiohttp", place)
            if call.last.endswith(("add_insecure_port", "add_secure_port")):
                return Fact("grpc", place)
            if call.last.endswith("HTTPServer") and "http" in module.imported:
                return Fact("http.server", place)
    if project.needs("django") and seen.has("package_manager"):
        return Fact("django", (project.place("django"),))
    return None


def _prepared(tree: Tree, project: PythonProject, names: SourceProgram, start: PythonStarts, seen: Sightings) -> None:
    """What makes a source ready for production while it is built, and what switches development off."""
    found = django_settings.settings(names, seen, start.variables) if project.needs("django") else None
    if found is not None:
        django_debug.switch(found, names, tree, seen)
        django_hosts.allowed(found, names, seen)
        django_build.steps(found, names, project, tree, seen, start.server)
    django_build.translations(project, tree, seen)


def _gunicorn(names: SourceProgram, project: PythonProject, start: PythonStarts, seen: Sightings) -> None:
    """gunicorn keeps its workers' heartbeat files in /tmp, and reads gunicorn.conf.py of its own accord."""
    kept = any("worker_tmp_dir" in module.assigned for module in names.files if "gunicorn" in module.path)
    if kept or not any(words[0] == "gunicorn" for words, _ in start.commands[:1]):
        return
    place = project.place("gunicorn") if project.needs("gunicorn") else start.place
    seen.see("writable", "/tmp", place.file, place.line)  # noqa: S108  # a fact, not a use


def _folders(names: SourceProgram, start: PythonStarts, seen: Sightings) -> None:
    """What the program writes, but for what a module does only where it is run itself and is not."""
    started = {word for words, _ in start.commands[:1] for word in words}
    programs = {word for words, _ in start.commands for word in words} - folders.imported(names.files)
    mains = {module.path: python_servers.main_line(module) for module in names.files if module.path not in programs}
    # Flask-SQLAlchemy 3 puts relative files there: https://flask-sqlalchemy.readthedocs.io/en/stable/config/
    instance = "instance" if any("flask_sqlalchemy" in module.imported for module in names.files) else ""
    folders.scan(names, table("python"), seen, started, mains, instance)


def _ports(seen: Sightings, framework: Fact | None, start: PythonStarts, declared: Fact | None) -> Many:
    """What the command says, else the server's own file, else the code, else the Dockerfile, else the default of what
    is started.
    """
    found = seen.many("server ports") or tuple(_told(fact, start) for fact in seen.ports())
    main = sorted(found, key=lambda fact: (fact.value["protocol"] == "tcp", _metrics(fact)))
    if said := told_port(start.commands[0] if start.said else None, start.variables, main):
        return (said, *(fact for fact in main[1:] if fact.value["port"] != said.value["port"]))
    web = (framework is not None and framework.value in _WEB) or seen.has("port variables")
    if not web or any(fact.value["protocol"] != "tcp" for fact in main) or _portless(start):
        return tuple(main)
    variable = seen.first("port variables")
    evidence = variable.evidence if variable else declared.evidence if declared else (start.place,)
    grpc = framework is not None and framework.value == "grpc"
    port = declared.value if declared else python_servers.DEFAULTS.get(start.server, _GRPC if grpc else 8000)
    env = variable.value if variable and start.server not in python_servers.DEFAULTS else ""
    return (Fact({"port": port, "protocol": "grpc" if grpc else "http", "env": env}, evidence), *main)


def _portless(start: PythonStarts) -> bool:
    return bool(start.commands) and read(start.commands[0][0]).portless


def _told(fact: Fact, start: PythonStarts) -> Fact:
    """A port that the start names itself: the variable that the code would ask is not asked then."""
    words = start.commands[0][0] if start.commands else []
    told = any(
        word == str(fact.value["port"]) or word.endswith((f":{fact.value['port']}", f"={fact.value['port']}"))
        for word in words
    )
    return Fact({**fact.value, "env": ""}, fact.evidence) if told else fact


def _metrics(fact: Fact) -> bool:
    """Prometheus' own conventional ports are a side door:
    https://github.com/prometheus/prometheus/wiki/Default-port-allocations
    """
    return 9090 <= fact.value["port"] <= 9999 and fact.value["port"] not in (9000, 9090)


def _packages(project: PythonProject, run: bool) -> Many:
    seen = Sightings()
    seen.adopt("packages", project.seen.many("compiled run" if run else "compiled build"))
    for name, needs in PACKAGES.items():
        bundled = BUNDLED.get(name, ())
        place = project.installs(
            name, *(other for other, extra in EXTRAS.get(name, ()) if extra in project.extras(other))
        )
        if place and not project.extras(name) & set(bundled) and not project.installs(*bundled):
            for package in needs.run if run else needs.build:
                seen.see("packages", package, place.file, place.line)
    if not run and project.seen.has("build"):  # steps that load the program
        seen.adopt("packages", [*project.seen.many("build packages"), *_packages(project, run=True)])
    if not run and project.vcs:
        seen.see("packages", "git", project.vcs.file, project.vcs.line)
    return seen.by_value("packages")


DETECTOR = Detector("python", 1, detect)

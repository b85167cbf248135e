"""Python modules and manifests → how the program starts, best first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors import procfile, supervised
from kforge.detectors.folders import imported
from kforge.detectors.python_apps import FILES, App, apps, rank
from kforge.detectors.python_groups import brings
from kforge.detectors.python_groups import take as take_groups
from kforge.detectors.python_project import PythonProject
from kforge.detectors.python_servers import (
    SERVERS,
    PythonStarts,
    gunicorn_file,
    located,
    main_line,
    run,
    runs_itself,
    served,
    uwsgi,
)
from kforge.detectors.server_files import FoundFile
from kforge.detectors.unread_variables import tell_unread
from kforge.domain.commands.command import Command
from kforge.domain.commands.container_words import EVERYWHERE, ContainerCommand, of_line
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree


DEFAULT_PORT = 8000
# Calls by which a module waits for others, and names of files that talk to what waits.
_LISTENS = frozenset(
    ("add_insecure_port", "add_secure_port", "serve_forever", "run_app", "run_simple", "create_server", "start_server")
)
# A script that brings what it needs itself, and is of no project: https://peps.python.org/pep-0723/
_ALONE = re.compile(r"^# /// script[ \t]*$", re.MULTILINE)
_BY_HAND = frozenset(("scripts", "script", "tools", "hack", "seeds"))
_SCRIPTS = ("main.py", "bot.py", "run.py", "start.py", "worker.py")  # files that are started in a folder of scripts
_ASIDE = frozenset(
    (
        "client",
        "clients",
        "test",
        "tests",
        "loadtest",
        "loadgen",
        "loadgenerator",
        "bench",
        "benchmark",
        "smoke",
        "seed",
        "example",
        "demo",
    )
)


def find(
    tree: Tree, project: PythonProject, names: SourceProgram, seen: Sightings, wanted: int, files: list[FoundFile]
) -> PythonStarts:
    """Every start, best first. `wanted` is the port that source or Dockerfile name, 0 when none does."""
    start = PythonStarts()
    found = apps(names)
    take_groups(tree, project, ())
    served_ = _served_first(project, [app for app in found if app.interface in ("asgi", "wsgi", "sanic")])
    take_groups(tree, project, [package for app in served_ for package in SERVERS.get(app.interface, ())])
    around = CommandContext(text=tree.text, files=lambda: [one for one, _ in files])
    later = _procfile(tree, project, start, wanted, seen, around)
    uwsgi(tree, project, seen, start)
    for app in served_:
        if app.interface == "asgi" and any(brings(project, name) for name in SERVERS["asgi"]):
            runs_itself(tree, app, start)
        own = gunicorn_file(files) if app.interface == "wsgi" and project.needs("gunicorn") else []
        served(tree, project, app, start, wanted, own)
    if start.commands and read(start.commands[0][0], around).development:
        # The author's server is not installed, which is told; one that is made for development takes no place of it.
        meant = (one for one, _ in later if one.command.known.packages and not one.command.development)
        start.commands[:0] = [(list(one.words), later[0][1]) for one in meant]
    for made, place in later:
        start.take(made, place)
    if "manage.py" in tree.files and (project.needs("django") or not project.requires):
        words = ["python", "manage.py", "runserver", f"0.0.0.0:{wanted or 8000}", "--noreload"]
        start.add(words, Evidence("manage.py"), "django")
    _special(project, names, found, start, wanted)
    for name, place in sorted(project.scripts.items()):
        start.add([name], place)
    idle = _idle(names, project, served_)
    _scripts(tree, names, start, idle)
    _shell(tree, start)
    _left(tree, names, start, seen, idle)
    if served_ and not start.commands:
        _unserved(tree, project, seen, served_[0])
    _as_configured(start, files, seen, around)
    return start


def _as_configured(start: PythonStarts, files: list[FoundFile], seen: Sightings, around: CommandContext) -> None:
    """The port that the first start's own configuration file names."""
    own = read(start.commands[0][0], around) if start.commands else Command()
    told = own.settings
    if told is not None and told.port and own.listening.port == told.port and not seen.has("server ports"):
        place = next(place for one, place in files if one is told)
        port = {
            "port": told.port,
            "protocol": "https" if own.tls and told.speaks == "http" else told.speaks,
            "env": told.env,
        }
        seen.see("server ports", port, place.file, place.line)


def _served_first(project: PythonProject, found: list[App]) -> list[App]:
    """The likeliest application, if any: one that a server is there for, as of a project with `asgi.py` and `wsgi.py`."""
    return [*(app for app in found if any(brings(project, name) for name in SERVERS.get(app.interface, ()))), *found][
        :1
    ]


def _procfile(
    tree: Tree, project: PythonProject, start: PythonStarts, wanted: int, seen: Sightings, around: CommandContext
) -> list[tuple[ContainerCommand, Evidence]]:
    """Takes the web process of a Procfile, or the only one of supervisord; what is made for development comes back, to be
    taken after better ones.
    """
    process = procfile.web(tree) or supervised.only(tree, seen)
    made = of_line(process.line, wanted or DEFAULT_PORT, around) if process else None
    if process is None or made is None:
        return []
    place = Evidence(process.file, process.number)
    packages = made.command.known.packages
    if packages:
        take_groups(tree, project, packages)
    missing = bool(packages) and not any(brings(project, name) for name in packages) and bool(project.requires)
    unread = made.words[0] == "sh" and not made.command.program
    if made.command.development or missing or unread:
        return [(made, place)]
    tell_unread(seen, f"`{process.file}`", made.unread, place)
    start.take(made, place)
    return []


def _idle(names: SourceProgram, project: PythonProject, served_: list[App]) -> frozenset[str]:
    """Modules that only make an application, or run it by a server that is not there: started, they end at once."""
    found = set()
    for app in served_:
        calls = [call for call in app.module.calls if call.name.endswith(".run") and call.name != "asyncio.run"]
        lacking = any(call.name == "uvicorn.run" for call in calls) and not any(
            brings(project, name) for name in SERVERS["asgi"]
        )
        if (
            app.interface == "asgi"
            and (not calls or lacking)
            and not any("serve" in call.last for call in app.module.calls)
        ):
            found.add(app.module.path)
    return frozenset(found)


def _unserved(tree: Tree, project: PythonProject, seen: Sightings, app: App) -> None:
    """What makes an application that nothing can serve."""
    manager = seen.first("package_manager")
    manifest = (
        manager.evidence[0].file if manager and manager.evidence and manager.evidence[0].file else "requirements.txt"
    )
    manifest = {
        "uv.lock": "pyproject.toml",
        "poetry.lock": "pyproject.toml",
        "pdm.lock": "pyproject.toml",
        "Pipfile.lock": "Pipfile",
    }.get(manifest, manifest)
    said = (
        f"makes an {app.interface.upper()} application, and no {app.interface.upper()} server is among the dependencies"
    )
    server = "uvicorn" if app.interface == "asgi" else "gunicorn"
    seen.see("unserved", {"said": said, "hint": f"add `{server}` to `{manifest}`"}, app.module.path, app.line)


def _special(project: PythonProject, names: SourceProgram, found: list[App], start: PythonStarts, wanted: int) -> None:
    """Programs that are handed to a runner of their own."""
    for app in found:
        if app.framework == "celery" and not start.commands:
            module = app.module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            start.add(["celery", "--app", module, "worker", "--loglevel", "INFO"], Evidence(app.module.path, app.line))
    for script in names.files:
        if "streamlit" in script.imported and not start.commands:
            words = [
                "streamlit",
                "run",
                script.path,
                "--server.address",
                EVERYWHERE,
                "--server.port",
                str(wanted or 8501),
            ]
            start.add(words, Evidence(script.path), "streamlit")


def _scripts(tree: Tree, names: SourceProgram, start: PythonStarts, idle: frozenset[str]) -> None:
    """Files that are run: those that ask for `__main__`, then those that have the name of one."""
    runs = {module.path: line for module in names.files if (line := main_line(module))}
    listening = {module.path for module in names.files if any(call.last in _LISTENS for call in module.calls)}
    for path in sorted(runs, key=lambda path: (path not in listening, _is_aside(path), rank(path))):
        alone = _ALONE.search(tree.text(path)) is not None
        if path.rpartition("/")[2] not in ("manage.py", "__main__.py") and path not in idle and not alone:
            start.add(run(path, tree), Evidence(path, runs[path]))
    for module in names.files:
        if module.path.endswith("/__main__.py"):
            start.add(
                ["python", "-m", located(module.path, tree)[1].removesuffix(".__main__")], Evidence(module.path, 1)
            )


def _is_aside(path: str) -> bool:
    """Whether a file has the name of what talks to a server, or tries it, or lies among what people run by hand."""
    if not _BY_HAND.isdisjoint(path.split("/")[:-1]):
        return True
    words = path.rpartition("/")[2].removesuffix(".py").replace("-", "_").split("_")
    return not _ASIDE.isdisjoint(words)


def _left(tree: Tree, names: SourceProgram, start: PythonStarts, seen: Sightings, idle: frozenset[str]) -> None:
    """Where nothing says how to start: what a runner is for, else a file by its name, else the only one."""
    for module in names.files:
        if "locust" in module.imported and not start.commands:
            start.add(["locust", "-f", module.path, "--headless"], Evidence(module.path))
            if module.assigned.keys().isdisjoint(("host", ".host")):
                # https://docs.locust.io/en/stable/configuration.html: without a host every request fails
                seen.see("env", {"name": "LOCUST_HOST", "default": None, "required": True}, module.path, 1)
    rest = sorted(
        (
            module.path
            for module in names.files
            if "/" not in module.path and module.path != "__init__.py" and module.path not in idle
        ),
        key=rank,
    )
    named = [path for path in rest if path.removesuffix(".py") in (*FILES, "__main__")]
    rest = rest or _deeper(names, idle)
    if not start.commands and (named or len(rest) == 1):
        start.add(run((named or rest)[0], tree), Evidence((named or rest)[0], 1))


def _deeper(names: SourceProgram, idle: frozenset[str]) -> list[str]:
    """The one script with the name of an entry point in a folder that is no package, where the top has no code:
    `bot/main.py`.
    """
    paths = {module.path for module in names.files}
    others = {*idle, *imported(names.files)}
    shown = [(*path.rpartition("/")[::2], path) for path in paths - others if path.count("/") == 1]
    named = [path for folder, name, path in shown if name in _SCRIPTS and f"{folder}/__init__.py" not in paths]
    return named if len(named) == 1 else []


def _shell(tree: Tree, start: PythonStarts) -> None:
    """An entry point written for a container, unless it only wraps the command it is given."""
    for path in ("entrypoint.sh", "docker-entrypoint.sh", "start.sh"):
        text = tree.text(path) if path in tree.files else ""
        if text and not re.search(r"[\"']?\$[@*]", text):
            shell = re.match(r"#!\s*+(?:/usr/bin/env\s++)?(?:\S*/)?(\w++)", text)
            start.add([shell.group(1) if shell else "sh", path], Evidence(path, 1))

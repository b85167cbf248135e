"""Python modules and manifests → how the program starts, best first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors.python_apps import FILES, App, apps, rank
from kforge.detectors.python_project import PythonProject
from kforge.detectors.python_servers import (
    EVERYWHERE,
    PythonStarts,
    gunicorn_file,
    located,
    main_line,
    run,
    runs_itself,
    served,
    uwsgi,
)
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree


_PROCESS = re.compile(r"^([A-Za-z0-9_-]++):\s*+(\S.*+)$", re.MULTILINE)
_LONGEST = 2000  # characters of a command


def find(tree: Tree, project: PythonProject, names: SourceProgram, seen: Sightings, wanted: int) -> PythonStarts:
    """Every start, best first. `wanted` is the port that source or Dockerfile name, 0 when none does."""
    start = PythonStarts()
    found = apps(names)
    _procfile(tree, start, wanted)
    uwsgi(tree, project, seen, start)
    for app in [app for app in found if app.interface in ("asgi", "wsgi", "sanic")][:1]:
        if app.interface == "asgi":
            runs_itself(tree, app, start)
        own = gunicorn_file(names, seen) if app.interface == "wsgi" and project.needs("gunicorn") else []
        served(tree, project, app, start, wanted, own)
    if "manage.py" in tree.files:
        words = ["python", "manage.py", "runserver", f"0.0.0.0:{wanted or 8000}", "--noreload"]
        start.add(words, Evidence("manage.py"), "django")
    _special(project, names, found, start, wanted)
    for name, place in sorted(project.scripts.items()):
        start.add([name], place)
    _scripts(tree, names, start)
    _shell(tree, start)
    _left(tree, names, start)
    return start


def _procfile(tree: Tree, start: PythonStarts, wanted: int) -> None:
    """`web:` of a Procfile, else its only process, where no shell is needed to run it."""
    if "Procfile" not in tree.files:
        return
    lines = _PROCESS.findall(tree.text("Procfile"))
    line = next((command for name, command in lines if name == "web"), lines[0][1] if len(lines) == 1 else "").rstrip()
    line = re.sub(r"\$\{?PORT(?::-?\d+)?\}?", str(wanted or 8000), line)
    if 0 < len(line) <= _LONGEST and not re.search(r"[|&;<>$`*?()\\]", line):
        import shlex  # a Procfile is rare

        try:
            words = shlex.split(line)
        except ValueError:
            return
        start.add(
            words,
            Evidence("Procfile", 1 + tree.text("Procfile").split("web:")[0].count("\n")),
            words[0].rpartition("/")[2],
        )


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


def _scripts(tree: Tree, names: SourceProgram, start: PythonStarts) -> None:
    """Files that are run: those that ask for `__main__`, then those that have the name of one."""
    runs = {module.path: line for module in names.files if (line := main_line(module))}
    for path in sorted(runs, key=rank):
        if path.rpartition("/")[2] not in ("manage.py", "__main__.py"):
            start.add(run(path, tree), Evidence(path, runs[path]))
    for module in names.files:
        if module.path.endswith("/__main__.py"):
            start.add(
                ["python", "-m", located(module.path, tree)[1].removesuffix(".__main__")], Evidence(module.path, 1)
            )


def _left(tree: Tree, names: SourceProgram, start: PythonStarts) -> None:
    """Where nothing says how to start: what a runner is for, else a file by its name, else the only one."""
    for module in names.files:
        if "locust" in module.imported and not start.commands:
            start.add(["locust", "-f", module.path, "--headless"], Evidence(module.path))
    rest = sorted(
        (module.path for module in names.files if "/" not in module.path and module.path != "__init__.py"), key=rank
    )
    named = [path for path in rest if path.removesuffix(".py") in (*FILES, "__main__")]
    if not start.commands and (named or len(rest) == 1):
        start.add(run((named or rest)[0], tree), Evidence((named or rest)[0], 1))


def _shell(tree: Tree, start: PythonStarts) -> None:
    """An entry point written for a container, unless it only wraps the command it is given."""
    for path in ("entrypoint.sh", "docker-entrypoint.sh", "start.sh"):
        text = tree.text(path) if path in tree.files else ""
        if text and not re.search(r"[\"']?\$[@*]", text):
            shell = re.match(r"#!\s*+(?:/usr/bin/env\s++)?(?:\S*/)?(\w++)", text)
            start.add([shell.group(1) if shell else "sh", path], Evidence(path, 1))

"""An application object → the command lines of the servers that the project depends on, best first.

A server made for production comes before the framework's own, and every start says its address itself: development
servers listen on localhost, where no probe reaches them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge.detectors.python_apps import App
from kforge.detectors.python_project import PythonProject
from kforge.detectors.python_roots import import_root
from kforge.detectors.server_files import FoundFile
from kforge.domain.commands.command import LOOPBACK
from kforge.domain.commands.container_words import EVERYWHERE, ContainerCommand
from kforge.domain.commands.options import PROCESSES
from kforge.domain.commands.program_table import program
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings, port_number
from kforge.domain.source.text import every
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Name, Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_SOCKET = re.compile(r"^[^\S\n]*+(http|http-socket|socket)\s*+=\s*+(\S++)", re.MULTILINE)
DEFAULTS = {"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "daphne": 8000, "granian": 8000, "waitress": 8080, "uwsgi": 8080,
            "flask": 5000, "sanic": 8000, "django": 8000, "streamlit": 8501}  # fmt: skip


# What serves an application of each interface, as packages bring it.
SERVERS = {
    "asgi": ("uvicorn", "fastapi[standard]", "fastapi[all]", "fastapi-cli", "litestar[standard]", "hypercorn", "quart", "daphne",
             "channels[daphne]", "granian", "litestar-granian", "gradio", "mcp", "fastmcp", "chainlit", "nicegui", "python-fasthtml"),
    "wsgi": ("gunicorn", "waitress", "uwsgi", "pyuwsgi", "granian", "flask", "django", "bottle", "cheroot", "gevent", "eventlet"),
}  # fmt: skip


PATHLESS = ("hypercorn", "daphne", "waitress", "sanic")  # servers that no word tells where modules lie


@dataclass(slots=True)
class PythonStarts:
    """The starts found, best first, each with its place; and the server that the first is made for."""

    commands: list[tuple[list[str], Evidence]] = field(default_factory=list)
    server: str = ""
    place: Evidence = field(default_factory=lambda: Evidence("."))
    variables: dict[str, str] = field(default_factory=dict)  # that the first sets
    said: bool = False  # a line of the source's own says the first

    def take(self, made: ContainerCommand, place: Evidence) -> None:
        """A start that a line of the source's own says."""
        if not self.commands:
            self.variables, self.said = dict(made.variables), True
        self.add(list(made.words), place, made.command.program or made.words[0].rpartition("/")[2])

    def add(self, words: list[str], place: Evidence, server: str = "") -> None:
        if not self.commands:
            self.server, self.place = server, place
        if words not in [known for known, _ in self.commands]:
            self.commands.append((words, place))


def located(path: str, tree: Tree) -> tuple[str, str]:
    """(folder to put on the path or "", dotted name) of a module: `src/shop/main.py` → ("src", "shop.main")."""
    first, _, rest = path.partition("/")
    source = bool(rest) and first in ("src", "source") and f"{first}/__init__.py" not in tree.files
    return (first, dotted_name(path, first)) if source else ("", dotted_name(path, ""))


def dotted_name(path: str, folder: str) -> str:
    """The name by which a module is imported where a folder is on the path."""
    parts = path.removeprefix(f"{folder}/" if folder else "").removesuffix(".py").split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def run(path: str, tree: Tree) -> list[str]:
    """A file at the root or in a plain folder runs by its path, one in a package as a module of it."""
    folder = path.rpartition("/")[0]
    inside = folder and f"{folder}/__init__.py" in tree.files and not path.startswith("src/")
    return ["python", "-m", located(path, tree)[1]] if inside else ["python", path]


def main_line(module: CodeFile) -> int:
    """The line that asks whether the file is run: `if __name__ == "__main__"`; 0 without one."""
    return next((left.line for left, _ in module.compared if isinstance(left, Name) and left.dotted == "__name__"), 0)


def uwsgi(tree: Tree, project: PythonProject, seen: Sightings, start: PythonStarts) -> None:
    """A uWSGI file of the source's own: its start, and the port that it names."""
    if not project.needs("uwsgi", "pyuwsgi"):
        return
    for path in tree.files:
        text = tree.text(path) if path.endswith(".ini") and path.count("/") < 2 else ""
        if not re.search(r"^\[uwsgi\]", text, re.MULTILINE):
            continue
        stops = re.search(r"^[^\S\n]*+die-on-term\s*+=\s*+(?:true|1)", text, re.MULTILINE)
        # Without die-on-term a TERM makes uWSGI load everything again instead of ending.
        spoken = re.search(r"^[^\S\n]*+protocol\s*+=\s*+http\b", text, re.MULTILINE)
        sockets = [match for match in every(_SOCKET, text) if match.group(1) != "socket" or spoken]
        heard = any(port_number(match.group(2)) for match in sockets)
        listen = [] if heard else ["--http-socket", f"{EVERYWHERE}:{DEFAULTS['uwsgi']}"]
        start.add(["uwsgi", "--ini", path, *listen, *([] if stops else ["--die-on-term"])], Evidence(path, 1), "uwsgi")
        if not heard:
            seen.see("server ports", {"port": DEFAULTS["uwsgi"], "protocol": "http", "env": ""}, path, 1)
        for match in sockets:
            if port := port_number(match.group(2)):
                line = text.count("\n", 0, match.start(1)) + 1
                seen.see("server ports", {"port": port, "protocol": "http", "env": ""}, path, line)
        return


def runs_itself(tree: Tree, app: App, start: PythonStarts) -> None:
    """A module that runs its application with the server's own call, on every address: its settings are the author's."""
    for call in app.module.calls:
        if call.name in ("uvicorn.run", "hypercorn.run") and main_line(app.module) and "/" not in app.module.path:
            host = call.named.get("host")
            local = host is None or (isinstance(host, Text) and host.value in ("localhost", "127.0.0.1"))
            if not local and not call.named.keys() & {"reload", "debug"}:
                start.add(run(app.module.path, tree), Evidence(app.module.path, call.line))


def gunicorn_file(files: list[FoundFile]) -> list[str]:
    """Options for gunicorn where a file of the source's own says where it binds; it reads one name of its own accord."""
    own = [one for one, _ in files if one.program == "gunicorn" and one.port]
    named = next((one for one in own if one.path in program("gunicorn").reads), own[0] if own else None)
    if named is None:
        return []
    config = [] if named.path in program("gunicorn").reads else ["--config", named.path]
    opened = ["--bind", f"{EVERYWHERE}:{named.port}"] if named.host in LOOPBACK else []
    return [*config, *opened, *(["--workers", str(PROCESSES)] if named.each_cpu else [])] or [""]


def served(tree: Tree, project: PythonProject, app: App, start: PythonStarts, wanted: int, own: list[str]) -> None:
    """An application behind each server that the project depends on, best first, then behind its own."""
    folder = import_root(app.module, tree)
    module = dotted_name(app.module.path, folder)
    target = f"{module}:{app.name}"
    place = Evidence(app.module.path, app.line)

    def port(server: str) -> str:
        return str(wanted or DEFAULTS[server])

    uvicorn = project.needs(
        "uvicorn", "fastapi-cli", "gradio", "mcp", "fastmcp", "chainlit", "nicegui", "python-fasthtml"
    ) or ((project.extras("fastapi") | project.extras("litestar")) & {"standard", "all"})
    if app.interface == "asgi":
        if uvicorn:
            words = ["uvicorn", target, "--host", EVERYWHERE, "--port", port("uvicorn")]
            start.add(
                [*words, *(["--factory"] if app.factory else []), *(["--app-dir", folder] if folder else [])],
                place,
                "uvicorn",
            )
        if project.needs("hypercorn", "quart"):
            start.add(
                ["hypercorn", "--bind", f"0.0.0.0:{port('hypercorn')}", f"{target}{'()' * app.factory}"],
                place,
                "hypercorn",
            )
        if (project.needs("daphne") or "daphne" in project.extras("channels")) and not app.factory:  # it calls none
            start.add(["daphne", "-b", EVERYWHERE, "-p", port("daphne"), target], place, "daphne")
        if project.needs("granian", "litestar-granian"):
            words = ["granian", "--interface", "asgi", "--host", EVERYWHERE, "--port", port("granian"), target]
            words += ["--factory"] if app.factory else []
            words += ["--working-dir", folder] if folder else []
            start.add(words, place, "granian")
    if app.interface == "wsgi":
        path = ["--pythonpath", folder] if folder else []
        if project.needs("gunicorn"):
            bind = [word for word in own if word] if own else ["--bind", f"0.0.0.0:{port('gunicorn')}"]
            start.add(["gunicorn", *bind, *path, f"{target}{'()' * app.factory}"], place, "gunicorn")
        if project.needs("waitress"):
            words = [
                "waitress-serve",
                f"--listen=0.0.0.0:{port('waitress')}",
                *(["--call"] if app.factory else []),
                target,
            ]
            start.add(words, place, "waitress")
        if project.needs("uwsgi", "pyuwsgi") and not app.factory:
            words = [
                "uwsgi",
                "--http-socket",
                f"0.0.0.0:{port('uwsgi')}",
                "--master",
                "--die-on-term",
                *(["--pythonpath", folder] if folder else []),
                "--module",
                target,
            ]
            start.add(words, place, "uwsgi")
        if app.framework == "flask" and not folder and not _open_to_all(app.module):
            words = [
                "flask",
                "--app",
                f"{module}{'' if app.factory else ':' + app.name}",
                "run",
                "--host",
                EVERYWHERE,
                "--port",
                port("flask"),
            ]
            start.add(words, place, "flask")
    if app.interface == "sanic":
        start.add(["sanic", target, "--host=0.0.0.0", f"--port={port('sanic')}"], place, "sanic")
    if folder and start.place == place and start.server in PATHLESS:
        start.variables["PYTHONPATH"] = folder


def _open_to_all(module: CodeFile) -> bool:
    """Whether the module runs its application itself, on every address."""
    return any(
        isinstance(host := call.named.get("host"), Text) and host.value in ("0.0.0.0", "::")  # noqa: S104  # compared, not bound
        for call in module.calls
        if call.name.endswith(".run")
    )

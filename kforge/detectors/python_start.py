"""Python modules and manifests → how the program starts, best first, and the port that a start names.

A server made for production comes before the framework's own, and every start says its address itself: development
servers listen on localhost, where no probe reaches them.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge.detectors.python_names import Module, Names, dotted
from kforge.detectors.python_project import Project
from kforge.domain.facts import Evidence
from kforge.domain.source import Sightings, port_number

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

# Constructor → (framework, interface). An interface is what a server needs of the object.
APPS = {
    "FastAPI": ("fastapi", "asgi"), "Starlette": ("starlette", "asgi"), "Litestar": ("litestar", "asgi"), "Quart": ("quart", "asgi"),
    "Flask": ("flask", "wsgi"), "APIFlask": ("flask", "wsgi"), "FlaskAPI": ("flask", "wsgi"), "OpenAPI": ("flask", "wsgi"),
    "Bottle": ("bottle", "wsgi"), "Sanic": ("sanic", "sanic"), "App": ("falcon", "wsgi"), "API": ("falcon", "wsgi"),
    "get_wsgi_application": ("django", "wsgi"), "get_asgi_application": ("django", "asgi"),
    "Celery": ("celery", "celery"), "Application": ("aiohttp", "script"),
}  # fmt: skip
_FACTORIES = re.compile(r"(?:create|make|build|get|init)_(?:app|application|api|server)|app_factory")
_OBJECTS = ("app", "application", "api", "server")
_FILES = ("main", "app", "server", "asgi", "wsgi", "api", "application", "run", "start", "service", "index", "worker", "consumer",
          "bot", "job", "cli", "__init__")  # fmt: skip
EVERYWHERE = "0.0.0.0"  # noqa: S104  # a container listens on every address: its pod has only one
DEFAULTS = {"uvicorn": 8000, "gunicorn": 8000, "hypercorn": 8000, "daphne": 8000, "granian": 8000, "waitress": 8080, "uwsgi": 8080,
            "flask": 5000, "sanic": 8000, "django": 8000, "streamlit": 8501}  # fmt: skip


@dataclass(frozen=True, slots=True)
class App:
    """An application object that a server can be given."""

    module: Module
    name: str
    framework: str
    interface: str
    line: int
    factory: bool = False


@dataclass(slots=True)
class Start:
    """The starts found, best first, each with its place; and the server that the first is made for."""

    commands: list[tuple[list[str], Evidence]] = field(default_factory=list)
    server: str = ""
    place: Evidence = field(default_factory=lambda: Evidence("."))

    def add(self, words: list[str], place: Evidence, server: str = "") -> None:
        if not self.commands:
            self.server, self.place = server, place
        if words not in [known for known, _ in self.commands]:
            self.commands.append((words, place))


def apps(names: Names) -> list[App]:
    """Application objects at the top of modules, and factories that make one; the likeliest first."""
    found: list[App] = []
    for module in names.modules:
        top = module.of(ast.Module)[0].body if module.of(ast.Module) else []
        for statement in top:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(statement.value, ast.Call):
                target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                kind = _kind(statement.value, module) or _factory_kind(statement.value, names)
                if isinstance(target, ast.Name) and kind:
                    found.append(App(module, target.id, *kind, statement.lineno))
            elif isinstance(statement, ast.FunctionDef) and _FACTORIES.fullmatch(statement.name) and (kind := _made_in(statement, module)):
                found.append(App(module, statement.name, *kind, statement.lineno, factory=True))
    return sorted(found, key=lambda app: (app.factory, _rank(app.module.path), _name_rank(app.name), app.line))


def _kind(call: ast.Call, module: Module) -> tuple[str, str] | None:
    callee = dotted(call.func)
    kind = APPS.get(callee.rpartition(".")[2])
    origin = module.imports.get(callee.partition(".")[0], "").lstrip(".") + "." + callee.partition(".")[2]
    if kind and kind[0] == "falcon":
        return ("falcon", "asgi" if "asgi" in origin + callee else "wsgi") if "falcon" in origin + callee else None
    if kind and kind[0] == "aiohttp":
        return kind if "aiohttp" in module.imported else None
    return kind


def _factory_kind(call: ast.Call, names: Names) -> tuple[str, str] | None:
    """`app = create_app()`: what the factory of that name makes, wherever it is."""
    name = dotted(call.func).rpartition(".")[2]
    if not _FACTORIES.fullmatch(name):
        return None
    for module in names.modules:
        for function in module.of(ast.FunctionDef):
            if function.name == name and (kind := _made_in(function, module)):
                return kind
    return None


def _made_in(function: ast.FunctionDef, module: Module) -> tuple[str, str] | None:
    for _, _, call in module.calls:
        if function.lineno <= call.lineno <= (function.end_lineno or function.lineno) and (kind := _kind(call, module)):
            return kind
    return None


def _rank(path: str) -> tuple[int, int, str]:
    stem = path.rpartition("/")[2].removesuffix(".py")
    return path.count("/"), _FILES.index(stem) if stem in _FILES else len(_FILES), path


def _name_rank(name: str) -> int:
    return _OBJECTS.index(name) if name in _OBJECTS else len(_OBJECTS)


def located(path: str, tree: Tree) -> tuple[str, str]:
    """(folder to put on the path or "", dotted name) of a module: `src/shop/main.py` → ("src", "shop.main")."""
    parts = path.removesuffix(".py").split("/")
    folder = ""
    if parts[0] in ("src", "source") and len(parts) > 1 and f"{parts[0]}/__init__.py" not in tree.files:
        folder, parts = parts[0], parts[1:]
    return folder, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find(tree: Tree, project: Project, names: Names, seen: Sightings, wanted: int) -> Start:
    """Every start, best first. `wanted` is the port that source or Dockerfile name, 0 when none does."""
    start = Start()
    found = apps(names)
    _procfile(tree, start, wanted)
    _uwsgi(tree, project, seen, start)
    for app in [app for app in found if app.interface in ("asgi", "wsgi", "sanic")][:1]:
        _served(tree, project, app, start, wanted)
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


def _procfile(tree: Tree, start: Start, wanted: int) -> None:
    """`web:` of a Procfile, else its only process, where no shell is needed to run it."""
    if "Procfile" not in tree.files:
        return
    lines = re.findall(r"^([A-Za-z0-9_-]+):\s*(\S.*?)\s*$", tree.text("Procfile"), re.MULTILINE)
    line = next((command for name, command in lines if name == "web"), lines[0][1] if len(lines) == 1 else "")
    line = re.sub(r"\$\{?PORT(?::-?\d+)?\}?", str(wanted or 8000), line)
    if line and not re.search(r"[|&;<>$`*?()\\]", line):
        import shlex  # a Procfile is rare

        try:
            words = shlex.split(line)
        except ValueError:
            return
        start.add(words, Evidence("Procfile", 1 + tree.text("Procfile").split("web:")[0].count("\n")), words[0].rpartition("/")[2])


def _uwsgi(tree: Tree, project: Project, seen: Sightings, start: Start) -> None:
    """A uWSGI file of the source's own: its start, and the port that it names."""
    if not project.needs("uwsgi", "pyuwsgi"):
        return
    for path in tree.files:
        text = tree.text(path) if path.endswith(".ini") and path.count("/") < 2 else ""
        if not re.search(r"^\[uwsgi\]", text, re.MULTILINE):
            continue
        stops = re.search(r"^\s*die-on-term\s*=\s*(?:true|1)", text, re.MULTILINE)
        # Without die-on-term a TERM makes uWSGI load everything again instead of ending.
        start.add(["uwsgi", "--ini", path, *([] if stops else ["--die-on-term"])], Evidence(path, 1), "uwsgi")
        spoken = re.search(r"^\s*protocol\s*=\s*(\w+)", text, re.MULTILINE)
        for match in re.finditer(r"^\s*(http|http-socket|socket)\s*=\s*(\S+)", text, re.MULTILINE):
            if port := port_number(match.group(2)):
                http = match.group(1) != "socket" or (spoken is not None and spoken.group(1) == "http")
                line = text.count("\n", 0, match.start(1)) + 1
                seen.see("server ports", {"port": port, "protocol": "http" if http else "tcp", "env": ""}, path, line)
        return


def _served(tree: Tree, project: Project, app: App, start: Start, wanted: int) -> None:
    """An application behind each server that the project depends on, best first, then behind its own."""
    folder, module = located(app.module.path, tree)
    target = f"{module}:{app.name}"
    place = Evidence(app.module.path, app.line)

    def port(server: str) -> str:
        return str(wanted or DEFAULTS[server])

    uvicorn = project.needs("uvicorn", "fastapi-cli") or project.extras("fastapi") & {"standard", "all"}
    if app.interface == "asgi":
        if uvicorn:
            words = ["uvicorn", target, "--host", EVERYWHERE, "--port", port("uvicorn")]
            start.add([*words, *(["--factory"] if app.factory else []), *(["--app-dir", folder] if folder else [])], place, "uvicorn")
        if project.needs("hypercorn"):
            start.add(["hypercorn", "--bind", f"0.0.0.0:{port('hypercorn')}", f"{target}{'()' * app.factory}"], place, "hypercorn")
        if project.needs("daphne"):
            start.add(["daphne", "-b", EVERYWHERE, "-p", port("daphne"), target], place, "daphne")
        if project.needs("granian"):
            words = ["granian", "--interface", "asgi", "--host", EVERYWHERE, "--port", port("granian"), target]
            start.add(words, place, "granian")
    if app.interface == "wsgi":
        path = ["--pythonpath", folder] if folder else []
        if project.needs("gunicorn"):
            words = ["gunicorn", "--bind", f"0.0.0.0:{port('gunicorn')}", *path, f"{target}{'()' * app.factory}"]
            start.add(words, place, "gunicorn")
        if project.needs("waitress"):
            words = ["waitress-serve", f"--listen=0.0.0.0:{port('waitress')}", *(["--call"] if app.factory else []), target]
            start.add(words, place, "waitress")
        if project.needs("uwsgi", "pyuwsgi") and not app.factory:
            words = ["uwsgi", "--http-socket", f"0.0.0.0:{port('uwsgi')}", "--master", "--die-on-term", "--module", target]
            start.add(words, place, "uwsgi")
        if app.framework == "flask" and not folder and not _open_to_all(app.module):
            words = ["flask", "--app", f"{module}{'' if app.factory else ':' + app.name}", "run", "--host", EVERYWHERE, "--port", port("flask")]
            start.add(words, place, "flask")
    if app.interface == "sanic":
        start.add(["sanic", target, "--host=0.0.0.0", f"--port={port('sanic')}"], place, "sanic")


def _open_to_all(module: Module) -> bool:
    """Whether the module runs its application itself, on every address."""
    return any(
        isinstance(word.value, ast.Constant) and word.value.value in ("0.0.0.0", "::")  # noqa: S104  # compared, not bound
        for callee, _, call in module.calls if callee.endswith(".run") for word in call.keywords if word.arg == "host"
    )  # fmt: skip


def _special(project: Project, names: Names, found: list[App], start: Start, wanted: int) -> None:
    """Programs that are handed to a runner of their own."""
    for app in found:
        if app.framework == "celery" and not start.commands:
            module = app.module.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            start.add(["celery", "--app", module, "worker", "--loglevel", "INFO"], Evidence(app.module.path, app.line))
    for script in names.modules:
        if "streamlit" in script.imported and not start.commands:
            words = ["streamlit", "run", script.path, "--server.address", EVERYWHERE, "--server.port", str(wanted or 8501)]
            start.add(words, Evidence(script.path), "streamlit")


def _scripts(tree: Tree, names: Names, start: Start) -> None:
    """Files that are run: those that ask for `__main__`, then those that have the name of one."""
    runs = {module.path: line for module in names.modules if (line := _main_line(module))}
    for path in sorted(runs, key=_rank):
        if path.rpartition("/")[2] not in ("manage.py", "__main__.py"):
            start.add(_run(path, tree), Evidence(path, runs[path]))
    for module in names.modules:
        if module.path.endswith("/__main__.py"):
            start.add(["python", "-m", located(module.path, tree)[1].removesuffix(".__main__")], Evidence(module.path, 1))


def _left(tree: Tree, names: Names, start: Start) -> None:
    """Where nothing says how to start: what a runner is for, else a file by its name, else the only one."""
    for module in names.modules:
        if "locust" in module.imported and not start.commands:
            start.add(["locust", "-f", module.path, "--headless"], Evidence(module.path))
    rest = sorted((module.path for module in names.modules if "/" not in module.path and module.path != "__init__.py"), key=_rank)
    named = [path for path in rest if path.removesuffix(".py") in (*_FILES, "__main__")]
    if not start.commands and (named or len(rest) == 1):
        start.add(_run((named or rest)[0], tree), Evidence((named or rest)[0], 1))


def _run(path: str, tree: Tree) -> list[str]:
    """A file at the root or in a plain folder runs by its path, one in a package as a module of it."""
    folder = path.rpartition("/")[0]
    inside = folder and f"{folder}/__init__.py" in tree.files and not path.startswith("src/")
    return ["python", "-m", located(path, tree)[1]] if inside else ["python", path]


def _main_line(module: Module) -> int:
    for node in module.of(ast.If):
        if isinstance(node.test, ast.Compare) and isinstance(node.test.left, ast.Name) and node.test.left.id == "__name__":
            return node.lineno
    return 0


def _shell(tree: Tree, start: Start) -> None:
    """An entry point written for a container, unless it only wraps the command it is given."""
    for path in ("entrypoint.sh", "docker-entrypoint.sh", "start.sh"):
        text = tree.text(path) if path in tree.files else ""
        if text and not re.search(r"[\"']?\$[@*]", text):
            shell = re.match(r"#!\s*(?:/usr/bin/env\s+)?(?:\S*/)?(\w+)", text)
            start.add([shell.group(1) if shell else "sh", path], Evidence(path, 1))

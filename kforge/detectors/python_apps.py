"""Python modules → the application objects and factories that a server can be given, the likeliest first."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kforge.syntax.code_file import CodeFile, Function
from kforge.syntax.expression import Call, Number, Subscript, dotted
from kforge.syntax.program import SourceProgram

# Constructor → (framework, interface). An interface is what a server needs of the object.
APPS = {
    "FastAPI": ("fastapi", "asgi"), "Starlette": ("starlette", "asgi"), "FastHTML": ("fasthtml", "asgi"), "Litestar": ("litestar", "asgi"), "Quart": ("quart", "asgi"),
    "Flask": ("flask", "wsgi"), "APIFlask": ("flask", "wsgi"), "FlaskAPI": ("flask", "wsgi"), "OpenAPI": ("flask", "wsgi"),
    "Bottle": ("bottle", "wsgi"), "Sanic": ("sanic", "sanic"), "App": ("falcon", "wsgi"), "API": ("falcon", "wsgi"),
    "get_wsgi_application": ("django", "wsgi"), "get_asgi_application": ("django", "asgi"),
    "ProtocolTypeRouter": ("django", "asgi"),
    "Celery": ("celery", "celery"), "Application": ("aiohttp", "script"),
}  # fmt: skip
# What makes an application and something beside it.
_PAIRED = {"fast_app": ("fasthtml", "asgi")}
_FACTORIES = re.compile(r"(?:create|make|build|get|init)_(?:app|application|api|server)|app_factory")
_OBJECTS = ("app", "application", "api", "server")
FILES = ("main", "app", "server", "asgi", "wsgi", "api", "application", "run", "start", "service", "index", "worker", "consumer",
          "bot", "job", "cli", "__init__")  # fmt: skip


@dataclass(frozen=True, slots=True)
class App:
    """An application object that a server can be given."""

    module: CodeFile
    name: str
    framework: str
    interface: str
    line: int
    factory: bool = False


def apps(names: SourceProgram) -> list[App]:
    """Application objects at the top of modules, and factories that make one; the likeliest first."""
    found: list[App] = []
    makers = _Makers(names)
    for module in names.files:
        for name, value, line in module.top:
            if isinstance(value, Call) and (kind := makers.kind(value, module) or makers.called(value)):
                found.append(App(module, name, *kind, line))
        found += [App(module, name, *_PAIRED[call.last], call.line) for name, call in _paired(module)]
        for function in module.functions:
            if function.top and _FACTORIES.fullmatch(function.name) and (kind := makers.within(function, module)):
                found.append(App(module, function.name, *kind, function.line, factory=True))
    return sorted(found, key=lambda app: (app.factory, rank(app.module.path), _name_rank(app.name), app.line))


def _paired(module: CodeFile) -> Iterator[tuple[str, Call]]:
    """`app, route = fast_app()`: what takes the first of several things that a call makes."""
    for name, values in module.assigned.items():
        for value in values:
            match value:
                case Subscript(owner=Call() as call, key=Number(value="0")) if call.last in _PAIRED:
                    yield name, call


def _kind(call: Call, module: CodeFile, own: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    callee = call.name
    kind = APPS.get(callee.rpartition(".")[2]) or own.get(callee.rpartition(".")[2])
    origin = module.imports.get(callee.partition(".")[0], "").lstrip(".") + "." + callee.partition(".")[2]
    if kind and kind[0] == "falcon":
        return ("falcon", "asgi" if "asgi" in origin + callee else "wsgi") if "falcon" in origin + callee else None
    if kind and kind[0] == "aiohttp":
        return kind if "aiohttp" in module.imported else None
    return kind


def _derived(names: SourceProgram) -> dict[str, tuple[str, str]]:
    """Classes of the source's own that are applications of a framework: `class Shop(Flask)`."""
    found: dict[str, tuple[str, str]] = {}
    for module in names.files:
        for each in module.classes:
            for base in each.bases:
                name = dotted(base)
                kind = APPS.get(name.rpartition(".")[2])
                known = name.partition(".")[0] in module.imports
                if kind and known and kind[0] not in ("falcon", "aiohttp") and each.name not in APPS:
                    found.setdefault(each.name, kind)
    return found


class _Makers:
    """What functions make: the applications of each module by line, and those of factories by name."""

    def __init__(self, names: SourceProgram) -> None:
        self._names = names
        self._made: dict[str, list[tuple[int, tuple[str, str]]]] = {}
        self._factories: dict[str, tuple[str, str] | None] | None = None
        self._own = _derived(names)

    def kind(self, call: Call, module: CodeFile) -> tuple[str, str] | None:
        """What a constructor makes."""
        return _kind(call, module, self._own)

    def within(self, function: Function, module: CodeFile) -> tuple[str, str] | None:
        """What the first call in a function makes that makes an application."""
        if module.path not in self._made:
            made = [(call.line, kind) for call in module.calls if (kind := self.kind(call, module))]
            self._made[module.path] = sorted(made, key=lambda one: one[0])
        made = self._made[module.path]
        first = bisect_left(made, function.line, key=lambda one: one[0])
        return made[first][1] if first < len(made) and made[first][0] <= function.end else None

    def called(self, call: Call) -> tuple[str, str] | None:
        """`app = create_app()`: what the factory of that name makes, wherever it is."""
        name = call.last
        if not _FACTORIES.fullmatch(name):
            return None
        if self._factories is None:
            self._factories = {}
            for module in self._names.files:
                for function in module.functions:
                    if _FACTORIES.fullmatch(function.name) and not self._factories.get(function.name):
                        self._factories[function.name] = self.within(function, module)
        return self._factories.get(name)


def rank(path: str) -> tuple[int, int, str]:
    stem = path.rpartition("/")[2].removesuffix(".py")
    return path.count("/"), FILES.index(stem) if stem in FILES else len(FILES), path


def _name_rank(name: str) -> int:
    return _OBJECTS.index(name) if name in _OBJECTS else len(_OBJECTS)

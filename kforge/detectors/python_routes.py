"""Python files → health routes with the prefixes of the routers that include them, and the gRPC health service."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from kforge.detectors import django_routes
from kforge.detectors.python_modules import PythonModules, called
from kforge.detectors.python_views import Views
from kforge.detectors.route_graph import HOST, LOGIN, METHOD, Prefix, RouteGraph, Router, shown
from kforge.domain.facts import Many as Facts
from kforge.domain.source.routes import is_health, ranked
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile, Function
from kforge.syntax.expression import Call, Expression, Many, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_OPTIONAL_END = re.compile(r"/\?$")


@cache
def table() -> dict[str, Any]:
    """What routers, mounts and routes are called."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return loaded


def health(names: SourceProgram, seen: Sightings) -> Facts:
    """Routes that tell how the service is, best first; `grpc` first where its health service is registered."""
    reading = _Reading(names, seen)
    for file in names.files:
        reading.routers(file)
    for file in names.files:
        reading.mounts(file)
    for file in names.files:
        reading.routes(file)
    django_routes.health(names, seen, reading.modules, reading.views, table()["included"])
    return ranked(seen.many("health"))


class _Reading:
    """The routers of a program, and who names them."""

    def __init__(self, names: SourceProgram, seen: Sightings) -> None:
        self.names, self.seen = names, seen
        self.modules = PythonModules(names.files)
        self.views = Views(names)
        self.graph = RouteGraph(seen)
        self.within: dict[int, tuple[CodeFile, Call]] = {}  # a route's call → the Mount that it stands in
        self.hosts = HOST if any(self._restricts(file) for file in names.files) else ""

    def _restricts(self, file: CodeFile) -> bool:
        """Whether requests for other hosts than some are refused: the kubelet asks by the pod's address."""
        for call in file.calls:
            for argument in (call.last, *(dotted(one) for one in call.arguments[:1])):
                given = call.named.get(table()["hosts"].get(argument.rpartition(".")[2], ""))
                if isinstance(given, Many) and given.items:
                    texts = [resolve(one, file, self.names).text for one in given.items]
                    return "*" not in texts
        return False

    def _text(self, value: Expression | None, file: CodeFile) -> str | None:
        """A prefix; "" where none is given, None where nothing shows it."""
        if value is None:
            return ""
        return shown(resolve(value, file, self.names), self.seen)

    # ---- routers --------------------------------------------------------------------------------------------------
    def routers(self, file: CodeFile) -> None:
        for name, values in file.assigned.items():
            for value in values[:MAX_GIVEN]:
                if isinstance(value, Call):
                    self._router((file.path, name), value, file)

    def _router(self, router: Router, call: Call, file: CodeFile) -> None:
        row = table()["routers"].get(call.last)
        if row is None:
            if call.last in table()["apps"]:
                self.graph.root(router)
            return
        first = call.argument(row["of"]) if "of" in row else None
        if "of" in row and (first is None or not self._known(first, file)):
            self.graph.root(router)  # an extension's `Api()` that is tied to its application later
            return
        given = call.argument(-1, *row.get("prefix", ()))
        text = self._text(given, file)
        if given is None and "named" in row:
            text = f"/{self._text(call.argument(row['named']), file) or ''}"
        if version := resolve(call.named.get("version"), file, self.names).text:
            text = None if text is None else f"/v{version}{text}"
        guarded = any(self.views.guards(call.named.get(word)) for word in row.get("guards", ()))
        self.graph.make(router, Prefix(text, guarded), override=row.get("override", False))
        if first is not None:
            self.graph.mount(router, self._place(first, file), Prefix())

    def _known(self, value: Expression, file: CodeFile) -> bool:
        return self.graph.has(self._place(value, file)) or dotted(value) in file.assigned

    def _place(self, value: Expression, file: CodeFile) -> Router:
        """The router that an expression names, or that the function it calls makes."""
        if isinstance(value, Call) and (found := self.modules.made_by(value, file)):
            made, first, last = found
            for name, values in made.assigned.items():
                if any(first <= one.line <= last and called(one).rpartition(".")[2] in _makers() for one in values):
                    return made.path, name
        other, name = self.modules.where(called(value), file)
        return other.path, name

    # ---- mounts ---------------------------------------------------------------------------------------------------
    def mounts(self, file: CodeFile) -> None:
        for call in file.calls:
            row = table()["mounts"].get(call.last)
            if row is not None and call.owner is not None:
                self._mount(call, row, file)
            elif call.last == "Mount":
                self._nested(call, file)
            if call.last in ("Litestar", "Router", "Blueprint.group") or call.name.endswith("Blueprint.group"):
                self._listed(call, file)

    def _mount(self, call: Call, row: dict[str, Any], file: CodeFile) -> None:
        target = call.argument(row["target"], *row.get("words", ()))
        if target is None or call.owner is None:
            return
        prefix = self._text(call.argument(row.get("at", -1), *row.get("prefix", ())), file)
        guarded = any(self.views.guards(call.named.get(word)) for word in row.get("guards", ()))
        outer = self._place(call.owner, file)
        name = called(target)
        for path in table()["libraries"].get(file.imports.get(name, name), ()):
            for above in self.graph.prefixes(outer):
                self.graph.see(Prefix(prefix, guarded).below(above), path, file, call.line, known=True)
        self.graph.mount(self._place(target, file), outer, Prefix(prefix, guarded))

    def _nested(self, call: Call, file: CodeFile) -> None:
        """Starlette's `Mount("/api", routes=[Route(…)])`: each route within it, and the lists that it names."""
        given = call.argument(1, "routes", "app")
        if given is None:
            return
        inner = given.named.get("routes") if isinstance(given, Call) and "routes" in given.named else given
        lists = [inner] if isinstance(inner, Many) else file.assigned.get(dotted(inner), []) if inner else []
        for each in lists[:MAX_GIVEN]:
            for item in each.items if isinstance(each, Many) else ():
                self.within.setdefault(id(item), (file, call))
        if not isinstance(given, Many):
            self.graph.mount(self._place(given, file), (file.path, f"Mount {id(call)}"), Prefix(self._above(call, 0)))

    def _above(self, call: Call, depth: int) -> str | None:
        """The prefix of a Mount, those around it included."""
        file, _ = self.within.get(id(call), (self.names.files[0], call))
        own = self._text(call.argument(0, "path"), file)
        around = self.within.get(id(call))
        above = self._above(around[1], depth + 1) if around and depth < MAX_GIVEN else ""
        return None if own is None or above is None else f"{above}{own}"

    def _listed(self, call: Call, file: CodeFile) -> None:
        """`Litestar(route_handlers=[router, Health])`, `Router("/api", route_handlers=[…])`, `Blueprint.group(a, b)`."""
        names = [name for name, values in file.assigned.items() if any(value is call for value in values[:MAX_GIVEN])]
        outer = (file.path, names[0]) if names else (file.path, f"{call.last} {id(call)}")
        handlers = call.argument(-1, "route_handlers")
        items = handlers.items if isinstance(handlers, Many) else call.arguments
        own = Prefix()
        if call.name.endswith("Blueprint.group"):
            own = Prefix(self._text(call.named.get("url_prefix"), file))
            self.graph.make(outer, own)
        for item in items[:MAX_GIVEN]:
            if called(item):
                self.graph.mount(self._place(item, file), outer, Prefix())

    # ---- routes ---------------------------------------------------------------------------------------------------
    def routes(self, file: CodeFile) -> None:
        for function in file.functions:
            for decorator in function.decorators:
                self._decorated(decorator, function, file)
        for each in file.classes:
            for decorator in each.decorators:
                if isinstance(decorator, Call) and decorator.owner is not None and decorator.last == "route":
                    path = resolve(decorator.argument(0), file, self.names).text
                    self.graph.route(self._place(decorator.owner, file), path, file, decorator.line, self.hosts)
        for call in file.calls:
            self._added(call, file)
        self._tuples(file)
        _compared(file, self.seen)

    def _decorated(self, decorator: Expression, function: Function, file: CodeFile) -> None:
        """`@app.get("/healthz")`, `@bp.route("/healthz", methods=["GET"])`, Litestar's `@get("/healthz")`."""
        if not isinstance(decorator, Call):
            return
        bare = decorator.owner is None
        if bare and not set(table()["bare_decorators"].get(decorator.last, ())) & file.imported:
            return
        if not bare and decorator.last not in table()["decorators"]:
            return
        path = decorator.arguments[0] if decorator.arguments else decorator.argument(-1, "path", "rule", "uri")
        text = resolve(path, file, self.names).text if path is not None else "" if bare else None
        why = self._why(decorator, function)
        if decorator.owner is not None:
            self.graph.route(self._place(decorator.owner, file), text, file, decorator.line, why)
        elif text is not None:
            self._bare(text, function, file, decorator.line, why)

    def _bare(self, text: str, function: Function, file: CodeFile, line: int, why: str) -> None:
        """A handler that a router or an application lists, or that is a method of a controller."""
        own = self.names.classes.get(function.owner)
        base = self._text(own.options.get("path"), file) if own else ""
        router = (file.path, function.owner or function.name)
        prefixes = self.graph.prefixes(router) if self.graph.has(router) else (Prefix(),)
        guarded = bool(own and self.views.guards(own.options.get("guards")))
        for prefix in prefixes:
            self.graph.see(Prefix(base, guarded).below(prefix), text, file, line, why)

    def _why(self, call: Call, function: Function | None) -> str:
        """Why a route is no probe; "" for one that is."""
        methods = call.argument(-1, "methods")
        if isinstance(methods, Many) and not _names_get(methods):
            return METHOD
        if self.views.guards(call.named.get("dependencies")) or self.views.guards(call.named.get("guards")):
            return LOGIN
        return (self.views.refuses(function) if function else "") or self.hosts

    def _added(self, call: Call, file: CodeFile) -> None:
        """Routes given to a call: aiohttp, starlette, falcon, Flask; gRPC's health servicer."""
        if call.last.endswith("add_HealthServicer_to_server"):
            self.seen.see("health", "grpc", file.path, call.line)
        adder = table()["adders"].get(call.last) if call.owner is not None else None
        bare = table()["bare"].get(call.name) or table()["bare"].get(call.last)
        row = adder or bare
        if row is None or ("from" in row and row["from"] not in file.imported):
            return
        text = resolve(call.argument(row["path"], "path", "rule"), file, self.names).text
        if text is None or not text.startswith("/"):
            return
        text = _OPTIONAL_END.sub("", text)
        handler = call.argument(row.get("handler", -1), "view_func", "endpoint", "handler")
        named = called(handler).rpartition(".")[2]
        why = self.views.refuses(self.views.functions.get(named)) if named else ""
        why = self._why(call, None) or why
        if adder and call.owner is not None:
            owner = call.owner
            name = dotted(owner)
            owner = Call(owner.line, owner, ()) if not name else owner
            place = self._place(owner, file)
            if name.endswith(".router"):  # aiohttp's `app.router`
                other, inner = self.modules.where(name.removesuffix(".router"), file)
                place = other.path, inner
            self.graph.route(place, text, file, call.line, why)
            return
        around = self.within.get(id(call))
        prefix = Prefix(self._above(around[1], 0) if around else "")
        self.graph.see(prefix, text, file, call.line, why)

    def _tuples(self, file: CodeFile) -> None:
        """Tornado's `(r"/healthz", Handler)`."""
        for node in file.listed if "tornado" in file.imported else ():
            if isinstance(node, Many) and node.fixed and len(node.items) > 1:
                text = resolve(node.items[0], file, self.names).text or ""
                self.graph.see(Prefix(), _OPTIONAL_END.sub("", text), file, node.line, self.hosts)


def _makers() -> frozenset[str]:
    return frozenset((*table()["routers"], *table()["apps"]))


def _names_get(methods: Many) -> bool:
    return any(isinstance(one, Text) and one.value.upper() == "GET" for one in methods.items)


def _compared(file: CodeFile, seen: Sightings) -> None:
    """`if self.path == "/healthz"` of http.server, and the same with `in` and `startswith`."""
    for left, others in file.compared:
        if dotted(left).rpartition(".")[2] not in ("path", "raw_path", "path_info", "url_path"):
            continue
        for item in others:
            for one in item.items if isinstance(item, Many) else (item,):
                if isinstance(one, Text) and is_health(one.value):
                    seen.see("health", one.value, file.path, one.line)
    for call in file.calls:
        first = call.argument(0) if call.name.endswith("path.startswith") else None
        if isinstance(first, Text) and is_health(first.value):
            seen.see("health", first.value, file.path, call.line)

"""Python files → health routes with the prefixes of the routers that include them, and the gRPC health service."""

from __future__ import annotations

import re

from kforge.detectors import django_routes
from kforge.detectors.python_modules import called
from kforge.detectors.python_routers import PythonRouters, table
from kforge.detectors.route_graph import LOGIN, METHOD, Prefix
from kforge.domain.facts import Many as Facts
from kforge.domain.source.routes import is_health, ranked
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile, Function
from kforge.syntax.expression import Call, Expression, Many, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

_OPTIONAL_END = re.compile(r"/\?$")


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


class _Reading(PythonRouters):
    """The routes on the routers of a program."""

    # ---- routes ---------------------------------------------------------------------------------------------------
    def routes(self, file: CodeFile) -> None:
        for function in file.functions:
            for decorator in function.decorators:
                self._decorated(decorator, function, file)
        for each in file.classes:
            for decorator in each.decorators:
                if isinstance(decorator, Call) and decorator.owner is not None and decorator.last == "route":
                    path = resolve(decorator.argument(0), file, self.names).text
                    self.graph.route(self.place(decorator.owner, file), path, file, decorator.line, self.hosts)
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
            self.graph.route(self.place(decorator.owner, file), text, file, decorator.line, why)
        elif text is not None:
            self._bare(text, function, file, decorator.line, why)

    def _bare(self, text: str, function: Function, file: CodeFile, line: int, why: str) -> None:
        """A handler that a router or an application lists, or that is a method of a controller."""
        own = self.names.classes.get(function.owner)
        base = self.text(own.options.get("path"), file) if own else ""
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
            place = self.place(owner, file)
            if name.endswith(".router"):  # aiohttp's `app.router`
                other, inner = self.modules.where(name.removesuffix(".router"), file)
                place = other.path, inner
            self.graph.route(place, text, file, call.line, why)
            return
        around = self.within.get(id(call))
        prefix = Prefix(self.above(around[1], 0) if around else "")
        self.graph.see(prefix, text, file, call.line, why)

    def _tuples(self, file: CodeFile) -> None:
        """Tornado's `(r"/healthz", Handler)`."""
        for node in file.listed if "tornado" in file.imported else ():
            if isinstance(node, Many) and node.fixed and len(node.items) > 1:
                text = resolve(node.items[0], file, self.names).text or ""
                self.graph.see(Prefix(), _OPTIONAL_END.sub("", text), file, node.line, self.hosts)


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

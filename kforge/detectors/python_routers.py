"""Routers of a Python program: what they put before their routes, and what includes them."""

from __future__ import annotations

import json
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Any

from kforge.detectors.python_modules import PythonModules, called
from kforge.detectors.python_views import Views
from kforge.detectors.route_graph import HOST, Prefix, RouteGraph, Router, shown
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Many, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve


@cache
def table() -> dict[str, Any]:
    """What routers, mounts and routes are called."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("python_routes.json").read_text(encoding="utf-8"))
    return loaded


class PythonRouters:
    """The routers of a program, and what names them."""

    def __init__(self, names: SourceProgram, seen: Sightings) -> None:
        self.names, self.seen = names, seen
        self.modules = PythonModules(names.files)
        self.views = Views(names)
        self.graph = RouteGraph(seen)
        self._makers: dict[str, list[tuple[int, str]]] = {}
        self._names: dict[str, dict[int, str]] = {}
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

    def text(self, value: Expression | None, file: CodeFile) -> str | None:
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
        text = self.text(given, file)
        if given is None and "named" in row:
            text = f"/{self.text(call.argument(row['named']), file) or ''}"
        if version := resolve(call.named.get("version"), file, self.names).text:
            text = None if text is None else f"/v{version}{text}"
        guarded = any(self.views.guards(call.named.get(word)) for word in row.get("guards", ()))
        self.graph.make(router, Prefix(text, guarded), override=row.get("override", False))
        if first is not None:
            self.graph.mount(router, self.place(first, file), Prefix())

    def _made(self, file: CodeFile) -> list[tuple[int, str]]:
        """(line, name) of every router that a file makes, by line."""
        if file.path not in self._makers:
            self._makers[file.path] = sorted(
                (value.line, name)
                for name, values in file.assigned.items()
                for value in values
                if called(value).rpartition(".")[2] in _makers()
            )
        return self._makers[file.path]

    def _named(self, call: Call, file: CodeFile) -> str:
        """The name that a call is given to; "" for none."""
        if file.path not in self._names:
            self._names[file.path] = {id(one): name for name, values in file.assigned.items() for one in values}
        return self._names[file.path].get(id(call), "")

    def _known(self, value: Expression, file: CodeFile) -> bool:
        return self.graph.has(self.place(value, file)) or dotted(value) in file.assigned

    def place(self, value: Expression, file: CodeFile) -> Router:
        """The router that an expression names, or that the function it calls makes."""
        if isinstance(value, Call) and (found := self.modules.made_by(value, file)):
            made, first, last = found
            at = bisect_left(self._made(made), (first, ""))
            if at < len(self._made(made)) and self._made(made)[at][0] <= last:
                return made.path, self._made(made)[at][1]
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
        prefix = self.text(call.argument(row.get("at", -1), *row.get("prefix", ())), file)
        guarded = any(self.views.guards(call.named.get(word)) for word in row.get("guards", ()))
        outer = self.place(call.owner, file)
        name = called(target)
        for path in table()["libraries"].get(file.imports.get(name, name), ()):
            for above in self.graph.prefixes(outer):
                self.graph.see(Prefix(prefix, guarded).below(above), path, file, call.line, known=True)
        self.graph.mount(self.place(target, file), outer, Prefix(prefix, guarded))

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
            self.graph.mount(self.place(given, file), (file.path, f"Mount {id(call)}"), Prefix(self.above(call, 0)))

    def above(self, call: Call, depth: int) -> str | None:
        """The prefix of a Mount, those around it included."""
        file, _ = self.within.get(id(call), (self.names.files[0], call))
        own = self.text(call.argument(0, "path"), file)
        around = self.within.get(id(call))
        above = self.above(around[1], depth + 1) if around and depth < MAX_GIVEN else ""
        return None if own is None or above is None else f"{above}{own}"

    def _listed(self, call: Call, file: CodeFile) -> None:
        """`Litestar(route_handlers=[router, Health])`, `Router("/api", route_handlers=[…])`, `Blueprint.group(a, b)`."""
        outer = (file.path, self._named(call, file) or f"{call.last} {id(call)}")
        handlers = call.argument(-1, "route_handlers")
        items = handlers.items if isinstance(handlers, Many) else call.arguments
        own = Prefix()
        if call.name.endswith("Blueprint.group"):
            own = Prefix(self.text(call.named.get("url_prefix"), file))
            self.graph.make(outer, own)
        for item in items[:MAX_GIVEN]:
            if called(item):
                self.graph.mount(self.place(item, file), outer, Prefix())


def _makers() -> frozenset[str]:
    return frozenset((*table()["routers"], *table()["apps"]))

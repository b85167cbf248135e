"""Routers of a JavaScript program: what is mounted where, below which prefix and behind which middleware.

A file of routes is a router itself, named "": what imports it mounts all that it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kforge.detectors.node_imports import called_name, chains, innermost, mounted
from kforge.detectors.route_graph import Prefix, RouteGraph, Router, guards, shown
from kforge.domain.source.sightings import Sightings, port_number
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Expression, Inline, Joined, Name, Pairs, Subscript, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_PATH_NAME = re.compile(r"path|prefix|base|url|root|version", re.IGNORECASE)
_ROUTER_NAME = re.compile(r"rout(?:e|er|es)\b|controller|plugin", re.IGNORECASE)
_MAIN_FILES = ("index", "server", "main", "app")
_MAX_LOOKED = 200  # spans and middlewares of one file


@cache
def table() -> dict[str, Any]:
    """What routers, mounts and routes are called."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("node_routes.json").read_text(encoding="utf-8"))
    return loaded


@cache
def _routers() -> re.Pattern[str]:
    return re.compile(table()["routers"])


class MiddlewareUse(NamedTuple):
    """`app.use("/api", requireLogin)`: what stands behind it wants a login."""

    receiver: str
    path: str
    line: int


class InlineSpan(NamedTuple):
    """The lines of `app.register(async (api) => {…}, { prefix: "/v1" })`, and the prefix that it gives."""

    first: int
    last: int
    text: str | None


class NodeRouters:
    """The routers of a program, and where they are mounted."""

    def __init__(self, names: SourceProgram, seen: Sightings) -> None:
        self.names, self.seen = names, seen
        self.graph = RouteGraph(seen)
        self._paths = {script.path for script in names.files}
        self._chains = {script.path: chains(script) for script in names.files}
        self._spans = {script.path: self._spans_of(script) for script in names.files}
        self._uses = {script.path: self._uses_of(script) for script in names.files}
        self._mounted: set[Router] = set()
        for script in names.files:
            self._made(script)
        for script in names.files:
            self._listens(script)
            for call in script.calls:
                if call.last in table()["mounts"]:
                    self._mount(call, script)
                elif call.last == "prefix" and isinstance(
                    call.owner, (Name, Attribute)
                ):  # koa's `router.prefix("/api")`
                    router = (script.path, self.receiver(call, script))
                    self.graph.rename(router, Prefix(self.text(call.argument(0), script)))
            self._served_whole(script)

    def text(self, value: Expression | None, script: CodeFile) -> str | None:
        """A prefix; "" where none is given, None where nothing shows it."""
        return "" if value is None else shown(resolve(value, script, self.names), self.seen)

    def receiver(self, call: Call, script: CodeFile) -> str:
        """The last name of what a method is called on: `this.app.use(…)` → app, `new Hono().get(…)` → what it is given to."""
        owner = call.owner
        if isinstance(owner, Call):
            return self._chains[script.path].get(id(call), "")
        return dotted(owner).rpartition(".")[2] if owner is not None else ""

    def place(self, receiver: str, line: int, script: CodeFile) -> Router:
        """The router that a name stands for: itself, the function whose parameter it is, or its whole file."""
        own = (script.path, receiver)
        if own in self._mounted:
            return own
        function = script.function(line)
        given = function and any(name == receiver for name, _ in function.parameters)
        if function and given and (script.path, function.name) in self._mounted:
            return script.path, function.name
        whole = (script.path, "")
        if whole in self._mounted:
            self.graph.mount(own, whole, Prefix())
        return own

    def span(self, line: int, script: CodeFile) -> Prefix:
        """The prefix of the functions around a line."""
        around = Prefix()
        for one in self._spans[script.path]:
            if one.first < line <= one.last:
                around = Prefix(one.text).below(around)
        return around

    def guarded(self, receiver: str, path: str, line: int, script: CodeFile) -> bool:
        """Whether a middleware that wants a login stands before a route or mount."""
        return any(
            one.receiver == receiver and one.line < line and f"{path}/".startswith(one.path)
            for one in self._uses[script.path]
        )

    def guard(self, values: Iterable[Expression]) -> bool:
        """Whether one of the middlewares between a path and its handler wants a login."""
        return any(not isinstance(one, (Inline, Pairs, Text)) and guards(called_name(one)) for one in values)

    # ---- what is read beforehand ------------------------------------------------------------------------------------
    def _made(self, script: CodeFile) -> None:
        for name, values in script.assigned.items():
            for made in values[:MAX_GIVEN]:
                if isinstance(made, Call) and _routers().search(innermost(made)):
                    self.graph.make((script.path, name.rpartition(".")[2]), Prefix(self._own(made, script)))

    def _own(self, made: Call, script: CodeFile) -> str | None:
        """`new Router({ prefix: "/api" })`, `new Hono().basePath("/api")`."""
        text: str | None = ""
        while True:
            first = made.argument(0)
            given = (
                first.get("prefix")
                if isinstance(first, Pairs)
                else first
                if made.last in ("basePath", "prefix")
                else None
            )
            said = self.text(given, script)
            text = None if text is None or said is None else f"{said}{text}"
            if not (isinstance(made.callee, Attribute) and isinstance(made.callee.owner, Call)):
                return text
            made = made.callee.owner

    def _spans_of(self, script: CodeFile) -> list[InlineSpan]:
        behind = {id(call.owner): call.argument(0) for call in script.calls if call.last == "prefix"}
        found = []
        for call in script.calls:
            inner = next((one for one in call.arguments[:2] if isinstance(one, Inline)), None)
            if call.last in table()["spans"] and inner is not None:
                first, last = call.arguments[0], call.arguments[-1]
                given = (
                    first
                    if first is not inner
                    else last.get("prefix")
                    if isinstance(last, Pairs)
                    else behind.get(id(call))
                )
                found.append(InlineSpan(call.line, inner.end, self.text(given, script)))
        return found[:_MAX_LOOKED]

    def _uses_of(self, script: CodeFile) -> list[MiddlewareUse]:
        found = []
        for call in script.calls:
            if call.last != "use" or call.owner is None or not call.arguments:
                continue
            first = call.arguments[0]
            path = first.value if isinstance(first, Text) else ""
            rest = call.arguments[1 if isinstance(first, Text) else 0 :]
            if rest and self.guard(rest) and not any(_ROUTER_NAME.search(called_name(one)) for one in rest[-1:]):
                found.append(MiddlewareUse(self.receiver(call, script), path, call.line))
        return found[:_MAX_LOOKED]

    def _listens(self, script: CodeFile) -> None:
        """Which application answers on which port, where several do."""
        for call in script.calls:
            if call.last == "listen" and call.owner is not None:
                given = call.argument(0)
                given = given.get("port") if isinstance(given, Pairs) else given
                port = port_number(resolve(given, script, self.names).text)
                for name in self._served(call.owner, script) if port else ():
                    self.graph.root((script.path, name), port)

    def _served_whole(self, script: CodeFile) -> None:
        """Applications of frameworks whose routers are applications, too: those that a file serves."""
        stem = script.path.rpartition("/")[2].partition(".")[0]
        serves = any(call.last in ("serve", "listen", "handle") for call in script.calls)
        for name, values in script.assigned.items():
            made = [one for one in values[:MAX_GIVEN] if isinstance(one, Call)]
            whole = any(innermost(one).endswith(("Hono", "Elysia")) for one in made)
            served = serves or (stem in _MAIN_FILES and name == "app")
            if whole and served and (script.path, name) not in self._mounted:
                self.graph.root((script.path, name))

    def _served(self, owner: Expression, script: CodeFile) -> list[str]:
        name = dotted(owner).rpartition(".")[2]
        made = [owner] if isinstance(owner, Call) else script.assigned.get(dotted(owner), ())[:MAX_GIVEN]
        inner = [
            dotted(one.arguments[-1])
            for one in made
            if isinstance(one, Call) and one.last == "createServer" and one.arguments
        ]
        return [one for one in (*inner, name) if one]

    # ---- mounts -------------------------------------------------------------------------------------------------
    def _mount(self, call: Call, script: CodeFile) -> None:
        if call.owner is None or not call.arguments:
            return
        first, receiver = call.arguments[0], self.receiver(call, script)
        named = self._is_path(first, len(call.arguments))
        text = self.text(first, script) if named else ""
        for given in call.arguments[1:]:
            if isinstance(given, Pairs) and (said := given.get("prefix")) is not None:
                text = self.text(said, script)
        if named and (pairs := self._listed(call, script)):
            for path, target in pairs:
                self._edge(target, path, receiver, call, script, False)
            return
        rest = call.arguments[1 if named else 0 :]
        guarded = self.guard(rest[:-1]) or self.guarded(receiver, text or "", call.line, script)
        for target in rest:
            if isinstance(target, Call) and target.last == "mount" and len(target.arguments) == 2:  # koa-mount
                self._edge(target.arguments[1], self.text(target.arguments[0], script), receiver, call, script, guarded)
            else:
                self._edge(target, text, receiver, call, script, guarded)

    def _is_path(self, first: Expression, count: int) -> bool:
        if isinstance(first, (Text, Joined)):
            return True
        return (
            count > 1
            and isinstance(first, (Name, Attribute, Call, Subscript))
            and bool(_PATH_NAME.search(called_name(first)))
        )

    def _listed(self, call: Call, script: CodeFile) -> list[tuple[str | None, Expression]]:
        """`routes.forEach((one) => router.use(one.path, one.route))`: the routers that objects of the file name."""
        if len(call.arguments) != 2:
            return []
        keys = [dotted(one).partition(".") for one in call.arguments]
        if not all(dot for _, dot, _ in keys) or keys[0][0] != keys[1][0]:
            return []
        pairs = [(each.get(keys[0][2]), each.get(keys[1][2])) for each in script.objects]
        return [(self.text(path, script), target) for path, target in pairs if path is not None and target is not None][
            :_MAX_LOOKED
        ]

    def _edge(
        self, target: Expression, text: str | None, receiver: str, call: Call, script: CodeFile, guarded: bool
    ) -> None:
        inner = mounted(target, script, self._paths)
        if inner is not None and inner != (script.path, receiver):
            self._mounted.add(inner)
            prefix = Prefix(text, guarded).below(self.span(call.line, script))
            self.graph.mount(inner, self.place(receiver, call.line, script), prefix)

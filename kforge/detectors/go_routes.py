"""Go files → health routes below the groups, mounts and spans they stand in, and the gRPC health service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from kforge.detectors.go_routers import GoRouters
from kforge.detectors.route_graph import METHOD, Prefix, RouteGraph
from kforge.domain.source.routes import is_health
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Many, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

_GRPC = ("RegisterHealthServer", "grpchealth.NewHandler")
_PATHS = (".Path", ".URL.Path", ".RequestURI")
_ASKED = ("", "GET", "HEAD")


@cache
def table() -> dict[str, Any]:
    """What routers, groups and routes are called."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return loaded


def health(names: SourceProgram, seen: Sightings) -> None:
    """Adds `health`, `health ports` and `unprobed`."""
    routers = GoRouters(names, table())
    graph = RouteGraph(seen)
    for file in names.files:
        methods = _methods(file)
        for call in file.calls:
            _called(call, file, methods.get(id(call), ()), routers, graph)
            _library(call, file, routers, graph)
            if call.name.endswith(_GRPC):
                seen.see("health", "grpc", file.path, call.line)
        _compared(file, seen)


def _methods(file: CodeFile) -> dict[int, tuple[str, ...]]:
    """gorilla's `r.HandleFunc("/health", h).Methods("POST")`: a call → the methods that a chain behind it names."""
    found: dict[int, tuple[str, ...]] = {}
    for call in file.calls:
        if call.last == "Methods" and isinstance(owner := call.owner, Call):
            found[id(owner)] = tuple(_word(one) for one in call.arguments)
    return found


def _word(value: Expression) -> str:
    """`"POST"`, `http.MethodPost` → POST."""
    text = value.value if isinstance(value, Text) else dotted(value).rpartition(".")[2].removeprefix("Method")
    return text.upper()


def _called(call: Call, file: CodeFile, methods: tuple[str, ...], routers: GoRouters, graph: RouteGraph) -> None:
    """`mux.HandleFunc("GET /healthz", …)`, `r.GET("/healthz", …)`, `g.Match([]string{"GET"}, "/healthz", …)`."""
    owner = call.owner
    receiver = dotted(owner).rpartition(".")[2] if owner is not None else ""
    if call.last not in table()["verbs"] or owner is None or receiver in table()["clients"] or call.name == "http.Get":
        return
    at = 0
    if call.last in table()["second"] and len(call.arguments) > 2:
        first = call.arguments[0]
        at, methods = 1, tuple(_word(one) for one in (first.items if isinstance(first, Many) else (first,)))
    text = resolve(call.argument(at), file, routers.names).text or ""
    method, _, path = text.removesuffix("{$}").rpartition(" ")
    if not path.startswith("/"):
        return
    asked = not methods or any(one in _ASKED for one in methods)
    why = METHOD if method not in _ASKED or not asked else ""
    guarded = any(routers.guards(one) for one in call.arguments[at + 1 :][:-1])
    for prefix in routers.prefixes(owner, call.line, file):
        graph.see(prefix._replace(guarded=prefix.guarded or guarded), path, file, call.line, why)


def _library(call: Call, file: CodeFile, routers: GoRouters, graph: RouteGraph) -> None:
    """Handlers of libraries that bring their routes."""
    for row in table()["libraries"]:
        if call.name != row["call"] or not any(origin.startswith(row["from"]) for origin in file.imported):
            continue
        config = call.argument(0)
        fields = [
            config.get(name) if config is not None and hasattr(config, "get") else None
            for name in row.get("fields", ())
        ]
        said = [resolve(one, file, routers.names).text if one is not None else None for one in fields]
        paths = [one or usual for one, usual in zip(said or [None] * len(row["routes"]), row["routes"], strict=False)]
        prefixes = (Prefix(),) if row.get("used") else routers.of_value(call, file)
        for path in paths:
            for prefix in prefixes:
                graph.see(prefix, path, file, call.line, known=True)


def _compared(file: CodeFile, seen: Sightings) -> None:
    """`r.URL.Path == "/healthz"`, a switch over it, `strings.HasPrefix(r.URL.Path, "/healthz")`."""
    for left, one in _pairs(file):
        name = dotted(left.callee if isinstance(left, Call) else left)
        if isinstance(one, Text) and is_health(one.value) and (name.endswith(_PATHS) or name == "path"):
            seen.see("health", one.value, file.path, one.line)


def _pairs(file: CodeFile) -> Iterator[tuple[Expression, Expression]]:
    for left, others in file.compared:
        yield from ((left, one) for one in others)
    for call in file.calls:
        if call.last == "HasPrefix" and len(call.arguments) == 2:
            yield call.arguments[0], call.arguments[1]

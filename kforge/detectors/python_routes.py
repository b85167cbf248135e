"""Python modules → health routes, and whether the gRPC health service is there. Unaware of manifests."""

from __future__ import annotations

import re

from kforge.domain.facts import Many as Facts
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Many, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_GETS = frozenset(("get", "route", "api_route", "head", "handler"))
_ADDERS = {"add_get": 0, "add_route": 0, "add_api_route": 0, "add_url_rule": 0, "Route": 0, "path": 0, "re_path": 0, "url": 0,
           "add_resource": 1, "get": 0, "view": 0, "Mount": 0, "URLSpec": 0}  # fmt: skip
_ROUTERS = ("APIRouter", "Blueprint", "Router", "Controller", "RouteTableDef")
_INCLUDES = ("include_router", "register_blueprint", "blueprint")


def health(names: SourceProgram, seen: Sightings) -> Facts:
    """Routes that tell how the service is, best first; `grpc` first where its health service is registered."""
    prefixes = _mounted(names)
    below = _included(names)
    for module in names.files:
        for function in module.functions:
            for decorator in function.decorators:
                _decorated(decorator, module, names, prefixes, seen)
        _added(module, names, below.get(module.path), seen)
        _compared(module, seen)
    return ranked(seen.many("health"))


def _mounted(names: SourceProgram) -> dict[tuple[str, str], list[str]]:
    """(module's stem, router's name) → prefixes under which it is included; a router's own prefix comes on top."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in names.files:
        for call in module.calls:
            if call.last in _INCLUDES and call.arguments:
                stem, name = _origin(dotted(call.arguments[0]), module)
                prefix = call.argument(-1, "prefix", "url_prefix")
                placed = found.setdefault((stem, name), [])
                text = resolve(prefix, module, names).text or "" if prefix else ""
                if text not in placed and len(placed) < MAX_GIVEN:
                    placed.append(text)
    return found


def _origin(name: str, module: CodeFile) -> tuple[str, str]:
    """Where an included router is defined: `users.router` → ("users", "router"), its own name → (this module, name)."""
    owner, _, last = name.rpartition(".")
    if owner:
        return owner.rpartition(".")[2], last
    imported = module.imports.get(name, "")
    if not imported:
        return _stem(module), name
    parts = imported.strip(".").split(".")
    return (parts[-2] if len(parts) > 1 else ""), parts[-1]


def _stem(module: CodeFile) -> str:
    parts = module.path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _decorated(
    decorator: Expression,
    module: CodeFile,
    names: SourceProgram,
    prefixes: dict[tuple[str, str], list[str]],
    seen: Sightings,
) -> None:
    """`@app.get("/healthz")`, `@bp.route("/healthz", methods=["GET"])`."""
    if not isinstance(decorator, Call) or decorator.owner is None or decorator.last not in _GETS:
        return
    path = decorator.arguments[0] if decorator.arguments else decorator.argument(-1, "path", "rule", "uri")
    text = resolve(path, module, names).text
    methods = decorator.argument(-1, "methods")
    if text is None or (isinstance(methods, Many) and not _names_get(methods)):
        return
    owner = dotted(decorator.owner)
    own, is_router = _own_prefix(owner, module, names)
    outer = prefixes.get((_stem(module), owner), [] if is_router else [""])
    for prefix in outer or ([""] if is_router and not prefixes else []):
        route = joined(prefix, own, text)
        if is_health(route):
            seen.see("health", route, module.path, decorator.line)


def _names_get(methods: Many) -> bool:
    return any(isinstance(one, Text) and one.value.upper() == "GET" for one in methods.items)


def _own_prefix(owner: str, module: CodeFile, names: SourceProgram) -> tuple[str, bool]:
    for value in module.assigned.get(owner, ())[:MAX_GIVEN]:
        if isinstance(value, Call) and value.last in _ROUTERS:
            prefix = value.argument(-1, "prefix", "url_prefix", "path")
            return (resolve(prefix, module, names).text or "" if prefix else ""), True
    return "", False


def _added(module: CodeFile, names: SourceProgram, below: str | None, seen: Sightings) -> None:
    """Routes given to a call: aiohttp, starlette, falcon, Django's urlpatterns, gRPC's health servicer, tornado's
    tuples.
    """
    django = module.path.endswith("urls.py") or "urlpatterns" in module.assigned
    for call in module.calls:
        callee, last = call.name, call.last
        if last.endswith("add_HealthServicer_to_server"):
            seen.see("health", "grpc", module.path, call.line)
        index = _ADDERS.get(last)
        if index is None or len(call.arguments) <= index + (0 if index else 1):
            continue
        if last in ("path", "re_path", "url") and not django:
            continue
        if last in ("get", "view") and callee.partition(".")[0] != "web":
            continue
        text = resolve(call.arguments[index], module, names).text or ""
        if django and last in ("path", "re_path", "url"):
            route = re.sub(r"^\^|\$$", "", text).replace("\\", "")
            text = f"/{route}" if below is None else joined(below, route)
        if is_health(text):
            seen.see("health", text, module.path, call.line)
    if "tornado" in module.imported:
        for node in module.listed:
            if isinstance(node, Many) and node.fixed and len(node.items) > 1:
                first = resolve(node.items[0], module, names).text
                if first and is_health(first):
                    seen.see("health", first, module.path, node.line)


def _included(names: SourceProgram) -> dict[str, str]:
    """Django: file of urlpatterns → the prefix below which the first `include` puts it."""
    found: dict[str, tuple[int, str]] = {}  # dotted name → (rank, prefix)
    for other in names.files:
        for call in other.calls:
            if call.last in ("path", "re_path", "url") and len(call.arguments) > 1:
                inner = call.arguments[1]
                if isinstance(inner, Call) and inner.name == "include" and inner.arguments:
                    target = resolve(inner.arguments[0], other, names).text or ""
                    if target and target not in found:
                        prefix = resolve(call.arguments[0], other, names).text or ""
                        found[target] = len(found), re.sub(r"^\^", "", prefix)
    below: dict[str, str] = {}
    for module in names.files if found else ():
        parts = module.path.removesuffix(".py").split("/")
        ends = (".".join(parts[number:]) for number in range(len(parts)))
        if fitting := [found[end] for end in ends if end in found]:
            below[module.path] = min(fitting)[1]
    return below


def _compared(module: CodeFile, seen: Sightings) -> None:
    """`if self.path == "/healthz"` of http.server, and the same with `in` and `startswith`."""
    for left, others in module.compared:
        if dotted(left).rpartition(".")[2] not in ("path", "raw_path", "path_info", "url_path"):
            continue
        for item in others:
            for one in item.items if isinstance(item, Many) else (item,):
                if isinstance(one, Text) and is_health(one.value):
                    seen.see("health", one.value, module.path, one.line)
    for call in module.calls:
        first = call.argument(0) if call.name.endswith("path.startswith") else None
        if isinstance(first, Text) and is_health(first.value):
            seen.see("health", first.value, module.path, call.line)

"""Python modules → health routes, and whether the gRPC health service is there. Unaware of manifests."""

from __future__ import annotations

import ast
import re

from kforge.detectors.python_names import MAX_GIVEN, PythonNames
from kforge.detectors.python_syntax import Module, dotted, literal, mentions
from kforge.detectors.python_values import resolve
from kforge.domain.facts import Many
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings

_GETS = frozenset(("get", "route", "api_route", "head", "handler"))
_ADDERS = {"add_get": 0, "add_route": 0, "add_api_route": 0, "add_url_rule": 0, "Route": 0, "path": 0, "re_path": 0, "url": 0,
           "add_resource": 1, "get": 0, "view": 0, "Mount": 0, "URLSpec": 0}  # fmt: skip
_ROUTERS = ("APIRouter", "Blueprint", "Router", "Controller", "RouteTableDef")
_INCLUDES = ("include_router", "register_blueprint", "blueprint")


def health(names: PythonNames, seen: Sightings) -> Many:
    """Routes that tell how the service is, best first; `grpc` first where its health service is registered."""
    prefixes = _mounted(names)
    below = _included(names)
    for module in names.modules:
        for function in module.functions():
            for decorator in function.decorator_list:
                _decorated(decorator, module, names, prefixes, seen)
        _added(module, names, below.get(module.path), seen)
        _compared(module, seen)
    return ranked(seen.many("health"))


def _mounted(names: PythonNames) -> dict[tuple[str, str], list[str]]:
    """(module's stem, router's name) → prefixes under which it is included; a router's own prefix comes on top."""
    found: dict[tuple[str, str], list[str]] = {}
    for module in names.modules:
        for _, last, call in module.calls:
            if last in _INCLUDES and call.args:
                stem, name = _origin(dotted(call.args[0]), module)
                prefix = next((word.value for word in call.keywords if word.arg in ("prefix", "url_prefix")), None)
                placed = found.setdefault((stem, name), [])
                text = resolve(prefix, module, names).text or "" if prefix else ""
                if text not in placed and len(placed) < MAX_GIVEN:
                    placed.append(text)
    return found


def _origin(name: str, module: Module) -> tuple[str, str]:
    """Where an included router is defined: `users.router` → ("users", "router"), its own name → (this module, name)."""
    owner, _, last = name.rpartition(".")
    if owner:
        return owner.rpartition(".")[2], last
    imported = module.imports.get(name, "")
    if not imported:
        return _stem(module), name
    parts = imported.strip(".").split(".")
    return (parts[-2] if len(parts) > 1 else ""), parts[-1]


def _stem(module: Module) -> str:
    parts = module.path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _decorated(
    decorator: ast.expr, module: Module, names: PythonNames, prefixes: dict[tuple[str, str], list[str]], seen: Sightings
) -> None:
    """`@app.get("/healthz")`, `@bp.route("/healthz", methods=["GET"])`."""
    if (
        not isinstance(decorator, ast.Call)
        or not isinstance(decorator.func, ast.Attribute)
        or decorator.func.attr not in _GETS
    ):
        return
    path = next((word.value for word in decorator.keywords if word.arg in ("path", "rule", "uri")), None)
    text = resolve(decorator.args[0] if decorator.args else path, module, names).text
    methods = next((word.value for word in decorator.keywords if word.arg == "methods"), None)
    if text is None or (methods is not None and not mentions(methods, "GET")):
        return
    owner = dotted(decorator.func.value)
    own, is_router = _own_prefix(owner, module, names)
    outer = prefixes.get((_stem(module), owner), [] if is_router else [""])
    for prefix in outer or ([""] if is_router and not prefixes else []):
        route = joined(prefix, own, text)
        if is_health(route):
            seen.see("health", route, module.path, decorator.lineno)


def _own_prefix(owner: str, module: Module, names: PythonNames) -> tuple[str, bool]:
    for value in module.names.get(owner, ())[:MAX_GIVEN]:
        if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in _ROUTERS:
            prefix = next((word.value for word in value.keywords if word.arg in ("prefix", "url_prefix", "path")), None)
            return (resolve(prefix, module, names).text or "" if prefix else ""), True
    return "", False


def _added(module: Module, names: PythonNames, below: str | None, seen: Sightings) -> None:
    """Routes given to a call: aiohttp, starlette, falcon, Django's urlpatterns, gRPC's health servicer, tornado's
    tuples.
    """
    django = module.path.endswith("urls.py") or "urlpatterns" in module.names
    for callee, last, call in module.calls:
        if last.endswith("add_HealthServicer_to_server"):
            seen.see("health", "grpc", module.path, call.lineno)
        index = _ADDERS.get(last)
        if index is None or len(call.args) <= index + (0 if index else 1):
            continue
        if last in ("path", "re_path", "url") and not django:
            continue
        if last in ("get", "view") and callee.partition(".")[0] != "web":
            continue
        text = resolve(call.args[index], module, names).text or ""
        if django and last in ("path", "re_path", "url"):
            route = re.sub(r"^\^|\$$", "", text).replace("\\", "")
            text = f"/{route}" if below is None else joined(below, route)
        if is_health(text):
            seen.see("health", text, module.path, call.lineno)
    if "tornado" in module.imported:
        for node in module.of(ast.Tuple):
            first = resolve(node.elts[0], module, names).text if len(node.elts) > 1 else None
            if first and is_health(first):
                seen.see("health", first, module.path, node.lineno)


def _included(names: PythonNames) -> dict[str, str]:
    """Django: file of urlpatterns → the prefix below which the first `include` puts it."""
    found: dict[str, tuple[int, str]] = {}  # dotted name → (rank, prefix)
    for other in names.modules:
        for _, last, call in other.calls:
            if last in ("path", "re_path", "url") and len(call.args) > 1:
                inner = call.args[1]
                if isinstance(inner, ast.Call) and dotted(inner.func) == "include" and inner.args:
                    target = resolve(inner.args[0], other, names).text or ""
                    if target and target not in found:
                        found[target] = len(found), re.sub(r"^\^", "", resolve(call.args[0], other, names).text or "")
    below: dict[str, str] = {}
    for module in names.modules if found else ():
        parts = module.path.removesuffix(".py").split("/")
        ends = (".".join(parts[number:]) for number in range(len(parts)))
        if fitting := [found[end] for end in ends if end in found]:
            below[module.path] = min(fitting)[1]
    return below


def _compared(module: Module, seen: Sightings) -> None:
    """`if self.path == "/healthz"` of http.server, and the same with `in` and `startswith`."""
    for node in module.of(ast.Compare):
        if dotted(node.left).rpartition(".")[2] not in ("path", "raw_path", "path_info", "url_path"):
            continue
        for item in node.comparators:
            listed = item.elts if isinstance(item, ast.Tuple | ast.List | ast.Set) else [item]
            for one in listed:
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and is_health(one.value):
                    seen.see("health", one.value, module.path, one.lineno)
    for callee, _, call in module.calls:
        if callee.endswith("path.startswith") and call.args and isinstance(call.args[0], ast.Constant):
            text = literal(call.args[0])
            if is_health(text):
                seen.see("health", text, module.path, call.lineno)

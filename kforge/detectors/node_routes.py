"""JavaScript and TypeScript files → health routes. A router that is mounted nowhere that we see gives none:
a probe on a wrong path would keep a healthy program from ever being ready."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.facts import Many
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Expression, Inline, Name, Pairs, Subscript, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

_VERBS = frozenset(("get", "all", "head", "route", "use"))
_MOUNTS = frozenset(("use", "register", "route"))
_ROUTERS = re.compile(r"(?:^|\.)(?:Router|Hono|KoaRouter|Elysia)$")
_CLIENT = re.compile(
    r"(?:^|\.)(?:axios|got|supertest|request|create|createClient|Map|\w*Client)$|(?:^|\.)(?:axios|got)\."
)
_CLIENTS = frozenset((
    "axios", "http", "https", "fetch", "request", "client", "got", "superagent", "ky", "cache", "redis", "map", "store",
))  # fmt: skip
_ADDRESS = re.compile(r"(?:^|\.|[a-z])(?:url|[pP]ath(?:name)?)$")
_MAX_MOUNTS = 20  # places where one router is mounted
_SUFFIXES = ("", ".js", ".ts", ".mjs", ".cjs", ".mts", "/index.js", "/index.ts")
_MAX_NESTING = 4
_FILES = (
    r"(?:src/)?pages(/api/.+?)(?:/index)?\.[jt]sx?", r"(?:src/)?app(/.+?)/route\.[jt]s", r"server(/api/.+?|/routes/.+?)(?:\.get)?\.[jt]s",
    r"src/routes(/.+?)/\+server\.[jt]s",
)  # fmt: skip

Mounts = dict[tuple[str, str], list[tuple[str, str, str]]]  # (file, router or "") → (mounting file, its router, prefix)
Prefixes = dict[tuple[str, str, int], list[str]]  # (file, router, depth) → the prefixes that were found there


def health(names: SourceProgram, seen: Sightings, autoload: bool) -> Many:
    """Routes that tell how the service is, best first. `autoload`: folders below `routes` are prefixes (fastify)."""
    mounts = _mounts(names)
    prefixes: Prefixes = {}
    nest = next(_global_prefixes(names), "")
    for script in names.files:
        _called(script, names, mounts, prefixes, seen, autoload)
        _listed(script, seen)
        _compared(script, seen)
        _nested(script, nest, seen)
        _files(script, seen)
        origins = {
            *script.imports.values(),
            *script.imported,
            *(one.value for one in script.texts if isinstance(one, Text)),
        }
        if origins & {"grpc-health-check", "grpc.health.v1.Health"}:
            seen.see("health", "grpc", script.path, 1)
    return ranked(seen.many("health"))


def _global_prefixes(names: SourceProgram) -> Iterator[str]:
    for script in names.files:
        for call in script.calls:
            if call.last == "setGlobalPrefix" and (text := resolve(call.argument(0), script, names).text):
                yield text


def _mounts(names: SourceProgram) -> Mounts:
    """Where each router or file of routes is mounted."""
    paths = {script.path for script in names.files}
    found: Mounts = {}
    for script in names.files:
        for call in script.calls:
            if call.last not in _MOUNTS or call.owner is None:
                continue
            first, second = call.argument(0), call.argument(1)
            prefix = first.value if isinstance(first, Text) and first.value.startswith("/") else ""
            if not prefix and isinstance(second, Pairs) and isinstance(given := second.get("prefix"), Text):
                prefix = given.value
            for target in call.arguments[1 if isinstance(first, Text) else 0 :]:
                if key := _target(target, script, paths):
                    found.setdefault(key, []).append((script.path, _receiver(call), prefix))
    return found


def _receiver(call: Call) -> str:
    """The last name of what a method is called on: `this.app.use(…)` → app."""
    return dotted(call.owner).rpartition(".")[2] if call.owner else ""


def _target(target: Expression, script: CodeFile, paths: set[str]) -> tuple[str, str] | None:
    """(file, router or "") of what is mounted: a required file, an imported name, a router of the same file."""
    while isinstance(target, Attribute):
        target = target.owner
    if isinstance(target, Call):
        if target.name in ("require", "import"):
            wanted = target.argument(0)
            return (_resolved(script.path, wanted.value, paths), "") if isinstance(wanted, Text) else None
        target = target.callee
    if not isinstance(target, Name):
        return None
    name = target.dotted.partition(".")[0]
    origin = _resolved(script.path, script.imports.get(name, ""), paths)
    return (origin, "") if origin else (script.path, name)


def _resolved(path: str, wanted: str, paths: set[str]) -> str:
    if not wanted.startswith("."):
        return ""
    parts = path.split("/")[:-1]
    for part in wanted.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in (".", "") else parts
    full = "/".join(parts)
    stems = (full, re.sub(r"\.[cm]?js$", "", full))  # TypeScript imports name the file that will be
    return next((stem + suffix for stem in stems for suffix in _SUFFIXES if stem + suffix in paths), "")


def _prefixes(script: str, router: str, is_router: bool, mounts: Mounts, known: Prefixes, depth: int = 0) -> list[str]:
    """Every prefix under which a router answers; none for one that is mounted nowhere."""
    if depth > _MAX_NESTING:
        return []
    placed = mounts.get((script, router), []) or mounts.get((script, ""), [])
    if not placed:
        return [] if is_router else [""]
    if (script, router, depth) in known:
        return known[script, router, depth]
    found = {
        joined(outer, prefix) if prefix or outer else "": None
        for file, receiver, prefix in dict.fromkeys(placed[:_MAX_MOUNTS])
        for outer in (
            [""] if (file, receiver) == (script, router) else _prefixes(file, receiver, False, mounts, known, depth + 1)
        )
    }
    known[script, router, depth] = list(found)[:_MAX_MOUNTS]
    return known[script, router, depth]


def _called(
    script: CodeFile, names: SourceProgram, mounts: Mounts, known: Prefixes, seen: Sightings, autoload: bool
) -> None:
    """`app.get("/healthz", …)`, `router.route("/healthz")`, `app.use("/healthz", (req, res) => …)`."""
    for call in script.calls:
        receiver = _receiver(call)
        if call.last not in _VERBS or not receiver or receiver in _CLIENTS:
            continue
        text = resolve(call.argument(0), script, names).text or ""
        made = [one for one in script.assigned.get(receiver, ())[:_MAX_MOUNTS] if isinstance(one, Call)]
        if not text.startswith("/") or any(_CLIENT.search(one.name) and "Nest" not in one.name for one in made):
            continue
        if call.last == "use" and not isinstance(call.argument(1), Inline):
            continue
        is_router = any(_ROUTERS.search(_innermost(one)) for one in made)
        own = next(filter(None, (_own(one) for one in made)), "")
        folders = _folders(script.path) if autoload else ""
        for prefix in _prefixes(script.path, receiver, is_router, mounts, known):
            route = joined(prefix, own, folders, text)
            if is_health(route):
                seen.see("health", route, script.path, call.line)


def _innermost(made: Call) -> str:
    """What a chain begins with: `new Hono().basePath("/api")` → Hono."""
    while isinstance(made.callee, Attribute) and isinstance(made.callee.owner, Call):
        if made.callee.owner.name in ("require", "import"):
            break
        made = made.callee.owner
    return made.name


def _own(made: Call) -> str:
    """`new Router({ prefix: "/api" })`, `new Hono().basePath("/api")`."""
    first = made.argument(0)
    given = first.get("prefix") if isinstance(first, Pairs) else first if made.last == "basePath" else None
    return given.value if isinstance(given, Text) else ""


def _folders(path: str) -> str:
    return f"/{path}".partition("/routes/")[2].rpartition("/")[0]


def _listed(script: CodeFile, seen: Sightings) -> None:
    """`route({ method: "GET", url: "/healthz", handler })`, and terminus' `healthChecks`."""
    for each in script.objects:
        path = each.get("url", "path")
        if isinstance(path, Text) and is_health(path.value) and each.get("method", "handler"):
            seen.see("health", path.value, script.path, path.line)
        checks = each.get("healthChecks")
        for key, value in checks.items if isinstance(checks, Pairs) else ():
            if is_health(key):
                seen.see("health", key, script.path, value.line)


def _compared(script: CodeFile, seen: Sightings) -> None:
    """`req.url === "/healthz"`, `case "/healthz":` of a switch over a URL, `path.startsWith("/healthz")`."""
    found = [(left, one) for left, others in script.compared for one in others]
    found += [
        (call.owner, call.arguments[0])
        for call in script.calls
        if call.last == "startsWith" and call.arguments and call.owner
    ]
    for left, one in found:
        name = left.key.value if isinstance(left, Subscript) and isinstance(left.key, Text) else dotted(left)
        if isinstance(one, Text) and is_health(one.value) and _ADDRESS.search(name):
            seen.see("health", one.value, script.path, one.line)


def _nested(script: CodeFile, prefix: str, seen: Sightings) -> None:
    """Nest: `@Controller("health")` with `@Get()` or `@Get("live")` below it."""
    bases = {each.name: _said(one) for each in script.classes for one in each.decorators if _is(one, "Controller")}
    for function in script.functions if bases else ():
        for one in function.decorators:
            if function.owner in bases and _is(one, "Get"):
                route = joined(prefix, bases[function.owner], _said(one))
                if is_health(route):
                    seen.see("health", route, script.path, one.line)


def _is(decorator: Expression, name: str) -> bool:
    return isinstance(decorator, Call) and decorator.name == name


def _said(decorator: Expression) -> str:
    first = decorator.argument(0) if isinstance(decorator, Call) else None
    given = first.get("path") if isinstance(first, Pairs) else first
    return given.value if isinstance(given, Text) else ""


def _files(script: CodeFile, seen: Sightings) -> None:
    """Next, Nuxt and SvelteKit: the file's place is the route."""
    for pattern in _FILES:
        if found := re.fullmatch(pattern, script.path):
            route = re.sub(r"/\([^()]*+\)", "", found.group(1)).removeprefix("/routes")
            if is_health(route):
                seen.see("health", route, script.path, 1)

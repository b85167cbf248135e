"""JavaScript and TypeScript files → health routes. A router that is mounted nowhere that we see gives none:
a probe on a wrong path would keep a healthy program from ever being ready."""

from __future__ import annotations

import re

from kforge.detectors import node_controllers, node_file_routes
from kforge.detectors.node_routers import NodeRouters, table
from kforge.detectors.route_graph import METHOD, Prefix
from kforge.domain.artifact import Tree
from kforge.domain.source.routes import is_health, joined
from kforge.domain.source.sightings import Sightings, port_number
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Constant, Expression, Inline, Many, Pairs, Subscript, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_CLIENT = re.compile(
    r"(?:^|\.)(?:axios|got|supertest|request|create|createClient|Map|\w*Client)$|(?:^|\.)(?:axios|got)\."
)
_ADDRESS = re.compile(r"(?:^|\.|[a-z])(?:url|[pP]ath(?:name)?)$")


def health(tree: Tree, names: SourceProgram, seen: Sightings, autoload: bool) -> None:
    """Adds `health`, `health ports` and `unprobed`. `autoload`: folders below `routes` are prefixes (fastify)."""
    routers = NodeRouters(names, seen)
    loaded = _autoloaded(names, routers) if autoload else ""
    for script in names.files:
        chained = _chained(script)
        for call in script.calls:
            _called(call, script, chained, routers, loaded if autoload else "", autoload)
            _library(call, script, routers)
        _listed(script, routers)
        _compared(script, seen)
        origins = {
            *script.imports.values(),
            *script.imported,
            *(one.value for one in script.texts if isinstance(one, Text)),
        }
        if origins & {"grpc-health-check", "grpc.health.v1.Health"}:
            seen.see("health", "grpc", script.path, 1)
        elif added := next((call.line for call in script.calls if _adds_health(call, script)), 0):
            seen.see("health", "grpc", script.path, added)
    node_controllers.health(names, seen)
    node_file_routes.health(tree, names, seen)


def _autoloaded(names: SourceProgram, routers: NodeRouters) -> str | None:
    """The prefix that `register(AutoLoad, { dir, options: { prefix } })` gives; None where nothing shows it."""
    for script in names.files:
        for each in script.objects:
            given = each.get("options")
            if each.get("dir") is not None and isinstance(given, Pairs) and (said := given.get("prefix")) is not None:
                return routers.text(said, script)
    return ""


def _chained(script: CodeFile) -> dict[int, set[str]]:
    """`router.route("/healthz").post(…)`: a call of `route` → the methods behind it."""
    found: dict[int, set[str]] = {}
    for call in script.calls:
        owner, steps = call.owner, 0
        while isinstance(owner, Call) and steps < MAX_GIVEN:
            if owner.last == "route":
                found.setdefault(id(owner), set()).add(call.last)
                break
            owner, steps = owner.owner, steps + 1
    return found


def _called(
    call: Call,
    script: CodeFile,
    chained: dict[int, set[str]],
    routers: NodeRouters,
    loaded: str | None,
    autoload: bool,
) -> None:
    """`app.get("/healthz", …)`, `router.route("/healthz")`, `app.use("/healthz", (req, res) => …)`."""
    last = call.last
    if last not in (*table()["verbs"], *table()["others"], "route", "use"):
        return
    receiver = routers.receiver(call, script)
    if not receiver or receiver in table()["clients"]:
        return
    text = resolve(call.argument(0), script, routers.names).text or ""
    made = [one for one in script.assigned.get(receiver, ())[:MAX_GIVEN] if isinstance(one, Call)]
    if not text.startswith("/") or any(_CLIENT.search(one.name) and "Nest" not in one.name for one in made):
        return
    if last == "use" and not isinstance(call.argument(1), Inline) and not _health_library(call, script):
        return
    methods = chained.get(id(call), set())
    if last == "route" and not methods and len(call.arguments) > 1:
        return  # Hono's `app.route("/api", sub)` mounts
    refused = last in table()["others"] or (last == "route" and methods and not methods & {*table()["verbs"]})
    guarded = routers.guard(call.arguments[1:-1]) or routers.guarded(receiver, text, call.line, script)
    folders = Prefix(loaded if loaded is None else joined(loaded, _folders(script.path)) if autoload else "")
    around = folders.below(routers.span(call.line, script))
    for prefix in routers.graph.prefixes(routers.place(receiver, call.line, script)):
        whole = around.below(prefix)._replace(guarded=prefix.guarded or guarded, port=prefix.port)
        routers.graph.see(whole, text, script, call.line, METHOD if refused else "")


def _adds_health(call: Call, script: CodeFile) -> bool:
    """`server.addService(proto.grpc.health.v1.Health.service, …)`, or a service of a module that is named for it."""
    given = dotted(call.arguments[0]) if call.last == "addService" and call.arguments else ""
    origin = script.imports.get(given.partition(".")[0], "")
    return ".health.v1.Health" in f".{given}" or (given.endswith("HealthService") and "health" in origin.lower())


def _health_library(call: Call, script: CodeFile) -> bool:
    """`app.use("/health", healthcheck())` of a package that is named for it."""
    second = call.argument(1)
    root = dotted(second.callee if isinstance(second, Call) else second).partition(".")[0] if second else ""
    origin = script.imports.get(root, "")
    wanted = second.callee.argument(0) if isinstance(second, Call) and isinstance(second.callee, Call) else None
    origin = origin or (wanted.value if isinstance(wanted, Text) else "")
    return "health" in origin and not origin.startswith((".", "@/", "~/"))


def _library(call: Call, script: CodeFile, routers: NodeRouters) -> None:
    """Packages that bring their routes, or a server of their own for them."""
    for row in (table()["servers"].get(origin) for origin in sorted(script.imported & {*table()["servers"]})):
        if row and call.last == row["call"]:
            given = call.argument(0)
            text = resolve(given.get("port") if isinstance(given, Pairs) else None, script, routers.names).text
            port = port_number(text) or row["port"]
            routers.seen.see("beside ports", {"port": port, "protocol": "http", "env": ""}, script.path, call.line)
            for path in row["paths"]:
                routers.graph.see(Prefix(port=port), path, script, call.line, known=True)
    if call.last not in ("use", "register") or not call.arguments:
        return
    first = call.arguments[0]
    inner = first.argument(0) if isinstance(first, Call) else None
    required = isinstance(first, Call) and first.name == "require" and isinstance(inner, Text)
    name = dotted(first.callee if isinstance(first, Call) else first)
    origin = inner.value if required and isinstance(inner, Text) else script.imports.get(name, "")
    row = table()["libraries"].get(origin)
    options = inner if isinstance(inner, Pairs) else call.argument(1)
    options = options if isinstance(options, Pairs) else Pairs(call.line, ())
    if row is None or (row.get("needs") and _is_off(options.get(row["needs"]))):
        return
    said = [routers.text(options.get(key), script) for key in row.get("options", ()) if options.get(key) is not None]
    needed = options.get(row.get("needs", ""))
    said += [needed.value] if isinstance(needed, Text) else []
    base = routers.text(options.get(row.get("base", "")), script)
    for path in said or row["paths"]:
        routers.graph.see(Prefix(base if path is not None else None), path or "", script, call.line, known=True)


def _is_off(value: Expression | None) -> bool:
    return value is None or (isinstance(value, Constant) and value.word == "false")


def _folders(path: str) -> str:
    return f"/{path}".partition("/routes/")[2].rpartition("/")[0]


def _listed(script: CodeFile, routers: NodeRouters) -> None:
    """`route({ method: "GET", url: "/healthz", handler })`, and terminus' `healthChecks`."""
    for each in script.objects:
        path, method = each.get("url", "path"), each.get("method")
        if isinstance(path, Text) and is_health(path.value) and (method or each.get("handler")):
            words = method.items if isinstance(method, Many) else (method,) if method else ()
            said = [one.value.upper() for one in words if isinstance(one, Text)]
            why = METHOD if said and not {*said} & {"GET", "HEAD", "*"} else ""
            routers.graph.see(routers.span(path.line, script), path.value, script, path.line, why)
        checks = each.get("healthChecks")
        for key, value in checks.items if isinstance(checks, Pairs) else ():
            if key.startswith("/"):
                routers.graph.see(Prefix(), key, script, value.line, known=True)


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

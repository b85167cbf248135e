"""JavaScript and TypeScript files → health routes. A router that is mounted nowhere that we see gives none:
a probe on a wrong path would keep a healthy program from ever being ready."""

from __future__ import annotations

import re

from kforge.detectors.node_values import GENERIC, NAME, NodeNames, Script, value
from kforge.domain.facts import Many
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings
from kforge.domain.source.text import FILL, arguments, closing, every

_ROUTE = re.compile(rf"(?<![\w$])({NAME})\s*+{GENERIC}\.\s*+(get|all|head|route|use)\s*+{GENERIC}\(\s*+(\")")
_FIELD = re.compile(r"\b(?:url|path)\s*+:\s*+(\")")
_HANDLED = re.compile(r"\bmethod\s*+:|\bhandler\s*+[:(]")
_COMPARED = re.compile(r"(?:\burl|[pP]ath(?:name)?)\s*+(?:===?\s*+|\.startsWith\(\s*+)(\")")
_CASE = re.compile(r"\bcase\s++(\")")
_SWITCHED = re.compile(r"switch\s*+\([^)]{0,300}(?:url|path)", re.IGNORECASE)
_ROUTER = re.compile(rf"\bRouter\s*+{GENERIC}\(|new\s++(?:Hono|KoaRouter|Elysia)\b")
_CLIENT = re.compile(
    r"\baxios\b|\.create\s*+\(|\bgot\b|supertest|\brequest\b|new\s++[\w.]{0,100}Client\b|createClient|new\s++Map\b"
)
_CLIENTS = frozenset(
    (
        "axios",
        "http",
        "https",
        "fetch",
        "request",
        "client",
        "got",
        "superagent",
        "ky",
        "cache",
        "redis",
        "map",
        "store",
    )
)
_MOUNT = re.compile(rf"(?<![\w$])({NAME})\s*+\.\s*+(?:use|register|route)\s*+\(")
_MOUNTED = re.compile(rf"({NAME})(?:\.\w++)?(?:\(\))?$")
_PREFIX = re.compile(r"\{[^{}]{0,1000}?\bprefix\s*+:\s*+(\")")
_REQUIRED = re.compile(r"(?:require|import)\s*+\(\s*+(\")")
_IMPORT = re.compile(
    rf"import\s++(?:({NAME})\s*+(?:,\s*+)?)?(?:\{{([^{{}}]*+)\}}\s*+|\*\s*+as\s++({NAME})\s*+)?from\s*+(\")"
)
_TAKEN = re.compile(r"(?:const|let|var)\s*+\{([^{}]*+)\}\s*+=\s*+require\s*+\(\s*+(\")")
_CONTROLLER = re.compile(r"@Controller\s*+\(\s*+(?:(\")|\{[^}]{0,1000}?path\s*+:\s*+(\")|\))")
_GET = re.compile(r"@Get\s*+\(\s*+(\")?")
_GLOBAL = re.compile(r"setGlobalPrefix\s*+\(\s*+(\")")
_CHECKS = re.compile(r"\bhealthChecks\s*+:\s*+\{")
_NAMED = re.compile(rf"\"{FILL}*+\"(?=\s*+:)")
_CALLED = re.compile(r"\s*+,\s*+(?:async\s*+)?(?:\(|function|\w++\s*+=>)")
_OWN = re.compile(r"(?:\bprefix\s*+:\s*+|basePath\(\s*+)(\")")
_MAX_MOUNTS = 20  # places where one router is mounted
_SUFFIXES = ("", ".js", ".ts", ".mjs", ".cjs", ".mts", "/index.js", "/index.ts")
_MAX_NESTING = 4


def health(names: NodeNames, seen: Sightings, autoload: bool) -> Many:
    """Routes that tell how the service is, best first. `autoload`: folders below `routes` are prefixes (fastify)."""
    mounts = _mounts(names)
    prefixes: Prefixes = {}
    nest = next((text for script in names.scripts for text in _strings(script, _GLOBAL)), "")
    for script in names.scripts:
        _called(script, names, mounts, prefixes, seen, autoload)
        _compared(script, seen)
        _nested(script, nest, seen)
        _files(script, seen)
        for match in every(_FIELD, script.code):
            path = script.masked.string(match.start(1)) or ""
            around = script.code[max(0, match.start() - 200) : match.end() + 200]
            if is_health(path) and _HANDLED.search(around):
                seen.see("health", path, script.path, script.line(match.start()))
        if (
            "grpc-health-check" in script.masked.strings.values()
            or "grpc.health.v1.Health" in script.masked.strings.values()
        ):
            seen.see("health", "grpc", script.path, 1)
    return ranked(seen.many("health"))


def _strings(script: Script, pattern: re.Pattern[str]) -> list[str]:
    return [script.masked.string(match.start(1)) or "" for match in every(pattern, script.code)]


Mounts = dict[tuple[str, str], list[tuple[str, str, str]]]  # (file, router or "") → (mounting file, its router, prefix)


def _mounts(names: NodeNames) -> Mounts:
    """Where each router or file of routes is mounted."""
    paths = {script.path for script in names.scripts}
    found: Mounts = {}
    for script in names.scripts:
        imports = _imports(script, paths)
        for match in every(_MOUNT, script.code):
            spans = arguments(script.code, match.end() - 1)
            first = script.masked.string(spans[0][0]) if spans else None
            prefix = first if first and first.startswith("/") else ""
            if not prefix and len(spans) > 1 and (word := _PREFIX.match(script.code, *spans[1])):
                prefix = script.masked.string(word.start(1)) or ""
            for start, end in spans[1 if first else 0 :]:
                text = script.code[start:end]
                if required := _REQUIRED.match(text):
                    target = _resolved(script.path, script.masked.string(start + required.start(1)) or "", paths)
                    found.setdefault((target, ""), []).append((script.path, match.group(1), prefix))
                elif name := _MOUNTED.match(text):
                    key = (imports[name.group(1)], "") if name.group(1) in imports else (script.path, name.group(1))
                    found.setdefault(key, []).append((script.path, match.group(1), prefix))
    return found


def _imports(script: Script, paths: set[str]) -> dict[str, str]:
    """Local name → file of the source that it comes from."""
    found: dict[str, str] = {}
    for match in every(_IMPORT, script.code):
        target = _resolved(script.path, script.masked.string(match.start(4)) or "", paths)
        listed = [part.split(" as ")[-1].strip() for part in (match.group(2) or "").split(",")]
        for name in (match.group(1), match.group(3), *listed):
            if name and target:
                found[name] = target
    for name, spans in script.names.items():
        for start, end in spans:
            required = _REQUIRED.match(script.code[start:end])
            if required and (
                target := _resolved(script.path, script.masked.string(start + required.start(1)) or "", paths)
            ):
                found[name] = target
    for match in every(_TAKEN, script.code):
        if target := _resolved(script.path, script.masked.string(match.start(2)) or "", paths):
            found.update({part.split(":")[-1].strip(): target for part in match.group(1).split(",")})
    return found


def _resolved(path: str, wanted: str, paths: set[str]) -> str:
    if not wanted.startswith("."):
        return ""
    parts = path.split("/")[:-1]
    for part in wanted.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in (".", "") else parts
    full = "/".join(parts)
    stems = (full, re.sub(r"\.[cm]?js$", "", full))  # TypeScript imports name the file that will be
    return next((stem + suffix for stem in stems for suffix in _SUFFIXES if stem + suffix in paths), "")


Prefixes = dict[tuple[str, str, int], list[str]]  # (file, router, depth) → the prefixes that were found there


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


def _called(script: Script, names: NodeNames, mounts: Mounts, known: Prefixes, seen: Sightings, autoload: bool) -> None:
    """`app.get("/healthz", …)`, `router.route("/healthz")`, `app.use("/healthz", (req, res) => …)`."""
    for match in every(_ROUTE, script.code):
        receiver, verb = match.group(1), match.group(2)
        text = value(script, match.start(3), _quoted(script.code, match.start(3)), names).text or ""
        spans = script.names.get(receiver, [])[:20]
        made = [script.code[slice(*span)] for span in spans]
        if not text.startswith("/") or receiver in _CLIENTS or any(_CLIENT.search(one) for one in made):
            continue
        if verb == "use" and not _CALLED.match(script.code, _quoted(script.code, match.start(3))):
            continue
        is_router = any(_ROUTER.search(one) for one in made)
        own = next((_own(script, span) for span in spans if _own(script, span)), "")
        folders = _folders(script.path) if autoload else ""
        for prefix in _prefixes(script.path, receiver, is_router, mounts, known):
            route = joined(prefix, own, folders, text)
            if is_health(route):
                seen.see("health", route, script.path, script.line(match.start()))


def _quoted(code: str, start: int) -> int:
    """The end of the string at `start`."""
    end = code.find('"', start + 1)
    return end + 1 if end >= 0 else len(code)


def _own(script: Script, span: tuple[int, int]) -> str:
    """`new Router({ prefix: "/api" })`, `new Hono().basePath("/api")`."""
    found = _OWN.search(script.code, *span)
    return (script.masked.string(found.start(1)) or "") if found else ""


def _folders(path: str) -> str:
    return f"/{path}".partition("/routes/")[2].rpartition("/")[0]


def _compared(script: Script, seen: Sightings) -> None:
    """`req.url === "/healthz"`, `case "/healthz":` inside a switch over a URL, terminus' `healthChecks`."""
    code = script.code
    found = [match.start(1) for match in every(_COMPARED, code)]
    if _SWITCHED.search(code):
        found += [match.start(1) for match in every(_CASE, code)]
    for match in every(_CHECKS, code):
        inside = code[match.end() : closing(code, match.end() - 1)]
        found += [match.end() + one.start() for one in _NAMED.finditer(inside)]
    for offset in found:
        path = script.masked.string(offset) or ""
        if is_health(path):
            seen.see("health", path, script.path, script.line(offset))


def _nested(script: Script, prefix: str, seen: Sightings) -> None:
    """Nest: `@Controller("health")` with `@Get()` or `@Get("live")` below it."""
    controllers = list(every(_CONTROLLER, script.code))
    for number, match in enumerate(controllers):
        quote = match.start(1) if match.group(1) else match.start(2) if match.group(2) else -1
        base = (script.masked.string(quote) or "") if quote >= 0 else ""
        end = controllers[number + 1].start() if number + 1 < len(controllers) else len(script.code)
        for verb in _GET.finditer(script.code, match.end(), end):
            route = joined(prefix, base, (script.masked.string(verb.start(1)) or "") if verb.group(1) else "")
            if is_health(route):
                seen.see("health", route, script.path, script.line(verb.start()))


def _files(script: Script, seen: Sightings) -> None:
    """Next, Nuxt and SvelteKit: the file's place is the route."""
    for pattern in (
        r"(?:src/)?pages(/api/.+?)(?:/index)?\.[jt]sx?",
        r"(?:src/)?app(/.+?)/route\.[jt]s",
        r"server(/api/.+?|/routes/.+?)(?:\.get)?\.[jt]s",
        r"src/routes(/.+?)/\+server\.[jt]s",
    ):
        if found := re.fullmatch(pattern, script.path):
            route = re.sub(r"/\([^()]*+\)", "", found.group(1)).removeprefix("/routes")
            if is_health(route):
                seen.see("health", route, script.path, 1)

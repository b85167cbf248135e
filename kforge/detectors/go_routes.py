"""Go files → health routes, below the groups they stand in, and whether the gRPC health service is registered."""

from __future__ import annotations

from kforge.domain.facts import Many as Facts
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Expression, Inline, Name, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import candidates, resolve

_VERBS = frozenset(
    ("HandleFunc", "Handle", "GET", "Get", "Any", "All", "Path", "HandlerFunc", "Method", "Head", "HEAD", "Match")
)
_GROUPS = ("Group", "Party")
_GRPC = ("RegisterHealthServer", "grpchealth.NewHandler")
_CLIENTS = frozenset(("client", "httpClient", "resty", "req", "cache", "store", "redis", "rdb", "header", "Header"))
_PATHS = (".Path", ".URL.Path", ".RequestURI")
_MAX_NESTING = 5
_MAX_MADE = 50

Nested = list[tuple[int, int, str]]  # first line, last line, prefix
Known = dict[tuple[str, str, int, int], str | None]  # (file, router, line, depth) → prefix


def health(names: SourceProgram, seen: Sightings) -> Facts:
    """Routes that tell how the service is, best first."""
    known: Known = {}
    for file in names.files:
        nested = _nested(file)
        for call in file.calls:
            _called(call, file, nested, names, known, seen)
            if call.name.endswith(_GRPC):
                seen.see("health", "grpc", file.path, call.line)
        _compared(file, seen)
    return ranked(seen.many("health"))


def _nested(file: CodeFile) -> Nested:
    """Spans of chi's `r.Route("/api", func(r chi.Router) {…})` with their prefixes."""
    return [
        (call.line, inner.end, first.value)
        for call in file.calls
        if call.last == "Route" and len(call.arguments) > 1
        if isinstance(first := call.arguments[0], Text) and isinstance(inner := call.arguments[1], Inline)
    ]


def _called(call: Call, file: CodeFile, nested: Nested, names: SourceProgram, known: Known, seen: Sightings) -> None:
    """`mux.HandleFunc("GET /healthz", …)`, `r.GET("/healthz", …)`, constants included."""
    owner = call.owner
    receiver = dotted(owner).rpartition(".")[2] if owner is not None else ""
    if call.last not in _VERBS or owner is None or receiver in _CLIENTS or (call.name == "http.Get"):
        return
    method, _, path = (resolve(call.argument(0), file, names).text or "").rpartition(" ")
    if method not in ("", "GET", "HEAD") or not path.startswith("/"):
        return
    prefix = (
        _made(owner, file, names, known, 0)
        if isinstance(owner, Call)
        else _prefix(receiver, call.line, file, names, known, 0)
    )
    outer = [text for first, last, text in nested if first < call.line <= last]
    if prefix is not None and is_health(route := joined(*outer, prefix, path)):
        seen.see("health", route, file.path, call.line)


def _prefix(receiver: str, line: int, file: CodeFile, names: SourceProgram, known: Known, depth: int) -> str | None:
    """Path under which a router or group answers; None where nothing shows who gives it."""
    if depth > _MAX_NESTING:
        return None
    key = (file.path, receiver, line, depth)
    if key not in known:
        known[key] = _found(receiver, line, file, names, known, depth)
    return known[key]


def _found(receiver: str, line: int, file: CodeFile, names: SourceProgram, known: Known, depth: int) -> str | None:
    function = file.function(line)
    parameters = [name for name, _ in function.parameters] if function else []
    given = candidates(Name(line, receiver), file, names)
    if function and receiver in parameters:
        if not given:
            return None if "Group" in function.forms[parameters.index(receiver)] else ""
        given = given[:1]
    for other, value in given[:_MAX_MADE]:
        if other is file and value.line == line and isinstance(value, Name) and value.dotted == receiver:
            continue
        if (found := _made(value, other, names, known, depth)) is not None:
            return found
    return ""


def _made(value: Expression, file: CodeFile, names: SourceProgram, known: Known, depth: int) -> str | None:
    """Prefix of the router that an expression makes or names: `r.Group("/api")`, `r.PathPrefix("/ops").Subrouter()`."""
    if isinstance(value, Name):
        return _prefix(value.dotted.rpartition(".")[2], value.line, file, names, known, depth + 1)
    while (
        isinstance(value, Call) and value.last not in (*_GROUPS, "PathPrefix") and isinstance(value.callee, Attribute)
    ):
        value = value.callee.owner
    first = value.argument(0) if isinstance(value, Call) else None
    if not isinstance(value, Call) or value.last not in (*_GROUPS, "PathPrefix") or not isinstance(first, Text):
        return ""
    owner = value.owner
    if owner is None:
        return joined("", first.value)
    if isinstance(owner, Name):
        outer = _prefix(owner.dotted.rpartition(".")[2], value.line, file, names, known, depth + 1)
    else:
        outer = _made(owner, file, names, known, depth + 1) if depth < _MAX_NESTING else None
    return None if outer is None else joined(outer, first.value)


def _compared(file: CodeFile, seen: Sightings) -> None:
    """`r.URL.Path == "/healthz"`, a switch over it, `strings.HasPrefix(r.URL.Path, "/healthz")`."""
    found = [(left, one) for left, others in file.compared for one in others]
    found += [
        (call.arguments[0], call.arguments[1])
        for call in file.calls
        if call.last == "HasPrefix" and len(call.arguments) == 2
    ]
    for left, one in found:
        name = dotted(left.callee if isinstance(left, Call) else left)
        if isinstance(one, Text) and is_health(one.value) and (name.endswith(_PATHS) or name == "path"):
            seen.see("health", one.value, file.path, one.line)

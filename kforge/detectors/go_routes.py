"""Go files → health routes, below the groups they stand in, and whether the gRPC health service is registered."""

from __future__ import annotations

import re

from kforge.detectors.go_names import GoFile, GoNames
from kforge.detectors.go_values import value
from kforge.domain.facts import Many
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings
from kforge.domain.source.text import closing, every

_ROUTE = re.compile(
    r"((?<!\w)[A-Za-z_]\w*+|\))\s*+\.\s*+(HandleFunc|Handle|GET|Get|Any|All|Path|HandlerFunc|Method|Head|HEAD|Group|Match)\(\s*+"
)
_NESTED = re.compile(r"\.Route\(\s*+(\")")
_GROUP = re.compile(r"^([A-Za-z_]\w*+)\.(?:Group|Party)\(\s*+(\")|^([A-Za-z_]\w*+)\.PathPrefix\(\s*+(\")")
_COMPARED = re.compile(
    r"\.(?:URL\.)?Path(?:\(\))?\s*+==\s*+(\")|\.RequestURI\s*+==\s*+(\")|HasPrefix\(\s*+\w++\.URL\.Path,\s*+(\")"
)
_CASE = re.compile(r"\bcase\s++(\")")
_SWITCHED = re.compile(r"switch\s++[^{\n]{0,300}(?:\.Path\b|RequestURI|\bpath\b)")
_GRPC = re.compile(r"\bRegisterHealthServer\(|\bgrpchealth\.NewHandler\(")
_CLIENTS = frozenset(("client", "httpClient", "resty", "req", "cache", "store", "redis", "rdb", "header", "Header"))
_MAX_NESTING = 5


def health(names: GoNames, seen: Sightings) -> Many:
    for file in names.files:
        nested = _nested(file)
        for match in every(_ROUTE, file.code):
            _called(match, file, nested, names, seen)
        _compared(file, seen)
        for match in every(_GRPC, file.code):
            seen.see("health", "grpc", file.path, file.line(match.start()))
    return ranked(seen.many("health"))


def _nested(file: GoFile) -> list[tuple[int, int, str]]:
    """Spans of chi's `r.Route("/api", func(r chi.Router) {…})` with their prefixes."""
    return [
        (match.end(), closing(file.code, file.code.index("(", match.start())), file.masked.string(match.start(1)) or "")
        for match in every(_NESTED, file.code)
    ]


def _called(
    match: re.Match[str], file: GoFile, nested: list[tuple[int, int, str]], names: GoNames, seen: Sightings
) -> None:
    """`mux.HandleFunc("GET /healthz", …)`, `r.GET("/healthz", …)`, constants included."""
    receiver, verb = match.group(1), match.group(2)
    if receiver in _CLIENTS or (verb == "Get" and receiver == "http") or verb == "Group":
        return
    end = min((place for place in (file.code.find(mark, match.end()) for mark in (",", ")")) if place >= 0), default=-1)
    text = value(file, match.end(), end, names).text if end > 0 else None
    method, _, path = (text or "").rpartition(" ")
    if method not in ("", "GET", "HEAD") or not path.startswith("/"):
        return
    prefix = _prefix(receiver, match.start(), file, names, 0)
    outer = [text for start, stop, text in nested if start <= match.start() <= stop]
    if prefix is not None and is_health(route := joined(*outer, prefix, path)):
        seen.see("health", route, file.path, file.line(match.start()))


def _prefix(receiver: str, offset: int, file: GoFile, names: GoNames, depth: int) -> str | None:
    """Path under which a router or group answers; None where the code does not show it."""
    if depth > _MAX_NESTING or receiver == ")":
        return "" if receiver == ")" else None
    key = (file.path, receiver, offset, depth)
    if key not in names.prefixes:
        names.prefixes[key] = _found(receiver, offset, file, names, depth)
    return names.prefixes[key]


def _found(receiver: str, offset: int, file: GoFile, names: GoNames, depth: int) -> str | None:
    for function, parameters, start, end in file.functions:
        kind = dict(parameters).get(receiver) if start <= offset <= end else None
        if kind is not None and not file.code[start:offset].count(f"{receiver} :="):
            given = names.bound.get((function, receiver), [])
            if given:
                other, begin, stop = given[0]
                return _made(other.code[begin:stop], begin, other, names, depth)
            return None if "Group" in kind else ""
    for start, end in file.names.get(receiver, ())[:50]:
        if (found := _made(file.code[start:end], start, file, names, depth)) is not None:
            return found
    return ""


def _made(text: str, start: int, file: GoFile, names: GoNames, depth: int) -> str | None:
    """Prefix of the router that an expression makes or names."""
    found = _GROUP.match(text)
    if found:
        parent, quote = (found.group(1), found.start(2)) if found.group(1) else (found.group(3), found.start(4))
        outer = _prefix(parent, start, file, names, depth + 1)
        return None if outer is None else joined(outer, file.masked.string(start + quote) or "")
    if re.fullmatch(r"&?[A-Za-z_]\w*+", text):
        return _prefix(text.lstrip("&"), start, file, names, depth + 1)
    return ""


def _compared(file: GoFile, seen: Sightings) -> None:
    found = [match.start(match.lastindex or 1) for match in every(_COMPARED, file.code)]
    if _SWITCHED.search(file.code):
        found += [match.start(1) for match in every(_CASE, file.code)]
    for offset in found:
        path = file.masked.string(offset) or ""
        if is_health(path):
            seen.see("health", path, file.path, file.line(offset))

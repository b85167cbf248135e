"""HTTP routes of a program → those that say how it is, best first. Unaware of languages and frameworks."""

from __future__ import annotations

import re

from kforge.domain.facts import Fact, Many

# Rank of a path's last segment: what exists to be probed comes before what may do work or need a login.
_RANK = {
    name: rank
    for rank, names in enumerate((
        ("readyz", "healthz", "livez", "health", "ready", "live", "readiness", "liveness"),
        ("healthcheck", "health-check", "health_check", "_health", "__health", "_healthz", "alive", "is_alive", "isalive"),
        ("ping", "heartbeat", "up", "_status", "statusz", "__heartbeat__", "__lbheartbeat__"),
        ("status",),
    ))
    for name in names
}  # fmt: skip
_VERSION = re.compile(r"/v(\d{1,4})(?=/)")
_FIRST = ("healthz", "health", "readyz", "ready", "livez", "live")


def is_health(path: str) -> bool:
    """Whether a route without parameters is there to be asked how the program is."""
    return path.startswith("/") and not re.search(r"[{}<>:*()\[\]$%\s?]", path) and _last(path) in _RANK


def ranked(facts: Many) -> Many:
    """Health routes best first: plain health paths, then the rest; `grpc` stays where it was seen."""
    return tuple(sorted(facts, key=_order))


def _order(fact: Fact) -> tuple[int, int, int, int, str]:
    path = str(fact.value)
    last = _last(path)
    return (
        0 if path == "grpc" else _RANK.get(last, 9),
        _FIRST.index(last) if last in _FIRST else len(_FIRST),
        path.count("/"),
        # Of several versions of an interface the newest stays longest.
        -max((int(number) for number in _VERSION.findall(path)), default=0),
        path,
    )


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2].lower()


def joined(*parts: str) -> str:
    """Path of a route below its prefixes: ("/api/", "health") → "/api/health"."""
    pieces = [part.strip("/") for part in parts]
    return "/" + "/".join(piece for piece in pieces if piece) + ("/" if parts[-1].endswith("/") and pieces[-1] else "")

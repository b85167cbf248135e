"""How the kubelet asks whether a service has started, may get traffic, and is alive.

The three differ in what a failure does. Readiness takes a pod out of the Service, so it asks the route that knows
about dependencies. Liveness kills, so it must not: a database that is away would restart every pod at once. It asks a
route that is named for it, else only whether the port still accepts. Startup asks what liveness asks, with patience.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.started import working
from kforge.domain.decision import Answer, Topic
from kforge.domain.kubernetes.names import is_job, ports
from kforge.domain.port import Port
from kforge.domain.probe import Probe
from kforge.domain.source.probe_headers import probe_headers
from kforge.domain.topic_names import BUILD, PROBES, PROCESS
from kforge.topics.profiles import Profile, profile

if TYPE_CHECKING:
    from kforge.domain.view import View

READY = ("ready", "readyz", "readiness")
ALIVE = ("live", "livez", "liveness", "alive", "healthy", "ping", "healthz")
_UNKNOWN = "no health route is known"
# Why a health route is no probe, with `path` and `file`.
_UNPROBED = {
    "prefix": "`{path}` of {file} stands below a prefix that nothing shows",
    "login": "`{path}` of {file} wants a login",
    "method": "`{path}` of {file} takes no GET",
    "host": "`{path}` of {file} answers only for the hosts that its settings allow, and a probe calls the pod's address",
    "encrypted": "the gRPC health service of {file} speaks TLS, and the kubelet asks without",
    "tls": "`{path}` of {file} answers plain HTTP by sending it to https",
}
_STARTUP_PERIOD = 2  # seconds: a pod serves at most this long after it could


def _heuristics(view: View) -> Answer:
    kind, open_ports = profile(view), ports(view)
    if not open_ports:
        return Answer(dict.fromkeys(FIELDS, Probe().record()), dict.fromkeys(FIELDS, _unasked(view)))
    health = tuple(view.fact("health")) or kind.health
    beside = None if health else _beside(open_ports, view.fact("health_ports"))
    unprobed = () if health else view.fact("unprobed")
    if health and probe_headers(view) is None:
        unprobed = [{"path": health[0], "file": "the source", "why": "host"}]
        health = ()
    (ready, why_ready), (alive, why_alive) = beside or _handlers(open_ports, health, unprobed)
    tries = max(1, -(-kind.startup // _STARTUP_PERIOD))
    value = {
        "startup": replace(alive, period=_STARTUP_PERIOD, timeout=2, failures=tries).record(),
        "readiness": replace(ready, period=5, timeout=2, failures=3).record(),
        "liveness": replace(alive, period=10, timeout=5, failures=6).record(),
    }
    reasons = {
        "startup": f"asks what liveness asks; {_slow(kind)}",
        "readiness": f"{why_ready}; three failures in a row are no hiccup",
        "liveness": f"{why_alive}; only a minute of silence restarts it",
    }
    return Answer(value, reasons)


def _unasked(view: View) -> str:
    """Why a process without a port is not asked. Celery's own question goes through the broker, and starts an interpreter
    in the memory of the workers; an outage of the broker would restart them all.
    """
    command = working(view)
    if not command.portless:
        return "it listens on no port, so there is nothing to ask"
    return (
        f"{_does(command)} and listens on no port: the kubelet sees its end, and what it needs may be away without that"
    )


def _does(command: Command) -> str:
    does = {"scheduler": "starts work at times", "worker": "takes work from elsewhere"}.get(
        command.role, "does its work"
    )
    return f"`{' '.join(command.words[:1] + ((command.subcommand,) if command.subcommand else ()))}` {does}"


def _slow(kind: Profile) -> str:
    if not kind.known:
        return f"nothing shows how long it takes, so it has {kind.startup} seconds"
    return f"{kind.startup} seconds are enough for {kind.kind}, even on a busy node"


def _handlers(
    open_ports: list[Port], health: tuple[str, ...], unprobed: Sequence[Mapping[str, str]]
) -> tuple[tuple[Probe, str], tuple[Probe, str]]:
    """What readiness and liveness ask, each with its reason. `unprobed`: health routes that nothing can ask."""
    http = next((port for port in open_ports if port.web), None)
    grpc = next((port for port in open_ports if port.protocol == "grpc"), None)
    routes = [route for route in health if route.startswith("/")]
    if http is not None and routes:
        return _http(http.name, routes)
    if grpc is not None and "grpc" in health:
        name = grpc.name
        return (
            (Probe("grpc", port=name), "the source registers the gRPC health service"),
            (
                Probe("tcp", port=name),
                "the health service may answer for dependencies, so liveness asks only whether the port accepts",
            ),
        )
    main = open_ports[0].name
    known = next((_UNPROBED[one["why"]].format(**one) for one in unprobed if one["why"] in _UNPROBED), _UNKNOWN)
    why = f"{known}, so it asks whether port `{main}` accepts"
    return (Probe("tcp", port=main), why), (Probe("tcp", port=main), why)


def _beside(
    open_ports: list[Port], found: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Probe, str], tuple[Probe, str]] | None:
    """What is asked of a second port, where a program answers for its health there; None where it does not."""
    named = {port.number: port.name for port in open_ports}
    number = next((one["port"] for one in found if one["port"] in named), None)
    if number is None:
        return None
    return _http(named[number], [one["path"] for one in found if one["port"] == number])


def _http(port: str, routes: list[str]) -> tuple[tuple[Probe, str], tuple[Probe, str]]:
    ready = next((route for route in routes if _last(route) in READY), None)
    named = [route for name in ALIVE for route in routes if _last(route) == name]
    ready = ready or next((route for route in routes if route not in named), routes[0])
    alive = next((route for route in named if route != ready), None)
    shown = Probe("http", ready, port), f"`{ready}` answers when it can serve"
    if alive is None:
        return shown, (
            Probe("tcp", port=port),
            f"`{ready}` may fail with a dependency, so liveness asks only whether the port accepts",
        )
    return shown, (Probe("http", alive, port), f"`{alive}` is named for it, apart from readiness")


def _last(route: str) -> str:
    return route.rstrip("/").rpartition("/")[2].lower()


FIELDS = {
    "startup": "Holds the others back until the process is up: type, path, port, period, timeout, failures.",
    "readiness": "Takes the pod out of the Service while it fails.",
    "liveness": "Restarts the container when it fails; it must not depend on other services.",
}
TOPIC = Topic(
    name=PROBES,
    revision=1,
    fields=FIELDS,
    heuristics=_heuristics,
    after=(BUILD, PROCESS),
    applies=lambda view: not is_job(view),
)

"""Port facts → settled ports: each number once, with a name that Kubernetes accepts and that is unique in the pod."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kforge.domain.port import WEB, Port

UNPRIVILEGED, PRIVILEGED = 8080, 1024
# https://github.com/prometheus/prometheus/wiki/Default-port-allocations and what the exporters' libraries propose
METRICS = frozenset({9090, 9100, 9102, 9464, 2112})


def settled(found: Iterable[Mapping[str, Any]]) -> list[Port]:
    """Ports in the order of their candidates, the main one first.

    A number below 1024 that the program reads from a variable becomes 8080: the process is not root, and not every
    container runtime lets others bind it.
    """
    ports: list[Port] = []
    names: set[str] = set()
    numbers: set[int] = set()
    for fact in found:
        env = str(fact.get("env") or "")
        number = (
            UNPRIVILEGED if env and fact["port"] < PRIVILEGED and UNPRIVILEGED not in numbers else int(fact["port"])
        )
        if number in numbers:
            continue
        name = _name(fact, number, names)
        names.add(name)
        numbers.add(number)
        ports.append(Port(name, number, fact["protocol"], env))
    return ports


def _name(fact: Mapping[str, Any], number: int, taken: set[str]) -> str:
    """The protocol; for a second one, `metrics` where number or variable say so, else with the number."""
    protocol = str(fact["protocol"])
    metrics = number in METRICS or "METRICS" in str(fact.get("env") or "").upper()
    wanted = "metrics" if protocol in WEB and metrics and taken else protocol
    return wanted if wanted not in taken else f"{wanted}-{number}"

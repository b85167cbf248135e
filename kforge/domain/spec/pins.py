"""What the spec pins of a decision, read off the raw service block, and how pins lie over an answer.

Raw, because `check` computes settled values without validating the spec again. A pin is no input of the question:
setting one makes no other field stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.probe import WHICH, Probe
from kforge.domain.topic_names import PROBES, PROCESS

SHORT = {"command": "command", "user": "user", "ports": "ports"}  # keys of the service that pin a field of `process`


def pins(service: Mapping[str, Any], topic: str) -> dict[str, Any]:
    """Pinned fields of a topic, nested as in the spec; `port` is not among them, since it pins half a field."""
    block = service.get(topic)
    if block is None and (topic != PROCESS or service.keys().isdisjoint(SHORT)):
        return {}  # which is so of most: `check` asks of every topic of every service
    pinned = dict(block) if isinstance(block, Mapping) else {}
    if topic == PROCESS:
        pinned.update({field: service[key] for key, field in SHORT.items() if service.get(key) is not None})
        if isinstance(pinned.get("ports"), list):
            pinned["ports"] = [_port(port) for port in pinned["ports"]]
    return pinned


def pin_path(service: Mapping[str, Any], topic: str, field: str) -> tuple[str, ...]:
    """Where in the service's block a field of a topic is pinned: ("port",), ("probes", "readiness", "path")."""
    head = field.partition(".")[0]
    if topic == PROCESS and head == "ports" and "port" in service:
        return ("port",)
    if topic == PROCESS and service.get(head) is not None:
        return (head,)
    return (topic, *field.split("."))


def leaves(nested: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Leaf paths of nested mappings: `readiness.path`; a list is one leaf."""
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def nested(paths: Iterable[str]) -> dict[str, Any]:
    """What `leaves` took apart, without the values."""
    made: dict[str, Any] = {}
    for path in paths:
        *above, last = path.split(".")
        place: dict[str, Any] | None = made
        for key in above:
            place = place.setdefault(key, {}) if place is not None else None
        if place is not None:  # else a leaf above stands for all below it
            place[last] = None
    return made


def overlay(answer: Mapping[str, Any], pinned: Mapping[str, Any]) -> dict[str, Any]:
    """Pinned fields over an answer, field by field."""
    merged = dict(answer)
    for key, value in pinned.items():
        below = merged.get(key)
        merged[key] = overlay(below, value) if isinstance(value, Mapping) and isinstance(below, Mapping) else value
    return merged


def without(answer: Mapping[str, Any], pinned: Mapping[str, Any]) -> dict[str, Any]:
    """An answer less its pinned leaves: what the lock keeps."""
    kept = {}
    for key, value in answer.items():
        if key not in pinned:
            kept[key] = value
        elif isinstance(pinned[key], Mapping) and isinstance(value, Mapping):
            kept[key] = without(value, pinned[key])
    return kept


def effective(topic: str, answer: Mapping[str, Any], service: Mapping[str, Any]) -> dict[str, Any]:
    """The settled value of a decision: the answer with the service's pins over it."""
    pinned = pins(service, topic)
    value = overlay(answer, pinned)
    if topic == PROBES:
        value |= {which: Probe.completed(value[which], pinned[which]) for which in WHICH if pinned.get(which)}
    port = service.get("port")
    if topic == PROCESS and isinstance(port, int) and "ports" not in service:
        known = value.get("ports") or [_port({"name": "http", "port": port})]
        chosen = [each for each in known if each["port"] == port]  # one of several that are known becomes the main one
        first, *rest = known
        value["ports"] = (
            [*chosen, *(each for each in known if each["port"] != port)] if chosen else [{**first, "port": port}, *rest]
        )
    return value


def _port(port: Any) -> Any:
    if not isinstance(port, Mapping):
        return port
    return {
        "name": port.get("name"),
        "port": port.get("port"),
        "protocol": port.get("protocol") or _protocol(str(port.get("name"))),
        "env": "",
    }


def _protocol(name: str) -> str:
    """What a port's name says of its protocol: metrics and admin ports speak HTTP by convention."""
    if name.startswith("grpc"):
        return "grpc"
    if name.startswith("https"):
        return "https"
    return "http" if name.startswith(("http", "web", "metrics", "admin")) else "tcp"

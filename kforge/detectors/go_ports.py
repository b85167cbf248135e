"""What the code of a Go program listens on → the facts of its ports, the main one first.

Where the program insists on a variable for its port, any number will do that is not taken.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.detectors.dockerfile import declared_port
from kforge.detectors.go_addresses import PRIVILEGED, Reached
from kforge.domain.facts import Fact, Many
from kforge.domain.port import WEB
from kforge.domain.source.sightings import Sightings, port_number

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_DEFAULTS = {"gin": 8080, "beego": 8080}
# How variables are called that say where a server listens, the clearest first, and what those of other ports are called by.
_ENDINGS = (
    "LISTEN_ADDR",
    "LISTEN_ADDRESS",
    "LISTEN",
    "HTTP_ADDR",
    "HTTP_PORT",
    "SERVER_PORT",
    "LISTEN_PORT",
    "PORT",
    "ADDR",
    "ADDRESS",
    "BIND",
)
_LISTENS = re.compile(r"LISTEN|ADDR|ADDRESS|PORT|BIND")
_OTHERS = frozenset((
    "SSL", "TLS", "HTTPS", "GRPC", "RPC", "METRICS", "METRIC", "PROMETHEUS", "PPROF", "DEBUG", "ADMIN", "PROBE", "HEALTH", "REDIS", "CACHE",
    "DB", "DATABASE", "POSTGRES", "POSTGRESQL", "PG", "MYSQL", "MARIADB", "MONGO", "MONGODB", "SMTP", "MAIL", "EMAIL", "SSH", "SFTP", "FTP",
    "KAFKA", "RABBITMQ", "AMQP", "NATS", "MQTT", "PROXY", "REMOTE", "CLIENT", "TARGET", "UPSTREAM", "PEER", "CONSUL", "ETCD", "VAULT",
    "LDAP", "STATSD", "OTEL", "OTLP", "JAEGER", "ELASTIC", "ELASTICSEARCH", "MEMCACHED", "MINIO", "GOSSIP", "RAFT", "CLUSTER", "PUBLIC",
))  # fmt: skip
_STORES = frozenset((5432, 3306, 6379, 27017, 5672, 4222, 9092, 11211, 25, 465, 587, 22, 53, 389))
_FIRST = 8080  # of the numbers that are given to ports which only a variable knows


def ports(tree: Tree, seen: Sightings, framework: Fact | None) -> Many:
    """What the code says, else what the Dockerfile says of a server whose port only a variable knows."""
    beside = {fact.value for fact in seen.many("side ports")}
    local = {fact.value for fact in seen.many("local ports")}
    found = sorted(seen.ports(), key=lambda fact: (fact.value["protocol"] == "tcp", fact.value["port"] in beside))
    # What only the pod itself reaches is none of its ports, where it has others: pprof on localhost.
    found = [fact for fact in found if fact.value["port"] not in local] or found
    found = _opened(found, seen)
    asked = _asked(seen, {fact.value["port"] for fact in found})
    if found or asked:
        return tuple(sorted((*found, *asked), key=lambda fact: (fact.value["protocol"] not in WEB, fact in asked)))
    named = _named(seen) if framework else None
    return (named,) if named else _unsaid(tree, seen, framework)


def _named(seen: Sightings) -> Fact | None:
    """The port of a server that no call shows, by a variable whose name and default say that it listens there."""
    ranked: list[tuple[int, int, Fact, int]] = []
    for fact in seen.env():
        name, default = str(fact.value["name"]).upper(), str(fact.value["default"] or "")
        words = name.split("_")
        number = port_number(default)
        if number and number not in _STORES and _LISTENS.fullmatch(words[-1]) and not _OTHERS & {*words}:
            rank = next(at for at, ending in enumerate(_ENDINGS) if name.endswith(ending))
            ranked.append((rank, len(words), fact, number))
    if not ranked:
        return None
    *_, fact, number = min(ranked, key=lambda each: (each[0], each[1], each[2].value["name"]))
    seen.see("address variables", fact.value["name"], fact.evidence[0].file, fact.evidence[0].line)
    return Fact({"port": number, "protocol": "http", "env": fact.value["name"]}, fact.evidence)


def _opened(found: list[Fact], seen: Sightings) -> list[Fact]:
    """The ports, and what opens them to others: the main one's flags, variables of hosts, else a doubt."""
    numbers = {fact.value["port"] for fact in found}
    moved: dict[int, int] = {}
    for fact in seen.many("reached"):
        told: Reached = fact.value
        if told.port not in numbers:
            continue
        if told.env:
            seen.see("open hosts", told.env, fact.evidence[0].file, fact.evidence[0].line)
        if told.closed:
            said = f"listens on port {told.port} of localhost only: nothing outside of its container reaches it"
            hint = "listen on all addresses, or read the address from a variable or a flag"
            seen.see("doubts", {"said": said, "hint": hint}, fact.evidence[0].file, fact.evidence[0].line)
        number = _FIRST if told.words and told.port < PRIVILEGED and _FIRST not in numbers else told.port
        for word in told.words if told.port == found[0].value["port"] else ():
            moved[told.port] = number
            ends = word.endswith((f":{told.port}", f"={told.port}"))
            seen.see("words", f"{word.removesuffix(str(told.port))}{number}" if ends else word)
    return [
        replace(fact, value={**fact.value, "port": moved.get(fact.value["port"], fact.value["port"])}) for fact in found
    ]


def _asked(seen: Sightings, taken: set[int]) -> list[Fact]:
    """Ports of variables that the program insists on, http first: each with a number of its own."""
    found: list[Fact] = []
    number = _FIRST - 1
    for fact in sorted(seen.many("insisted ports"), key=lambda fact: fact.value["protocol"] not in WEB):
        number = next(each for each in range(number + 1, number + len(taken) + 2) if each not in taken)
        found.append(Fact({"port": number, **fact.value}, fact.evidence))
    return found


def _may_listen(name: str) -> bool:
    """Whether a variable may say where this program listens: not `DB_HOST`."""
    words = name.upper().split("_")
    return not _OTHERS & {*words} and words[-1] != "HOST"


def _by_its_name(seen: Sightings) -> Fact | None:
    """The variable without a default that is called as one is that says where a server listens."""
    ranked: list[tuple[int, int, str, Fact]] = []
    for fact in seen.env():
        name = str(fact.value["name"]).upper()
        ends = next((at for at, ending in enumerate(_ENDINGS) if name.endswith(ending)), None)
        if ends is not None and fact.value["default"] is None and _may_listen(name) and _LISTENS.search(name):
            ranked.append((ends, name.count("_"), name, Fact(fact.value["name"], fact.evidence)))
    return min(ranked, key=lambda each: each[:3])[3] if ranked else None


def _unsaid(tree: Tree, seen: Sightings, framework: Fact | None) -> Many:
    """The port of a server that shows none: its variable's, its Dockerfile's, its framework's own."""
    variable = next((fact for fact in seen.many("port variables") if _may_listen(fact.value)), None)
    variable = variable or (_by_its_name(seen) if framework else None)
    if not (variable or framework):
        return ()
    declared = declared_port(tree)
    port = (declared.value if declared else 0) or (
        _FIRST if variable else _DEFAULTS.get(framework.value, 0) if framework else 0
    )
    if not port:
        return ()
    first: Any = variable or declared or framework
    protocol = "grpc" if framework and framework.value == "grpc" else "http" if framework else "tcp"
    return (Fact({"port": port, "protocol": protocol, "env": variable.value if variable else ""}, first.evidence),)

"""Ports of a Node program: what its start says, else its code, its Dockerfile, or the default of its framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.detectors import address_forms, node_exported, node_frameworks
from kforge.detectors.dockerfile import declared_port
from kforge.detectors.start_facts import told_port
from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.sightings import Sightings, port_number

if TYPE_CHECKING:
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree

USUAL = 8080  # where a variable says the port, and nothing its default
_DEFAULTS = {
    "next": 3000,
    "nuxt": 3000,
    "remix": 3000,
    "react-router": 3000,
    "fastify-cli": 3000,
    "nest": 3000,
    "apollo": 4000,
}


def _rank(fact: Fact, seen: Sightings) -> tuple[bool, bool]:
    """Where a port comes among others: what only sends to https comes behind what serves."""
    return fact.value["protocol"] == "tcp", seen.holds("redirecting ports", fact.value["port"])


def wanted(tree: Tree, seen: Sightings) -> int:
    """The port that code or Dockerfile name, 0 where neither does."""
    main = sorted(seen.ports(), key=lambda fact: _rank(fact, seen))
    declared = declared_port(tree)
    return int(main[0].value["port"] if main else declared.value if declared else 0)


def with_ports(
    facts: Facts, tree: Tree, seen: Sightings, framework: tuple[str, Evidence] | None, start: NodeStarts
) -> Facts:
    """What the code or the start names first, else what the Dockerfile names, else the framework's default."""
    name = framework[0] if framework else ""
    variables = {name: value for name, value, _ in start.variables}
    main = sorted(facts.ports, key=lambda fact: _rank(fact, seen))
    first = start.commands[0] if start.commands else None
    command = read(first[0], CommandContext(variables=variables)) if first else Command()
    if not main and (exported := node_exported.served(command, seen)):
        main = [exported]
    if command.told and (said := told_port(first, variables, main)):
        rest = (fact for fact in main[1:] if fact.value["port"] != said.value["port"])
        return replaced(facts, (said, *rest), seen)
    if main and command.told and command.role and not command.listening.variable:
        main[0] = Fact({**main[0].value, "env": ""}, main[0].evidence)  # the words say it, whatever a variable holds
    if main:
        return replaced(facts, tuple(_assigned(fact, variables) for fact in main), seen)
    variable = seen.first("port variables")
    declared = declared_port(tree)
    port = (declared.value if declared else 0) or _default(name) or (USUAL if variable else 0) or command.listening.port
    if not port or command.portless:
        return facts
    begun = first[1] if first else Evidence("package.json")
    known = bool(_default(name)) and name not in ("nest", "apollo")
    env = variable.value if variable else "PORT" if known else command.known.variables.get("port", "")
    shown = declared.evidence[0] if declared else framework[1] if framework else begun
    evidence = variable.evidence if variable else (shown,)
    fact = Fact({"port": port, "protocol": "grpc" if name == "grpc" else "http", "env": env}, evidence)
    return replaced(facts, (_assigned(fact, variables),), seen)


def _assigned(fact: Fact, variables: Mapping[str, str]) -> Fact:
    """A port whose variable the start sets: `PORT=4000 node server.js`."""
    given = port_number(variables.get(fact.value["env"], ""))
    return Fact({**fact.value, "port": given}, fact.evidence) if given else fact


def _default(name: str) -> int:
    """The port that a framework listens on where nothing tells it another."""
    return _DEFAULTS.get(name) or next(
        (row.port for row in node_frameworks.rows() if row.framework == name and row.port), 0
    )


def replaced(facts: Facts, ports: Many, seen: Sightings) -> Facts:
    held = address_forms.kept(ports, seen)
    return replace(facts, ports=held, forms=address_forms.forms(held, seen))

"""What the code of a Go program listens on → the facts of its ports, the main one first.

Where the program insists on a variable for its port, any number will do that is not taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kforge.detectors.dockerfile import declared_port
from kforge.domain.facts import Fact, Many
from kforge.domain.source.sightings import Sightings

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_DEFAULTS = {"gin": 8080, "beego": 8080}
_FIRST = 8080  # of the numbers that are given to ports which only a variable knows


def ports(tree: Tree, seen: Sightings, framework: Fact | None) -> Many:
    """What the code says, else what the Dockerfile says of a server whose port only a variable knows."""
    beside = {fact.value for fact in seen.many("side ports")}
    local = {fact.value for fact in seen.many("local ports")}
    found = sorted(seen.ports(), key=lambda fact: (fact.value["protocol"] == "tcp", fact.value["port"] in beside))
    # What only the pod itself reaches is none of its ports, where it has others: pprof on localhost.
    found = [fact for fact in found if fact.value["port"] not in local] or found
    asked = _asked(seen, {fact.value["port"] for fact in found})
    if found or asked:
        return tuple(sorted((*found, *asked), key=lambda fact: (fact.value["protocol"] != "http", fact in asked)))
    return _unsaid(tree, seen, framework)


def _asked(seen: Sightings, taken: set[int]) -> list[Fact]:
    """Ports of variables that the program insists on, http first: each with a number of its own."""
    found: list[Fact] = []
    number = _FIRST - 1
    for fact in sorted(seen.many("insisted ports"), key=lambda fact: fact.value["protocol"] != "http"):
        number = next(each for each in range(number + 1, number + len(taken) + 2) if each not in taken)
        found.append(Fact({"port": number, **fact.value}, fact.evidence))
    return found


def _unsaid(tree: Tree, seen: Sightings, framework: Fact | None) -> Many:
    """The port of a server that shows none: its variable's, its Dockerfile's, its framework's own."""
    variable = seen.first("port variables")
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

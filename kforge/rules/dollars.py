"""`$(NAME)` in the variables of a container: what Kubernetes expands, and what it leaves as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS
from kforge.domain.finding import rule
from kforge.domain.kubernetes.each_container import Violation, each_container
from kforge.domain.kubernetes.objects import items, text

_LONGEST = 20_000  # characters of a value
# A run of dollars before `(NAME)`: an odd one ends in a reference. Names as people give them to variables.
_REFERENCE = re.compile(r"(?<!\$)(?:\$\$){0,100}+\$\(([A-Za-z_][A-Za-z0-9_.-]{0,200}+)\)")
_SHOUTED = re.compile(r"[A-Z][A-Z0-9_]+")


@rule(
    "unexpanded-variable",
    "warning",
    "set the variable, or write `$$(NAME)` for the text itself",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/",),
)
@each_container
def unexpanded_variable(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """What a value says as `$(NAME)` is expanded.

    Kubernetes expands `$(NAME)` in a value from the variables that stand above it in the list. One that stands below, or
    nowhere, leaves the text `$(NAME)` in the value, without a word. kforge writes variables in an order in which each
    may use the others; none can use itself, also not through others.

    Wrong:
        env: [{name: URL, value: "http://$(HOST):80"}, {name: HOST, value: web}]
    Right:
        env: [{name: HOST, value: web}, {name: URL, value: "http://$(HOST):80"}]
    """
    entries = [*items(container, "env", path)]
    named = {text(entry, "name") for _, entry in entries}
    others = bool(container.get("envFrom"))
    above: set[str] = set()
    for at, entry in entries:
        value = text(entry, "value")[:_LONGEST]
        for name in dict.fromkeys(_REFERENCE.findall(value)) if "$(" in value else ():
            if name in named and name not in above and not others:
                why = "it refers to itself" if name == text(entry, "name") else f"`{name}` is defined below it"
                yield f"{at}.value", f"`$({name})` stays as it is, since {why}"
            elif name not in named and not others and _SHOUTED.fullmatch(name):
                yield f"{at}.value", f"`$({name})` stays as it is, since the container has no variable `{name}`"
        above.add(text(entry, "name"))


RULES = (unexpanded_variable,)

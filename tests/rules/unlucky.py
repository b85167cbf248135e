"""A made-up family of one rule, as CONTRIBUTING.md says: containers keep off port 1313."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import POD_PATHS, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import containers, items, text, workloads

UNLUCKY = 1313


@rule("unlucky-port", "error", "listen elsewhere", kinds=tuple(POD_PATHS), sources=("https://example.com/luck",))
def unlucky_port(documents: Documents) -> Iterator[Hit]:
    """No container listens on port 1313.

    People on call at night would rather not connect to it, and pods that wait for it are said to wait for ever.

    Wrong:
        ports: [{name: http, containerPort: 1313}]
    Right:
        ports: [{name: http, containerPort: 1414}]
    """
    for document in workloads(documents):
        for path, container in containers(document):
            for field, port in items(container, "ports", path):
                if port.get("containerPort") == UNLUCKY:
                    name = text(container, "name")
                    yield Hit(document, f"{field}.containerPort", f"container `{name}` listens on {UNLUCKY}")


RULES = (unlucky_port,)

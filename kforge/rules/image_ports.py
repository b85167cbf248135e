"""Ports of ready-made images against the table of known ones. Asks no registry, and says nothing of an image that the
table does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.known_images import known
from kforge.domain.kubernetes.objects import is_port, items, mapping, programs, text, workloads
from kforge.domain.language import listed

_LISTENS = re.compile(r"PORT|ADDR|LISTEN|BIND|HOST|URL|URI", re.IGNORECASE)


@rule("image-port", "warning", "name a port that the image listens on, or tell its program to listen there", kinds=tuple(POD_PATHS))  # fmt: skip
def image_port(documents: Documents) -> Iterator[Hit]:
    """A ready-made image is asked on a port that its program listens on.

    `port` chooses among the ports of an image and moves none of them: a program that is not told another one goes on
    listening where it always does, and probes and the Service ask where nothing answers.

    Name one of its ports, or tell the program the number in its command, a variable or a configuration file. Where it
    learns it from elsewhere, waive this.

    Wrong:
        image: docker.io/library/redis:8.8.3
        ports: [{containerPort: 7000}]
    Right:
        image: docker.io/library/redis:8.8.3
        args: [redis-server, --port, "7000"]
        ports: [{containerPort: 7000}]
    """
    for workload in workloads(documents):
        for path, container in programs(workload):
            row = known(text(container, "image"))
            numbers = [port.number for port in row.open_ports()] if row else []
            if row is None or not numbers:
                continue
            for at, port in items(container, "ports", path):
                number = port["containerPort"] if is_port(port.get("containerPort")) else numbers[0]
                if number not in numbers and not _told(documents, workload, container, number):
                    yield Hit(workload, f"{at}.containerPort", _message(row.name, number, numbers), _hint(workload.service, number, numbers))  # fmt: skip


def _message(name: str, number: int, numbers: list[int]) -> str:
    return (
        f"its pod is reached on {number}, but {name} images listen on {listed([*map(str, numbers)], 'and')} by default"
    )


def _hint(service: str, number: int, numbers: list[int]) -> str:
    choice = f"`services.{service}.port: {numbers[0]}`" + "".join(f" or `{each}`" for each in numbers[1:])
    return f"write {choice}, or tell its program to listen on {number} by `command`, `env` or `config`"


def _told(documents: Documents, workload: Document, container: Mapping[str, Any], number: int) -> bool:
    """Whether its command, its variables or its configuration files say the number, or what cannot be seen here may."""
    hidden = (text(variable, "name") for _, variable in items(container, "env") if "valueFrom" in variable)
    if container.get("envFrom") or any(_LISTENS.search(name) for name in hidden):
        return True
    said = [*_words(container)]
    _, pod = pod_spec(workload) or ("", {})
    for _, volume in items(pod, "volumes"):
        config = documents.get("ConfigMap", text(mapping(volume, "configMap"), "name"))
        if "projected" in volume or ("configMap" in volume and config is None):
            return True
        if config is not None:
            said += [value for value in mapping(config.data, "data").values() if isinstance(value, str)]
    digits = re.compile(rf"(?<![0-9]){number}(?![0-9])")
    return any(digits.search(each) for each in said)


def _words(container: Mapping[str, Any]) -> Iterator[str]:
    for key in ("command", "args"):
        said = container.get(key)
        yield from (word for word in (said if isinstance(said, list) else ()) if isinstance(word, str))
    yield from (text(variable, "value") for _, variable in items(container, "env"))


RULES = (image_port,)

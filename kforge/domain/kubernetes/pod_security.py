"""Pods as the controls of the Pod Security Standards see them, and a control as a check of every workload.

A service's level is its `hardening`; an object of no service has that of `""`.
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.facts import Fact
from kforge.domain.finding import Hit
from kforge.domain.kubernetes.objects import containers, mapping, text, workloads
from kforge.domain.kubernetes.platforms import fact

Violation = tuple[str, str]  # field path, message
STANDARDS = ("https://kubernetes.io/docs/concepts/security/pod-security-standards/",)


@dataclass(frozen=True, slots=True)
class Pod:
    """One workload's pod as the controls see it."""

    path: str
    spec: Mapping[str, Any]
    containers: tuple[tuple[str, Mapping[str, Any]], ...]
    minor: int  # of the Kubernetes version
    assigned: bool = False  # whether the platform gives it a user
    occupied: tuple[Fact, ...] = ()  # folders with files of its source that its program writes to

    def contexts(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Security contexts: the pod's, then each container's."""
        yield f"{self.path}.securityContext", mapping(self.spec, "securityContext")
        yield from self.of_containers()

    def of_containers(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for path, container in self.containers:
            yield f"{path}.securityContext", mapping(container, "securityContext")

    def added(self) -> Iterator[tuple[str, Any]]:
        """Capabilities that containers add, with their fields."""
        for path, context in self.of_containers():
            added = mapping(context, "capabilities").get("add")
            for index, name in enumerate(added if isinstance(added, list) else ()):
                yield f"{path}.capabilities.add[{index}]", name

    @property
    def windows(self) -> bool:
        return text(mapping(self.spec, "os"), "name") == "windows"


Control = Callable[[Pod], Iterator[Violation]]


def held_to(*levels: str) -> Callable[[Control], Callable[[Documents], Iterator[Hit]]]:
    """A control of services with one of these levels, as a check; it keeps the docstring, which is a rule's page."""

    def made(control: Control) -> Callable[[Documents], Iterator[Hit]]:
        @wraps(control)
        def check(documents: Documents) -> Iterator[Hit]:
            for document in workloads(documents):
                if documents.hardening.get(document.service, "restricted") in levels:
                    yield from (Hit(document, field, message) for field, message in control(_pod(document, documents)))

        return check

    return made


def _pod(document: Document, documents: Documents) -> Pod:
    path, spec = pod_spec(document) or ("", {})
    facts = documents.facts.get(document.service)
    minor = int(documents.kubernetes.partition(".")[2])
    assigned = bool(fact(documents.platform, "assigns-users"))
    return Pod(path, spec, tuple(containers(document)), minor, assigned, facts.occupied if facts else ())

"""What a source needs of its surroundings, and what kforge could only guess.

Both are read off the source, so these rules warn and do not refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.facts import Facts
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import EMPTY, items, mapping, programs, text, workloads

_PODS = tuple(POD_PATHS)
_OURS = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")  # a name without a dot is looked up in the pod's own namespace
_FIELDS = {
    "process.user": "securityContext.runAsUser",
    "process.writable": "containers[0].volumeMounts",
    "process.ports": "containers[0].ports",
    "resources.memory": "containers[0].resources.limits.memory",
}


def sources_of(documents: Documents) -> Iterator[tuple[Document, str, set[str], Facts]]:
    """Workloads of a source: path of the container, the variables that are set in it, what the source shows.

    Services of one source run one image, and the source does not tell which of them reads a variable: set in one is set.
    """
    boxes = [(workload, *next(programs(workload), ("", EMPTY))) for workload in workloads(documents)]
    given: dict[str, set[str]] = {}
    for _, _, container in boxes:
        given.setdefault(text(container, "image"), set()).update(
            text(entry, "name") for _, entry in items(container, "env")
        )
    for workload, path, container in boxes:
        facts = documents.facts.get(workload.service)
        if facts is not None and path and not container.get("envFrom"):
            yield workload, path, given[text(container, "image")], facts


# ---- hosts ----------------------------------------------------------------------------------------------------
@rule(
    "unknown-host",
    "warning",
    "add a service of that name, set the variable that holds the host, or waive this",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/",),
)
def unknown_host(documents: Documents) -> Iterator[Hit]:
    """A host that the source calls by a bare name is a Service here, on a port that it has.

    A name without a dot is looked up in the pod's own namespace; where no Service has it, the first call fails, and
    nothing tells before. The name is seen in a URL, a `host:port` or the argument of a client, and the finding says
    where. A default that the spec replaces by a variable is not called.

    Mostly the other service is there and shows no port: pin its `port`. What is in another namespace is called with a
    dot (`db.data`), and what is outside of the cluster by its full name.
    """
    services = {service.name: _numbers(service) for service in documents.objects("Service")}
    known = {workload.service for workload in workloads(documents)}
    for workload, path, given, facts in sources_of(documents):
        replaced = [str(env.value["default"] or "") for env in facts.env if env.value["name"] in given]
        for fact in facts.hosts:
            host, port = fact.value["host"], fact.value["port"]
            if not _OURS.fullmatch(host) or host == "localhost" or f"Service/{host}" in documents.external:
                continue
            if any(re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", default) for default in replaced):
                continue
            called = f"`{host}:{port}`" if port else f"`{host}`"
            said = f"the source calls {called}{fact.where}"
            if host not in services and host in known:
                hint = f"pin `services.{host}.port{f': {port}' if port else ''}`"
                yield Hit(
                    workload, path, f"{said}, but `{host}` has no Service: no port is known that it listens on", hint
                )
            elif host not in services:
                yield Hit(workload, path, f"{said}, and no service here has that name")
            elif port and port not in services[host]:
                listed = " and ".join(map(str, sorted(services[host])))
                hint = f"pin `services.{host}.port: {port}` if it listens there"
                yield Hit(
                    workload,
                    path,
                    f"{said}, but Service `{host}` has {f'port {listed}' if listed else 'no port'}",
                    hint,
                )


def _numbers(service: Document) -> set[int]:
    return {
        port["port"] for _, port in items(mapping(service.data, "spec"), "ports") if isinstance(port.get("port"), int)
    }


# ---- variables ------------------------------------------------------------------------------------------------
@rule("unset-variable", "warning", "set it", kinds=_PODS)
def unset_variable(documents: Documents) -> Iterator[Hit]:
    """A variable that the source cannot do without is set.

    `os.environ["KEY"]` and the like end the program at its start where nothing sets the variable. It is set under `env`
    or `secrets` of the service, by `ENV` of its own Dockerfile, or with others from one object (`envFrom` in a
    fragment). Services that run one image set variables for each other, since the source does not show which of them
    reads one.
    """
    for workload, path, given, facts in sources_of(documents):
        own: Mapping[str, Any] = (facts.value("dockerfile") or {}).get("env") or {}
        missing = [fact for fact in facts.env if fact.value["required"] and fact.value["name"] not in {*given, *own}]
        for fact in sorted(missing, key=lambda each: str(each.value["name"])):
            name = fact.value["name"]
            hint = f"set it under `services.{workload.service}.env` or `.secrets`"
            yield Hit(workload, path, f"the source needs `{name}`{fact.where}, and it is not set", hint)


# ---- guesses --------------------------------------------------------------------------------------------------
def advised(documents: Documents, advice: str) -> Iterator[Hit]:
    """Reasons of decisions that end in some advice; the advice becomes the hint."""
    for workload in workloads(documents):
        where, _ = pod_spec(workload) or ("", {})
        for field, reason in sorted(documents.reasons.get(workload.service, {}).items()):
            what, found, rest = reason.partition(advice)
            if found and field in _FIELDS:
                yield Hit(workload, f"{where}.{_FIELDS[field]}", what, f"{advice[2:]}{rest}")


@rule("guess", "warning", "pin it", kinds=_PODS)
def guess(documents: Documents) -> Iterator[Hit]:
    """What kforge could only guess is pinned.

    Nothing here shows as whom an image of a stranger runs, which ports it opens, what it writes to or how much memory
    it takes. The usual answer is written, its reason is in the lock, and this says it aloud. Pin the field that the
    finding names: its value, the same or another, is known from then on.
    """
    return advised(documents, ": pin `")


RULES = (unknown_host, unset_variable, guess)

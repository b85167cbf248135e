"""What a source needs of its surroundings is there: hosts that it calls, variables that it cannot do without.

Nothing else tells before the pods run: a name that no Service has is a failed look-up, a variable that nothing sets
ends the program at its start. Both are read off the source, so they warn and do not refuse. The same holds for what
kforge could only guess (an unknown image's user), and for data that goes with its pod: the lock keeps the reason, and
these rules say it aloud.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.facts import Fact, Facts
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import EMPTY, containers, items, mapping, text, workloads

_OURS = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")  # a name without a dot is looked up in the pod's own namespace
_FIELDS = {
    "process.user": "securityContext.runAsUser",
    "process.writable": "containers[0].volumeMounts",
    "process.ports": "containers[0].ports",
    "resources.memory": "containers[0].resources.limits.memory",
}


def _read(documents: Documents) -> Iterator[tuple[Document, str, set[str], Facts]]:
    """Workloads of a source: path of the container, the variables that are set in it, what the source shows.

    Services of one source run one image, and nobody sees which of them reads a variable: set in one is set.
    """
    boxes = [(workload, *next(containers(workload, "containers"), ("", EMPTY))) for workload in workloads(documents)]
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
def _hosts(documents: Documents) -> Iterator[Hit]:
    services = {service.name: _numbers(service) for service in documents.objects("Service")}
    known = {workload.service for workload in workloads(documents)}
    for workload, path, given, facts in _read(documents):
        replaced = [str(env.value["default"] or "") for env in facts.env if env.value["name"] in given]
        for fact in facts.hosts:
            host, port = fact.value["host"], fact.value["port"]
            if not _OURS.fullmatch(host) or host == "localhost" or f"Service/{host}" in documents.external:
                continue
            if any(re.search(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", default) for default in replaced):
                continue
            called = f"`{host}:{port}`" if port else f"`{host}`"
            said = f"the source calls {called}{_where(fact)}"
            if host not in services and host in known:
                hint = f"pin `services.{host}.port{f': {port}' if port else ''}`"
                yield Hit(
                    workload, path, f"{said}, and `{host}` has no Service, since it is known to listen on no port", hint
                )
            elif host not in services:
                yield Hit(workload, path, f"{said}, and nobody here is called that")
            elif port and port not in services[host]:
                listed = " and ".join(map(str, sorted(services[host])))
                hint = f"pin `services.{host}.port: {port}` if it listens there"
                yield Hit(workload, path, f"{said}, and Service `{host}` has port {listed or 'none'}", hint)


def _numbers(service: Document) -> set[int]:
    return {
        port["port"] for _, port in items(mapping(service.data, "spec"), "ports") if isinstance(port.get("port"), int)
    }


def _where(fact: Fact) -> str:
    return f" ({fact.evidence[0]})" if fact.evidence else ""


# ---- variables ------------------------------------------------------------------------------------------------
def _variables(documents: Documents) -> Iterator[Hit]:
    for workload, path, given, facts in _read(documents):
        own: Mapping[str, Any] = (facts.value("dockerfile") or {}).get("env") or {}
        missing = [fact for fact in facts.env if fact.value["required"] and fact.value["name"] not in {*given, *own}]
        for fact in sorted(missing, key=lambda each: str(each.value["name"])):
            name = fact.value["name"]
            hint = f"set it under `services.{workload.service}.env` or `.secrets`"
            yield Hit(workload, path, f"the source needs `{name}`{_where(fact)}, and nothing sets it", hint)


# ---- guesses --------------------------------------------------------------------------------------------------
def _said(advice: str) -> Callable[[Documents], Iterator[Hit]]:
    """A check for reasons that end in some advice; the advice becomes the hint."""

    def check(documents: Documents) -> Iterator[Hit]:
        for workload in workloads(documents):
            where, _ = pod_spec(workload) or ("", {})
            for field, reason in sorted(documents.reasons.get(workload.service, {}).items()):
                what, found, rest = reason.partition(advice)
                if found and field in _FIELDS:
                    yield Hit(workload, f"{where}.{_FIELDS[field]}", what, f"{advice[2:]}{rest}")

    return check


RULES = (
    Rule(
        "unknown-host",
        "warning",
        "add a service of that name, set the variable that names the host, or waive this",
        _hosts,
    ),
    Rule("unset-variable", "warning", "set it", _variables),
    Rule("guess", "warning", "pin it", _said(": pin `")),
    Rule("lost-data", "warning", "add a volume", _said(": add `volumes:`")),
)

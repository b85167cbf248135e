"""What runs as a job ends by itself.

A server does not: a Job or CronJob that starts one is killed at `activeDeadlineSeconds`, counts as failed, and is tried
again. It happens where a task shares the source of a service that listens and names no `command` of its own: the image
then starts what it always starts. Write the program of the task, `command: [python, report.py]`; without one that it
shares with nobody, what is read off the source is only a sign, so the rule warns and does not refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, Rule
from kforge.domain.objects import containers, items, text, workloads

_TASKS = ("Job", "CronJob")


def _process(container: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells one process from another: the image, and what is started in it instead of its own command."""
    return text(container, "image"), repr(container.get("command")), repr(container.get("args"))


def _servers(documents: Documents) -> Iterator[Hit]:
    listening = {
        _process(container): (workload.service or workload.name, [port.get("containerPort") for _, port in items(container, "ports")])
        for workload in workloads(documents) if workload.kind not in _TASKS
        for _, container in containers(workload, "containers") if any(items(container, "ports"))
    }  # fmt: skip
    for task in documents.objects(*_TASKS):
        for path, container in containers(task, "containers"):
            hint = f"say what it runs: `services.{task.service}.command: [python, task.py]`"
            if found := listening.get(_process(container)):
                numbers = " and ".join(map(str, found[1]))
                yield Hit(task, path, f"container `{text(container, 'name')}` runs what `{found[0]}` runs, a server that listens on {numbers} and does not end", hint)
            elif text(container, "name") == task.service and (shown := _shown(documents, task.service)):
                yield Hit(task, path, f"container `{text(container, 'name')}` starts what its source starts, and that listens on {shown}", hint)


def _shown(documents: Documents, service: str) -> str:
    """The port that a source shows where nobody said what is started, with the line that shows it."""
    facts = documents.facts.get(service)
    if facts is None or not facts.ports or "process.command" not in documents.reasons.get(service, {}):
        return ""
    port = facts.ports[0]
    return str(port.value["port"]) + (f" ({port.evidence[0]})" if port.evidence else "")


RULES = (Rule("endless-job", "warning", "give it a command of its own", _servers),)

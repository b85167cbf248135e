"""Jobs and what they start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from kforge.domain.document import Documents
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.features import first
from kforge.domain.kubernetes.names import MARKER
from kforge.domain.kubernetes.objects import containers, items, programs, text, workloads

_TASKS = ("Job", "CronJob")
_DOCKERFILE = "Dockerfile"
_ENTRANCES = ("__init__", "__main__", "index", "main")  # a program that is called as its folder: `python -m shop`


def _process(container: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells one process from another: the image, and what is started in it instead of its own command."""
    return text(container, "image"), repr(container.get("command")), repr(container.get("args"))


@rule(
    "endless-job",
    "warning",
    "give it a command of its own",
    kinds=_TASKS,
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",),
)
def endless_job(documents: Documents) -> Iterator[Hit]:
    """What runs as a job ends by itself.

    A server does not: a Job or CronJob that starts one is killed at `activeDeadlineSeconds`, counts as failed, and is
    tried again. It happens where a task shares the source of a service that listens and names no `command` of its own:
    the image then starts what it always starts. Write the program of the task: `command: [python, report.py]`.

    Where no service shares the image, that its source listens is a sign and no proof, so this warns.
    """
    listening = {
        _process(container): (
            workload.service or workload.name,
            [port.get("containerPort") for _, port in items(container, "ports")],
        )
        for workload in workloads(documents)
        if workload.kind not in _TASKS
        for _, container in containers(workload, "containers")
        if any(items(container, "ports"))
    }
    for task in documents.objects(*_TASKS):
        for path, container in programs(task):
            hint = f"write what it runs: `services.{task.service}.command: [python, task.py]`"
            if found := listening.get(_process(container)):
                numbers = " and ".join(map(str, found[1]))
                unless = (
                    ", unless its variables make it end" if container.get("env") or container.get("envFrom") else ""
                )
                yield Hit(
                    task,
                    path,
                    f"container `{text(container, 'name')}` runs what `{found[0]}` runs, a server that listens on {numbers} and does not end{unless}",
                    hint,
                )
            elif text(container, "name") == task.service and (shown := _shown(documents, task.service, container)):
                yield Hit(
                    task,
                    path,
                    f"container `{text(container, 'name')}` runs the start command of its source, which listens on {shown} and does not end",
                    hint,
                )


@rule(
    "job-helper",
    "warning",
    "move it to `initContainers`, with `restartPolicy: Always`",
    kinds=_TASKS,
    sources=("https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#jobs-with-sidecar-containers",),
)
def job_helper(documents: Documents) -> Iterator[Hit]:
    """What runs beside a job's program does not keep the job from ending.

    A job is done when every one of its `containers` has ended, and a proxy or a log shipper never ends: the pod is killed
    at `activeDeadlineSeconds`, and the job counts as failed. An init container with `restartPolicy: Always` starts first,
    runs beside the program, and is stopped when that has ended. Kubernetes has it since 1.29; for an earlier version this
    rule does not look. A second container that ends by itself is a waiver's business.

    Wrong:
        kind: Job
        metadata: {name: job}
        spec:
          template:
            spec: {containers: [{name: migrate, image: "migrate:1"}, {name: proxy, image: "proxy:1"}]}
    Right:
        kind: Job
        metadata: {name: job}
        spec:
          template:
            spec:
              initContainers: [{name: proxy, image: "proxy:1", restartPolicy: Always}]
              containers: [{name: migrate, image: "migrate:1"}]
    """
    if int(documents.kubernetes.partition(".")[2]) < first("sidecar"):
        return
    for task in documents.objects(*_TASKS):
        held = [*containers(task, "containers")]
        names = [text(container, "name") for _, container in held]
        own = next((name for name in names if name in (task.service, MARKER)), next(iter(names), ""))
        for path, container in held:
            if text(container, "name") != own:
                message = f"the job ends when container `{text(container, 'name')}` does, beside `{own}`"
                yield Hit(task, path, message)


def _shown(documents: Documents, service: str, container: Mapping[str, Any]) -> str:
    """The port that a source shows for what is started, where no person said what that is, with the line that shows it."""
    facts = documents.facts.get(service)
    if facts is None or "process.command" not in documents.reasons.get(service, {}):
        return ""
    own = [word for key in ("command", "args") if isinstance(words := container.get(key), list) for word in words]
    compiled = tuple(end for language in documents.languages if language.compiled for end in language.code)
    image = _image(documents, service)  # none: the user's own Dockerfile builds it, and what that exposes is opened
    for port in facts.ports:
        for seen in port.evidence:
            if _opened(port, seen, own or image or _declared(facts), compiled) or (
                seen.file == _DOCKERFILE and not own and not image
            ):
                return f"{port.value['port']} ({seen})"
    return ""


def _opened(port: Fact, seen: Evidence, command: Sequence[str], compiled: tuple[str, ...]) -> bool:
    """Whether a command names the port, or the program whose line shows it."""
    path = PurePosixPath(seen.file)
    words = set(re.findall(r"[\w-]+", " ".join(map(str, command))))
    if path.suffix in compiled and path.parent.name:  # what is started bears the name of its folder
        return path.parent.name in words
    programs = {path.stem, path.parent.name} if path.stem in _ENTRANCES else {path.stem}
    return path.suffix in compiled or bool(words & {*programs, str(port.value["port"])})


def _image(documents: Documents, service: str) -> list[str]:
    """What the image of a service starts, where kforge writes its Dockerfile."""
    ends = [item.dockerfile.stages[-1] for item in documents if item.dockerfile is not None and item.service == service]
    found = {
        item.name: item.args for stage in ends for item in stage.instructions if item.name in ("ENTRYPOINT", "CMD")
    }
    return [*found.get("ENTRYPOINT", ()), *found.get("CMD", ())]


def _declared(facts: Facts) -> list[str]:
    """What the user's own Dockerfile starts, else the best candidate of the source."""
    described = facts.value("dockerfile") or {}
    return [*(described.get("entrypoint") or ()), *(described.get("cmd") or ())] or next(iter(facts.value("start")), [])


RULES = (endless_job, job_helper)

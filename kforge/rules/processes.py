"""Each process of an application is a service: one a container, those that start work at times alone, none forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.commands.beside import BesideProcess, same_work
from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import read
from kforge.domain.document import POD_PATHS, Document, Documents
from kforge.domain.facts import Fact, Facts
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping, programs, text, workloads
from kforge.rules.commands import Started, started

_ROLES = ("worker", "scheduler")
_SCALED = ("Deployment", "StatefulSet")


@rule(
    "process-manager",
    "warning",
    "start one program here, and make each other one a service with `like` and `command`",
    kinds=("Dockerfile", *POD_PATHS),
    sources=("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts",),
)
def process_manager(documents: Documents) -> Iterator[Hit]:
    """A container starts its program, not one that looks after programs.

    supervisord, honcho, foreman and their like start a program anew that has failed, so Kubernetes never sees it fail:
    probes and restarts are about the manager. Several programs in one container also share its memory and its number of
    replicas. `pm2 start` and `celery multi` leave the program in the background and end, and the container with them.

    Wrong:
        command: [honcho, start]
    Right:
        command: [gunicorn, "shop:app"]
    """
    for one in started(documents):
        known = one.command.known
        if known.role != "supervisor" or (known.starts and not known.stays) or {*known.stays} & {*one.words}:
            continue
        title = one.command.title
        said = (
            f"`{title}` starts the program in the background and ends, and so does the container"
            if known.stays
            else f"`{title}` starts and restarts programs, so that Kubernetes sees none of them fail"
        )
        hint = f"add `{known.stays[0]}`, or start the program itself" if known.stays else ""
        yield Hit(one.document, one.field, said, hint)


@rule(
    "repeated-scheduler",
    "warning",
    "give it one replica, and scale the workers",
    kinds=_SCALED,
    sources=("https://docs.celeryq.dev/en/stable/userguide/periodic-tasks.html",),
)
def repeated_scheduler(documents: Documents) -> Iterator[Hit]:
    """What starts work at times runs once.

    Each copy of a scheduler (Celery beat, a worker with `--beat`, RQ's and Taskiq's scheduler) looks at the clock for
    itself, so two of them send every mail twice.

    Wrong:
        kind: Deployment
        metadata: {name: beat}
        spec: {replicas: 2, template: {spec: {containers: [{name: beat, command: [celery, "--app", shop, beat]}]}}}
    Right:
        kind: Deployment
        metadata: {name: beat}
        spec: {replicas: 1, template: {spec: {containers: [{name: beat, command: [celery, "--app", shop, beat]}]}}}
    """
    for one in started(documents):
        workload = one.document
        if text(workload.data, "kind") not in _SCALED or not _alone(one, documents.facts.get(workload.service)):
            continue
        number = max(_replicas(workload), _most(documents, workload))
        if number > 1:
            said = f"`{' '.join(one.words)[:80]}` starts scheduled work, and {number} replicas would start it {number} times"
            yield Hit(workload, "spec.replicas", said)


def _alone(one: Started, facts: Facts | None) -> bool:
    if one.command.singular:
        return True
    processes = [BesideProcess.of(value) for value in facts.value("beside")] if facts is not None else []
    return any(each.role == "scheduler" and list(each.command) == one.words for each in processes)


def _replicas(workload: Document) -> int:
    number = mapping(workload.data, "spec").get("replicas", 1)
    return number if isinstance(number, int) else 1


def _most(documents: Documents, workload: Document) -> int:
    """To how many an autoscaler takes a workload."""
    found = 1
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        reference = mapping(scaler.data, "spec", "scaleTargetRef")
        most: Any = mapping(scaler.data, "spec").get("maxReplicas", 1)
        if text(reference, "name") == workload.name and isinstance(most, int):
            found = max(found, most)
    return found


@rule(
    "unstarted-process",
    "warning",
    "add a service for it, or waive this if production does without it",
    kinds=tuple(POD_PATHS),
)
def unstarted_process(documents: Documents) -> Iterator[Hit]:
    """Each worker and scheduler that a source shows is started by a service.

    What a web process hands to a task queue lies there until a worker takes it, and what is to happen every night does
    not happen without the scheduler. Both are seen in the code (a Celery application with tasks, a command of Django's
    that goes on until it is stopped), and the finding says where.

    Add the service that the finding writes, or waive this where the process runs elsewhere.
    """
    held: dict[str, list[Started]] = {}
    for one in started(documents):
        held.setdefault(_source(documents, one.document), []).append(one)
    told: set[str] = set()
    for workload in sorted(workloads(documents), key=lambda one: text(one.data, "kind") in ("Job", "CronJob")):
        facts, source = documents.facts.get(workload.service), _source(documents, workload)
        path = next((path for path, _ in programs(workload)), "")
        if facts is None or source in told or not path:
            continue
        told.add(source)
        lacking = [fact for fact in facts.beside if _is_open(fact, facts, held.get(source, []))]
        if lacking:
            said = " and ".join(f"`{' '.join(fact.value['command'])}`{fact.where}" for fact in lacking)
            yield Hit(workload, path, f"no service starts {said}", _added(workload.service, lacking))


def _source(documents: Documents, document: Document) -> str:
    """What services of one source have in common: the processes that it shows."""
    facts = documents.facts.get(document.service)
    return repr(facts.value("beside")) if facts is not None and facts.beside else ""


def _is_open(fact: Fact, facts: Facts, found: list[Started]) -> bool:
    """Whether a process is to be started and is not. What a doubt of the same line names is told already."""
    process = BesideProcess.of(fact.value)
    if process.role not in _ROLES or any({*fact.evidence} & {*doubt.evidence} for doubt in facts.doubts):
        return False
    wanted = read(process.command)
    return not any(_does(process.name, wanted, one) for one in found)


def _does(name: str, wanted: Command, one: Started) -> bool:
    """Whether a service is that process: by its command, or, where nothing is known of what it starts, by its name."""
    if same_work(wanted, one.command):
        return True
    known = one.command.program and one.command.known.role in ("server", "worker", "scheduler", "once")
    return not known and name in one.document.service.split("-")


def _added(service: str, lacking: list[Fact]) -> str:
    blocks = []
    for fact in lacking:
        words = ", ".join(f'"{word}"' if word.startswith("-") else word for word in fact.value["command"])
        blocks.append(f"`services.{fact.value['name']}: {{like: {service}, command: [{words}]}}`")
    return f"add {' and '.join(blocks)}"


RULES = (process_manager, repeated_scheduler, unstarted_process)

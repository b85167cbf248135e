"""How pods are replaced, stopped and spread; how often and how long a job tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kforge.domain.commands.command import Command
from kforge.domain.commands.started import working
from kforge.domain.decision import Answer, Topic
from kforge.domain.kubernetes import cron
from kforge.domain.kubernetes.names import workload_kind
from kforge.domain.topic_names import BUILD, PROCESS, ROLLOUT
from kforge.topics.profiles import Profile, profile

if TYPE_CHECKING:
    from kforge.domain.view import View

HOUR = 3600
_WORK = 120  # seconds for work that is under way: no client waits, so they cost nothing
_DRAIN = 5  # seconds in which every node and proxy has heard that a pod is leaving

ReasonedFields = dict[str, tuple[Any, str]]


def _heuristics(view: View) -> Answer:
    kind, workload = profile(view), workload_kind(view)
    command = working(view) if workload not in ("Job", "CronJob") else Command()
    chosen = {"gracePeriod": _grace(kind, command)}
    if workload in ("Job", "CronJob"):
        awaited = workload == "Job" and bool(view.spec("before"))
        chosen |= _job(workload, view.spec("schedule"), awaited)
    else:
        chosen |= _service(view, kind, workload, command)
    return Answer({name: pair[0] for name, pair in chosen.items()}, {name: pair[1] for name, pair in chosen.items()})


def _grace(kind: Profile, command: Command) -> tuple[int, str]:
    if command.role == "worker" and kind.grace < _WORK:
        return _WORK, "work that is under way ends within it, and nobody waits for the pod to be gone"
    if kind.grace > 30:
        return kind.grace, f"{kind.kind} writes out what it holds in memory before it stops"
    return kind.grace, "requests that are under way end within it, or a client has given them up"


def _service(view: View, kind: Profile, workload: str, command: Command) -> ReasonedFields:
    """A store is stopped before its successor starts; anything else is replaced while it serves."""
    serves = bool(view.decided(PROCESS, "ports"))
    if kind.store:
        drain = 0, "no other copy could take over meanwhile"
    elif serves:
        drain = _DRAIN, "clients and proxies need a few seconds to learn that the pod is leaving"
    else:
        drain = 0, "it listens on no port, so no client has to turn away"
    spread = "zone", "a zone or a node that fails takes only its share of the replicas"
    return {**_strategy(kind, workload, command), "drain": drain, "spread": spread}


def _strategy(kind: Profile, workload: str, command: Command) -> ReasonedFields:
    if workload == "StatefulSet":
        return {"strategy": ("rolling", "one replica after the other, since each has volumes of its own")}
    strategy = "rolling", "a new pod serves before an old one stops, and no volume stands in the way"
    if kind.store:
        strategy = (
            "recreate",
            f"two copies of {kind.kind} side by side would hold different data, or fight over the same",
        )
    if command.singular:
        strategy = "recreate", "two of them side by side would start everything twice"
    return {
        "strategy": strategy,
        "surge": ("25%", "rounded up: one more pod for a service of up to four, a quarter for larger ones"),
        "unavailable": (0, "a rollout takes nothing from what serves, which at one replica is everything"),
    }


def _job(workload: str, schedule: str | None, awaited: bool) -> ReasonedFields:
    keep: ReasonedFields = {}
    if workload == "Job":
        why = "a week to read its log; an apply after that runs it again, so it must stand being repeated"
        keep = {"keep": (7 * 24 * HOUR, why)}
    often = schedule is not None and _several_a_day(schedule)
    deadline = HOUR if often else 6 * HOUR
    why = (
        "a run that hangs holds up the next ones, which never run beside it"
        if often
        else "long for a job, short for one that hangs"
    )
    retries = (
        (2, "what fails three times fails until somebody looks; the next run comes anyway")
        if schedule
        else (6, "others wait for it, so it is tried for ten minutes: a database that is new takes a while to start")
        if awaited
        else (3, "a service that is still starting is up by the third retry")
    )
    return {"retries": retries, "deadline": (deadline, why), **keep}


def _several_a_day(schedule: str) -> bool:
    """Whether the hour field leaves more than one hour a day."""
    return not all(hour.isdigit() for hour in cron.fields(schedule)[1:2])


FIELDS = {
    "strategy": "How pods are replaced: rolling, or recreate where two copies must not meet.",
    "surge": "Pods above the wanted number during a rollout: a number, or a percentage that is rounded up.",
    "unavailable": "Pods below the wanted number during a rollout.",
    "gracePeriod": "Seconds between SIGTERM (after the drain) and SIGKILL.",
    "drain": "Seconds a stopping pod waits, so that no client still finds it.",
    "spread": "What replicas are spread over: zone (and node), node, or none.",
    "retries": "Retries of a job.",
    "deadline": "Seconds after which a job is stopped.",
    "keep": "Seconds that a finished one-off job stays.",
}
TOPIC = Topic(name=ROLLOUT, revision=1, fields=FIELDS, heuristics=_heuristics, after=(BUILD, PROCESS))

"""Data outlive the pod that writes them.

What is lost is read off the source, so this rule warns and does not refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.facts import Fact
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import EMPTY, items, programs, text, workloads
from kforge.domain.source.kept_data import elsewhere, within
from kforge.rules.wiring import advised

_ONCE = ("Job", "CronJob")
_NAMED = 3  # variables of one message


@rule(
    "lost-data",
    "warning",
    "add a volume",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/concepts/storage/volumes/#emptydir",),
)
def lost_data(documents: Documents) -> Iterator[Hit]:
    """What a program keeps is in a volume.

    A database without one writes to an empty folder that goes with its pod: the next rollout, or the loss of a node, and
    the data are gone. The same is true of a program's own embedded database (SQLite, Bolt, LevelDB) and of the folder of
    its uploads, which the finding names with the line that shows it.

    Give the service `volumes` for that folder, or set the variable that names another store, or waive this where the
    data can be made again. Where the folder holds files of the source, a volume would hide them: let the program keep
    its data in a folder of its own.
    """
    yield from advised(documents, ": add `volumes:`")
    told: set[tuple[str, str]] = set()
    held: set[tuple[str, str]] = set()
    ordered = sorted(workloads(documents), key=lambda workload: text(workload.data, "kind") in _ONCE)
    for workload in ordered:
        path, container = next(programs(workload), ("", EMPTY))
        facts = documents.facts.get(workload.service)
        if facts is None or not path:
            continue
        safe = _persistent(workload, container)
        occupied = set(facts.value("occupied"))
        for fact in facts.kept:
            folder, image = fact.value["folder"], text(container, "image")
            if (image, folder) in told or elsewhere(fact.value, _variables(container), safe):
                continue
            if within(folder, safe):  # a task of the same program has nothing there to lose
                held.add((image, folder))
                continue
            if (image, folder) in held and text(workload.data, "kind") in _ONCE:
                continue
            told.add((image, folder))
            yield Hit(workload, path, _message(fact, folder), _hint(workload.service, fact, folder in occupied))


def _message(fact: Fact, folder: str) -> str:
    return f"the source keeps {fact.value['what']} in `{folder}`{fact.where}: lost with its pod"


def _hint(service: str, fact: Fact, occupied: bool) -> str:
    folder, moved = fact.value["folder"], fact.value.get("moved", {})
    chosen = _either([name for name in fact.value["env"] if not (occupied and name in moved)])
    other = f", or use another store by {chosen}" if chosen else ""
    if not occupied:
        return f"add `{_volume(service, folder)}`{other}"
    if moved:
        apart = " and ".join(f"`{name}` to `{form.replace('{}', '/data')}`" for name, form in moved.items())
        return f"`{folder}` holds files of the source: set {apart}, and add `{_volume(service, '/data')}`{other}"
    by = f"by {chosen}" if chosen else "in its code"
    return f"`{folder}` holds files of the source: use another folder {by}, such as `/data`, and add `{_volume(service, '/data')}`"


def _volume(service: str, folder: str) -> str:
    return f"services.{service}.volumes: [{{name: data, path: {folder}, size: 1Gi}}]"


def _either(names: Sequence[str]) -> str:
    more = f" or {len(names) - _NAMED} more" if names[_NAMED:] else ""
    return " or ".join(f"`{name}`" for name in names[:_NAMED]) + more


def _persistent(workload: Document, container: Mapping[str, Any]) -> list[str]:
    """Where volumes are mounted that outlive the pod."""
    where, pod = pod_spec(workload) or ("", {})
    fleeting = {text(volume, "name") for _, volume in items(pod, "volumes", where) if "emptyDir" in volume}
    mounts = (mount for _, mount in items(container, "volumeMounts"))
    return [text(mount, "mountPath") for mount in mounts if text(mount, "name") not in fleeting]


def _variables(container: Mapping[str, Any]) -> dict[str, str]:
    """The container's variables; the value of one that comes from elsewhere is "", and one that may be missing is none."""
    return {text(entry, "name"): text(entry, "value") for _, entry in items(container, "env") if not _may_miss(entry)}


def _may_miss(entry: Mapping[str, Any]) -> bool:
    source = entry.get("valueFrom")
    return isinstance(source, Mapping) and any(
        isinstance(one, Mapping) and one.get("optional") is True for one in source.values()
    )


RULES = (lost_data,)

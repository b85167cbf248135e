"""How much CPU, memory and disk a container is promised, and where it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.commands.options import processes
from kforge.domain.commands.started import working
from kforge.domain.decision import Answer, Topic
from kforge.domain.kubernetes.quantity import number
from kforge.domain.topic_names import BUILD, PROCESS, RESOURCES
from kforge.topics.profiles import Profile, profile

if TYPE_CHECKING:
    from kforge.domain.view import View


def _heuristics(view: View) -> Answer:
    kind = profile(view)
    count = 1 if view.spec("image") else processes(working(view))
    memory = _together(kind.memory, count) if count > 1 else kind.memory
    usual = f"usual for {kind.kind} at rest" if kind.known else "nothing shows what it needs, so a middling share"
    value = {"cpu": kind.cpu, "memory": memory, "cpuLimit": None, "memoryLimit": None, "storage": None}
    reasons = {
        "cpu": f"{usual}; idle CPU is there for all beyond it",
        "memory": _why_memory(kind) + (f"; {count} processes, each further one with half of it" if count > 1 else ""),
        "cpuLimit": "a CPU limit would throttle the program while the node idles",
        "memoryLimit": "equal to the request, so that no node promises memory twice",
        "storage": "scratch folders are bounded one by one, and nothing else can be written",
    }
    return Answer(value, reasons)


def _together(memory: str, count: int) -> str:
    """Memory of several processes of one program. What is loaded before a fork is shared, so each further one takes half."""
    needed = number(memory) * (count + 1) / 2 / (1 << 20)
    return f"{-(-needed // 64) * 64}Mi"


def _why_memory(kind: Profile) -> str:
    if kind.heap:
        return f"`{kind.heap}` lets the heap alone grow to that; a quarter more, and 128Mi, lie beside it"
    if kind.library:
        return f"`{kind.library}` alone takes about this much once it is loaded"
    if not kind.known:
        return "nothing shows what it needs, so a middling amount: pin `resources.memory` to what you measure"
    return f"enough for {kind.kind} under light load: measure, then pin it"


FIELDS = {
    "cpu": "CPU request.",
    "memory": "Memory request and limit.",
    "cpuLimit": "CPU limit; null for none.",
    "memoryLimit": "Memory limit; null where it equals the request.",
    "storage": "Ephemeral storage, request and limit; null leaves only the bound of each scratch folder.",
}
TOPIC = Topic(name=RESOURCES, revision=1, fields=FIELDS, heuristics=_heuristics, after=(BUILD, PROCESS))

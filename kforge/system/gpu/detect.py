"""A host → Machine: every vendor's GPUs, the memory, and what stood in the way. Each step is optional and ends soon."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from kforge.domain.model.machine import Gpu, Machine
from kforge.system.gpu import amd, apple, intel, memory, nvidia
from kforge.system.gpu.host import Host

OFF = ("off", "none", "cpu")
VENDORS = ("nvidia", "amd", "intel", "apple")
_Step = Callable[[], tuple[list[Gpu], list[str]]]


def detect(host: Host, wanted: str = "") -> Machine:
    """What a model could run on. `wanted` is KFORGE_GPU: `off`, a vendor, or indices and UUIDs; "" and `auto` mean all."""
    total, available = memory.measure(host)
    kind = _kind(host)
    if wanted.lower() in OFF:
        return Machine((), total, available, kind, ("GPUs are switched off",))
    steps: tuple[_Step, ...] = (
        lambda: nvidia.find(host, total),
        lambda: amd.find(host),
        lambda: intel.find(host, total),
        lambda: apple.find(host),
    )
    with ThreadPoolExecutor(len(steps)) as workers:
        found = list(workers.map(_calm, steps))
    gpus = [gpu for each, _ in found for gpu in each]
    notes = [note for _, each in found for note in each]
    left = _wanted(gpus, wanted)
    if gpus and not left:
        notes.append(f"`{wanted}` is not one of the {len(gpus)} GPUs")
    return Machine(tuple(left), total, available, kind, tuple(notes))


def _calm(step: _Step) -> tuple[list[Gpu], list[str]]:
    try:
        return step()
    except (OSError, ValueError, IndexError) as error:  # a file or an output of an unknown form
        return [], [f"a step of GPU detection failed: {error}"]


def _wanted(gpus: list[Gpu], wanted: str) -> list[Gpu]:
    words = [word.strip() for word in wanted.split(",") if word.strip()]
    if not words or words == ["auto"]:
        return gpus
    return [gpu for gpu in gpus if any(_is(gpu, word) for word in words)]


def _is(gpu: Gpu, word: str) -> bool:
    if word.lower() in VENDORS:
        return gpu.vendor == word.lower()
    return str(gpu.index) == word if word.isdecimal() else bool(gpu.uuid) and gpu.uuid.startswith(word)


def _kind(host: Host) -> str:
    if "microsoft" in host.text("/proc/sys/kernel/osrelease").lower():
        return "WSL"
    boxed = host.exists("/.dockerenv") or host.exists("/run/.containerenv")
    return "container" if boxed or host.environment.get("KUBERNETES_SERVICE_HOST") else ""

"""Machine + model → does it fit, and where. Figures: weights by quantization, the KV cache by architecture, some room."""

from __future__ import annotations

from dataclasses import dataclass

from kforge.domain.model.machine import CONTEXT as CONTEXT  # noqa: PLC0414 - for the report of what would fit
from kforge.domain.model.machine import GIB, Gpu, Machine, Offer

# Bytes per parameter of GGUF files and of safetensors, scales included.
BYTES = {"Q4_K_M": 0.58, "Q4_0": 0.56, "Q5_K_M": 0.69, "Q6_K": 0.82, "Q8_0": 1.05, "F16": 2.0, "BF16": 2.0, "F32": 4.0}
OVERHEAD = GIB // 2  # compute buffers
HEADROOM = 0.88  # of a device's memory: desktops, drivers and fragmentation take the rest
SLOW = 9_000_000_000  # parameters above which a processor takes minutes for an answer
CPU_SHARE = 0.6  # of the machine's memory: the rest is for what runs on it


@dataclass(frozen=True, slots=True)
class Size:
    """A recommended model. `layers`, `heads` and `dim` are those of its config.json and give the size of the KV cache."""

    name: str
    parameters: int
    layers: int
    heads: int  # of keys and values
    dim: int


# One family in all sizes, since what matters here is the size; names as Ollama has them.
SIZES = (
    Size("qwen2.5-coder:1.5b", 1_540_000_000, 28, 2, 128),
    Size("qwen2.5-coder:3b", 3_090_000_000, 36, 2, 128),
    Size("qwen2.5-coder:7b", 7_620_000_000, 28, 4, 128),
    Size("qwen2.5-coder:14b", 14_770_000_000, 48, 8, 128),
    Size("qwen2.5-coder:32b", 32_760_000_000, 64, 8, 128),
    Size("llama3.3:70b", 70_550_000_000, 80, 8, 128),
)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a model runs: `gpu`, `gpus` (split over several of one vendor), `cpu` (slow), or `no`."""

    where: str
    needs: int  # bytes
    has: int  # bytes of the place it runs in, or of the largest there is
    on: str = ""


def cache(size: Size, context: int = CONTEXT, width: int = 2) -> int:
    """Bytes of the KV cache: keys and values, for every layer, head and token."""
    return 2 * size.layers * size.heads * size.dim * context * width


def needs(size: Size, quantization: str = "Q4_K_M", context: int = CONTEXT) -> int:
    """Bytes that a model takes while it answers."""
    return int(size.parameters * BYTES[quantization]) + cache(size, context) + OVERHEAD


def needs_of(offer: Offer, context: int = CONTEXT) -> int:
    """The same for a model that a server lists: its own size where told, a like architecture's cache; 0: unknown."""
    model = offer.model
    if not (model.size or model.parameters):
        return 0
    weights = model.size or int(model.parameters * BYTES.get(offer.quantization.upper(), BYTES["Q4_K_M"]))
    like = min(SIZES, key=lambda size: abs(size.parameters - (model.parameters or int(weights / BYTES["Q4_K_M"]))))
    held = min(context, model.context) if model.context else context
    return weights + int(cache(like, held) * min(1.0, weights / (like.parameters * BYTES["Q4_K_M"]))) + OVERHEAD


def fit(need: int, machine: Machine) -> Fit:
    """The best place for a need in bytes: one GPU, several of a vendor, the processor, or none."""
    usable = [gpu for gpu in machine.gpus if not gpu.unusable and gpu.total]
    best = max(usable, key=lambda gpu: (room(gpu), -gpu.index), default=None)
    if best and need <= room(best):
        return Fit("gpu", need, room(best), best.name)
    groups = [
        [gpu for gpu in usable if gpu.vendor == vendor and not gpu.shared and not gpu.part_of]
        for vendor in ("nvidia", "amd", "intel")
    ]
    group = max(groups, key=lambda each: sum(map(room, each)))
    whole = sum(map(room, group))
    if len(group) > 1 and need <= whole:
        return Fit("gpus", need, whole, f"{len(group)} × {group[0].name}")
    memory = int(machine.memory * CPU_SHARE)
    if need <= memory:
        return Fit("cpu", need, memory, "processor")
    return Fit("no", need, max(memory, whole, room(best) if best else 0))


def room(gpu: Gpu) -> int:
    """Bytes of a GPU that a model may count on. What others hold now counts only where it shares the machine's memory."""
    return (
        int(gpu.total * HEADROOM)
        if not gpu.shared or gpu.vendor == "apple"
        else int(min(gpu.total, gpu.free or gpu.total) * 0.75)
    )


def recommended(machine: Machine) -> tuple[tuple[Size, Fit], ...]:
    """Every recommended model with the place where it would run."""
    return tuple((size, fit(needs(size), machine)) for size in SIZES)


def slow(parameters: int) -> bool:
    """Whether a processor would take minutes for an answer."""
    return parameters > SLOW

"""A host → its NVIDIA GPUs: `nvidia-smi`, MIG instances, WSL; the driver's own files where that tool is missing.

Queries: https://docs.nvidia.com/deploy/nvidia-smi/, MIG names: https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
"""

from __future__ import annotations

import re
from dataclasses import replace

from kforge.domain.model.machine import Gpu
from kforge.system.gpu.host import SECONDS, Host, Ran

TOOLS = ("nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi")
_FIELDS = ("index", "uuid", "name", "memory.total", "memory.free", "driver_version", "compute_cap")
_GPU = re.compile(r"^GPU (\d+): .*\(UUID: (GPU-[^()]+)\)")
_MIG = re.compile(r"^\s+MIG (\S+)\s+Device\s+(\d+): \(UUID: (MIG-[^()]+)\)")
_MIB = 1 << 20


def find(host: Host, memory: int) -> tuple[list[Gpu], list[str]]:
    """GPUs and remarks; `memory` is the machine's, for chips that share it."""
    for tool in TOOLS:
        done = _query(host, tool, _FIELDS)
        if done is None:
            continue
        if done.code is None:
            return _by_files(host, memory, f"`{tool}` took more than {SECONDS:.0f} s")
        if done.code:
            why = done.output.strip().splitlines()
            return _by_files(
                host, memory, f"`{tool}` failed: {why[0].rstrip('.') if why else f'exit code {done.code}'}"
            )
        gpus = [gpu for line in done.output.splitlines() if (gpu := _gpu(line, memory))]
        return _visible(_sliced(host, tool, gpus), host), []
    return _by_files(host, memory, "`nvidia-smi` is missing")


def _query(host: Host, tool: str, fields: tuple[str, ...]) -> Ran | None:
    done = host.run((tool, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"))
    if done and done.code and "compute_cap" in fields and "valid field" in done.output:
        return _query(host, tool, fields[:-1])  # drivers before 510 do not know it
    return done


def _gpu(line: str, memory: int) -> Gpu | None:
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) < len(_FIELDS) - 1 or not cells[0].isdecimal():
        return None
    index, uuid, name, total, free, driver = cells[:6]
    architecture = _told(cells[6]) if len(cells) > 6 else ""
    if not total.isdecimal():
        lost = "lost" in total.lower() or "error" in total.lower()
        why = "the driver has lost it" if lost else ""
        # Grace and Jetson have one memory for both: the tool answers [N/A] there.
        size = 0 if lost else memory
        return Gpu(
            "nvidia", _told(name), size, 0, _told(driver), architecture, uuid, int(index), not lost, unusable=why
        )
    free_bytes = int(free) * _MIB if free.isdecimal() else 0
    return Gpu("nvidia", _told(name), int(total) * _MIB, free_bytes, _told(driver), architecture, uuid, int(index))


def _told(cell: str) -> str:
    return "" if cell.startswith("[") else cell


def _sliced(host: Host, tool: str, gpus: list[Gpu]) -> list[Gpu]:
    """GPUs whose MIG instances take their place: nothing runs on the whole any more."""
    done = host.run((tool, "-L"))
    slices: dict[str, list[tuple[str, str]]] = {}
    parent = ""
    for line in done.output.splitlines() if done and done.code == 0 else ():
        if whole := _GPU.match(line):
            parent = whole[2]
        elif part := _MIG.match(line):
            slices.setdefault(parent, []).append((part[1], part[3]))
    return [piece for gpu in gpus for piece in _pieces(gpu, slices.get(gpu.uuid, []))]


def _pieces(gpu: Gpu, slices: list[tuple[str, str]]) -> list[Gpu]:
    if not slices:
        return [gpu]
    return [
        replace(
            gpu, name=f"{gpu.name} MIG {profile}", uuid=uuid, total=_size(profile, gpu.total), free=0, part_of=gpu.uuid
        )
        for profile, uuid in slices
    ]


def _size(profile: str, whole: int) -> int:
    """Memory of a MIG profile such as `1c.3g.20gb`: taken as 10^9 bytes, which is less than what there is."""
    found = re.search(r"(?<!\d)(\d++)gb", profile)
    return min(int(found[1]) * 10**9, whole) if found else 0


def _visible(gpus: list[Gpu], host: Host) -> list[Gpu]:
    """What CUDA_VISIBLE_DEVICES leaves: indices or UUIDs (or their beginnings), up to the first that is none.

    https://docs.nvidia.com/cuda/cuda-c-programming-guide/#env-vars
    """
    wanted = host.environment.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return gpus
    left: list[Gpu] = []
    for word in (each.strip() for each in wanted.split(",")):
        named = [gpu for gpu in gpus if _named(gpu, word)]
        if not named:
            break
        left += [gpu for gpu in named if gpu not in left]
    return left


def _named(gpu: Gpu, word: str) -> bool:
    if word.isdecimal():
        return gpu.index == int(word)
    if word.startswith("MIG-GPU-"):  # drivers before 470: MIG-GPU-<uuid>/<gpu instance>/<compute instance>
        return f"GPU-{word.removeprefix('MIG-GPU-').partition('/')[0]}" == gpu.part_of
    return len(word) > 4 and (gpu.uuid.startswith(word) or (word.startswith("GPU-") and gpu.part_of.startswith(word)))


def _by_files(host: Host, memory: int, why: str) -> tuple[list[Gpu], list[str]]:
    """What the driver and the bus tell without the tool: names, no memory."""
    version = re.search(r"Kernel Module\s+(?:for \S+\s+)?([\d.]+)", host.text("/proc/driver/nvidia/version"))
    driver = version[1] if version else ""
    gpus = []
    for index, file in enumerate(host.glob("proc/driver/nvidia/gpus/*/information")):
        told = dict(line.split(":", 1) for line in host.text(file).splitlines() if ":" in line)
        name, uuid = (told.get(key, "").strip() for key in ("Model", "GPU UUID"))
        gpus.append(Gpu("nvidia", name or "NVIDIA GPU", driver=driver, uuid=uuid, index=index))
    if gpus:
        return _visible(gpus, host), [f"{why}, so the memory of {gpus[0].name} is unknown"]
    if (tegra := host.text("/proc/device-tree/model")) and "jetson" in tegra.lower():
        return [Gpu("nvidia", tegra, memory, shared=True)], []
    cards = [card for card in host.glob("sys/bus/pci/devices/*") if _is_display(host, card.as_posix())]
    if cards:
        return [Gpu("nvidia", "NVIDIA GPU", unusable="its driver is not loaded or not passed into this container")], [
            why
        ]
    return [], [why] if "missing" not in why else []


def _is_display(host: Host, card: str) -> bool:
    return host.text(f"{card}/vendor") == "0x10de" and host.text(f"{card}/class").startswith("0x03")

"""A host → its AMD GPUs, from the kernel's files: `amdgpu` for memory, `kfd` for the architecture and for who may
compute.

https://docs.kernel.org/gpu/amdgpu/driver-misc.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kforge.domain.model.machine import Gpu
from kforge.system.gpu.host import Host

VENDOR = "0x1002"
_VISIBLE = ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")  # HIP reads CUDA's as well
_SMALL = 4 << 30  # an integrated GPU has a small carve-out and borrows the rest


@dataclass(frozen=True, slots=True)
class _Node:
    architecture: str
    uuid: str


def find(host: Host) -> tuple[list[Gpu], list[str]]:
    """GPUs in the order of their cards, and remarks."""
    cards = [card.parent.parent for card in host.glob("sys/class/drm/card*/device/vendor") if host.text(card) == VENDOR]
    cards = [card for card in cards if re.fullmatch(r"card\d+", card.name)]
    nodes, gpus = _nodes(host), []
    driver = host.text("/sys/module/amdgpu/version")
    unusable = "" if host.exists("/dev/kfd") else "`/dev/kfd` is missing: pass it into the container, with `/dev/dri`"
    for index, card in enumerate(cards):
        device = f"{card.as_posix()}/device"
        minor = next(
            (
                int(found[1])
                for path in host.glob(_below(host, device, "drm/renderD*"))
                if (found := re.search(r"(?<!\d)(\d++)$", path.name))
            ),
            0,
        )
        node = nodes.get(minor, _Node("", ""))
        total, used = (host.number(f"{device}/mem_info_vram_{what}") for what in ("total", "used"))
        borrowed = host.number(f"{device}/mem_info_gtt_total")
        shared = 0 < total < _SMALL and borrowed > total
        size = total + borrowed if shared else total
        free = max(0, size - used - (host.number(f"{device}/mem_info_gtt_used") if shared else 0))
        gpus.append(
            Gpu(
                "amd",
                _name(host, device),
                size,
                free,
                driver,
                node.architecture,
                node.uuid,
                index,
                shared,
                unusable=unusable,
            )
        )
    return _visible(gpus, host), []


def _below(host: Host, folder: str, pattern: str) -> str:
    return f"{folder.removeprefix(host.root.as_posix()).lstrip('/')}/{pattern}"


def _name(host: Host, device: str) -> str:
    told = host.text(f"{device}/product_name")
    code = host.text(f"{device}/device").removeprefix("0x")
    return told or (f"AMD GPU {code}" if code else "AMD GPU")


def _nodes(host: Host) -> dict[int, _Node]:
    """Compute nodes by their render device: `gfx_target_version 90010` is gfx90a."""
    found = {}
    for file in host.glob("sys/class/kfd/kfd/topology/nodes/*/properties"):
        told = dict(line.split(None, 1) for line in host.text(file).splitlines() if " " in line)
        version = int(told.get("gfx_target_version", "0"))
        if version:
            architecture = f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}"
            unique = int(told.get("unique_id", "0"))
            found[int(told.get("drm_render_minor", "0"))] = _Node(architecture, f"GPU-{unique:016x}" if unique else "")
    return found


def _visible(gpus: list[Gpu], host: Host) -> list[Gpu]:
    """What the variables leave, one after the other: each counts in what the one before it left."""
    for variable in _VISIBLE:
        wanted = host.environment.get(variable)
        if wanted is None:
            continue
        words = [word.strip() for word in wanted.split(",")]
        gpus = [gpu for word in words for place, gpu in enumerate(gpus) if word in (str(place), gpu.uuid) and word]
        if variable == "HIP_VISIBLE_DEVICES":
            break  # it goes before CUDA's
    return gpus

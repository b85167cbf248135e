"""A host → its Intel GPUs, from the kernel's files (`xe`, `i915`), else from `xpu-smi`."""

from __future__ import annotations

import json
import re
from typing import Any

from kforge.domain.model.machine import Gpu
from kforge.system.gpu.host import Host

VENDOR = "0x8086"
_INTEGRATED = "0000:00:02.0"  # where every integrated GPU of Intel's sits on the bus


def find(host: Host, memory: int) -> tuple[list[Gpu], list[str]]:
    """GPUs and remarks; an integrated one uses the machine's `memory`."""
    gpus: list[Gpu] = []
    unusable = "" if host.glob("dev/dri/renderD*") else "`/dev/dri` is missing: pass it into the container"
    for file in host.glob("sys/class/drm/card*/device/vendor"):
        card = file.parent.parent
        if host.text(file) != VENDOR or not re.fullmatch(r"card\d+", card.name):
            continue
        told = dict(line.split("=", 1) for line in host.text(card / "device/uevent").splitlines() if "=" in line)
        tiles = host.glob(f"{card.relative_to(host.root).as_posix()}/device/tile*/physical_vram_size_bytes")
        total = sum(host.number(tile) for tile in tiles) or host.number(card / "lmem_total_bytes")
        integrated = not total and told.get("PCI_SLOT_NAME") == _INTEGRATED
        code = told.get("PCI_ID", "").rpartition(":")[2].lower()
        name = " ".join(filter(None, ("Intel integrated GPU" if integrated else "Intel GPU", code)))
        free = host.number(card / "lmem_avail_bytes") if total else 0
        size = memory if integrated else total
        gpus.append(
            Gpu("intel", name, size, free, told.get("DRIVER", ""), "", "", len(gpus), integrated, unusable=unusable)
        )
    if any(not gpu.total for gpu in gpus):
        return _by_tool(host) or gpus, []
    return gpus, []


def _by_tool(host: Host) -> list[Gpu]:
    done = host.run(("xpu-smi", "discovery", "-j"))
    if not done or done.code:
        return []
    try:
        listed: list[dict[str, Any]] = json.loads(done.output)["device_list"]
        return [
            Gpu(
                "intel",
                str(each["device_name"]),
                int(each.get("memory_physical_size_byte", 0)),
                uuid=str(each.get("uuid", "")),
                index=index,
            )
            for index, each in enumerate(listed)
            if each.get("device_type", "GPU") == "GPU"
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []

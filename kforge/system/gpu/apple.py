"""A host → Apple's GPU, which shares the machine's memory up to a limit that macOS sets."""

from __future__ import annotations

from kforge.domain.model.machine import GIB, Gpu
from kforge.system.gpu.host import Host


def find(host: Host) -> tuple[list[Gpu], list[str]]:
    """One GPU on Apple silicon, none on Intel Macs: what they have serves no model."""
    if host.system != "Darwin" or _asked(host, "hw.optional.arm64") != "1":  # holds under Rosetta, too
        return [], []
    memory, limit = (
        int(told) if told.isdecimal() else 0
        for told in (_asked(host, "hw.memsize"), _asked(host, "iogpu.wired_limit_mb"))
    )
    # Metal's recommendedMaxWorkingSetSize where no limit is set: two thirds, on large machines three quarters.
    total = limit << 20 or (memory * 3 // 4 if memory > 36 * GIB else memory * 2 // 3)
    return [
        Gpu("apple", _asked(host, "machdep.cpu.brand_string") or "Apple GPU", total, driver="Metal", shared=True)
    ], []


def _asked(host: Host, name: str) -> str:
    done = host.run(("sysctl", "-n", name))
    return done.output.strip() if done and done.code == 0 else ""

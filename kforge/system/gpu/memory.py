"""A host → the memory that this process may use: the machine's, or less where a control group holds it."""

from __future__ import annotations

import os
from pathlib import PurePosixPath

from kforge.system.gpu.host import Host


def measure(host: Host) -> tuple[int, int]:
    """Total and free memory in bytes, 0 where the system does not tell."""
    total, available = _machine(host)
    for limit, used in _groups(host):
        if 0 < limit < (total or limit + 1):
            total = limit
        if 0 < limit < 1 << 60:
            available = min(available or limit, max(0, limit - used))
    return total, available


def _machine(host: Host) -> tuple[int, int]:
    told = dict(line.split(":", 1) for line in host.text("/proc/meminfo").splitlines() if ":" in line)
    sizes = [int(told.get(name, "0").split()[0]) * 1024 for name in ("MemTotal", "MemAvailable")]
    if sizes[0]:
        return sizes[0], sizes[1]
    if host.system == "Darwin":
        done = host.run(("sysctl", "-n", "hw.memsize"))
        return (int(done.output), 0) if done and done.code == 0 and done.output.strip().isdecimal() else (0, 0)
    if host.system == "Windows" and host.root.anchor == str(host.root):
        return _windows()
    return 0, 0


def _groups(host: Host) -> list[tuple[int, int]]:
    """Limit and use of every control group above this process, version 2 and 1."""
    found = []
    for line in host.text("/proc/self/cgroup").splitlines():
        number, controllers, path = [*line.split(":", 2), "", ""][:3]
        if number == "0" and not controllers:
            found += _walk(host, "/sys/fs/cgroup", path, "memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            found += _walk(host, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes")
    return found


def _walk(host: Host, mount: str, path: str, limit: str, used: str) -> list[tuple[int, int]]:
    # In a container the path may be the host's, which is not mounted: then the mount itself is ours.
    folders = [str(parent) for parent in (PurePosixPath(path), *PurePosixPath(path).parents)]
    places = dict.fromkeys(f"{mount}/{folder.strip('/')}".rstrip("/") for folder in (*folders, "/"))
    return [(host.number(f"{place}/{limit}"), host.number(f"{place}/{used}")) for place in places]


def _windows() -> tuple[int, int]:
    pages = getattr(os, "sysconf", None)
    if pages is not None:
        return 0, 0
    import ctypes  # Windows only: https://learn.microsoft.com/windows/win32/api/sysinfoapi/ns-sysinfoapi-memorystatusex

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d", "e")
        ]

    status = Status(length=ctypes.sizeof(Status))
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent on other systems, where types are checked
    return (int(status.total), int(status.available)) if kernel.GlobalMemoryStatusEx(ctypes.byref(status)) else (0, 0)

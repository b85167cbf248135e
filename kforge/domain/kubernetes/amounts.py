"""A service → the resources of its container: what is settled, raised to what its platform would make of it.

What a platform rewrites differs from git for ever, and GitOps tools put it back for ever. What the spec pins stays as it
is: a rule says where the platform will not have it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kforge.domain.kubernetes.platforms import fact, facts, platform, title
from kforge.domain.kubernetes.quantity import number
from kforge.domain.origin import Sourced, sourced
from kforge.domain.topic_names import RESOURCES
from kforge.domain.view import View

_STEP = Fraction(1, 100)  # of a CPU: to what a raised request is rounded up
_MIB = 1 << 20


def resources(view: View) -> dict[str, Any]:
    """Requests and limits of the program's container."""
    held = {
        field: sourced(value, f"resources.{field}")
        for field in ("cpu", "memory", "cpuLimit", "memoryLimit", "storage")
        if (value := view.decided(RESOURCES, field))
    }
    asks = facts(platform(view))  # where nothing is asked for, what is pinned is no input
    return fitted(view, held, frozenset(field for field in held if asks and view.pinned(RESOURCES, field)))


def fitted(view: View, held: dict[str, Sourced], pinned: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Requests and limits of a container, with what the platform asks for. Fields are those of the decision; what is
    `pinned` is not raised. The memory limit is the request where there is no other.
    """
    name = platform(view)
    held = dict(held)
    for field in ("cpu", "memory"):
        _raise(held, field, fact(name, f"least-{field}"), f"{title(name)} starts no container with less", pinned)
    _balance(held, name, pinned)
    if (limit := fact(name, "cpu-limit")) and "cpuLimit" not in held and "cpu" in held:
        most = max(limit, held["cpu"].value, key=number)
        held["cpuLimit"] = sourced(most, f"kforge: {title(name)} sets a CPU limit where there is none")
    if "memoryLimit" in held and "memory" in held and "memoryLimit" not in pinned:
        _raise(held, "memoryLimit", held["memory"].value, "no less than the request", pinned)
    if (storage := fact(name, "ephemeral-storage")) and "storage" not in held:
        held["storage"] = sourced(
            storage, f"kforge: {title(name)} asks for an amount, and takes this where none is said"
        )
    return {
        "limits": {
            "cpu": held.get("cpuLimit"),
            "ephemeral-storage": held.get("storage"),
            "memory": held.get("memoryLimit") or held.get("memory"),
        },
        "requests": {
            "cpu": held.get("cpu"),
            "ephemeral-storage": held.get("storage"),
            "memory": held.get("memory"),
        },
    }


def _raise(held: dict[str, Sourced], field: str, least: str | None, why: str, pinned: frozenset[str]) -> None:
    if least and field in held and field not in pinned and number(held[field].value) < number(least):
        held[field] = sourced(least, f"kforge: {why}")


def _balance(held: dict[str, Sourced], name: str, pinned: frozenset[str]) -> None:
    """Memory and CPU in the ratio that the platform has machines for."""
    span = fact(name, "memory-per-cpu")
    if not span or not {"cpu", "memory"} <= held.keys():
        return
    why = f"{title(name)} gives {span[0]} to {span[1]} of memory to a CPU"
    cpu, memory = number(held["cpu"].value), number(held["memory"].value)
    needed = -(-memory / number(span[1]) // _STEP) * _STEP
    _raise(held, "cpu", f"{int(needed * 1000)}m", why, pinned)
    least = -(-cpu * number(span[0]) // _MIB)
    _raise(held, "memory", f"{least}Mi", why, pinned)

"""BesideProcess: a process that a source starts beside its first, to be a service or a job of its own.

Facts hold it as `beside`: {"name", "role", "command", "why"}. `kforge init` drafts services and jobs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

BesideRole = Literal["server", "worker", "scheduler", "once", "migration"]


@dataclass(frozen=True, slots=True)
class BesideProcess:
    """`role`: what it is. A `migration` ends by itself, and is done before what uses the store's tables; a `scheduler` runs
    once, under any load.
    """

    name: str  # of a service: `worker`, `beat`, `migrate`
    role: BesideRole
    command: tuple[str, ...]
    why: str = ""  # what shows it, in a phrase: "`Procfile` names it", "`shop/tasks.py` makes a Celery application"

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> BesideProcess:
        """The process of a fact's value."""
        return cls(record["name"], record["role"], tuple(record["command"]), record.get("why", ""))

    def record(self) -> dict[str, Any]:
        """JSON, as facts hold it."""
        return {"name": self.name, "role": self.role, "command": [*self.command], "why": self.why}

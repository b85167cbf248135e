"""BesideProcess: a process that a source starts beside its first, to be a service or a job of its own.

Facts hold it as `beside`: {"name", "role", "command", "why"}. `kforge init` drafts services and jobs from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from kforge.domain.commands.command import Command

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


def same_work(one: Command, other: Command) -> bool:
    """Whether two commands do the same work, also with other options: both are Celery's workers."""
    if one.program and one.program == other.program:
        scheduling = {one.subcommand, other.subcommand} == {"worker", "beat"} and one.singular and other.singular
        if one.subcommand or other.subcommand:
            return (one.subcommand == other.subcommand and _named(one) == _named(other)) or scheduling
        return one.file == other.file
    return bool(one.file) and one.file == other.file and one.program == other.program


def _named(command: Command) -> list[str]:
    """The words that name a command of the source's own, which may stand in groups: `rq worker`."""
    if not command.known.own:
        return []
    rest = command.words[command.words.index(command.subcommand) :] if command.subcommand in command.words else ()
    return [word for word in rest if not word.startswith("-")][:3]

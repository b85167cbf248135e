"""A command that ends itself before its k-th change to the disk. Runs inside the command's process, as
`forkserver.Watch`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

_CHANGES = ("os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink", "os.chmod", "os.truncate")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Killer:
    """Counts what changes the disk; kills this process before number `at`."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if event in _CHANGES or (event == "open" and given[2] & _WRITES and not isinstance(given[0], int)):
            self.step()

    def before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            self.step()
            return real(*given, **named)

        return stepped


def begin(settings: dict[str, Any]) -> Killer:
    killer = Killer(settings["at"])
    for name in ("write", "fsync", "fchmod", "ftruncate"):
        setattr(os, name, killer.before(getattr(os, name)))
    sys.addaudithook(killer.hook)
    return killer


def end(killer: Killer) -> int:
    """How many changes there were. Its own report is none of them."""
    count, killer.at = killer.count, 0
    return count

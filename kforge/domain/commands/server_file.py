"""ServerFile: a server's own configuration file, and what it says. Detectors read them; facts hold them as `server_files`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFile:
    """A file and what it says; absent where it does not say it."""

    path: str
    program: str  # name of the program's row
    host: str = ""  # "" where every address is meant, or nothing says
    port: int = 0
    env: str = ""  # the variable that holds the port
    socket: bool = False  # on a socket's file alone
    speaks: str = "http"
    workers: int = 0
    each_cpu: bool = False  # as many processes as the machine has processors, or a multiple
    tls: bool = False
    reload: bool = False
    application: str = ""  # what it serves: `shop.wsgi:application`

    @property
    def tells(self) -> bool:
        """Whether it says more than an open port."""
        return bool(self.host or self.socket or self.workers or self.each_cpu or self.tls or self.reload)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> ServerFile:
        """The file of a fact's value."""
        return cls(**record)

    def record(self) -> dict[str, Any]:
        """JSON, as facts hold it."""
        return asdict(self)

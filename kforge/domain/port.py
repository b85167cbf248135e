"""Port: a number that a service's process listens on, as the decision `process` settles it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WEB = ("http", "https")  # protocols of which a route can be asked, without TLS and with it


@dataclass(frozen=True, slots=True)
class Port:
    """One port of the container, and of the Service in front of it."""

    name: str  # at most 15 of a-z, 0-9 and `-`, as Kubernetes has it
    number: int
    protocol: str  # http, https, grpc or tcp; it chooses the probe
    env: str = ""  # the variable that the program reads the number from

    @property
    def web(self) -> bool:
        """Whether a route can be asked of it."""
        return self.protocol in WEB

    @property
    def probe(self) -> str:
        """The type of the probe that its protocol takes."""
        return "http" if self.web else self.protocol

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Port:
        """The port of a decision's value, or of a fact, which has no name."""
        return cls(record.get("name") or "", record["port"], record.get("protocol") or "tcp", record.get("env") or "")

    def record(self) -> dict[str, Any]:
        """JSON for the lock."""
        return {"name": self.name, "port": self.number, "protocol": self.protocol, "env": self.env}

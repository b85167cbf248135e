"""Probe: how the kubelet asks a container one of its three questions, as the decision `probes` settles it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

WHICH = ("startup", "readiness", "liveness")


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. A part is None where its type has no use for it, and where only the spec pins the others."""

    type: str = "none"  # http, grpc, tcp or none
    path: str | None = None  # of type http
    port: str | None = None  # name of the port; the main one without it
    period: int | None = None  # seconds between two probes
    timeout: int | None = None  # seconds until one counts as failed
    failures: int | None = None  # in a row, until the kubelet acts

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> Probe:
        """The probe of a decision's value; no probe for None."""
        told = {key: value for key, value in (record or {}).items() if key in cls.__slots__ and value is not None}
        return cls(**told)

    def record(self) -> dict[str, Any]:
        """JSON for the lock: every part, null where there is none."""
        return asdict(self)

    @property
    def patience(self) -> int:
        """Seconds that a container may fail before the kubelet acts."""
        return int(self.period or 0) * int(self.failures or 0)

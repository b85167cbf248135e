"""Probe: how the kubelet asks a container one of its three questions, as the decision `probes` settles it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

WHICH = ("startup", "readiness", "liveness")
_IMPLIED = {"command": "exec", "path": "http"}
_OF_COMMANDS = {
    "period": 10,
    "timeout": 5,
    "failures": 3,
}  # the kubelet's own, but a command may take more than a second


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. A part is None where its type has no use for it, and where only the spec pins the others."""

    type: str = "none"  # http, grpc, tcp, exec or none
    path: str | None = None  # of type http
    port: str | None = None  # name of the port; the main one without it
    period: int | None = None  # seconds between two probes
    timeout: int | None = None  # seconds until one counts as failed
    failures: int | None = None  # in a row, until the kubelet acts
    command: Sequence[str] | None = None  # of type exec: it is well while this ends with 0

    @classmethod
    def of(cls, record: Mapping[str, Any] | None) -> Probe:
        """The probe of a decision's value; no probe for None."""
        told = {key: value for key, value in (record or {}).items() if key in cls.__slots__ and value is not None}
        return cls(**told)

    def record(self) -> dict[str, Any]:
        """JSON for the lock: every part, null where there is none. A command only the spec says, so an answer has none."""
        return {key: value for key, value in asdict(self).items() if key != "command"}

    @staticmethod
    def completed(value: Mapping[str, Any], pinned: Mapping[str, Any]) -> dict[str, Any]:
        """A probe with pins over it, and what they mean besides: a route is asked by HTTP, a command is run.

        A command can be run where no port can be asked, so where the answer under the pins has no times.
        """
        kind = pinned.get("type") or next(
            (kind for key, kind in _IMPLIED.items() if pinned.get(key)), value.get("type")
        )
        times = {key: value.get(key) or usual for key, usual in _OF_COMMANDS.items()} if kind == "exec" else {}
        return {**value, "type": kind, **times}

    @staticmethod
    def follows(pinned: Iterable[str]) -> Iterator[str]:
        """Fields, `readiness.type`, that a pinned route or command says besides itself."""
        for which, _, key in (field.partition(".") for field in pinned):
            if key in _IMPLIED:
                yield from (f"{which}.{each}" for each in ("type", *(_OF_COMMANDS if key == "command" else ())))

    @property
    def patience(self) -> int:
        """Seconds that a container may fail before the kubelet acts."""
        return int(self.period or 0) * int(self.failures or 0)

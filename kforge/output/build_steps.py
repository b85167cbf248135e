"""Steps of a build → how much of it is done, and how long the rest may take. Unaware of terminals and of questions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# Share of a build's time that lies before each step: 500 services, 50 sources, cold, as `benchmarks/project.py` writes.
STEPS: Mapping[str, float] = MappingProxyType(
    {
        "reading the sources": 0.0,
        "settling decisions": 0.11,
        "making the manifests": 0.17,
        "checking the manifests": 0.44,
        "comparing with the files": 0.71,
        "writing": 0.86,
    }
)


class BuildSteps:
    """Where a build of one or several specs stands. All times are seconds of one clock."""

    def __init__(self, specs: int, now: float) -> None:
        self._specs, self._spec = specs, 0
        self._began = self._last = now
        self._name, self._share = "", 0.0

    def spec(self) -> None:
        """The next spec begins."""
        self._spec += 1

    def step(self, name: str, now: float) -> None:
        """A step begins. One that comes again, since an answer was refused, takes nothing back; of one that no build has it
        is not known how long it takes.
        """
        before, writing = STEPS.get(name, 0.0), STEPS["writing"]
        share = before if before == writing else (max(0, self._spec - 1) * writing + before) / max(1, self._specs)
        self._name, self._share, self._last = name, max(share, self._share), now

    def skip(self, seconds: float) -> None:
        """Time in which a model was asked says nothing of the rest."""
        self._began += seconds

    def lasts(self, now: float) -> float:
        """Seconds since the build began; 0 before its first step."""
        return now - self._began if self._name else 0.0

    def words(self) -> str:
        return f"spec {self._spec} of {self._specs}, {self._name}" if self._specs > 1 else self._name

    def left(self, now: float) -> float | None:
        """Seconds that the rest may take; None where nothing is known yet."""
        return max(0.0, self._total() - self.lasts(now)) if self._share and self._last > self._began else None

    def share(self, now: float) -> float | None:
        """How much is done, from 0 to 1. Within a step it goes on with the clock, and stays short of the end."""
        return None if self.left(now) is None else min(max(self.lasts(now) / self._total(), self._share), 0.99)

    def _total(self) -> float:
        return (self._last - self._began) / self._share

"""What a vendor takes for a model's tokens."""

from __future__ import annotations

from dataclasses import dataclass

from kforge.domain.model.request import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, as the source said on the day."""

    input: float
    output: float
    source: str
    date: str
    vendor: str = ""  # its name in `domain/model/vendors.py`

    def of(self, usage: Usage) -> float:
        """US dollars for so many tokens."""
        return (usage.input * self.input + usage.output * self.output) / 1e6

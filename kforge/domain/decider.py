"""Decider: who settled a decision, as the lock names it. Unaware of how an answer was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

_KEYS = {"by": "by", "provider": "provider", "model": "model", "identity": "identity", "instead_of": "instead of"}


@dataclass(frozen=True, slots=True)
class Decider:
    """The heuristics, a proposal of theirs that waits for approval, or a model with the provider that it was asked through.

    A lock comes with a pull request and may claim anything: a record in another form than `record` writes is kept in
    `odd` as it is, so that the lock keeps its bytes until `stages/claims.py` has judged it.
    """

    by: str  # "heuristics", "proposal" or "model"
    provider: str = ""
    model: str = ""
    identity: str = ""  # digest of the model's weights, where it is known
    instead_of: str = ""  # the model that gave no answer, or none reliable enough, so that the heuristics answered
    odd: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Decider:
        """The decider that a record in a lock names. `by` must be a text in it."""
        told = {field: record[key] for field, key in _KEYS.items() if type(record.get(key)) is str}
        made = cls(**told)
        return made if made.record() == record else replace(made, odd=record)

    def record(self) -> dict[str, Any]:
        """JSON for the lock: the fields that are not empty. No address: it differs from machine to machine."""
        if self.odd is not None:
            return dict(self.odd)
        return {key: value for field, key in _KEYS.items() if (value := getattr(self, field))}

    def __str__(self) -> str:
        """Who decided, for people: `heuristics`, `model NAME`, `heuristics (instead of NAME)`."""
        if self.by == "model":
            return f"model {self.model}".strip()
        return f"{self.by} (instead of {self.instead_of})" if self.instead_of else self.by


HEURISTICS = Decider("heuristics")
PROPOSAL = Decider("proposal")  # heuristics that know no more than a table of usual ways: a person approves it
MODEL = "model"

"""Reliability: how far a model's decision can be relied on, from 0 to 100, and what that rests on, as the lock keeps it.

Four parts are weighed: `confidence`, how sure the model was of its choices; `feedback`, how many decisions of models on
this topic people approved and how many they pinned to something else; `history`, what became of this model's answers on
this topic; `pattern`, how far the answer is what rules read surely of the wishes or what people approved elsewhere.

A part that cannot be known leaves its weight to the others. Where there is no feedback or history yet, they count as one
success and one failure (Laplace's rule of succession), which is 50: so a new project begins neither at 0 nor at 100, and
the first approval raises the score. A record proves nothing, and replaces no approval.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

WEIGHTS: Mapping[str, int] = {"confidence": 25, "feedback": 30, "history": 25, "pattern": 20}
UNTRIED = 50  # feedback and history before there is any
_SCORES = ("score", *WEIGHTS)
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,99}")
_MOST = 40  # fields of one record


@dataclass(frozen=True, slots=True)
class Reliability:
    """A model's decision, weighed when it was made. `feedback` and `history` are None where there was none yet,
    `confidence` and `pattern` where they could not be known.

    `repaired` says that an answer before it was refused; `refused` names fields that the spec has pinned to something
    else since. A record in another form than `record` writes is kept in `odd`, as a decider's is.
    """

    score: int
    confidence: int | None = None
    feedback: int | None = None
    history: int | None = None
    pattern: int | None = None
    repaired: bool = False
    refused: tuple[str, ...] = ()
    odd: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Reliability:
        """What a record in a lock says. Anything but what `record` writes is `odd`, and has score 0."""
        refused, repaired = record.get("refused", ()), record.get("repaired", False)
        sound = (
            "score" in record
            and record.keys() <= {*_SCORES, "repaired", "refused"}
            and all(type(record[name]) is int and 0 <= record[name] <= 100 for name in _SCORES if name in record)
            and record.get("repaired", True) is True
            and (refused == () or _are_fields(refused))
        )
        if not sound:
            return cls(0, odd=record)
        return cls(**{name: record[name] for name in _SCORES if name in record}, repaired=repaired, refused=(*refused,))

    def record(self) -> dict[str, Any]:
        """JSON for the lock: what is known."""
        if self.odd is not None:
            return dict(self.odd)
        known = {name: value for name in _SCORES if (value := getattr(self, name)) is not None}
        return {
            **known,
            **({"repaired": True} if self.repaired else {}),
            **({"refused": [*self.refused]} if self.refused else {}),
        }

    def parts(self) -> dict[str, int | None]:
        """Every part as it was weighed; None for one that could not be known."""
        return {
            "confidence": self.confidence,
            "feedback": UNTRIED if self.feedback is None else self.feedback,
            "history": UNTRIED if self.history is None else self.history,
            "pattern": self.pattern,
        }

    def shown(self) -> dict[str, Any]:
        """For machines: the score, every part, and which of them nothing is known of yet."""
        return {
            "score": self.score,
            **self.parts(),
            "untried": [name for name in ("feedback", "history") if getattr(self, name) is None],
            "repaired": self.repaired,
            "refused": [*self.refused],
        }

    def __str__(self) -> str:
        """For people: `78 of 100: confidence 91, feedback 50 (none yet), history 67, pattern 100`."""
        if self.odd is not None:
            return "unknown: the record in the lock was not written by a build"
        told = [
            f"{name} {'not known' if value is None else value}"
            f"{' (none yet)' if value is not None and getattr(self, name) is None else ''}"
            for name, value in self.parts().items()
        ]
        more = f"; pinned to other values since: {', '.join(self.refused)}" if self.refused else ""
        return f"{self.score} of 100: {', '.join(told)}{more}"


def _are_fields(names: Any) -> bool:
    return (
        type(names) is list
        and 0 < len(names) <= _MOST
        and all(type(name) is str and _FIELD.fullmatch(name) for name in names)
        and names == sorted(set(names))
    )


def weighed(parts: Mapping[str, int | None]) -> float:
    """The weighted mean of the parts that are known, 0 where none is."""
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return sum(WEIGHTS[name] * value for name, value in known.items()) / weight if weight else 0.0


def rated(reliability: Reliability, calibrated: Callable[[float], int]) -> Reliability:
    """The same parts with the score that a calibration (raw → score) gives them."""
    return replace(reliability, score=calibrated(weighed(reliability.parts())))

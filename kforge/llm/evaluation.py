"""Trials of a model → what they say of it. Pure statistics: unaware of who asked, and how.

A trial is one question put once, with its repairs. Agreement is counted field by field, over accepted answers alone;
right answers are counted over all trials that were answered, so an answer that was never accepted is not right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from kforge.domain.digest import canonical
from kforge.domain.model.price import Price
from kforge.domain.model.request import FaultKind, Usage

NONE = Usage()
ENOUGH = 3  # trials of a topic by which it is judged
GOOD_ENOUGH = 2 / 3  # right answers of a topic below which it is better left to the heuristics


@dataclass(frozen=True, slots=True)
class Trial:
    """One question to one model. `sound` tells of each answer that came whether it kept to the schema."""

    name: str  # of the question: its target, for a made one with the sentence
    repetition: int
    sound: tuple[bool, ...] = ()
    value: Mapping[str, Any] | None = None  # what was accepted in the end
    seconds: float = 0.0
    usage: Usage = NONE
    problem: str = ""  # why nothing was accepted: the last finding, or the provider's fault
    fault: FaultKind | None = None  # why no answer came at all
    hint: str = ""  # the way out of the fault
    kind: str = ""  # wish, fact, keep, refuse
    topic: str = ""
    known: bool = False  # whether a right answer is known
    right: bool = False  # where it is known
    moved: bool = False  # whether something is not as it is usual

    @property
    def tries(self) -> int:
        return len(self.sound)


@dataclass(frozen=True, slots=True)
class Score:
    """How many answers were right of those to questions whose right answer is known; of the others, how many moved
    something, and what share of their fields two repetitions agree in.
    """

    right: int = 0
    of: int = 0
    moved: int = 0
    unknown: int = 0
    steady: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the trials of one model come to. Shares go from 0 to 1, None where there is nothing to count."""

    model: str
    trials: int
    sound: float | None  # answers that kept to the schema, of all that came
    first: float | None  # trials whose first answer was accepted, of those that were answered
    repaired: float | None  # trials accepted after a repair
    refused: float | None  # trials in which nothing was accepted
    faults: int  # trials in which the provider failed
    locked: float | None  # fields as in the lock, of those accepted
    steady: float | None  # fields that two repetitions of a question agree in
    seconds: float  # of all trials
    median: float | None  # of a trial that was answered
    usage: Usage
    cost: float | None  # US dollars, None where the price is unknown
    price: Price | None = None
    problems: tuple[str, ...] = field(default=())  # the most frequent, each once
    kinds: Mapping[str, Score] = field(default_factory=dict)
    topics: Mapping[str, Score] = field(default_factory=dict)

    @property
    def too_small(self) -> tuple[str, ...]:
        """Topics in which too few answers are right."""
        return tuple(name for name, one in self.topics.items() if one.of >= ENOUGH and one.right < one.of * GOOD_ENOUGH)


def judge(
    model: str, trials: Sequence[Trial], locked: Mapping[str, Mapping[str, Any]], price: Price | None = None
) -> Verdict:
    """The verdict on one model. `locked` holds the decisions that the project lives with, by target."""
    answered = [trial for trial in trials if not trial.fault]
    number = len(answered)
    answers = [one for trial in trials for one in trial.sound]
    usage = Usage(sum(one.usage.input for one in trials), sum(one.usage.output for one in trials))
    seconds = sorted(trial.seconds for trial in answered)
    said = Counter(f"{trial.name}: {trial.problem}" for trial in trials if trial.problem)
    return Verdict(
        model=model,
        trials=len(trials),
        sound=_share(sum(answers), len(answers)),
        first=_share(sum(one.value is not None and one.tries == 1 for one in answered), number),
        repaired=_share(sum(one.value is not None and one.tries > 1 for one in answered), number),
        refused=_share(sum(one.value is None for one in answered), number),
        faults=len(trials) - number,
        locked=_agreement(
            [(one.value, locked[one.name]) for one in trials if one.value is not None and one.name in locked]
        ),
        steady=_agreement(list(_pairs(trials))),
        seconds=sum(trial.seconds for trial in trials),
        median=(seconds[(number - 1) // 2] + seconds[number // 2]) / 2 if seconds else None,
        usage=usage,
        cost=None if price is None else price.of(usage),
        price=price,
        problems=tuple(problem for problem, _ in sorted(said.items(), key=lambda item: (-item[1], item[0]))[:5]),
        kinds={kind: _score(many) for kind, many in _grouped(answered, lambda one: one.kind).items()},
        topics={topic: _score(many) for topic, many in _grouped(answered, lambda one: one.topic).items()},
    )


def _grouped(trials: Sequence[Trial], key: Callable[[Trial], str]) -> dict[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in sorted(trials, key=key):
        found.setdefault(key(trial), []).append(trial)
    return found


def _score(trials: Sequence[Trial]) -> Score:
    unknown = [one for one in trials if not one.known]
    return Score(
        right=sum(one.right for one in trials),
        of=len(trials) - len(unknown),
        moved=sum(one.moved for one in unknown),
        unknown=len(unknown),
        steady=_agreement(list(_pairs(unknown))),
    )


def _pairs(trials: Sequence[Trial]) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Any two accepted answers to the same question."""
    by: dict[str, list[Mapping[str, Any]]] = {}
    for trial in trials:
        if trial.value is not None:
            by.setdefault(trial.name, []).append(trial.value)
    return [pair for _, values in sorted(by.items()) for pair in combinations(values, 2)]


def _agreement(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> float | None:
    equal = [
        canonical(one.get(name)) == canonical(other.get(name))
        for one, other in pairs
        for name in sorted(one.keys() | other.keys())
    ]
    return _share(sum(equal), len(equal))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None

"""A case → its result: the small project is made, its decisions are settled as a build settles them, and compared.

Nothing is written but the project itself. Whoever answers, the heuristics' decision on the same input is what must
stay where the case expects nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.decisions.cases import Case
from benchmarks.decisions.expectation import moved, unmet
from kforge import catalog
from kforge.domain.decider import MODEL as MODELS
from kforge.domain.lock import Lock
from kforge.domain.model.machine import Setting
from kforge.domain.model.request import Completion, Endpoint, Fault, Message, Request
from kforge.domain.reliability import Reliability, weighed
from kforge.domain.spec.project import Project
from kforge.llm.model_session import ModelSession
from kforge.outcome import Options
from kforge.pipeline import load
from kforge.stages.decide import DecideOptions, Settled, decide

if TYPE_CHECKING:
    from kforge.llm.joint_answers import JointAnswers
    from kforge.llm.lazy_client import LazyClient
    from kforge.outcome import Loaded

OPTIONS = Options(today=date(2026, 1, 1))
MODEL = "auto"  # in the spec; which model that is, the command line says
ANSWERS = ("cut", "refused", "garbled")  # faults of an answer; others end the run, since they say nothing of the model


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: which attempt at its question, tokens in and out, seconds. None: a stored answer took none."""

    attempt: int
    input: int
    output: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RatedDecision:
    """A model's decision about a topic of a case: whether it is right, what its reliability is made of, and the score. There
    is no feedback and no history in a case.
    """

    topic: str
    right: bool
    confidence: int | None
    pattern: int | None
    score: int

    @property
    def raw(self) -> float:
        """The weighted mean of the parts, which a calibration turns into a score."""
        return weighed(Reliability(0, confidence=self.confidence, pattern=self.pattern).parts())


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a case. `end`: unasked, first (try), repaired, or refused, where the heuristics stepped in."""

    case: str
    right: bool
    wrong: tuple[str, ...] = ()  # expectations that do not hold
    broken: tuple[str, ...] = ()  # fields that moved and must not
    end: str = "unasked"
    said: bool = False  # a line to the user names the wish
    asked: tuple[Asked, ...] = ()
    rated: tuple[RatedDecision, ...] = ()


class CountedSession(ModelSession):
    """A session that keeps count of its requests, however many a decision takes."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.asked: list[Asked] = []
        self.endpoint: Endpoint | None = None
        self.fault: Fault | None = None
        self.took: dict[tuple[Message, ...], float] = {}  # seconds of questions that were asked together with others

    def __enter__(self) -> CountedSession:
        return self

    def joint(self, name: str) -> JointAnswers:
        """Several questions in one request to a model."""
        return self._joint(self._client(name, Setting(name, "the command line")))

    def _complete(self, client: LazyClient, request: Request) -> Completion:
        self.endpoint, begin = client.endpoint, time.monotonic()
        try:
            completion = super()._complete(client, request)
        except Fault as fault:
            if fault.kind not in ANSWERS:
                self.fault = fault
            self.asked.append(Asked(request.attempt, 0, 0, round(time.monotonic() - begin, 3)))
            raise
        seconds = self.took.get(request.messages) if completion.known else time.monotonic() - begin
        took = None if seconds is None else round(seconds, 3)
        self.asked.append(Asked(request.attempt, completion.usage.input, completion.usage.output, took))
        return completion


def settled(case: Case, folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """What the heuristics decide, by topic. Raises Error where they need the user."""
    project = Project(case.write(folder), folder)
    return values(case, _decided(load(project, OPTIONS), None))


def values(case: Case, found: Settled) -> Mapping[str, Mapping[str, Any]]:
    """The decisions of the case's topics."""
    return {topic: found.values[case.service, topic] for topic in case.topics if (case.service, topic) in found.values}


def by_heuristics(case: Case, folder: Path) -> Result:
    """What a case is without any model."""
    wrong = tuple(unmet(case.expect, settled(case, folder)))
    return Result(case.name, not wrong, wrong)


def by_model(case: Case, folder: Path, session: CountedSession, told: Sequence[str]) -> Result:
    """What a model makes of a case. `told` are the lines to the user. Raises Fault and Error for what ends the run."""
    usual = settled(case, folder / "usual")
    project = Project(case.write(folder / "asked", MODEL), folder / "asked")
    session.begin(project)
    session.asked.clear()
    found = _decided(load(project, OPTIONS), session)
    if session.fault:
        raise session.fault
    decided = values(case, found)
    wrong = tuple(unmet(case.expect, decided))
    broken = tuple(moved(case.expect, case.free, decided, usual))
    end = _end(case, found, session.asked)
    said = any(wish[:24] in line for wish in case.wishes() for line in told)
    rated = tuple(_rated(case, found, (*wrong, *broken)))
    return Result(case.name, not (wrong or broken), wrong, broken, end, said, tuple(session.asked), rated)


def _rated(case: Case, found: Settled, faults: Sequence[str]) -> Iterator[RatedDecision]:
    """The model's decisions; a fault names its topic first."""
    for topic in values(case, found):
        one = found.decisions[case.service, topic]
        if one.decider.by == MODELS and one.reliability:
            right = not any(fault.startswith(f"{topic}.") for fault in faults)
            made = one.reliability
            yield RatedDecision(topic, right, made.confidence, made.pattern, made.score)


def _decided(loaded: Loaded, session: ModelSession | None) -> Settled:
    ask = (session.who if session else OPTIONS.ask)(loaded.world)
    named = loaded.world.spec.model
    wishes = replace(DecideOptions(), decides=frozenset(named.decides) if named else frozenset())
    return decide(loaded.world, catalog.topics(), Lock(), ask, wishes)


def _end(case: Case, found: Settled, asked: list[Asked]) -> str:
    if any(found.decisions[case.service, topic].decider.instead_of for topic in values(case, found)):
        return "refused"
    if not asked:
        return "unasked"
    return "repaired" if any(one.attempt for one in asked) else "first"

"""Deciding: what becomes of a locked answer when the spec pins a part of it no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.decider import HEURISTICS, Decider
from kforge.domain.decision import Answer
from kforge.domain.lock import Lock, ServiceLock
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply
from kforge.domain.spec.types import Spec
from kforge.domain.world import World
from kforge.stages.decide import DecideOptions, decide
from tests.questions import WEB, taken, worded

RECORD = Decider("model", "openai", "tiny")
WISHES = DecideOptions(decides=frozenset(("probes",)))
TCP = {"type": "tcp", "path": "", "port": "http", "period": 10, "timeout": 2, "failures": 3}


def answering(**probes: Any) -> Ask:
    """A model that answers `probes` so, and the heuristics for the rest."""

    def reply(one: PendingDecision) -> Reply:
        question = one.question()
        if one.topic.name != "probes":
            return question.baseline, HEURISTICS
        told = {name: {**worded(question, name), **parts} for name, parts in probes.items()}
        value, usual = taken(question, **told), question.baseline
        reasons = {
            name: usual.reasons[name] if value[name] == usual.value[name] else "it sorts pictures" for name in value
        }
        return Answer(value, reasons), RECORD

    def ask(questions: Sequence[PendingDecision]) -> list[Reply]:
        return [reply(one) for one in questions]

    return ask


def settled(ask: Ask, lock: Lock, **pins: Any) -> Lock:
    block = {"source": "./web", **({"probes": pins} if pins else {})}
    raw = {"apiVersion": "kforge.dev/v1", "app": "shop", "services": {"web": block}, "model": {"name": "tiny"}}
    made = World(Spec.model_validate(raw), raw, {"web": WEB}, catalog.languages())
    found = decide(made, catalog.topics(), lock, ask, WISHES).decisions
    return Lock(services={"web": ServiceLock(decisions={topic: each.record() for (_, topic), each in found.items()})})


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        ({**TCP, "period": 99}, {**TCP, "path": None, "period": 10}),  # the rest stays
        ({"type": "http", "path": "/readyz"}, None),  # that rest does not fit: a port that is asked for a path
    ],
    ids=["fits", "does not"],
)
def test_the_rest_of_an_answer_stays_where_it_fits_what_a_pin_held(later: Any, kept: Any) -> None:
    lock = settled(answering(liveness=TCP), Lock(), liveness={"path": "/x"})
    now = settled(answering(liveness=later), lock)
    fresh = settled(answering(liveness=later), Lock())
    found, wanted = (each.services["web"].decisions["probes"].value["liveness"] for each in (now, fresh))
    assert found == (kept or wanted)
    assert settled(answering(), now) == now

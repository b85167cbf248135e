"""The cases of `benchmarks/decisions`: their form, that they can be met, and what heuristics make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.decisions import results, trial
from benchmarks.decisions.__main__ import alone
from benchmarks.decisions.cases import HALVES, KINDS, Case, load
from benchmarks.decisions.expectation import CHECKS, Decided, at, moved, unmet
from kforge import catalog
from kforge.deciders.heuristics import ask as heuristic_answers
from kforge.domain.decider import Decider
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply
from kforge.domain.spec.project import Project
from kforge.domain.world import World
from kforge.llm.model_session import SessionOptions
from kforge.pipeline import valid
from kforge.system.settings import Flags

CASES = load()
LEAST = {"wish": 60, "fact": 50, "keep": 30, "refuse": 10}
PARTS = {"type", "path", "port", "period", "timeout", "failures", "patience"}
PORT = {"name", "port", "protocol", "env"}


@pytest.fixture(scope="module")
def heuristics() -> results.Journal:
    return alone(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_cases_spec_is_valid(case: Case, tmp_path: Path) -> None:
    for model in ("", "any"):
        spec = case.write(tmp_path, model)
        assert case.service in valid(Project(spec, tmp_path), spec.read_text(encoding="utf-8")).services


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_expects_fields_that_its_topics_have(case: Case) -> None:
    fields = {f"{topic.name}.{field}" for topic in catalog.topics() for field in topic.fields}
    for path in (*case.expect, *case.free):
        topic, field, *below = path.split(".")
        assert topic in case.topics and f"{topic}.{field}" in fields
        known = {"probes": PARTS, "process": PORT | {"0", "1", "2"}}.get(topic, set())
        assert set(below) <= known
    for wanted in case.expect.values():
        assert not isinstance(wanted, Mapping) or set(wanted) <= set(CHECKS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_can_be_judged_alone(case: Case) -> None:
    assert case.why
    assert bool(case.expect) or case.kind in ("keep", "refuse")
    assert bool(case.wishes()) or case.kind in ("fact", "keep")
    assert bool(case.files) or "image" in case.block


def test_there_are_enough_cases_of_every_kind_and_half_of_each_is_kept_apart() -> None:
    counts = Counter((case.kind, case.half) for case in CASES)
    for kind in KINDS:
        tuned, held = (counts[kind, half] for half in HALVES)
        assert tuned + held >= LEAST.get(kind, 0)
        assert abs(tuned - held) <= 1


def test_the_row_of_the_heuristics_is_current(heuristics: results.Journal) -> None:
    """Renew it with `python -m benchmarks.decisions --write`."""
    assert results.journals()[0] == heuristics


def test_the_page_is_made_of_the_journals() -> None:
    assert results.PAGE.read_text(encoding="utf-8") == results.page(CASES, results.journals())


def test_heuristics_meet_no_wish(heuristics: results.Journal) -> None:
    """Otherwise it asks for what is so already, and says nothing of a model."""
    assert not [case.name for case in CASES if case.kind == "wish" and heuristics.results[case.name].right]


def test_heuristics_keep_what_is_to_stay(heuristics: results.Journal) -> None:
    assert not [
        case.name for case in CASES if case.kind in ("keep", "refuse") and not heuristics.results[case.name].right
    ]


@pytest.mark.parametrize(
    ("wanted", "found", "holds"),
    [
        ("2Gi", "2048Mi", True),
        ("2Gi", "2Mi", False),
        ({"atLeast": "1Gi", "atMost": "1500m"}, "1Gi", False),
        ({"atLeast": 300}, 300, True),
        ({"atMost": 300}, 301, False),
        ({"oneOf": ["100%", 4]}, "4", True),
        ({"oneOf": ["100%", 4]}, "25%", False),
        ({"contains": ["a"]}, ["b", "a"], True),
        ({"contains": "alpine"}, "python:3.13-alpine", True),
        ({"lacks": ["a"]}, ["b", "a"], False),
        ({"matches": "--workers[ =]4( |$)"}, ["gunicorn", "--workers", "4", "app:app"], True),
        ({"matches": "--workers[ =]4( |$)"}, ["gunicorn", "--workers", "40", "app:app"], False),
        ({"matches": "build:production"}, [["npm", "run", "build:production"]], True),
        ({"matches": "None"}, None, False),
        ({"absent": True}, [], True),
        ({"absent": True}, {"type": "none"}, True),
        ({"absent": True}, {"type": "tcp"}, False),
        (None, None, True),
        ({"atLeast": "1Gi"}, None, False),
    ],
)
def test_a_value_is_held_against_what_is_wanted(wanted: Any, found: Any, holds: bool) -> None:
    assert (not list(unmet({"topic.field": wanted}, {"topic": {"field": found}}))) is holds


class Obedient(trial.CountedSession):
    """A session of a model that sets fields as it is told, after a question and a repair."""

    def __init__(self, **fields: Any) -> None:
        super().__init__(SessionOptions(Flags()))
        self._fields = fields

    def who(self, world: World) -> Ask:
        def ask(questions: Sequence[PendingDecision]) -> Sequence[Reply]:
            replies = list(heuristic_answers(questions))
            for number, one in enumerate(questions):
                if world.spec.model and one.topic.name in world.spec.model.decides:
                    reply = replies[number]
                    assert isinstance(reply, tuple)
                    self.asked += [trial.Asked(0, 100, 20, 1.0), trial.Asked(1, 120, 20, 1.0)]
                    replies[number] = (
                        replace(reply[0], value={**reply[0].value, **self._fields}),
                        Decider("model", model="m"),
                    )
            return replies

        return ask


@pytest.mark.parametrize(
    ("fields", "right", "broken"),
    [({"memory": "2Gi"}, True, 0), ({"memory": "2Gi", "cpu": "4"}, False, 1), ({"memory": "1Gi"}, False, 0)],
)
def test_a_model_is_right_where_it_sets_what_is_asked_for_and_nothing_else(
    fields: Mapping[str, str], right: bool, broken: int, tmp_path: Path
) -> None:
    case = next(case for case in CASES if case.name == "two-gibibytes-for-a-model")
    told = [f"the wish `{case.wishes()[0]}` changed nothing"]
    with Obedient(**fields) as session:
        made = trial.by_model(case, tmp_path, session, told)
    assert (made.right, len(made.broken), made.end, made.said, len(made.asked)) == (right, broken, "repaired", True, 2)


def test_patience_is_the_period_times_the_failures() -> None:
    assert at({"probes": {"startup": {"period": 10, "failures": 6}}}, "probes.startup.patience") == 60


@pytest.mark.parametrize(
    ("expect", "free", "told"),
    [
        ({}, (), 2),
        ({"probes.startup.patience": 60}, (), 1),
        ({"probes.startup.period": 10}, ("rollout.drain",), 0),
        ({"probes.startup": {"absent": True}}, ("rollout",), 0),
    ],
)
def test_a_field_that_nobody_named_has_moved(expect: Mapping[str, Any], free: tuple[str, ...], told: int) -> None:
    usual: Decided = {"probes": {"startup": {"type": "tcp", "period": 2}}, "rollout": {"drain": 5, "surge": "25%"}}
    decided: Decided = {"probes": {"startup": {"type": "tcp", "period": 10}}, "rollout": {"drain": 9, "surge": "25%"}}
    assert len(list(moved(expect, free, decided, usual))) == told


def test_a_journal_comes_back_as_it_was_written(tmp_path: Path) -> None:
    asked = (trial.Asked(0, 180, 40, 5.25), trial.Asked(1, 190, 41, None))
    one = trial.Result("a", False, ("b",), ("c",), "repaired", True, asked)
    journal = results.Journal("Some/Model:7b", {"a": one}, "embedded", (0.25, 2.0))
    assert results.read(journal.write(tmp_path)) == journal


def test_the_page_counts_every_half_and_names_no_case_of_the_one_kept_apart() -> None:
    wishes = [case for case in CASES if case.kind == "wish"][:4]
    made = {case.name: trial.Result(case.name, case == wishes[0], ("said no",), end="first") for case in wishes}
    text = results.page(wishes, [results.Journal("m", made)])
    assert "| 1/2, 0/2 |" in text
    assert [case.name in text for case in wishes] == [False, False, True, False]

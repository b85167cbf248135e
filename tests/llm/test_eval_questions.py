"""What a model is judged by on a project: what is right is known by construction, by a rule's reading, or by a person."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kforge.domain.approval import approve
from kforge.domain.decider import Decider
from kforge.domain.lock import LockedDecision
from kforge.domain.model.pending_decision import PendingDecision
from kforge.llm.answer import read_answer
from kforge.llm.eval_questions import KINDS, EvalQuestion, made_questions, own_question
from kforge.llm.small_question import small_form
from tests import wishes
from tests.conftest import copied, run
from tests.llm.server import MODEL, usual
from tests.questions import TOPICS, WEB, question
from tests.worlds import GO, NODE


def pending(facts: Any = WEB, service: dict[str, Any] | None = None) -> list[PendingDecision]:
    """Every decision of a service, as a build looks at it."""
    found = []
    for topic in TOPICS:
        asked = question(topic, facts, service or {})
        found.append(PendingDecision(asked.topic, asked.view, asked.pinned, None, "open", "", asked.facts))
    return found


def made(facts: Any = WEB, service: dict[str, Any] | None = None) -> list[EvalQuestion]:
    return [*made_questions(pending(facts, service))]


def answer(one: EvalQuestion, **said: str) -> Any:
    form = small_form(one.question)
    assert form
    silent = {name: schema["enum"][-1] for name, schema in form.schema()["properties"].items()}
    asked = one.question
    return read_answer(json.dumps(silent | said), asked).value


@pytest.mark.parametrize("facts", [WEB, NODE, GO], ids=["python", "node", "go"])
def test_made_questions_are_few_and_of_every_kind_but_facts(facts: Any) -> None:
    found = made(facts)
    assert 8 <= len(found) <= 20
    assert {one.kind for one in found} == {"wish", "keep", "refuse"}
    assert [one.name for one in found] == [one.name for one in made(facts)]
    assert len({one.name for one in found}) == len(found)


def test_who_leaves_all_as_it_is_is_right_about_what_asks_for_nothing_and_hears_no_wish() -> None:
    for one in made():
        assert one.right(one.usual) is (one.kind != "wish"), one.name
        assert not one.moved(one.usual)


def test_every_made_wish_has_an_answer_that_is_right() -> None:
    for one in made():
        form = small_form(one.question)
        assert form
        properties = form.schema()["properties"]
        if one.kind == "wish":
            tried = [answer(one, **{name: each}) for name in properties for each in properties[name]["enum"][:-1]]
            assert any(one.right(value) for value in tried), one.name


def test_what_moves_beside_the_wish_is_not_right() -> None:
    one = next(one for one in made() if one.kind == "wish" and one.topic == "resources")
    form = small_form(one.question)
    assert form
    key, schema = next(iter(form.schema()["properties"].items()))
    value = {**answer(one, **{key: schema["enum"][0]})}
    assert one.right(value)
    assert not one.right({**value, "storage": "3Gi"})


def test_a_decision_that_pins_say_is_not_asked_about() -> None:
    pins = {"resources": {"memory": "1Gi", "memoryLimit": "1Gi", "cpu": "1", "cpuLimit": "2", "storage": "1Gi"}}
    assert not [one for one in made(service=pins) if one.topic == "resources"]


def own(topic: str, service: dict[str, Any], locked: LockedDecision | None = None) -> EvalQuestion:
    return own_question(question(topic, WEB, service), locked)


def test_an_own_wish_is_right_as_a_rule_reads_it() -> None:
    one = own("resources", {"requirements": "2 GiB of memory"})
    assert one.right({**one.usual, "memory": "2Gi"}) is True
    assert one.right(one.usual) is False


@pytest.mark.parametrize("wish", ["rather 300 MiB", "4000 GiB of memory"])
def test_of_an_own_wish_that_no_rule_reads_or_a_limit_stands_against_no_truth_is_known(wish: str) -> None:
    assert own("resources", {"refine": [f"resources: {wish}"]}).right({}) is None


def test_what_a_person_approved_is_right() -> None:
    decider = Decider(by="model", model="m")
    locked = LockedDecision(value={"memory": "300Mi"}, reasons={}, decider=decider, revision=1, inputs={})
    wish = {"refine": ["resources: rather 300 MiB"]}
    assert own("resources", wish, locked).right({"memory": "300Mi"}) is None
    one = own("resources", wish, approve(locked))
    assert one.right({"memory": "300Mi", "cpu": "1"}) is True
    assert one.right({"memory": "192Mi", "cpu": "1"}) is False


# ---- the command ----------------------------------------------------------------------------------------------
def evaluated(cwd: Any, *words: str, code: int = 0) -> Any:
    return json.loads(run("evaluate", "--models", MODEL, "-n", "1", "--format", "json", *words, cwd=cwd, code=code).out)


def test_an_app_without_a_wish_can_be_evaluated(model: Any, tmp_path: Any) -> None:
    folder = copied("hello", tmp_path / "plain")
    told = evaluated(folder)
    kinds = told["models"][0]["kinds"]
    assert set(kinds) == {"wish", "keep", "refuse"}
    assert kinds["wish"]["right"] == 0 < kinds["wish"]["of"]  # this server says of every wish that it asks for nothing
    assert kinds["keep"]["right"] == kinds["keep"]["of"] > 0
    assert all(not one["own"] and one["known"] for one in told["questions"])


def test_a_model_too_small_for_a_topic_is_named(model: Any, tmp_path: Any) -> None:
    folder = copied("hello", tmp_path / "plain")
    shown = run("evaluate", "--models", MODEL, "-n", "2", cwd=folder, code=0).out
    assert f"{MODEL} is too small for " in shown
    assert "probes: " in shown
    assert "leave them to the heuristics: " in shown
    assert "left alone where nothing is asked for" in shown


def test_a_kind_can_be_asked_alone(model: Any, tmp_path: Any) -> None:
    folder = copied("hello", tmp_path / "plain")
    assert {one["kind"] for one in evaluated(folder, "--kind", "keep", "-k", "refuse")["questions"]} == {
        "keep",
        "refuse",
    }
    ended = run("evaluate", "--models", MODEL, "--kind", "fact", cwd=folder, code=2)
    assert "no question of the kind `fact`" in ended.err


def test_own_wishes_that_were_read_or_moved_are_told_apart(model: Any, hello: Any) -> None:
    def heard(body: dict[str, Any]) -> str:
        said = json.loads(usual(body))
        return json.dumps(said | {wishes.MEMORY: "memory"} if wishes.MEMORY in said else said)

    model.answer = heard
    wish = evaluated(hello, "--own")["models"][0]["kinds"]["wish"]
    assert (wish["of"], wish["moved"], wish["unknown"]) == (
        0,
        2,
        5,
    )  # by the answer, and by what a rule reads of a port


def test_where_pins_say_all_there_is_nothing_to_evaluate(model: Any, tmp_path: Any) -> None:
    folder = copied("hello", tmp_path / "plain")
    spec = folder / "app.kforge.yaml"
    pins = "{memory: 1Gi, memoryLimit: 1Gi, cpu: '1', cpuLimit: '2', storage: 1Gi}"
    text = spec.read_text().replace("source: ./web", f"source: ./web, resources: {pins}")
    spec.write_text(text + f"model: {{name: {MODEL}, decides: [resources]}}\n")
    assert "a model has nothing to decide here" in run("evaluate", "--models", MODEL, cwd=folder, code=2).err


def test_kinds_have_the_names_of_the_benchmark() -> None:
    from benchmarks.decisions.cases import KINDS as CASES

    assert KINDS == CASES

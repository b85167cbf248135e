"""How far a model's decision can be relied on: on record, shown, and a minimum that sends it to a person or the heuristics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import locks
from tests.conftest import CURRENT, contents, edit, run
from tests.llm.conftest import asking
from tests.llm.server import MODEL, Asked, other, target

ASKED = f"model: {{name: {MODEL}, decides: [resources]}}"


def weighed(folder: Path, minimum: str = "") -> Path:
    """A project whose spec leaves the topic `resources` to a model, with more said of it."""
    made = asking(folder, decides="resources")
    edit(made / "app.kforge.yaml", ASKED, f"{ASKED[:-1]}{minimum}}}")
    return made


def record(folder: Path) -> dict[str, object]:
    """What the lock says of the decision's reliability."""
    [line] = [line for line in (folder / "kforge.lock").read_text().splitlines() if "reliability:" in line]
    found = json.loads(line.partition(": ")[2])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return weighed(tmp_path / "plain")


def test_a_models_decision_is_locked_with_what_its_reliability_rests_on(model: Asked, folder: Path) -> None:
    model.tells = True
    run("build", cwd=folder, code=0)
    found = record(folder)
    assert found == {"score": found["score"], "confidence": 100}


def test_where_a_server_tells_nothing_nothing_is_asked_for_it(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    assert record(folder).keys() == {"score"}
    assert [*map(target, model.bodies)].count("web/resources") == 1


def test_with_a_minimum_it_is_asked_again_whether_the_answers_agree(model: Asked, tmp_path: Path) -> None:
    said = iter(["memory", "memory", "something else"])
    model.answer = lambda body: other(body, **({"300_MiB": next(said)} if target(body) else {}))
    folder = weighed(tmp_path / "other", ", minimum: 1")
    run("build", cwd=folder, code=0)
    assert record(folder)["confidence"] == 67
    bodies = [body for body in model.bodies if target(body)]
    assert [body["temperature"] for body in bodies] == [0, 0.7, 0.7]
    assert len({body["seed"] for body in bodies}) == 3


def test_two_machines_and_two_builds_make_the_same_bytes(
    model: Asked, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", cwd=folder, code=0)
    before = contents(folder)
    run("build", cwd=folder, code=0)
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "another"))
    there = weighed(tmp_path / "there")
    run("build", cwd=there, code=0)
    assert contents(folder) == before
    assert (there / "kforge.lock").read_bytes() == (folder / "kforge.lock").read_bytes()


def test_every_way_to_look_at_a_decision_shows_its_parts(model: Asked, folder: Path) -> None:
    model.tells = True
    run("build", cwd=folder, code=0)
    told = f"{record(folder)['score']} of 100: confidence 100, feedback 50 (none yet), history 50 (none yet), pattern not known"
    assert told in " ".join(run("explain", "-v", "web/resources", "memory", cwd=folder, code=0).out.split())
    assert told in " ".join(run("plan", "--all", cwd=folder, code=0).out.split())
    assert told in " ".join(run("approve", cwd=folder, code=1).out.split())
    [field] = json.loads(run("explain", "web/resources", "memory", "--format", "json", cwd=folder, code=0).out)
    decisions = json.loads(run("plan", "--format", "json", cwd=folder, code=0).out)["decisions"]
    [planned] = [one for one in decisions if one["target"] == "web/resources"]
    assert field["reliability"] == planned["reliability"]
    assert (planned["reliability"]["confidence"], planned["reliability"]["untried"]) == (100, ["feedback", "history"])
    assert all(one["reliability"] is None for one in decisions if one["target"] != "web/resources")


def test_an_answer_that_is_given_again_keeps_its_record(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    before = contents(folder)
    run("build", "--ask", "web/resources", cwd=folder, code=0)
    assert contents(folder) == before


def test_an_approval_counts_for_the_next_answer(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    first = record(folder)["score"]
    run("approve", "--all", cwd=folder, code=0)
    model.answer = lambda body: other(body, **{"300_MiB": "memory"})
    edit(folder / "app.kforge.yaml", "300 MiB is a guess", "300 MiB is enough")
    run("build", cwd=folder, code=0)
    found = record(folder)
    assert (found["feedback"], "history" in found) == (67, False)
    assert found["score"] > first  # type: ignore[operator]


# ---- a minimum ------------------------------------------------------------------------------------------------
def test_below_the_minimum_a_decision_waits_for_a_person(model: Asked, tmp_path: Path) -> None:
    folder = weighed(tmp_path / "strict", ", minimum: 100")
    built = run("build", cwd=folder, code=0)
    assert "web/resources: reliability" in built.out and "kforge approve web/resources" in built.out
    checked = run("check", cwd=folder, code=1)
    assert "web/resources was decided by a model less reliably than `model.minimum` asks" in checked.out
    assert json.loads(run("check", "--format", "json", cwd=folder, code=1).out)["specs"][0]["unreliable"] == [
        "web/resources"
    ]
    assert "less reliably" in run("check", "--format", "github", cwd=folder, code=1).out
    run("approve", "web/resources", cwd=folder, code=0)
    assert CURRENT.fullmatch(run("check", cwd=folder, code=0).err)
    run("check", "--full", cwd=folder, code=0)


def test_at_the_minimum_nothing_waits(model: Asked, tmp_path: Path) -> None:
    folder = weighed(tmp_path / "easy", ", minimum: 0")
    run("build", cwd=folder, code=0)
    run("check", cwd=folder, code=0)


def test_a_minimum_that_is_set_later_holds_for_what_is_locked(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    edit(folder / "app.kforge.yaml", ASKED, f"{ASKED[:-1]}, minimum: 100}}")
    run("check", cwd=folder, code=1)


def test_below_the_minimum_the_heuristics_answer_stands_where_the_spec_says_so(model: Asked, tmp_path: Path) -> None:
    folder = weighed(tmp_path / "handed", ", minimum: 100, below: heuristics")
    built = run("build", cwd=folder, code=0)
    assert f"`web/resources` is left to the heuristics instead of `{MODEL}`: reliability" in built.err
    held = locks.read(folder)["services"]["web"]["decisions"]["resources"]
    assert held["decider"] == {"by": "heuristics", "instead of": MODEL}
    assert "reliability:" not in (folder / "kforge.lock").read_text()
    model.forget()
    run("build", cwd=folder, code=0)
    assert model.bodies == []
    run("check", "--full", cwd=folder, code=0)


@pytest.mark.parametrize("odd", [", minimum: 101", ", minimum: high", ", minimum: 85, below: nobody", ", below: 3"])
def test_a_minimum_that_is_none_is_an_error(tmp_path: Path, odd: str) -> None:
    run("build", cwd=weighed(tmp_path / "odd", odd), code=2)
    run("check", cwd=tmp_path / "odd", code=2)


# ---- what the lock says ---------------------------------------------------------------------------------------
def test_a_lock_without_a_record_stays_as_it_is(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    held = locks.read(folder)
    locks.write(folder, held)  # which keeps no reliability, as kforge did before
    before = contents(folder)
    assert "reliability:" not in (folder / "kforge.lock").read_text()
    run("check", "--full", cwd=folder, code=0)
    run("build", cwd=folder, code=0)
    assert contents(folder) == before


def test_a_pin_to_another_value_is_remembered_as_a_refusal(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    edit(folder / "app.kforge.yaml", "{source: .", "{resources: {memory: 3Gi}, source: .")
    run("build", cwd=folder, code=0)
    assert record(folder)["refused"] == ["memory"]
    before = contents(folder)
    run("build", cwd=folder, code=0)
    assert contents(folder) == before


FORGED = ['{"score": 101}', '{"confidence": 97}', '{"luck": 1, "score": 1}', '{"score": 99.5}']


@pytest.mark.parametrize("forged", FORGED)
def test_a_record_that_no_build_writes_is_found(model: Asked, folder: Path, forged: str) -> None:
    run("build", cwd=folder, code=0)
    edit(folder / "kforge.lock", json.dumps(record(folder), sort_keys=True), forged)
    told = run("check", "--full", cwd=folder, code=1)
    assert "web/resources is stale: the lock has a reliability that no build writes" in told.out


def test_a_record_of_what_no_model_decided_is_found(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    edit(
        folder / "kforge.lock",
        "    rollout:\n      by: heuristics\n",
        '    rollout:\n      by: heuristics\n      reliability: {"score": 99}\n',
    )
    assert "web/rollout is stale: the lock has a reliability" in run("check", "--full", cwd=folder, code=1).out


def test_a_score_replaces_no_approval(model: Asked, folder: Path) -> None:
    run("build", cwd=folder, code=0)
    found = record(folder)
    edit(folder / "kforge.lock", json.dumps(found, sort_keys=True), json.dumps({**found, "score": 100}, sort_keys=True))
    assert "not approved yet" in run("check", "--approved", cwd=folder, code=1).out

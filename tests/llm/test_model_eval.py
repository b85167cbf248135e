"""Models are compared on the project's own questions, past every cache; nothing is written."""

import json
import signal
import subprocess
import sys
import time

import pytest

from tests import wishes
from tests.conftest import contents, run
from tests.growth import ENDLESS, SOON
from tests.llm.server import MODEL, target, usual
from tests.models import fakes


def told(cwd, *words, code=0):
    return json.loads(run("evaluate", "--models", MODEL, "--own", "--format", "json", *words, cwd=cwd, code=code).out)


def test_every_question_is_asked_so_many_times_with_other_seeds(model, hello):
    run("build", cwd=hello, code=0)
    before = contents(hello)
    model.forget()
    verdict = told(hello, "-n", "2")["models"][0]
    assert len(model.targets) == 10
    assert len({body["seed"] for body in model.bodies if target(body) == "web/build"}) == 2
    assert (verdict["sound"], verdict["first"], verdict["locked"], verdict["steady"]) == (1.0, 1.0, 1.0, 1.0)
    assert (verdict["usage"], verdict["cost"]) == ({"input": 1000, "output": 200}, 0.0)
    assert contents(hello) == before


def test_the_locked_answer_is_not_shown_to_who_is_tried(model, hello):
    run("build", cwd=hello, code=0)
    model.forget()
    told(hello, "-n", "1")
    assert all("the answer until now" not in str(body) for body in model.bodies)


def test_repairs_and_refusals_are_counted(model, hello):
    def answer(body):
        if target(body) == "web/build" and len(body["messages"]) == 2:
            return "no"
        return "never" if target(body) == "web/rollout" else usual(body)

    model.answer = answer
    verdict = told(hello, "-n", "1")["models"][0]
    assert (verdict["first"], verdict["repaired"], verdict["refused"]) == (0.6, 0.2, 0.2)
    assert verdict["sound"] == 4 / 8
    assert verdict["problems"][0].startswith("web/rollout: ")


def test_no_answer_is_an_attempt_as_in_a_build(model, hello):
    model.answer = lambda body: "" if target(body) == "web/build" and len(body["messages"]) == 2 else usual(body)
    verdict = told(hello, "-n", "1")["models"][0]
    assert (verdict["first"], verdict["repaired"], verdict["faults"], verdict["sound"]) == (0.8, 0.2, 0, 5 / 6)


def test_interrupting_a_slow_server_ends_at_once(model, hello):
    model.latency = ENDLESS
    child = subprocess.Popen(
        [sys.executable, "-m", "kforge", "evaluate", "--models", MODEL], cwd=hello, stderr=subprocess.PIPE, text=True
    )
    assert model.arrived.wait(ENDLESS)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130 and "Traceback" not in said
    assert time.monotonic() - begin < SOON


def test_a_model_that_is_not_there_does_not_end_the_others(model, hello):
    ended = run("evaluate", "--models", f"{MODEL},missing", "--own", "-n", "1", cwd=hello, code=1)
    assert "accepted at first try" in ended.out
    assert "100 %" in ended.out
    assert "missing was not asked" in ended.err


def test_a_project_without_a_model_block_can_be_tried_with_one(model, tmp_path):
    from tests.conftest import copied

    folder = copied("hello", tmp_path / "plain")
    assert "no such question of its own" in run("evaluate", "--models", MODEL, "--own", cwd=folder, code=2).err
    wishes.wish(folder / "app.kforge.yaml")
    assert len(told(folder, "-n", "1")["questions"]) == 5


def test_remote_models_need_consent(hello, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setattr(
        "kforge.system.http.client.HttpClient.send", lambda *parts: (_ for _ in ()).throw(AssertionError("sent"))
    )
    assert "needs your consent" in run("evaluate", "--models", "anthropic=claude-haiku-4-5", cwd=hello, code=2).err


def test_a_provider_that_is_none_is_named(hello):
    assert "`nobody` is no provider" in run("evaluate", "--models", "nobody=x", cwd=hello, code=2).err


@pytest.mark.parametrize(
    ("status", "error", "code", "words"),
    [
        (401, {"message": "no such key"}, 3, "refused the key (401)"),
        (429, {"message": "nothing is left", "code": "insufficient_quota"}, 75, "no credit is left (429)"),
        (404, {"message": "no such model"}, 2, "does not have the model (404)"),
    ],
)
def test_a_model_that_answers_nothing_ends_as_a_build_would(status, error, code, words, hello, monkeypatch):
    with fakes.serving({"POST /v1/chat/completions": (status, {"error": error})}) as url:
        monkeypatch.setenv("KFORGE_BASE_URL", f"{url}/v1")
        ended = run("evaluate", "--models", "coder", "-n", "1", cwd=hello, code=code)
    assert "`coder` answered nothing" in ended.err and words in ended.err and "help: " in ended.err
    assert ended.out == ""


def test_questions_that_a_limit_left_out_do_not_count(model, hello):
    ended = run(
        "evaluate", "--models", MODEL, "--own", "-n", "1", "--max-requests", "2", "--format", "json", cwd=hello, code=1
    )
    verdict = json.loads(ended.out)["models"][0]
    assert (verdict["trials"], verdict["faults"], verdict["first"], verdict["refused"]) == (5, 3, 1.0, 0.0)

"""A build whose user lets several questions share a request: what is sent, what is kept, and what a plan shows of it."""

import json

import pytest

from benchmarks.asking import project
from tests import locks
from tests.conftest import run
from tests.llm.server import MODEL, usual
from tests.llm.test_model_session import elsewhere

BLOCK = f"model: {{name: {MODEL}, decides: [rollout]}}\n"


@pytest.fixture
def many(tmp_path):
    """Five services, each with a wish about its rollout."""
    (tmp_path / "many").mkdir()
    return project(tmp_path / "many", 5, BLOCK)


def held(model):
    """How many questions each request held, the canary left out."""
    schemas = [body["response_format"]["json_schema"]["schema"]["properties"] for body in model.bodies]
    return [len(one) if "question_1" in one else 1 for one in schemas if "word" not in one]


def edited(folder, old, new):
    spec = folder / "app.kforge.yaml"
    assert old in spec.read_text()
    spec.write_text(spec.read_text().replace(old, new))


def test_one_question_is_a_request_unless_the_user_says_more(model, many):
    run("build", cwd=many, code=0)
    assert held(model) == [1] * 5


def test_as_many_as_the_user_says_share_a_request_and_the_lock_is_the_same(model, many, monkeypatch, tmp_path):
    run("build", cwd=many, code=0)
    alone = locks.read(many)
    (many / "kforge.lock").unlink()
    model.forget()
    elsewhere(monkeypatch, tmp_path)
    ended = run("build", "--force", "--together", "2", cwd=many, code=0)
    assert held(model) == [2, 2, 1]
    assert locks.read(many) == alone
    assert "answers: 5 at first try; 4 requests" in ended.err  # the canary is one


def test_the_configuration_says_so_too(model, many, tmp_path):
    path = tmp_path / "config" / "kforge" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("together = 5\n")
    run("build", cwd=many, code=0)
    assert held(model) == [5]


def test_a_part_that_is_refused_is_asked_again_alone_with_what_was_wrong(model, many):
    def answer(body):
        told = json.loads(usual(body))
        if "question_2" in told:
            told["question_2"] = {"nonsense": "yes"}
        return json.dumps(told)

    model.answer = answer
    ended = run("build", "--together", "5", cwd=many, code=0)
    assert held(model) == [5, 1]
    said = [message["content"] for message in model.bodies[-1]["messages"]]
    assert "answers: 4 at first try, 1 after a repair" in ended.err
    assert said[2] == '{"nonsense":"yes"}' and "nonsense" in said[3] and "Of s0001" in said[1]


def test_what_the_model_leaves_out_is_asked_alone_as_for_the_first_time(model, many):
    def answer(body):
        told = json.loads(usual(body))
        told.pop("question_3", None)
        return json.dumps(told)

    model.answer = answer
    ended = run("build", "--together", "5", cwd=many, code=0)
    assert held(model) == [5, 1]
    assert len(model.bodies[-1]["messages"]) == 2
    assert "answers: 5 at first try" in ended.err


def test_a_later_build_asks_what_changed_and_not_the_questions_that_stood_beside_it(model, many):
    run("build", "--together", "5", cwd=many, code=0)
    (many / "kforge.lock").unlink()
    model.forget()
    edited(many, "Of s0002: ", "Of s0002: please, ")
    ended = run("build", "--force", "--together", "5", cwd=many, code=0)
    assert held(model) == [1]
    assert "4 from the cache" in ended.err


def test_who_asks_one_by_one_takes_no_answer_that_came_with_others(model, many):
    run("build", "--together", "5", cwd=many, code=0)
    (many / "kforge.lock").unlink()
    model.forget()
    run("build", "--force", cwd=many, code=0)
    assert held(model) == [1] * 5


def test_recordings_of_questions_that_stood_together_are_replayed_without_a_word_of_it(
    model, many, monkeypatch, tmp_path
):
    run("build", "--together", "5", "--replay", "answers", "--record", cwd=many, code=0)
    before = locks.read(many)
    (many / "kforge.lock").unlink()
    model.forget()
    elsewhere(monkeypatch, tmp_path)
    run("build", "--force", "--replay", "answers", cwd=many, code=0)
    assert (model.bodies, locks.read(many)) == ([], before)


def test_what_is_sent_together_is_what_the_plan_shows_word_for_word(model, many):
    ended = run("plan", "--prompts", "s0003/rollout", "--together", "5", cwd=many, code=0)
    shown = ended.out
    assert "one request for s0000/rollout, s0001/rollout, s0002/rollout, s0003/rollout, s0004/rollout" in ended.err
    assert shown.startswith("s0000/rollout and 4 more: 2 messages")
    run("build", "--together", "5", cwd=many, code=0)
    [body] = [body for body in model.bodies if "question_1" in json.dumps(body)]
    assert all(message["content"].rstrip() in shown for message in body["messages"])
    assert body["max_tokens"] == 1000


def test_an_import_counts_what_came_together_as_a_build_does(model, many, tmp_path):
    path = tmp_path / "config" / "kforge" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("together = 5\n")
    run("build", cwd=many, code=0)
    (many / "kforge.lock").unlink()
    ended = run("batch", "export", "requests.jsonl", cwd=many, code=0)
    assert "no question is open" in ended.err and not (many / "requests.jsonl").exists()


def test_evaluate_puts_them_together_and_counts_each(model, many):
    said = run(
        "evaluate", "--own", "--models", MODEL, "-n", "2", "--together", "3", "--format", "json", cwd=many, code=0
    ).out
    [one] = json.loads(said)["models"]
    assert held(model) == [3, 2, 3, 2]
    assert (one["trials"], one["first"], one["usage"]) == (10, 1.0, {"input": 400, "output": 80})


def test_a_server_that_is_gone_fails_all_of_them_at_once(model, many, monkeypatch):
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9")
    ended = run("build", "--together", "5", cwd=many)
    assert ended.code and "s0000/rollout" in ended.err

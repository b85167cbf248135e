"""A batch, from the open questions to the lock: in any order, some answers bad, nothing sent by kforge."""

import json
import random

import pytest

from tests.asked.conftest import asking
from tests.asked.server import finished, target, usual
from tests.asked.test_asking import deciders
from tests.conftest import run

REMOTE = "gpt-5"


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """An example whose spec names a model of OpenAI's. No key, no consent, and nothing may be sent."""
    monkeypatch.setattr("kforge.system.channel.Channel.send", lambda *parts: pytest.fail("something was sent"))
    return asking(tmp_path / "hello", model=REMOTE)


def answered(folder, turn, bad=()):
    """What a batch gives back: one line a question, shuffled; for the targets in `bad` no usable answer."""
    lines = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
    random.Random(turn).shuffle(lines)
    told = []
    for line in lines:
        text = "I would rather not" if target(line["body"]) in bad else usual(line["body"])
        told.append({"custom_id": line["custom_id"], "response": {"status_code": 200, "body": finished(text, REMOTE)}, "error": None})
    (folder / "results.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told))
    return sorted(target(line["body"]) for line in lines)


def rounds(folder, bad_first=()):
    """Export and import until nothing is open; what each round asked, and how each import ended."""
    found = []
    for turn in range(9):
        run("batch", "export", "requests.jsonl", "--force", cwd=folder, code=0)
        asked = answered(folder, turn, bad_first if turn == 0 else ())
        ended = run("batch", "import", "results.jsonl", cwd=folder)
        found.append((asked, ended))
        if "every question has its answer" in ended.err:
            return found
    raise AssertionError("it never ends")


def test_a_batch_answers_what_a_build_then_takes_without_asking(remote):
    found = rounds(remote)
    assert sorted(name for asked, _ in found for name in asked) == ["web/build", "web/probes", "web/process", "web/resources", "web/rollout"]
    run("build", "--offline", cwd=remote, code=0)
    assert set(deciders(remote).values()) == {"model"}
    assert run("check", cwd=remote).code == 0


def test_a_bad_answer_is_listed_and_asked_again_with_what_was_wrong(remote):
    found = rounds(remote, bad_first=("web/build",))
    _, ended = found[0]
    assert ended.code == 1
    assert "web/build: " in ended.out
    assert found[1][0] == ["web/build"]
    run("build", "--offline", cwd=remote, code=0)


def test_a_question_that_reads_an_open_answer_waits_for_it(remote):
    run("batch", "export", "requests.jsonl", cwd=remote, code=0)
    ended = run("batch", "export", "again.jsonl", cwd=remote, code=0)
    assert "questions wait for these answers: export again after the import" in ended.err


def test_importing_again_changes_nothing(remote):
    run("batch", "export", "requests.jsonl", cwd=remote, code=0)
    answered(remote, 1)
    assert run("batch", "import", "results.jsonl", cwd=remote, code=0).out == ""
    assert "is no open question" not in run("batch", "import", "results.jsonl", cwd=remote).err


def test_answers_of_another_model_are_refused(remote):
    run("batch", "export", "requests.jsonl", cwd=remote, code=0)
    answered(remote, 1)
    text = (remote / "results.jsonl").read_text().replace(REMOTE, "other-2")
    (remote / "results.jsonl").write_text(text)
    ended = run("batch", "import", "results.jsonl", cwd=remote, code=2)
    assert "model `other-2` answered, and `gpt-5` was asked" in ended.err
    assert "results.jsonl:1" in ended.err


@pytest.mark.parametrize("words, form", [(("--provider", "anthropic", "--model", "claude-x"), "requests"), (("--provider", "vllm", "--model", "coder"), "custom_id")])
def test_the_form_is_the_providers(remote, words, form):
    run("batch", "export", "requests.jsonl", *words, cwd=remote, code=0)
    assert form in json.loads((remote / "requests.jsonl").read_text().splitlines()[0])


def test_a_form_that_the_provider_does_not_speak_is_refused(remote):
    assert "KFORGE_PROVIDER=anthropic" in run("batch", "export", "r.jsonl", "--for", "anthropic", cwd=remote, code=2).err


def test_auto_names_nobody(tmp_path):
    folder = asking(tmp_path / "hello", model="auto")
    assert "KFORGE_MODEL" in run("batch", "export", "r.jsonl", "--provider", "openai", cwd=folder, code=2).err


def test_without_a_model_block_there_is_nothing_to_export(tmp_path):
    from tests.conftest import copied

    folder = copied("hello", tmp_path / "hello")
    assert "no question is open" in run("batch", "export", "r.jsonl", cwd=folder, code=0).err

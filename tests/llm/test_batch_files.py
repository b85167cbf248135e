"""A batch, from the open questions to the lock: in any order, some answers bad, nothing sent by kforge."""

import json
import random

import pytest

from kforge.system.store.answers import Answers
from tests import locks, wishes
from tests.conftest import copied, edit, run
from tests.llm.conftest import asking
from tests.llm.server import finished, target, usual
from tests.llm.test_model_session import deciders, elsewhere

REMOTE = "gpt-5"


@pytest.fixture
def remote(tmp_path, monkeypatch):
    """An example whose spec names a model of OpenAI's. No key, no consent, and nothing may be sent."""
    monkeypatch.setattr("kforge.system.http.client.HttpClient.send", lambda *parts: pytest.fail("something was sent"))
    return asking(tmp_path / "hello", model=REMOTE)


def answered(folder, turn, bad=()):
    """What a batch gives back: one line a question, shuffled; for the targets in `bad` no usable answer."""
    lines = [json.loads(line) for line in (folder / "requests.jsonl").read_text().splitlines()]
    random.Random(turn).shuffle(lines)
    told = []
    for line in lines:
        text = "I would rather not" if target(line["body"]) in bad else usual(line["body"])
        told.append(
            {
                "custom_id": line["custom_id"],
                "response": {"status_code": 200, "body": finished(text, REMOTE)},
                "error": None,
            }
        )
    (folder / "results.jsonl").write_text("".join(json.dumps(one) + "\n" for one in told))
    return sorted(target(line["body"]) for line in lines)


def rounds(folder, bad_first=(), words=()):
    """Export and import until nothing is open; what each round asked, and how each import ended."""
    found = []
    for turn in range(9):
        run("batch", "export", "requests.jsonl", "--force", *words, cwd=folder, code=0)
        asked = answered(folder, turn, bad_first if turn == 0 else ())
        ended = run("batch", "import", "results.jsonl", *words, cwd=folder)
        found.append((asked, ended))
        if "every question has its answer" in ended.err:
            return found
    raise AssertionError("it never ends")


def test_a_batch_answers_what_a_build_then_takes_without_asking(remote, monkeypatch, tmp_path):
    found = rounds(remote)
    assert sorted(name for asked, _ in found for name in asked) == [
        "web/build",
        "web/probes",
        "web/process",
        "web/resources",
        "web/rollout",
    ]
    elsewhere(monkeypatch, tmp_path)
    run("build", cwd=remote, code=0)  # the lock has them all: nobody is asked, nothing is stored here
    assert set(deciders(remote).values()) == {"model"}
    assert run("check", cwd=remote).code == 0


def test_what_is_answered_is_locked_before_the_rest_is(remote, monkeypatch, tmp_path):
    run("batch", "export", "requests.jsonl", cwd=remote, code=0)
    assert answered(remote, 1) == ["web/build"]
    assert "locked 1 answer in `kforge.lock`" in run("batch", "import", "results.jsonl", cwd=remote, code=0).err
    assert deciders(remote) == {"build": "model"}
    elsewhere(monkeypatch, tmp_path)
    run("batch", "export", "requests.jsonl", "--force", cwd=remote, code=0)
    assert "web/build" not in answered(remote, 2)


def test_stale_answers_are_locked_anew(remote, monkeypatch, tmp_path):
    rounds(remote)
    run("build", cwd=remote, code=0)
    edit(remote / "app.kforge.yaml", "is harmless", "is welcome")
    before = locks.read(remote)
    found = rounds(remote)
    assert any("locked" in ended.err for _, ended in found)
    assert locks.read(remote) != before
    elsewhere(monkeypatch, tmp_path)
    run("build", cwd=remote, code=0)  # nobody is asked
    assert set(deciders(remote).values()) == {"model"}


ALL = ["web/build", "web/probes", "web/process", "web/resources", "web/rollout"]


@pytest.fixture
def decided(tmp_path, monkeypatch):
    """An example that heuristics decided, and whose spec names a model since."""
    folder = copied("hello", tmp_path / "hello")
    wishes.wish(folder / "app.kforge.yaml")
    run("build", cwd=folder, code=0)
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {REMOTE}}}\n")
    monkeypatch.setenv("KFORGE_PROVIDER", "openai")
    return folder


def test_where_heuristics_answers_stand_the_way_to_ask_about_them_is_named(decided):
    said = run("batch", "export", "requests.jsonl", cwd=decided, code=0).err
    assert f"heuristics or an older kforge decided {', '.join(ALL)}: `--upgrade` asks about them" in said


@pytest.mark.parametrize("words", [("--upgrade",), ("--ask", "web")])
def test_a_batch_takes_over_what_heuristics_decided(decided, words, monkeypatch, tmp_path):
    found = rounds(decided, words=words)
    assert sorted(name for asked, _ in found for name in asked) == ALL
    elsewhere(monkeypatch, tmp_path)
    run("build", cwd=decided, code=0)  # nobody is asked
    assert set(deciders(decided).values()) == {"model"}


def test_a_model_is_asked_again_by_batch_and_its_answers_are_locked_together(remote, monkeypatch):
    rounds(remote)
    before = (remote / "kforge.lock").read_text()
    run("cache", "clear", "--model", REMOTE, "--yes", cwd=remote, code=0)
    found = rounds(remote, words=("--ask", "web"))
    assert sorted(name for asked, _ in found for name in asked) == ALL
    assert ["locked" in ended.err for _, ended in found] == [*[False] * (len(found) - 1), True]
    assert (remote / "kforge.lock").read_text() == before  # it said the same


def test_what_is_asked_for_and_stored_is_a_builds(decided):
    run("batch", "export", "requests.jsonl", "--ask", "web/build", cwd=decided, code=0)
    assert answered(decided, 1) == ["web/build"]
    lock = (decided / "kforge.lock").read_bytes()
    run("batch", "import", "results.jsonl", "--ask", "web/build", cwd=decided, code=0)
    (decided / "kforge.lock").write_bytes(lock)
    said = run("batch", "export", "again.jsonl", "--ask", "web/build", cwd=decided, code=0).err
    assert "answered in the cache: web/build: `kforge build --offline --ask web/build` takes it" in said
    run("build", "--offline", "--ask", "web/build", cwd=decided, code=0)
    assert deciders(decided)["build"] == "model"


def test_a_target_that_no_spec_has_is_refused(decided):
    assert "wbe" in run("batch", "export", "requests.jsonl", "--ask", "wbe/build", cwd=decided, code=2).err


def test_an_answer_that_reads_a_guess_is_not_locked(remote, monkeypatch):
    rounds(remote)
    lock = remote / "kforge.lock"
    topics = locks.read(remote)["services"]["web"]["decisions"]
    lock.unlink()
    find = Answers.find
    monkeypatch.setattr(Answers, "find", lambda self, key: None if key.target == "web/build" else find(self, key))
    run("batch", "import", "results.jsonl", cwd=remote)
    assert all(
        topic == "build" or any(name.startswith("decisions.") for name in held["inputs"])
        for topic, held in topics.items()
    )
    assert not lock.exists()


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
    assert "model `other-2` answered instead of `gpt-5`" in ended.err
    assert "results.jsonl:1" in ended.err


@pytest.mark.parametrize(
    "words, form",
    [
        (("--provider", "anthropic", "--model", "claude-x"), "requests"),
        (("--provider", "vllm", "--model", "coder"), "custom_id"),
    ],
)
def test_the_form_is_the_providers(remote, words, form):
    run("batch", "export", "requests.jsonl", *words, cwd=remote, code=0)
    assert form in json.loads((remote / "requests.jsonl").read_text().splitlines()[0])


def test_a_form_that_the_provider_does_not_speak_is_refused(remote):
    assert (
        "KFORGE_PROVIDER=anthropic" in run("batch", "export", "r.jsonl", "--for", "anthropic", cwd=remote, code=2).err
    )


def test_auto_names_nobody(tmp_path):
    folder = asking(tmp_path / "hello", model="auto")
    assert "KFORGE_MODEL" in run("batch", "export", "r.jsonl", "--provider", "openai", cwd=folder, code=2).err


def test_without_a_model_block_there_is_nothing_to_export(tmp_path):
    folder = copied("hello", tmp_path / "hello")
    assert "no question is open" in run("batch", "export", "r.jsonl", cwd=folder, code=0).err

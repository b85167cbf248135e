"""A build that asks a model: once, exactly what is open, nobody without consent, and nothing half done."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import locks, wishes
from tests.conftest import contents, copied, edit, run, write
from tests.growth import ENDLESS, SOON
from tests.llm import server
from tests.llm.conftest import asking
from tests.llm.server import MODEL, finished, other, target, usual
from tests.models import fakes

KEY = "kf-own-key-Zq8vN3rT5wLx"
ALL = ["web/build", "web/probes", "web/process", "web/resources", "web/rollout"]


def decisions(folder, service="web"):
    return locks.read(folder)["services"][service]["decisions"]


def deciders(folder):
    return {topic: held["decider"]["by"] for topic, held in decisions(folder).items()}


def elsewhere(monkeypatch, tmp_path):
    """Another machine: nothing in its cache."""
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "other"))


def forgotten(model):
    """What was asked, by the server and by the cache: the same question is not answered twice."""
    run("cache", "clear", "--model", MODEL, "--yes", cwd=Path(), code=0)
    model.forget()


def test_every_open_question_is_asked_once_and_the_lock_says_who_answered(model, hello):
    ended = run("build", cwd=hello, code=0)
    assert sorted(model.targets) == ALL
    assert decisions(hello)["build"]["decider"] == {"by": "model", "provider": "openai", "model": MODEL}
    assert "answers: 5 at first try; 6 requests, 600 tokens in, 120 out" in ended.err  # the canary is one


@pytest.mark.parametrize("example", ["hello", "batch"])
def test_what_is_sent_is_what_the_plan_shows_word_for_word(model, example, tmp_path):
    folder = asking(tmp_path / example, example)
    run("build", cwd=folder, code=0)
    sent = {target(body): body for body in model.bodies if target(body)}
    (folder / "kforge.lock").unlink()
    assert sent
    for name, body in sent.items():
        shown = run("plan", "--prompts", name, cwd=folder, code=0).out
        assert [message["role"] for message in body["messages"] if message["content"].rstrip() in shown] == [
            "system",
            "user",
        ]
        assert body.keys() == {"model", "messages", "response_format", "stream", "max_tokens", "temperature", "seed"}


def test_what_is_sent_to_ask_again_is_what_the_plan_shows_word_for_word(model, hello):
    run("build", cwd=hello, code=0)
    forgotten(model)
    shown = run("plan", "--prompts", "web/rollout", cwd=hello, code=0).out
    assert model.bodies == []
    run("build", "--ask", "web/rollout", cwd=hello, code=0)
    [body] = [body for body in model.bodies if target(body)]
    assert all(message["content"].rstrip() in shown for message in body["messages"])


def test_a_second_build_makes_no_call(model, hello):
    run("build", cwd=hello, code=0)
    before = contents(hello)
    model.forget()
    run("build", cwd=hello, code=0)
    assert (model.bodies, model.looks, contents(hello)) == ([], 0, before)


def test_another_machine_with_the_lock_makes_no_call(model, hello, monkeypatch, tmp_path):
    run("build", cwd=hello, code=0)
    before = contents(hello)
    model.forget()
    elsewhere(monkeypatch, tmp_path)
    run("build", cwd=hello, code=0)
    assert (model.bodies, model.looks, contents(hello)) == ([], 0, before)


def test_what_was_answered_is_not_paid_for_twice(model, hello):
    run("build", cwd=hello, code=0)
    before = contents(hello)
    model.forget()
    (hello / "kforge.lock").unlink()
    ended = run("build", "--force", cwd=hello, code=0)
    assert (model.bodies, contents(hello)) == ([], before)
    assert "no request was sent; 5 from the cache" in ended.err


@pytest.mark.parametrize("words", [(), ("--together", "4")], ids=["alone", "together"])
def test_where_no_wish_and_no_line_speaks_nothing_is_asked_and_no_server_looked_for(model, words, tmp_path):
    folder = copied("hello", tmp_path / "silent")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {MODEL}}}\n")
    run("build", *words, cwd=folder, code=0)
    assert (model.bodies, model.looks) == ([], 0)
    assert set(deciders(folder).values()) == {"heuristics"}


def test_a_comment_asks_nothing(model, hello):
    write(hello / "web", {"README.md": "# Hello\n"})
    run("build", cwd=hello, code=0)
    model.forget()
    write(hello / "web", {"README.md": "# Hello\n<!-- changed -->\n"})
    run("build", cwd=hello, code=0)
    assert model.bodies == []


def test_another_port_asks_exactly_the_decisions_that_read_it(model, hello):
    run("build", cwd=hello, code=0)
    old = decisions(hello)
    forgotten(model)
    edit(hello / "web" / "gunicorn.conf.py", "'8000'", "'9000'")
    run("build", cwd=hello, code=0)
    new = decisions(hello)
    moved = {
        name
        for topic in new.values()
        for name in topic["inputs"]
        if any(old[t]["inputs"].get(name) != new[t]["inputs"].get(name) for t in new)
    }
    read = sorted(f"web/{topic}" for topic, held in old.items() if moved & held["inputs"].keys())
    assert sorted(model.targets) == read
    assert {"web/process", "web/probes"} <= set(read)
    assert "web/build" not in read
    assert new["process"]["value"]["ports"][0]["port"] == 9000


def test_a_decision_is_asked_again_on_request_and_no_other(model, hello):
    run("build", cwd=hello, code=0)
    forgotten(model)
    run("build", "--ask", "web/rollout", cwd=hello, code=0)
    assert model.targets == ["web/rollout"]


def test_the_same_question_has_the_answer_that_is_stored_also_on_request(model, hello):
    run("build", cwd=hello, code=0)
    model.forget()
    assert "no request was sent; 1 from the cache" in run("build", "--ask", "web/rollout", cwd=hello, code=0).err
    assert model.targets == []


def test_an_approval_stays_with_the_value_and_goes_with_it(model, hello):
    run("build", cwd=hello, code=0)
    run("approve", "--all", cwd=hello, code=0)
    forgotten(model)
    run("build", "--ask", "web/resources", cwd=hello, code=0)
    assert "web/resources" in model.targets
    run("check", "--approved", cwd=hello, code=0)
    model.answer = lambda body: (
        other(body, **{wishes.MEMORY: "memory"}) if target(body) == "web/resources" else usual(body)
    )
    edit(hello / "app.kforge.yaml", "source: ./web", 'source: ./web, refine: ["resources: more memory"]')
    run("build", cwd=hello, code=0)
    assert "web/resources" in run("check", "--approved", cwd=hello, code=1).out


def test_a_project_without_a_model_block_shows_what_an_evaluation_would_send(model, tmp_path):
    plain = copied("hello", tmp_path / "plain")
    wishes.wish(plain / "app.kforge.yaml")
    shown = run("plan", "--prompts", "web/rollout", cwd=plain, code=0)
    assert "a build asks nobody; `kforge evaluate` would send this" in shown.err
    run("evaluate", "--models", MODEL, "-n", "1", cwd=plain, code=0)
    sent = next(body for body in model.bodies if target(body) == "web/rollout")
    assert all(message["content"].rstrip() in shown.out for message in sent["messages"])


def test_what_the_heuristics_decided_goes_to_a_model_by_upgrade_alone(model, hello):
    edit(hello / "app.kforge.yaml", f"model: {{name: {MODEL}}}\n", "")
    assert "hands them to the model" not in run("build", cwd=hello, code=0).err
    with (hello / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {MODEL}, decides: [build, rollout]}}\n")
    said = run("build", cwd=hello, code=0).err
    assert (
        "note: the heuristics' answers to `web/build`, `web/rollout` stand: `kforge build --upgrade` hands them to the model"
        in said
    )
    assert model.targets == []
    run("build", "--upgrade", "web/rollout", cwd=hello, code=0)
    assert model.targets == ["web/rollout"]
    assert "answer to `web/build` stands" in run("build", cwd=hello, code=0).err
    run("build", "--upgrade", cwd=hello, code=0)
    assert model.targets == ["web/rollout", "web/build"]
    assert deciders(hello) == {
        "build": "model",
        "rollout": "model",
        "process": "heuristics",
        "probes": "heuristics",
        "resources": "heuristics",
    }
    assert "hands them to the model" not in run("build", cwd=hello, code=0).err


def test_nobody_to_ask_fails_naming_what_is_open_and_writes_nothing(hello, monkeypatch):
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    before = contents(hello)
    ended = run("build", cwd=hello, code=75)
    assert "nothing answers at the address that KFORGE_BASE_URL names" in ended.err
    assert "not decided: `web/build`" in ended.err
    assert contents(hello) == before


def test_keep_stale_keeps_the_old_answer_which_stays_stale(model, hello, monkeypatch):
    run("build", cwd=hello, code=0)
    old = decisions(hello)
    edit(hello / "web" / "gunicorn.conf.py", "'8000'", "'9000'")
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    run("build", cwd=hello, code=75)
    ended = run("build", "--keep-stale", cwd=hello, code=0)
    assert re.search("^warning: `web/process` stays stale: .*nothing answers at ", ended.err, re.MULTILINE)
    assert decisions(hello)["process"]["value"] == old["process"]["value"]
    assert run("check", cwd=hello).code == 1


def test_a_machine_is_told_as_well_what_stays_and_why(model, hello, monkeypatch):
    run("build", cwd=hello, code=0)
    edit(hello / "web" / "gunicorn.conf.py", "'8000'", "'9000'")
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    words = ("build", "--keep-stale", "--ask", "web/rollout", "--format", "json")
    [told] = json.loads(run(*words, cwd=hello, code=0).out)["specs"]
    assert {one["target"]: one["state"] for one in told["stale"]} == {
        "web/process": "stale",
        "web/rollout": "locked",
    }
    assert all("nothing answers at " in one["why"] for one in told["stale"])


def test_keep_stale_has_nothing_to_keep_for_a_field_whose_pin_is_gone(model, hello, monkeypatch):
    edit(hello / "app.kforge.yaml", "source: ./web", "source: ./web, resources: {memory: 900Mi}")
    run("build", cwd=hello, code=0)
    edit(hello / "app.kforge.yaml", ", resources: {memory: 900Mi}", "")
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    before = contents(hello)
    assert "not decided: `web/resources`" in run("build", "--keep-stale", cwd=hello, code=75).err
    assert contents(hello) == before


def test_the_heuristics_step_in_on_record_where_that_is_allowed(hello, monkeypatch):
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")
    run("build", "--fallback", "heuristics", cwd=hello, code=0)
    assert {json.dumps(held["decider"]) for held in decisions(hello).values()} == {
        json.dumps({"by": "heuristics", "instead of": MODEL})
    }


def test_an_answer_that_stays_wrong_fails_after_two_repairs(model, hello):
    model.answer = lambda body: '{"value": {}}' if target(body) == "web/rollout" else usual(body)
    before = contents(hello)
    ended = run("build", cwd=hello, code=3)
    assert "`web/rollout` has no answer" in ended.err
    assert model.targets.count("web/rollout") == 3
    assert contents(hello) == before
    attempts = [body for body in model.bodies if target(body) == "web/rollout"]
    assert len({body["seed"] for body in attempts}) == 3
    assert [len(body["messages"]) for body in attempts] == [2, 4, 6]


def test_wrong_answers_that_were_stored_say_how_they_are_asked_for_anew(model, hello):
    model.answer = lambda body: "garbage" if target(body) == "web/rollout" else usual(body)
    assert "kforge cache clear" not in run("build", cwd=hello, code=3).err
    model.answer = usual
    model.forget()
    ended = run("build", cwd=hello, code=3)
    assert f"`kforge cache clear --model {MODEL}` forgets them" in ended.err
    assert model.bodies == []
    run("cache", "clear", "--model", MODEL, "--yes", cwd=hello, code=0)
    run("build", cwd=hello, code=0)


def test_a_wrong_answer_is_repaired(model, hello):
    model.answer = lambda body: "Sure!" if len(body["messages"]) == 2 and target(body) == "web/rollout" else usual(body)
    ended = run("build", cwd=hello, code=0)
    assert "4 at first try, 1 after a repair" in ended.err
    assert deciders(hello)["rollout"] == "model"


def test_offline_sends_nothing_even_to_this_machine(model, hello):
    ended = run("build", "--offline", cwd=hello, code=2)
    assert "`--offline` forbids it" in ended.err
    assert (model.bodies, model.looks) == ([], 0)


def test_recordings_answer_where_no_server_is(model, hello, monkeypatch, tmp_path):
    run("build", "--replay", "../recorded", "--record", cwd=hello, code=0)
    before = contents(hello)
    model.forget()
    again = asking(tmp_path / "again" / "hello")
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.delenv("KFORGE_BASE_URL")
    run("build", "--replay", "../../recorded", cwd=again, code=0)
    assert (model.bodies, contents(again)) == ([], before)


def test_recordings_of_several_models_lie_side_by_side(model, hello, monkeypatch, tmp_path):
    other = asking(tmp_path / "other", model="obedient-2")
    run("build", "--replay", "../recorded", "--record", cwd=hello, code=0)
    model.models = ("obedient-2",)
    run("build", "--replay", "../recorded", "--record", cwd=other, code=0)
    elsewhere(monkeypatch, tmp_path)
    monkeypatch.delenv("KFORGE_BASE_URL")
    for folder, name in ((hello, MODEL), (other, "obedient-2")):
        before = contents(folder)
        (folder / "kforge.lock").unlink()
        run("build", "--force", "--replay", "../recorded", cwd=folder, code=0)
        assert contents(folder) == before
        assert decisions(folder)["build"]["decider"]["model"] == name


def test_recordings_of_one_model_do_not_pass_for_those_of_another(model, hello, monkeypatch, tmp_path):
    run("build", "--replay", "../recorded", "--record", cwd=hello, code=0)
    elsewhere(monkeypatch, tmp_path)
    again = asking(tmp_path / "again" / "hello")
    monkeypatch.setenv("KFORGE_MODEL", "another")
    model.forget()
    ended = run("build", "--replay", "../../recorded", cwd=again, code=2)
    assert "holds no recordings of `another`" in ended.err and f"it has recordings of `{MODEL}`" in ended.err
    assert (model.bodies, model.looks) == ([], 0)


def test_a_gap_in_the_recordings_is_not_filled_by_another_model(model, tmp_path, monkeypatch):
    hello = asking(tmp_path / "hello", model="auto")
    run("build", "--replay", "../recorded", "--record", cwd=hello, code=0)
    for path in (tmp_path / "recorded").glob("*.json"):
        if "web/rollout" in path.read_text():
            path.unlink()
    elsewhere(monkeypatch, tmp_path)
    again = asking(tmp_path / "again" / "hello", model="auto")
    model.models = ("another-1",)
    model.forget()
    ended = run("build", "--replay", "../../recorded", cwd=again, code=2)
    assert (
        "web/rollout" in ended.err
        and f"the recordings are of `{MODEL}`, and `another-1` would answer here" in ended.err
    )
    assert model.targets == []


def test_recording_needs_a_folder(hello):
    assert "`--record` needs `--replay DIR`" in run("build", "--record", cwd=hello, code=2).err


@pytest.mark.parametrize("named", ["spec", "environment"])
def test_nothing_leaves_this_machine_without_consent(hello, monkeypatch, named):
    edit(hello / "app.kforge.yaml", MODEL, "gpt-5")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    if named == "environment":
        monkeypatch.setenv("KFORGE_PROVIDER", "openai")
    sent = []
    monkeypatch.setattr("kforge.system.http.client.HttpClient.send", lambda *parts: sent.append(parts))
    ended = run("build", cwd=hello, code=2)
    assert "needs your consent" in ended.err
    assert sent == []


def test_a_budget_of_requests_ends_a_run_that_the_next_one_goes_on_with(model, hello):
    ended = run("build", "--max-requests", "3", cwd=hello, code=75)
    assert "--max-requests" in ended.err
    assert len(model.bodies) == 3
    run("build", cwd=hello, code=0)
    assert sorted(model.targets) == ALL  # none of them twice


def test_a_budget_of_tokens_is_kept(model, hello):
    assert "--max-tokens" in run("build", "--max-tokens", "500", cwd=hello, code=75).err
    assert model.targets == []


def test_a_time_limit_is_kept(model, hello):
    model.latency = ENDLESS
    begin = time.monotonic()
    run("build", "--timeout", "1", cwd=hello, code=75)
    assert time.monotonic() - begin < SOON


def test_interrupting_a_slow_server_ends_at_once_and_loses_nothing(model, hello):
    model.latency = 0
    slow = usual

    def answer(body):
        if target(body) == "web/process":
            model.stop.wait(ENDLESS)
        return slow(body)

    model.answer = answer
    before = contents(hello)
    child = subprocess.Popen([sys.executable, "-m", "kforge", "build"], cwd=hello, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + ENDLESS
    while "web/process" not in model.targets and time.monotonic() < until:
        time.sleep(0.02)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=ENDLESS)
    assert (child.returncode, contents(hello)) == (130, before)
    assert time.monotonic() - begin < SOON
    assert "interrupted" in said
    assert "Traceback" not in said
    model.answer = usual
    model.forget()
    run("build", cwd=hello, code=0)
    assert "web/build" not in model.targets


@pytest.mark.parametrize("words", [(), ("--upgrade", "kubernetes=1.37")])
def test_specs_share_a_run_and_not_their_history(words, model, tmp_path):
    """The same service and topic in two specs: what one was answered is no repair of the other."""
    one, other = asking(tmp_path / "one"), asking(tmp_path / "other")
    edit(other / "web" / "gunicorn.conf.py", "'8000'", "'9000'")
    edit(other / "app.kforge.yaml", "is harmless", "is welcome")
    model.answer = lambda body: "no" if len(body["messages"]) == 2 and target(body) == "web/process" else usual(body)
    run("build", "one", "other", *words, cwd=tmp_path, code=0)
    assert model.targets.count("web/process") == 4
    assert decisions(one)["process"]["value"]["ports"] != decisions(other)["process"]["value"]["ports"]


def many(folder, number):
    """The spec with so many services in the place of one, and one topic left to the model."""
    path = folder / "app.kforge.yaml"
    listed = "".join(f"  s{index:03d}: {{source: ./web, port: {8000 + index}}}\n" for index in range(number))
    path.write_text(f"{path.read_text().partition('  web:')[0]}{listed}model: {{name: {MODEL}, decides: [rollout]}}\n")
    wishes.wish(path)


def test_each_spec_is_told_its_own_line_of_a_model_that_nobody_has(model, tmp_path):
    one, two = asking(tmp_path / "one", model="nobodys"), asking(tmp_path / "two", model="nobodys")
    edit(two / "app.kforge.yaml", "app: hello", "description: a second one\napp: hello")
    lines = [len((folder / "app.kforge.yaml").read_text().splitlines()) for folder in (one, two)]
    said = run("build", "--keep-going", cwd=tmp_path, code=2).err
    assert lines[0] != lines[1]
    assert all(f"{folder.name}/app.kforge.yaml:{line}:" in said for folder, line in zip((one, two), lines, strict=True))


def test_questions_of_a_topic_are_asked_side_by_side_up_to_the_limit(model, hello):
    many(hello, 8)
    model.latency = 0.2
    run("build", "--parallel", "4", cwd=hello, code=0)
    assert (len(model.targets), model.most) == (8, 4)


def test_a_local_server_is_asked_one_question_at_a_time(model, hello):
    many(hello, 3)
    model.latency = 0.1
    run("build", cwd=hello, code=0)
    assert (len(model.targets), model.most) == (3, 1)


def test_a_locked_build_imports_nothing_that_asks(model, hello):
    run("build", cwd=hello, code=0)
    code = (
        "import sys; from kforge.cli import main; code = main(['build']);"
        "print([name for name in ('httpx', 'httpcore', 'jinja2', 'diskcache', 'kforge.llm.model_resolution') if name in sys.modules], file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=hello, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_server_that_ignores_schemas_is_told_once_and_every_answer_is_judged_all_the_same(model, hello):
    model.answer = lambda body: usual(body) if target(body) else '{"word": "hello"}'
    ended = run("build", cwd=hello, code=0)
    assert ended.err.count(f"`{MODEL}` has a server that does not enforce schemas: more answers will be refused") == 1
    assert next(line for line in ended.err.splitlines() if line.startswith("answers: ")).endswith(
        f"; `{MODEL}` has a server that does not enforce schemas"
    )
    assert set(deciders(hello).values()) == {"model"}


def test_a_server_that_has_learnt_to_keep_to_schemas_is_believed(model, hello):
    model.answer = lambda body: usual(body) if target(body) else "[" * 1000
    assert "does not enforce schemas" in run("build", cwd=hello, code=0).err
    edit(hello / "app.kforge.yaml", "source: ./web", "source: ./web, port: 8001")
    model.answer = usual
    assert "schemas" not in run("build", cwd=hello, code=0).err


def test_a_server_that_loads_its_model_is_waited_for_once_and_not_beyond_the_time(hello, monkeypatch):
    with fakes.serving(fakes.LOADING) as url:
        monkeypatch.setenv("KFORGE_BASE_URL", f"{url}/v1")
        begun = time.monotonic()
        ended = run("build", "--timeout", "2", "--fallback", "heuristics", cwd=hello, code=0)
    assert time.monotonic() - begun < SOON
    assert ended.err.count("is loading its model: waiting until it is ready") == 1


def test_a_key_that_a_server_says_back_as_the_name_of_its_model_goes_nowhere(model, hello, monkeypatch, tmp_path):
    monkeypatch.setenv("KFORGE_API_KEY", KEY)
    monkeypatch.setattr(server, "finished", lambda text, _: finished(text, f"{KEY}/{MODEL}"))
    ended = run("build", "--replay", "../recorded", "--record", cwd=hello)
    assert ended.code in (2, 3) and KEY not in ended.out + ended.err
    assert [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()] == []


def test_a_server_that_keeps_to_schemas_is_not_complained_of(model, hello):
    assert "schemas" not in run("build", cwd=hello, code=0).err


@pytest.mark.parametrize("later", ["", f"model: {{name: {MODEL}, decides: [build]}}\n"], ids=["none", "others"])
def test_a_models_answer_that_the_spec_allows_no_more_is_not_current(model, hello, later):
    """By the short way as by the whole one."""
    run("build", cwd=hello, code=0)
    run("check", cwd=hello, code=0)
    edit(hello / "app.kforge.yaml", f"model: {{name: {MODEL}}}\n", later)
    shutil.rmtree(hello / ".kforge", ignore_errors=True)
    assert run("check", cwd=hello).code == 1
    assert run("check", "--full", cwd=hello).code == 1

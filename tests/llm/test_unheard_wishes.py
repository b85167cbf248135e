"""A wish is heard or answered: what goes back to the model, what is told, and which pin would give it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.model.question import Question, Rejected
from kforge.llm.answer import read_answer
from kforge.llm.unheard_wishes import unheard_by_all
from kforge.llm.wish_question import wish_form
from tests.commands.test_refine import MODEL
from tests.conftest import copied, edit, run
from tests.llm.server import usual
from tests.questions import WEB, question

Service = dict[str, Any]


def silent(asked: Question, **said: str) -> Any:
    """What becomes of an answer that takes every value for something else."""
    form = wish_form(asked)
    told = {item.key: "something else" for item in form.items} | {one.name: "not said" for one in form.choices}
    return read_answer(json.dumps(told | said), asked)


def again(asked: Question) -> Question:
    return replace(asked, earlier=(("{}", "x"),))


@pytest.mark.parametrize(
    ("topic", "service"),
    [
        ("resources", {"refine": ["resources: rather 300 MiB"]}),
        ("resources", {"requirements": "Its index of 300 MiB must fit."}),
        ("build", {"requirements": "Its reports need pandoc."}),
        ("rollout", {"refine": ["rollout: spread it well"]}),
    ],
)
def test_a_wish_that_this_topic_alone_can_hear_goes_back_once(topic: str, service: Service) -> None:
    asked = question(topic, WEB, service)
    with pytest.raises(Rejected, match="where it is about something else, answer the same again"):
        silent(asked)
    assert dict(silent(again(asked)).value) == dict(asked.baseline.value)
    assert any("changed nothing: " in line for line in silent(again(asked)).told)


@pytest.mark.parametrize(
    ("topic", "service"),
    [
        ("resources", {"refine": ["resources: 192 MiB of memory do"]}),  # it holds
        ("resources", {"requirements": "64 GiB are in our phones."}),  # a remark that only a model can know
        ("rollout", {"requirements": "Its start or its stop needs 40 seconds."}),  # of probes, too
        ("resources", {"refine": ["resources: rather 900000 GiB"]}),  # no repair can help: a limit stands against it
    ],
)
def test_what_no_repair_can_help_does_not_go_back(topic: str, service: Service) -> None:
    asked = question(topic, WEB, service)
    form = wish_form(asked)
    told = {key: schema["enum"][-1] for key, schema in form.schema()["properties"].items()}
    assert dict(read_answer(json.dumps(told), asked).value) == dict(asked.baseline.value)


def test_one_value_of_a_sentence_that_is_heard_is_enough() -> None:
    asked = question("resources", WEB, {"refine": ["resources: 300 MiB of RAM of its 9 GiB machine"]})
    keys = [item.key for item in wish_form(asked).items]
    assert silent(asked, **{keys[0]: "memory"}).value["memory"] == "300Mi"


def test_the_pins_that_a_value_may_be_are_told() -> None:
    (told,) = silent(again(question("resources", WEB, {"refine": ["resources: rather 300 MiB"]}))).told
    assert told.startswith("web/resources: the wish “rather 300 MiB” changed nothing: ")
    assert "if “300 MiB” is the memory that it gets, pin it: `kforge pin web resources.memory 300Mi`" in told


def test_a_wish_that_holds_is_said_to_hold() -> None:
    asked = question("resources", WEB, {"refine": ["resources: rather 192 MiB"]})
    key = wish_form(asked).items
    (told,) = silent(asked, **{item.key: "memory" for item in key}).told
    assert told == "web/resources: the wish “rather 192 MiB” changed nothing: it is so already, or no setting fits it"


@pytest.mark.parametrize(
    ("topic", "wish", "said", "way"),
    [
        ("resources", "4000 GiB of memory", {"4000_GiB": "memory"}, "pin it: `kforge pin web resources.memory 4000Gi`"),
        ("rollout", "give it 2 hours to finish", {"2_hours": "timeToFinish"}, "pin it: `kforge pin web rollout.gracePeriod 7200`"),
        ("process", "the port is 7777", {"7777": "mainPort"}, "pin it: `kforge pin web port 7777`"),
        ("process", "it writes to /etc", {"etc": "folders"}, "pin it: `kforge pin web process.writable '[/app/uploads, /etc, /tmp]'`"),
        ("process", "run it as root, user 0", {"0": "user"}, "no pin can do it either: the rules refuse a container of root"),
    ],
)  # fmt: skip
def test_a_limit_names_the_pin_that_would_be_needed_or_that_none_can_do_it(
    topic: str, wish: str, said: dict[str, str], way: str
) -> None:
    for service in ({"requirements": wish}, {"refine": [f"{topic}: {wish}"]}):
        (told,) = silent(again(question(topic, WEB, service)), **said).told
        assert "is not met: " in told
        assert way in told.partition("is not met: ")[2]


def test_of_several_sentences_the_one_that_a_limit_stands_against_is_named() -> None:
    asked = question(
        "resources", WEB, {"refine": ["It needs 300 MiB of memory.", "resources: two cores, 4000 GiB of disk"]}
    )
    told = silent(again(asked), **{"300_MiB": "memory", "two_cores": "cpu", "4000_GiB": "scratchDisk"}).told
    assert [line.partition(" is not met")[0] for line in told] == [
        "web/resources: the wish “two cores, 4000 GiB of disk”"
    ]


def test_a_limit_is_told_though_the_model_takes_the_value_for_something_else() -> None:
    (told,) = silent(question("process", WEB, {"refine": ["process: user 0"]})).told
    assert "`user` is 0" in told
    assert "no pin can do it either" in told


def test_a_sentence_that_no_topic_hears_is_told_and_one_that_some_topic_hears_is_not() -> None:
    heard = {
        ("web", "wait 40 seconds"): {"probes": False, "rollout": False},
        ("web", "spread it"): {"rollout": True, "probes": False},
        ("api", "it needs ten minutes to start"): {"probes": False},
    }
    assert list(unheard_by_all(heard)) == [
        "api: the wish “it needs ten minutes to start” changed nothing: probes do not apply it; pin it: `kforge pin api probes.startup '{period: 10, failures: 60}'`",
        'web: the wish “wait 40 seconds” changed nothing: probes and rollout do not apply it; give it to one decision: `kforge refine web/probes "…"`',
    ]


# ---- the commands ---------------------------------------------------------------------------------------------
def spoken(folder: Any, wish: str, decides: str = "resources") -> Any:
    edit(folder / "app.kforge.yaml", "{source: ./web}", "{source: ./web, refine: [" + json.dumps(wish) + "]}")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: obedient-1, decides: [{decides}]}}\n")
    return folder


def test_a_build_asks_once_more_and_then_tells(model: Any, tmp_path: Any) -> None:
    folder = spoken(copied("hello", tmp_path / "hello"), "resources: rather 300 MiB")
    ended = run("build", cwd=folder, code=0)
    assert "web/resources: the wish “rather 300 MiB” changed nothing: " in ended.err
    assert "1 after a repair" in ended.err
    assert len([body for body in model.bodies if "300_MiB" in str(body)]) == 2


def test_a_model_that_hears_it_is_asked_once(model: Any, tmp_path: Any) -> None:
    model.answer = lambda body: usual(body).replace('"something else"', '"memory"')
    folder = spoken(copied("hello", tmp_path / "hello"), "resources: rather 300 MiB")
    ended = run("build", cwd=folder, code=0)
    assert "changed nothing" not in ended.err
    assert "1 at first try" in ended.err


def test_a_wish_that_names_nothing_is_told_with_what_a_wish_can_be_about(model: Any, tmp_path: Any) -> None:
    folder = spoken(copied("hello", tmp_path / "hello"), "resources: be generous")
    ended = run("build", cwd=folder, code=0)
    assert ended.err.count("the wish “be generous” changed nothing: it is not about a value that is open here; ") == 1
    assert "memory that it gets" in ended.err


def test_a_wish_to_the_service_that_two_topics_ask_about_and_none_hears_is_told_at_the_end(
    model: Any, tmp_path: Any
) -> None:
    wish = "it must be given 40 seconds, be it at its start or at its stop"
    folder = spoken(copied("hello", tmp_path / "hello"), wish, "probes, rollout")
    ended = run("build", cwd=folder, code=0)
    assert f"web: the wish “{wish}” changed nothing: probes and rollout do not apply it; " in ended.err


@pytest.mark.parametrize(
    ("sentence", "pin"),
    [
        ("three replicas", "`kforge pin web scale '{min: 3, max: 3}'`"),
        ("give it 120 seconds to finish", "`kforge pin web rollout.gracePeriod 120`"),
        ("please install ffmpeg", "`kforge pin web build.packages '[ffmpeg]'`"),
        ("listen on port 8081", "`kforge pin web port 8081`"),
    ],
)
def test_refine_offers_the_pin_of_what_no_model_would_read(model: Any, tmp_path: Any, sentence: str, pin: str) -> None:
    folder = copied("hello", tmp_path / "hello")
    assert pin in run("refine", "web", sentence, "--dry-run", cwd=folder, code=2).err  # no model at all
    edit(folder / "app.kforge.yaml", "app: hello\n", f"app: hello\nmodel: {{name: {MODEL}, decides: [resources]}}\n")
    asked = run("refine", "web", sentence, "--dry-run", cwd=folder, code=2).err
    assert "no model would read this" in asked
    assert pin in asked

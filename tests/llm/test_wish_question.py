"""A wish is heard by a small question: what is asked, what becomes of the answer, and which limits hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.decision import Answer
from kforge.domain.model.question import Question, Rejected
from kforge.llm import tokens
from kforge.llm.answer import read_answer
from kforge.llm.answer_schema import asked_fields
from kforge.llm.prompt import prompt
from kforge.llm.wish_question import wish_form
from tests.growth import LINEAR, growth
from tests.questions import TOPICS, WEB, question
from tests.worlds import GO, NODE

Service = dict[str, Any]


def wished(topic: str, wish: str, facts: Any = WEB, **service: Any) -> Question:
    return question(topic, facts, {"requirements": wish, **service})


def answer(asked: Question, **said: str) -> Answer:
    """What becomes of an answer that says nothing of what it is not given here."""
    form = wish_form(asked)
    silent = {item.key: "something else" for item in form.items} | {one.name: "not said" for one in form.choices}
    return read_answer(json.dumps(silent | said), asked)


def moved(asked: Question, **said: str) -> dict[str, Any]:
    value = answer(asked, **said).value
    return {name: value[name] for name in value if value[name] != asked.baseline.value.get(name)}


# ---- what is asked --------------------------------------------------------------------------------------------
def test_it_shows_the_wish_and_what_its_words_may_mean_and_nothing_of_the_source() -> None:
    asked = wished("resources", "it renders videos: give it 2 GiB and 4 cores")
    text = prompt(asked).messages[1].content
    assert "it renders videos: give it 2 GiB and 4 cores" in text
    assert "memory" in text
    assert "cpu" in text
    assert "scratchDisk" not in text
    assert "192Mi" not in text
    assert "flask" not in text


def test_it_is_small() -> None:
    request = prompt(wished("resources", "it loads a model of 1.5 GB into memory at start: give it 2 GiB"))
    assert tokens.of_request(request) <= 200
    assert request.max_tokens == 200


@pytest.mark.parametrize(
    ("topic", "wish"),
    [
        ("build", "give it 2 GiB"),
        ("rollout", "our customers are dentists"),
        ("resources", "use Alpine"),
        ("probes", ""),
    ],
)
def test_a_wish_about_something_else_asks_no_small_question(topic: str, wish: str) -> None:
    assert not wish_form(wished(topic, wish))


def test_a_sentence_to_a_topic_is_asked_of_all_of_it_where_no_word_is_known() -> None:
    form = wish_form(question("rollout", WEB, {"refine": ["rollout: x 90 s"]}))
    names = {one.name for many in form.items.values() for one in many}
    assert {"timeToFinish", "timeToLeave"} <= names


def test_a_value_about_which_no_word_says_more_is_asked_of_every_topic_that_it_fits() -> None:
    form = wish_form(question("rollout", WEB, {"refine": ["x 90 s"]}))
    (chosen,) = form.items.values()
    assert {"timeToFinish", "timeToStart"} <= {one.name for one in chosen}
    assert {one.topic for one in form.own} == {"rollout"}


@pytest.mark.parametrize(
    ("topic", "wish", "names"),
    [
        ("probes", "It starts in 90 s. Tell it to stop and it finishes at once.", {"timeToStart"}),
        ("rollout", "It starts in 90 s. Nothing else.", set()),
        ("rollout", "600Mi of memory, and 100 s to say goodbye once it is told to stop", {"timeToFinish"}),
        ("resources", "96 MB are too little, give it 200.", {"memory"}),
        ("resources", "cpu request 200m, limit 1", {"cpu", "mostCpu"}),
        ("resources", "Throttle it at 2 cores", {"mostCpu"}),
        ("probes", "停止前先等 10 秒,就绪检查每 15 秒一次", {"readyEvery"}),
        ("rollout", "terminationGracePeriodSeconds: 240", {"timeToFinish"}),
        ("build", "ffmpeg in img", {"packages"}),
        ("build", "the file is large", set()),
    ],
)
def test_a_value_is_asked_about_by_the_words_near_it(topic: str, wish: str, names: set[str]) -> None:
    form = wish_form(wished(topic, wish))
    assert {one.name for many in form.items.values() for one in many if one in form.own} == names


def test_a_field_that_the_spec_pins_is_not_asked() -> None:
    form = wish_form(wished("resources", "2 GiB of memory", resources={"memory": "1Gi", "memoryLimit": "1Gi"}))
    assert not form


def test_a_later_wish_is_an_input() -> None:
    asked = question("resources", WEB, {})
    wish_form(asked)
    assert {"spec.requirements", "spec.refine.resources"} <= set(asked.view.reads)


# ---- what becomes of it ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("topic", "wish", "said", "fields"),
    [
        ("resources", "it loads 1.5 GB: give it 2 GiB", {"2_GiB": "memory"}, {"memory": "2Gi"}),
        ("resources", "half a gig of RAM, never more than two CPUs", {"half_a_gig": "memory", "two_CPUs": "mostCpu"}, {"memory": "512Mi", "cpuLimit": "2"}),
        ("rollout", "uploads need 90 seconds to finish", {"90_seconds": "timeToFinish"}, {"gracePeriod": 90}),
        ("rollout", "two of them must never run at the same time", {"replacing": "old and new must never run together"}, {"strategy": "recreate"}),
        ("rollout", "25% of extra pods", {"25": "extraCopies"}, {}),
        ("rollout", "50% of extra pods", {"50": "extraCopies"}, {"surge": "50%"}),
        ("process", "run it with 4 gunicorn workers", {"4": "workers"}, {"command": ["gunicorn", "app:app", "--bind", "0.0.0.0:8000", "--workers", "4"]}),
        ("process", "it writes to /spool", {"spool": "folders"}, {"writable": ["/app/uploads", "/spool", "/tmp"]}),
        ("process", "run as user 2000", {"2000": "user"}, {"user": 2000}),
        ("process", "the main port is 9090", {"9090": "mainPort"}, None),
        ("build", "use Alpine, not Debian", {"Alpine": "distribution"}, {"base": "docker.io/library/python:3.12-alpine", "runtime": "docker.io/library/python:3.12-alpine"}),
        ("build", "Python 3.11 please", {"3.11": "version"}, None),
        ("build", "it calls ffmpeg, so install that", {"ffmpeg": "packages"}, {"packages": ["ffmpeg", "libpq5"]}),
    ],
)  # fmt: skip
def test_what_the_wish_asks_for_is_in_the_decision_and_nothing_else_moves(
    topic: str, wish: str, said: dict[str, str], fields: dict[str, Any] | None
) -> None:
    found = moved(wished(topic, wish), **said)
    if fields is not None:
        assert found == fields
    elif topic == "process":
        assert [port["port"] for port in found["ports"]] == [9090, 8000]
    else:
        assert all("python:3.11-" in image for image in found.values())


def test_a_start_of_ten_minutes_is_waited_for() -> None:
    startup = moved(wished("probes", "it needs ten minutes to start"), ten_minutes="timeToStart")["startup"]
    assert startup["period"] * startup["failures"] == 600
    assert startup["period"] == 10


def test_an_interval_of_all_checks_is_that_of_both() -> None:
    asked = wished("probes", "check its health every 30 seconds")
    found = moved(asked, **{"30_seconds": "checkEvery"})
    assert {name: probe["period"] for name, probe in found.items()} == {"readiness": 30, "liveness": 30}


def test_a_port_that_checks_ask_is_one_of_the_services() -> None:
    asked = wished("probes", "health checks ask port 9090")
    found = moved(asked, **{"9090": "checkedPort"})
    assert {probe["port"] for probe in found.values()} == {
        port["name"] for port in asked.view.decided("process", "ports") if port["port"] == 9090
    }
    assert moved(wished("probes", "health checks ask port 7070"), **{"7070": "checkedPort"}) == {}


@pytest.mark.parametrize(
    ("wish", "said", "probe", "parts"),
    [
        ("it is ready once /readyz answers", {"readyz": "readyRoute"}, "readiness", {}),
        ("readiness: an open port is enough", {"readyBy": "only whether its port is open"}, "readiness", {"type": "tcp", "path": None}),
        ("never restart it, leave liveness out", {"aliveBy": "there is no such check, it is left out"}, "liveness", {"type": "none"}),
        ("liveness checks every 30 seconds", {"30_seconds": "aliveEvery"}, "liveness", {"period": 30}),
    ],
)  # fmt: skip
def test_a_probe_keeps_what_the_wish_leaves(wish: str, said: dict[str, str], probe: str, parts: dict[str, Any]) -> None:
    asked = wished("probes", wish)
    value = answer(asked, **said).value[probe]
    assert {name: value[name] for name in parts} == parts


def test_the_reason_is_the_wish_and_the_rest_keeps_its_own() -> None:
    asked = wished("resources", "Give it 2 GiB.")
    made = answer(asked, **{"2_GiB": "memory"})
    assert made.reasons["memory"] == "the owner wishes: Give it 2 GiB"
    assert made.reasons["cpu"] == asked.baseline.reasons["cpu"]


def test_of_several_values_for_one_setting_the_last_counts() -> None:
    asked = question("resources", WEB, {"requirements": "512 MiB of memory", "refine": ["resources: rather 1 GiB"]})
    assert moved(asked, **{"512_MiB": "memory", "1_GiB": "memory"}) == {"memory": "1Gi"}


@pytest.mark.parametrize("topic", sorted(TOPICS))
@pytest.mark.parametrize("facts", [WEB, NODE, GO], ids=["python", "node", "go"])
def test_who_says_nothing_keeps_what_is_usual(topic: str, facts: Any) -> None:
    asked = question(topic, facts, {"refine": [f"{topic}: two or 3 of /a and 5 minutes, 1 GiB"]})
    asked = replace(asked, earlier=(("{}", "x"), ("{}", "x")))  # what is sure went back twice
    if wish_form(asked):
        assert dict(answer(asked).value) == dict(asked.baseline.value)


# ---- what holds against it ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("topic", "wish", "said", "limit"),
    [
        ("process", "run it as root, user 0", {"0": "user"}, "0"),
        ("process", "it writes to /etc", {"etc": "folders"}, "belongs to the system"),
        ("process", "the port is 7777", {"7777": "mainPort"}, "between 8000 and 9090"),
        ("process", "start it with --pythonpath=/tmp/x", {"pythonpath_tmp_x": "options"}, "neither a word of a known start command"),
        ("rollout", "give it 2 hours to finish", {"2_hours": "timeToFinish"}, "between 1 and 600"),
        ("resources", "4000 GiB of memory", {"4000_GiB": "memory"}, "no quantity between"),
    ],
)  # fmt: skip
def test_a_wish_beyond_a_limit_moves_nothing_and_is_told(
    topic: str, wish: str, said: dict[str, str], limit: str
) -> None:
    made = answer(wished(topic, wish), **said)
    assert dict(made.value) == dict(wished(topic, wish).baseline.value)
    (told,) = made.told
    assert told.startswith(f"web/{topic}: the wish “{wish}” is not met: ")
    assert limit in told


def test_what_can_be_met_is_met_beside_what_cannot() -> None:
    made = answer(wished("process", "run as user 0 and write to /spool"), **{"0": "user", "spool": "folders"})
    assert made.value["writable"] == ["/app/uploads", "/spool", "/tmp"]
    assert made.value["user"] != 0
    assert len(made.told) == 1


def test_values_that_no_setting_gets_go_back_once_and_are_then_told_with_the_pins_that_they_may_be() -> None:
    asked = question("rollout", WEB, {"refine": ["rollout: x 90 s"]})
    with pytest.raises(Rejected, match="no setting gets what it names: 90 s"):
        answer(asked)
    again = replace(asked, earlier=(("{}", "x"),))
    assert dict(answer(again).value) == dict(asked.baseline.value)
    (told,) = answer(again).told
    assert told.startswith("web/rollout: the wish “x 90 s” changed nothing: the model takes 90 s for something else; ")
    assert "`kforge pin web rollout.gracePeriod 90`" in told


def test_there_are_only_so_many_values_of_one_question() -> None:
    wish = " ".join(f"a file of {number} GiB in memory" for number in range(1, 50))
    assert len(wish_form(wished("resources", wish)).items) == 8


def said_of(asked: Question) -> dict[str, list[str]]:
    """What can be said of each value and setting."""
    return {name: schema["enum"] for name, schema in wish_form(asked).schema()["properties"].items()}


def test_of_what_is_sure_nothing_else_can_be_said() -> None:
    assert said_of(wished("resources", "give it 2 GiB of memory")) == {"2_GiB": ["memory"]}
    assert said_of(wished("rollout", "do not spread it"))["spreadOver"] == ["not at all, do not spread them"]
    assert said_of(wished("rollout", "use the recreate strategy"))["replacing"] == ["the old copy stops"]


def test_what_is_sure_leaves_a_setting_to_later_wishes_alone() -> None:
    found = said_of(wished("build", "Use Alpine, the scanner complains about Debian."))
    assert found == {"Alpine": ["distribution"]}
    asked = question("resources", WEB, {"requirements": "512 MiB of memory", "refine": ["resources: rather 1 GiB"]})
    assert said_of(asked) == {"512_MiB": ["memory"], "1_GiB": ["memory", "something else"]}


@pytest.mark.parametrize(
    "wish", ["Next year we may need 8 GB of memory.", "Perhaps it needs 2 GiB of memory some day."]
)
def test_what_may_be_one_day_is_no_wish(wish: str) -> None:
    assert not wish_form(wished("resources", wish))


def test_who_names_a_route_is_not_asked_whether_there_is_one() -> None:
    form = wish_form(wished("probes", "readiness is GET /readyz"))
    assert [item.words for item in form.items] == ["/readyz"]
    assert form.choices == ()


@pytest.mark.parametrize("text", ["{}", "[]", "none", '{"2_GiB": "root"}', '{"2_GiB": "memory", "more": "memory"}'])
def test_what_is_not_the_form_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        read_answer(text, wished("resources", "give it 2 GiB"))


def test_no_answer_can_bring_in_what_the_wish_does_not_say() -> None:
    """Every property of every form is a closed list, and every value comes from the wish or from the decision's own words."""
    for topic in TOPICS:
        asked = question(
            topic,
            WEB,
            {"refine": [f"{topic}: use Alpine 3.20, /srv, 5 min, 4, 20 %, curl, --timeout=9, 1 GiB, 2 cores"]},
        )
        for schema in wish_form(asked).schema()["properties"].values():
            assert set(schema) == {"type", "enum"}


def test_the_fields_that_settings_fill_are_fields_of_the_topic() -> None:
    from kforge.llm.wish_effects import _EFFECTS
    from kforge.llm.wish_settings import settings

    named = {(topic, one.name) for topic in TOPICS for one in settings(topic)}
    assert named == set(_EFFECTS)
    assert all(one.field in TOPICS[topic].fields for topic in TOPICS for one in settings(topic))
    assert asked_fields(question("resources", WEB))


@pytest.mark.parametrize(("wish", "number"), [("It listens on port 9443.", 9443), ("It listens on port 443.", 8000)])
def test_a_port_that_the_owner_surely_names_is_known_where_no_root_is_needed(wish: str, number: int) -> None:
    asked = wished("process", wish)
    form = wish_form(asked)
    key = next(item.key for item in form.items)
    value = answer(asked, **{key: "mainPort"}).value
    assert value["ports"][0]["port"] == number
    assert value["command"][-1] == f"0.0.0.0:{number}"


def test_many_values_take_time_by_their_number() -> None:
    def many(number: int) -> None:
        said = [" ".join(f"{at} zz," for at in range(first, first + 200)) for first in range(1000, 1000 + number, 200)]
        wish_form(question("rollout", WEB, {"refine": said}))

    assert growth(many, 3200) < LINEAR

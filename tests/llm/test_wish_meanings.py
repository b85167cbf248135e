"""Of several values in a wish the one that is wanted counts, and phrases that a rule reads surely are not asked about."""

from __future__ import annotations

import pytest

from kforge.domain.language import LanguageImage
from kforge.llm.wish_question import wish_form
from kforge.llm.wish_values import items
from tests.questions import WEB, question


@pytest.mark.parametrize(
    ("topic", "wish", "words"),
    [
        ("probes", "ask whether it is ready every 25 seconds and not every 5", ["25 seconds"]),
        ("probes", "take it out after four failed readiness checks, two is too nervous", ["four"]),
        ("probes", "no traffic any more after four failed readiness checks", ["four"]),
        ("probes", "the startup check asks /warm instead, /healthz is green too early", ["/warm"]),
        ("resources", "900 MB of memory please, it dies under 600 MB", ["900 MB"]),
        ("resources", "Last week it died at 350 MB of memory. Give it twice that.", ["twice that"]),
        ("rollout", "never start one extra pod", ["never"]),
        ("rollout", "never more than one extra pod", ["one"]),
        ("build", "python 3.11 for now, 3.13 breaks our wheels", ["3.11"]),
        ("build", "the interface is at version 2.4 of the contract, build it with python 3.11", ["3.11"]),
    ],
)
def test_a_value_that_is_named_to_be_outdone_is_not_asked_about(topic: str, wish: str, words: list[str]) -> None:
    asked = wish_form(question(topic, WEB, {"requirements": wish}))
    assert [item.words for item in asked.items] == words


@pytest.mark.parametrize(
    ("topic", "wish", "choices"),
    [
        ("probes", "readiness: it is enough that the port is open", {"readyBy": "only whether its port is open"}),
        ("probes", "pour readiness, un port ouvert suffit", {"readyBy": "only whether its port is open"}),
        ("rollout", "spread the pods across nodes", {"spreadOver": "over nodes"}),
        ("rollout", "die Kopien bitte über Zonen verteilen", {"spreadOver": "over zones"}),
        ("rollout", "the pods may sit on the same node", {"spreadOver": "not at all, do not spread them"}),
        ("rollout", "erst die alte Version beenden", {"replacing": "the old copy stops"}),
        ("rollout", "never both versions at the same time", {"replacing": "old and new must never run together"}),
        ("process", "log only errors, the log level is too chatty", {"logLevel": "error"}),
    ],
)
def test_a_phrase_that_a_rule_reads_is_the_only_one(topic: str, wish: str, choices: dict[str, str]) -> None:
    asked = wish_form(question(topic, WEB, {"requirements": wish}))
    sure = {one.name: next(iter(one.choices)) for one in asked.choices if len(one.choices) == 1}
    assert sure.items() >= choices.items()


@pytest.mark.parametrize(
    ("topic", "wish"),
    [
        ("rollout", "do not stop the old copy before the new one is ready"),
        ("rollout", "no downtime please, run both versions side by side for a while"),
        ("rollout", "never use recreate"),
        ("rollout", "spread the pods so that we can lose one node"),
        ("rollout", "We must not lose all pods: please spread them"),
        ("probes", "an open port is not enough for readiness"),
        ("process", "never log at debug level"),
        ("process", "do not set the log level to debug"),
    ],
)
def test_a_phrase_that_is_denied_is_not_the_only_one(topic: str, wish: str) -> None:
    asked = wish_form(question(topic, WEB, {"requirements": wish}))
    assert asked.choices
    assert all(len(one.choices) > 1 for one in asked.choices)


@pytest.mark.parametrize(
    ("wish", "gone"),
    [
        ("check liveness every 40 seconds", "aliveBy"),
        ("restart it after five failed liveness probes", "aliveBy"),
        ("one pod may be missing during a rollout, the others serve in parallel", "replacing"),
    ],
)
def test_what_a_value_is_for_is_not_taken_away_by_a_phrase(wish: str, gone: str) -> None:
    topic = "rollout" if gone == "replacing" else "probes"
    asked = wish_form(question(topic, WEB, {"requirements": wish}))
    assert asked.items
    assert gone not in [one.name for one in asked.choices]


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ("le rapport part dès 9h", []),
        ("il faut lui laisser 2h", ["2h"]),
        ("we see random 502s", []),
        ("wait 502 s", ["502 s"]),
        ("a timeout of 500s", ["500s"]),
        ("give it 450s to start", ["450s"]),
        ("un plazo de 2h", ["2h"]),
        ("it runs alle 2h", ["2h"]),
        ("the trips service gets 2 GB of memory", ["2 GB"]),
        ("budget 2 GB of memory for it", ["2 GB"]),
        ("Uruchom 4 workery na porcie 8000", ["4", "8000"]),
        ("it must serve 500 users at the same time", []),
        ("la moitié des pods peut manquer", ["la moitié des"]),
        ("one of the six pods may be missing", ["one"]),
        ("three sends in parallel", ["three"]),
        ("it sends 3 mails in parallel", ["3"]),
        ("it sends 3 mails", []),
        ("make that six", ["six"]),
        ("that six", []),
    ],
)
def test_a_number_of_something_else_is_no_value(wish: str, found: list[str]) -> None:
    assert [item.words for item in items([wish]) if item.kinds] == found


PYTHON = LanguageImage("docker.io/library/python", "{version}-slim", "3.13", 2, "trixie", {})
NODE = LanguageImage("docker.io/library/node", "{version}-slim", "24", 1, "trixie", {})


@pytest.mark.parametrize(
    ("image", "version", "near"),
    [
        (PYTHON, "3.9", True), (PYTHON, "3.14", True), (PYTHON, "3.2", False), (PYTHON, "2.6", False), (PYTHON, "11", False),
        (NODE, "20", True), (NODE, "26", True), (NODE, "3.0", False), (NODE, "2.4", False), (NODE, "lts", False),
        (PYTHON._replace(version=""), "2.7", True), (PYTHON._replace(older={"2.7": "buster"}), "2.7", True),
    ],
)  # fmt: skip
def test_a_version_that_a_language_cannot_have_is_none(image: LanguageImage, version: str, near: bool) -> None:
    assert image.near(version) is near

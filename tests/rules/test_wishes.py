"""What a wish says without doubt and does not get is told with its line, its words and the pin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.document import Documents
from kforge.domain.wishes.heard import Wish
from kforge.errors import Place
from tests.rules.families import family
from tests.rules.test_wiring import workload

(RULE,) = family("wishes")
SETTLED: dict[str, dict[str, Any]] = {"resources": {"memory": "192Mi", "cpu": "100m"}, "rollout": {"drain": 5}}
PLACE = Place("app.kforge.yaml", 5, 7)


def hits(*wishes: Wish) -> list[Any]:
    return list(RULE.check(Documents(items=(workload("web"), workload("api")), wishes=wishes)))


def wish(text: str, service: str = "web", topic: str = "") -> Wish:
    return Wish(service, topic, text, PLACE, SETTLED, 1)


def test_a_wish_that_is_not_met_is_told_with_its_words_and_its_pin() -> None:
    assert RULE.id == "unheard-wish"
    (hit,) = hits(wish("It caches a lot: give it 2 GiB."))
    assert hit.message == (
        "the wish “give it 2 GiB” of `web` is not met: it asks for 2Gi of memory, but 192Mi was decided"
    )
    assert "`services.web.resources: {memory: 2Gi}`" in hit.hint
    assert hit.document.place(hit.field) == PLACE
    assert hit.document.target == "Deployment/web"


@pytest.mark.parametrize(
    "text", ["192 MiB of memory", "it is bound by memory", "use it well", "the old one had 2 GiB of memory"]
)
def test_what_is_met_or_not_sure_is_silent(text: str) -> None:
    assert hits(wish(text)) == []


def test_the_later_sentence_counts() -> None:
    earlier, later = wish("1 GiB of memory"), wish("2 GiB of memory", topic="resources")
    assert ["2Gi" in hit.message for hit in hits(earlier, later)] == [True]
    assert hits(earlier, wish("192Mi of memory")) == []


def test_a_wish_to_one_topic_says_nothing_of_another() -> None:
    assert hits(wish("2 GiB of memory", topic="rollout")) == []


def test_each_service_has_its_own_wishes() -> None:
    found = hits(wish("1 GiB of memory", service="api"), wish("20 seconds of drain", service="web"))
    assert [(hit.document.service, hit.hint.split("`")[1]) for hit in found] == [
        ("api", "services.api.resources: {memory: 1Gi}"),
        ("web", "services.web.rollout: {drain: 20}"),
    ]


def test_a_credential_in_a_wish_is_not_repeated() -> None:
    key = "ghp_" + "x7Kq" * 9
    (hit,) = hits(wish(f"with the key {key} it needs 2 GiB of memory"))
    assert key not in hit.message


def test_a_wish_without_a_workload_is_silent() -> None:
    assert hits(replace(wish("2 GiB of memory"), service="gone")) == []


def test_the_command_that_gives_it_stands_beside_the_pin() -> None:
    (hit,) = hits(wish("2 GiB of memory"))
    assert "`kforge pin web resources.memory 2Gi`" in hit.hint


def test_of_what_no_wish_can_have_the_limit_is_told() -> None:
    (hit,) = hits(wish("Run it as root.", topic="rollout"))
    assert hit.message.endswith("it asks for the user root, but another user was decided")
    assert hit.hint == "the rules refuse a container of root, whatever is pinned"
    assert hits(wish("Never run it as root.")) == []

"""What holds for one service and is not looked at again must hold for the next one, too."""

from __future__ import annotations

from typing import Any

from kforge.domain.digest import digest
from kforge.domain.facts import Fact, Facts
from kforge.domain.lock import ServiceRecord
from kforge.stages.changed_inputs import changed_inputs, is_read
from kforge.stages.inputs import Inputs

RAW: dict[str, Any] = {"app": "shop", "services": {"a": {"port": 1}, "b": {"port": 2}}}


def record(*words: str) -> ServiceRecord:
    return ServiceRecord(read=" ".join(words), files="spec.port")


def changed(facts: dict[str, Facts], **services: ServiceRecord) -> list[str]:
    return [*changed_inputs(RAW, services, facts, Inputs(RAW, facts, {}))]


def test_what_is_recorded_as_it_is_has_not_changed() -> None:
    words = (f"app.app={digest('shop')}", "app.labels", "facts.version", "patches")
    one, other = (record(*words, f"spec.port={digest(port)}") for port in (1, 2))
    assert changed({}, a=one, b=other) == []


def test_the_same_word_about_a_service_is_compared_for_each() -> None:
    same = record(f"spec.port={digest(1)}")
    assert changed({}, a=same, b=same) == ["b: spec.port changed"]


def test_another_digest_of_what_all_share_is_seen() -> None:
    one, other = record(f"app.app={digest('shop')}"), record(f"app.app={digest('else')}")
    assert changed({}, a=one, b=other) == ["b: app.app changed"]


def test_a_fact_that_services_without_a_source_lack_is_looked_for_where_there_is_one() -> None:
    same = record("facts.version")
    assert changed({"b": Facts(version=Fact("3.12"))}, a=same, b=same) == ["b: facts.version changed"]


def test_one_and_true_are_two_values() -> None:
    raw = {"services": {"a": {"port": 1}, "b": {"port": True}}}
    same = record(f"spec.port={digest(1)}")
    assert [*changed_inputs(raw, {"a": same, "b": same}, {}, Inputs(raw, {}, {}))] == ["b: spec.port changed"]


def test_a_key_without_a_value_is_no_key_that_was_read() -> None:
    assert not is_read("app.labels", [record("app.labels")])


def test_no_key_is_read_because_it_spells_the_words_of_a_record() -> None:
    words = (f"app.app={digest('shop')}", f"app.namespace={digest('shop')}")
    assert is_read("app.namespace", [record(*words)]) and not is_read(f"{words[0]} app.namespace", [record(*words)])

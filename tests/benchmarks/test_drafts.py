"""The cases of `benchmarks/drafts`: their form, how they are judged, and what words alone make of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.drafts import results, trial
from benchmarks.drafts.__main__ import by_words
from benchmarks.drafts.cases import HALVES, DraftCase, load
from benchmarks.drafts.judgement import ASPECTS, DraftSeen, judged
from kforge.domain.draft import KINDS
from kforge.domain.known_images import stores
from kforge.spec import cron

CASES = load()


@pytest.fixture(scope="module")
def words() -> results.DraftJournal:
    return by_words(CASES)


def test_there_are_sixty_sentences_half_of_them_kept_apart() -> None:
    assert Counter(case.half for case in CASES) == dict.fromkeys(HALVES, 30)
    assert sum(bool(case.files) for case in CASES) >= 18
    assert sum(not case.sentence.isascii() for case in CASES) >= 12


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_names_what_it_defines(case: DraftCase) -> None:
    names = {key.partition("|")[0] for key in case.expect["services"]}
    assert {*case.expect["services"].values()} <= {*KINDS}
    assert {*case.expect.get("stores", ())} <= {*stores()}
    for link in (*case.expect.get("links", ()), *case.expect.get("apart", ())):
        one, other = (part.strip() for part in link.split(">"))
        assert one in names or any(one in key.split("|") for key in case.expect["services"])
        assert other in {*names, *case.expect.get("stores", ())}
    for key in ("schedules", "exposure", "ports", "scale"):
        assert {*case.expect.get(key, {})} <= {name for each in case.expect["services"] for name in each.split("|")}
    for wanted in case.expect.get("schedules", {}).values():
        assert not any(cron.wrong(each) for each in (wanted if isinstance(wanted, list) else [wanted]))


def test_the_row_of_words_alone_is_current(words: results.DraftJournal) -> None:
    """Renew it with `python -m benchmarks.drafts --write`."""
    assert results.journals()[0] == words


def test_the_page_is_made_of_the_journals() -> None:
    assert results.PAGE.read_text(encoding="utf-8") == results.page(CASES, results.journals())


def test_words_alone_draft_nine_of_ten_aspects_of_the_half_that_they_are_tuned_on(words: results.DraftJournal) -> None:
    tried = [words.results[case.name].aspects for case in CASES if case.half == "tuned"]
    right = [not wrong for aspects in tried for wrong in aspects.values()]
    assert sum(right) >= 0.9 * len(right)


def test_the_page_names_no_case_of_the_half_that_is_kept_apart() -> None:
    wrong = {case.name: trial.DraftResult(case.name, {"services": "no web"}) for case in CASES}
    text = results.page(CASES, [results.DraftJournal("m", wrong)])
    assert {case.half for case in CASES if f"- {case.name}:" in text} == {"tuned"}


def test_a_journal_comes_back_as_it_was_written(tmp_path: Path) -> None:
    one = trial.DraftResult("a", {"services": "no web", "kinds": ""}, True, (trial.Measured(100, 20, 1.5),))
    journal = results.DraftJournal("Some/Model:7b", {"a": one})
    assert results.read(journal.write(tmp_path)) == journal


SPEC: Mapping[str, Any] = {
    "app": "demo",
    "services": {
        "web": {"source": "./web", "expose": {"host": "a.example"}, "needs": ["api"]},
        "api": {
            "source": "./api",
            "port": 9000,
            "env": {"U": "redis://${services.cache.address}"},
            "scale": {"min": 2},
        },
        "tidy": {"source": "./tidy", "schedule": "0 3 * * *", "secrets": {"URL": {"secret": "demo-db", "key": "url"}}},
        "cache": {"image": "docker.io/library/redis:8"},
        "db": {"image": "docker.io/library/postgres:18"},
    },
    "environments": {"staging": {}, "prod": {"services": {"api": {"scale": {"min": 5}}}}},
}
SEEN = DraftSeen(SPEC, {"web": "web", "api": "web", "tidy": "cron"}, ["nothing is drafted for `kafka`"])
RIGHT: Mapping[str, Any] = {
    "services": {"web": "web", "backend|api": "web", "*": "cron"},
    "stores": ["postgres", "redis"],
    "links": ["web > backend", "backend > redis", "* > postgres"],
    "apart": ["web > redis"],
    "schedules": {"*": ["0 3 * * *", "0 4 * * *"]},
    "exposure": {"web": "a.example"},
    "ports": {"backend": 9000},
    "scale": {"backend": 2},
    "environments": {"staging": {}, "production|prod": {"backend": 5}},
    "said": ["kafka"],
}


def test_a_draft_that_is_as_it_should_be_is_right_in_every_aspect() -> None:
    assert judged(RIGHT, SEEN) == dict.fromkeys(ASPECTS, "")


@pytest.mark.parametrize(
    ("change", "aspect"),
    [
        ({"services": {"web": "worker", "backend|api": "web", "*": "cron"}}, "kinds"),
        ({"services": {**RIGHT["services"], "mailer": "worker"}}, "services"),
        ({"stores": ["postgres"]}, "stores"),
        ({"stores": ["postgres", "redis", "nats"]}, "stores"),
        ({"links": ["web > postgres"]}, "links"),
        ({"apart": ["web > backend"]}, "links"),
        ({"schedules": {"*": "0 5 * * *"}}, "schedules"),
        ({"exposure": {"web": "b.example"}}, "exposure"),
        ({"exposure": {}}, "exposure"),
        ({"ports": {"backend": 8080}}, "exposure"),
        ({"scale": {"backend": "2-4"}}, "scale"),
        ({"scale": {}}, "scale"),
        ({"environments": {"staging": {}}}, "environments"),
        ({"environments": {"staging": {}, "prod": {"backend": 4}}}, "environments"),
        ({"said": ["gpu"]}, "said"),
    ],
)
def test_what_is_missing_and_what_is_invented_is_wrong(change: Mapping[str, Any], aspect: str) -> None:
    found = judged({**RIGHT, **change}, SEEN)
    assert found[aspect]
    assert [name for name, wrong in found.items() if wrong and name != aspect] == []


def test_a_service_too_many_is_wrong() -> None:
    wanted = {"services": {"web": "web", "api": "web"}, "exposure": {"web": "a.example"}}
    assert judged(wanted, SEEN)["services"] == "tidy too many"

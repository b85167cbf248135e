"""What kforge.sum has of the lock: it reads back, says each digest once, and damage is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kforge.domain.decider import HEURISTICS
from kforge.domain.lock import Lock, LockedDecision, Record, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import InputError
from kforge.system import locked, lockfile, sums

ONE, TWO, THREE = "1" * 16, "2" * 16, "3" * 16
ANSWER = LockedDecision(value={"a": 1}, reasons={}, decider=HEURISTICS, revision=1, inputs={})
LOCK = Lock(
    services={
        "job": ServiceLock(inputs={"spec.image": ONE}),
        "web": ServiceLock(
            decisions={
                "build": replace(ANSWER, inputs={"builder": ONE, "spec.source": "-"}),
                "probes": replace(ANSWER, revision=3, inputs={"facts.health": TWO}),
            },
            inputs={"app.labels": "-", "facts.health": TWO},
            detector="python",
            detector_revision=2,
        ),
    },
    inputs={"app.labels": "-", "environments": THREE},
)


def lines(lock: Lock) -> list[str]:
    """Every line from `## app` on."""
    return sums.render(Sums(), lock).splitlines()[2:]


def record(*notes: str) -> Record:
    return sums.parse("".join(f"{line}\n" for line in notes).encode(), SUMS_FILE).record


def read(lock: Lock) -> Lock:
    texts = zip((LOCK_FILE, SUMS_FILE), locked.render(lock, Sums()), strict=True)
    return locked.parse({name: text.encode() for name, text in texts}, None)[0]


def test_a_record_is_written_as_it_is_described() -> None:
    text = lockfile.text_digests(lockfile.texts_of(LOCK))
    assert lines(LOCK) == [
        "## app",
        f"# app app.labels environments={THREE}",
        "#",
        "## service job",
        f"# service job - 1 {text['job']}",
        f"# read job spec.image={ONE}",
        "# files job spec.image",
        "#",
        "## service web",
        f"# service web python 2 {text['web']}",
        f"# read web app.labels builder={ONE} facts.health={TWO} spec.source",
        "# answer web/build 1 builder spec.source",
        "# answer web/probes 3 facts.health",
        "# files web app.labels facts.health",
        "#",
    ]


def test_what_is_written_reads_back() -> None:
    assert read(LOCK) == LOCK


def test_an_answer_that_was_kept_though_it_is_stale_has_digests_of_its_own() -> None:
    web = LOCK.services["web"]
    stale = replace(web.decisions["build"], inputs={"builder": TWO, "facts.health": ONE, "spec.source": ONE})
    stale_too = replace(web.decisions["probes"], inputs={"builder": THREE, "facts.health": "-"})
    lock = Lock(services={"web": replace(web, decisions={"build": stale, "probes": stale_too})})
    assert f"# answer web/probes 3 builder={THREE} facts.health=-" in lines(lock) and read(lock) == lock


@pytest.mark.parametrize(("digest", "apart"), [(TWO, False), (ONE, True)])
def test_only_what_was_made_of_other_values_is_apart(digest: str, apart: bool) -> None:
    web = LOCK.services["web"]
    web = replace(web, decisions={"probes": replace(web.decisions["probes"], inputs={"facts.health": digest})})
    assert record(*lines(Lock(services={"web": web}))).services["web"].apart == apart


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("facts.health", "facts.health"),
        ("environments.prod.spec.scale", "environments.prod.spec.scale"),
        ("include:deploy/extra.yaml", "include:deploy/extra.yaml"),
        ("two words", "two%20words"),
        ("a=b", "a%3Db"),
        ("a%20b", "a%2520b"),
        ("", "%"),
        ("%", "%25"),
        ("a\nb", "a%0Ab"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("\udcff", "%FF"),
        ("\u202e", "%E2%80%AE"),
    ],
)
def test_a_name_is_one_word_of_characters_that_are_seen(name: str, word: str) -> None:
    lock = Lock(inputs={name: ONE})
    assert f"# app {word}={ONE}" in lines(lock) and read(lock) == lock


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(
    ("spec.port", "facts.health", "decisions.process.ports", "\udc80", "é\udcffé", "=", "%", "#", " ")
)
INPUTS = st.dictionaries(NAMES, st.sampled_from((ONE, TWO, "-", "?")), max_size=4)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(("build", "probes", "process")), INPUTS), INPUTS, INPUTS, st.integers(1, 99))
def test_every_record_reads_back(answers: Any, files: Any, app: Any, revision: int) -> None:
    decisions = {topic: replace(ANSWER, inputs=inputs, revision=revision) for topic, inputs in answers.items()}
    service = ServiceLock(decisions=decisions, inputs=files, detector="go", detector_revision=revision)
    lock = Lock(services={"web": service, "a-1": ServiceLock(inputs=app)}, inputs=app)
    assert read(lock) == lock


@pytest.mark.parametrize(
    "note", ["# what is this", "# servicex web", "#answer web/build 1", "# ", "## read web x", "#\tread web"]
)
def test_other_comments_are_no_record(note: str) -> None:
    assert record(note) == Record()


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        (["# read web a", "# read web b", "# read web a"], "kforge.sum:2: `kforge.sum` is damaged: this line is there"),
        (["# x", "# app a", "# app b"], "kforge.sum:3: `kforge.sum` is damaged: this line is there twice"),
        (["# x", "# answer web/build 1", "# answer web/build 1"], "`kforge.sum` is damaged: this line is there twice"),
        (["# service"], "kforge.sum:1: `kforge.sum` is damaged: this line is there twice, or has nothing"),
        (["# read  a"], "kforge.sum:1: `kforge.sum` is damaged"),
        (["# answer web 1 a"], "kforge.sum:1: `kforge.sum` is damaged"),
        (["# answer /build 1 a"], "kforge.sum:1: `kforge.sum` is damaged"),
        (["# files web/build a"], "kforge.sum:1: `kforge.sum` is damaged"),
        (["# service web python 0 x"], "`0` is not a revision"),
        (["# service web python"], "`` is not a revision"),
        (["# service web python -1 x"], "`-1` is not a revision"),
        (["# service web python 1e3 x"], "`1e3` is not a revision"),
        (["# answer web/build"], "`` is not a revision"),
        (["# answer web/build 01 a"], "`01` is not a revision"),
        (["# answer web/build 9999999999 a"], "`9999999999` is not a revision"),
        (["# answer web/build ² a"], "`²` is not a revision"),
    ],
)
def test_damage_is_named(notes: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        record(*notes)
    (only,) = caught.value.problems
    assert said in f"{only.where}: {only.message}" and "git checkout" in only.hint


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(lines(LOCK)), max_size=4), st.integers(0, 40), st.integers(0, 3), st.text(max_size=3))
@example(["# read web a=b=c", "# files web a"], 0, 0, "")
def test_any_damage_gives_sums_or_an_error(notes: list[str], at: int, length: int, text: str) -> None:
    damaged = [note[:at] + text + note[at + length :] for note in notes]
    try:
        held = sums.parse("".join(f"{line}\n" for line in damaged).encode(errors="replace"), SUMS_FILE)
    except InputError as error:
        assert error.problems[0].hint
        return
    lockfile.parse(lockfile.render(LOCK).encode(), LOCK_FILE, None, held.record)

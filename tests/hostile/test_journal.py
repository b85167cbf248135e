"""A run that was stopped goes on, shards add up, and what broke stays broken until it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.hostile.__main__ import tried
from tests.hostile.journal import Journal
from tests.hostile.sections import Attempts, Section, Tried

NAMES = ("a", "b", "c", "d", "e")


def section(made: list[str], broken: str = "") -> Section:
    def attempts() -> Attempts:
        return iter([(name, lambda name=name: go(name)) for name in NAMES])

    def go(name: str) -> Tried:
        made.append(name)
        return Tried(2, ("shows a traceback",) if name == broken else (), 0.5)

    return Section("small", "pull requests", attempts)


def test_what_is_in_the_journal_is_not_tried_again_unless_it_broke(tmp_path: Path) -> None:
    first: list[str] = []
    tried(section(first, broken="b"), Journal(tmp_path / "j"), (1, 1))
    again: list[str] = []
    tried(section(again), Journal(tmp_path / "j"), (1, 1))
    assert (first, again) == ([*NAMES], ["b"])


def test_what_holds_when_tried_again_is_no_longer_broken(tmp_path: Path) -> None:
    def told() -> Iterator[list[str]]:
        for broken in ("b", ""):
            journal = Journal(tmp_path / "j")
            tried(section([], broken), journal, (1, 1))
            yield journal.broke([section([])])

    assert [*told()] == [["small: b: shows a traceback"], []]


def test_a_run_that_is_stopped_ends_with_the_attempt_that_it_is_at() -> None:
    made: list[str] = []
    tried(section(made), Journal(None), (1, 1), stopped=lambda: len(made) == 2)
    assert made == ["a", "b"]


def test_shards_make_every_attempt_once_and_add_up(tmp_path: Path) -> None:
    made: list[str] = []
    for number in (1, 2):
        tried(section(made), Journal(tmp_path / f"{number}"), (number, 2))
    page = Journal(None, [tmp_path / "1", tmp_path / "2"]).page([section([])])
    assert (sorted(made), "5 attempts, 10 commands; what broke: 0." in page) == ([*NAMES], True)


def test_the_page_says_of_how_many_attempts_only_some_were_made() -> None:
    journal, planned = Journal(None), replace(section([]), planned=len(NAMES))
    tried(planned, journal, (1, 2))
    assert "| pull requests | 3 of 5 | 6 | 0 | 0.5 s |" in journal.page([planned])


def test_the_page_counts_and_names_what_broke(tmp_path: Path) -> None:
    journal = Journal(None)
    tried(section([], broken="c"), journal, (1, 1))
    assert journal.page([section([])]).splitlines()[2:] == [
        "`python -m tests.hostile`: 5 attempts, 10 commands; what broke: 1.",
        "",
        "| what | attempts | commands | broke | slowest command (CPU) |",
        "|---|---|---|---|---|",
        "| pull requests | 5 | 10 | 1 | 0.5 s |",
        "",
        "- small: c: shows a traceback",
    ]

"""What the tables say of rows that serve, that do not, and that could not be performed."""

from __future__ import annotations

from benchmarks.repositories import results
from benchmarks.repositories.rows import Row
from benchmarks.repositories.trial import Verdict

UNREACHED = Verdict("engine", "drafted", unreached=["api: its engine comes from one host alone"])
VERDICTS = (
    Verdict("good", "drafted", well=True),
    Verdict("bad", "drafted", why=["web: ended with 1"]),
    Verdict("store", "drafted", not_played=["db: no server here plays `oracle:23`"]),
)


def row(name: str) -> Row:
    note = "its map is left out by its authors' own switch" if name == "good" else ""
    return Row(name, f"some/{name}", "0" * 40, "a program", {}, note=note)


def tables(*verdicts: Verdict) -> tuple[str, str]:
    known = {(one.name, one.way): one for one in verdicts}
    rows = [row(one.name) for one in verdicts]
    return results.page(rows, known, "at 0"), results.short(rows, known)


def test_shares_are_of_the_rows_that_could_be_performed() -> None:
    counts = (
        "Of 4 {}repositories, 3 could be performed: 1 serve as drafted (33 %), 1 after at most 5 changed lines (33 %)."
    )
    page, short = tables(*VERDICTS, UNREACHED)
    assert counts.format("") in page and counts.format("public ") in short


def test_where_all_were_performed_one_number_is_said() -> None:
    assert "Of 3 repositories, 1 serve as drafted (33 %)" in tables(*VERDICTS)[0]


def test_a_row_that_lacks_what_a_host_alone_has_is_told_apart_from_one_that_does_not_serve() -> None:
    page, short = tables(*VERDICTS, UNREACHED)
    section = page.partition("## What could not be performed here\n")[2].partition("##")[0]
    assert [line for line in section.splitlines() if line] == [
        "- **some/engine**: api: its engine comes from one host alone"
    ]
    assert "| [some/engine](https://github.com/some/engine) | a program |  | not performed here |  |" in short


def test_a_row_with_another_fault_besides_does_not_serve() -> None:
    more = Verdict("engine", "drafted", why=["migrate: not drafted"], unreached=UNREACHED.unreached)
    page, _ = tables(*VERDICTS, more)
    assert "Of 4 repositories, 1 serve as drafted (25 %)" in page
    assert "could not be performed here" not in page


def test_what_was_left_out_of_a_trial_is_said_of_a_row_that_serves() -> None:
    page = tables(*VERDICTS)[0]
    assert (
        "- **some/good**: its map is left out by its authors' own switch" in page.partition("## What was left out")[2]
    )

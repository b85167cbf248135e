"""The reliability of decisions, measured: the line that is fitted, the figures, the diagram, and what a journal keeps."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.decisions import reliability, results
from benchmarks.decisions.calibration import Scored, binned, error, fitted, ordered
from benchmarks.decisions.cases import load
from benchmarks.decisions.results import Journal
from benchmarks.decisions.trial import RatedDecision, Result
from kforge.domain.calibration import line_of, on_line

SCORED = st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60)
TUNED = [case.name for case in load() if case.half == "tuned"]
HELD = [case.name for case in load() if case.half == "held"]


@given(SCORED)
def test_a_fitted_line_rises_from_nothing_to_all(scored: list[Scored]) -> None:
    line = fitted(scored)
    assert line_of(line) == line
    assert (line[0], line[-1]) == ((0.0, 0.0), (100.0, 100.0))


def test_a_line_goes_through_what_decisions_turned_out_to_be() -> None:
    scored = [(40.0, number % 2 == 0) for number in range(20)] + [(70.0, True)] * 18
    line = fitted(scored)
    assert (on_line(line, 40), on_line(line, 70)) == (50, 95)  # with one more right and wrong one each


def test_what_would_make_the_line_fall_is_put_together() -> None:
    scored = [(40.0, True)] * 10 + [(60.0, False)] * 10
    assert fitted(scored) == ((0.0, 0.0), (50.0, 50.0), (100.0, 100.0))


def test_few_decisions_are_no_point_of_their_own() -> None:
    assert len(fitted([(float(score), True) for score in range(30, 45)])) == 3


def test_the_figures_tell_good_scores_from_bad_ones() -> None:
    good: list[Scored] = [(90.0, True)] * 9 + [(90.0, False)] + [(10.0, True)] + [(10.0, False)] * 9
    assert error(good) == pytest.approx(0)
    assert error([(score, not right) for score, right in good]) == pytest.approx(80)
    assert ordered(good) == pytest.approx(0.9)
    assert ordered([(50.0, True), (50.0, False)]) == 0.5
    assert ordered([(50.0, True)]) is None


def test_bins_hold_every_decision_once() -> None:
    found = binned([(0.0, True), (9.9, False), (10.0, True), (100.0, True)])
    assert [(one.right, one.count) for one in found] == [(1, 2), (1, 1), (1, 1)]


# ---- journals -------------------------------------------------------------------------------------------------
def made(folder: Path) -> Path:
    """A journal of both halves, in which a sure decision is right more often."""
    rated = [RatedDecision("probes", number % 5 != 0, 95, 100, 0) for number in range(10)]
    rated += [RatedDecision("probes", number % 2 == 0, 40, None, 0) for number in range(10)]
    cases = {name: Result(name, one.right, rated=(one,)) for name, one in zip(TUNED[:20], rated, strict=True)}
    cases |= {HELD[0]: Result(HELD[0], True, rated=(RatedDecision("build", True, None, None, 0),))}
    return Journal("tiny", cases, "embedded").write(folder)


def test_a_journal_keeps_what_a_score_is_made_of(tmp_path: Path) -> None:
    path = made(tmp_path)
    again = results.read(path)
    assert again.results[TUNED[0]].rated == (RatedDecision("probes", False, 95, 100, 0),)
    assert again.write(tmp_path / "again").read_bytes() == path.read_bytes()


def test_the_calibration_is_fitted_to_the_tuned_half_alone(tmp_path: Path) -> None:
    one = results.read(made(tmp_path))
    tuned, counts = reliability._tuned([one])
    assert (len(tuned), counts) == (20, {"tiny": 20})
    halves = reliability.scored([one], fitted([(each.raw, each.right) for each in tuned]))
    assert {half: len(many) for half, many in halves.items()} == {"tuned": 20, "held": 1}


def test_the_command_writes_line_diagram_and_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATA", "PICTURE", "PAGE"):
        monkeypatch.setattr(reliability, name, tmp_path / name)
    assert reliability.main(["--journal", str(made(tmp_path / "journals")), "--write"]) == 0
    assert line_of(json.loads((tmp_path / "DATA").read_text())["points"])[0] == (0, 0)
    picture = ElementTree.parse(tmp_path / "PICTURE")
    assert len([*picture.iter("{http://www.w3.org/2000/svg}circle")]) > 3
    assert (tmp_path / "PAGE").read_text() + "\n" == capsys.readouterr().out
    assert "| tuned | 20 | 65 % |" in (tmp_path / "PAGE").read_text()


def test_a_journal_without_scores_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = Journal("old", {TUNED[0]: Result(TUNED[0], True)}).write(tmp_path)
    assert reliability.main(["--journal", str(path)]) == 1
    assert "no journal has a decision with a reliability" in capsys.readouterr().err

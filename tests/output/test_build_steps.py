"""A build says how far it is: from the steps that it took, and the time that they take elsewhere."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kforge.build_all import build
from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.output.build_steps import STEPS, BuildSteps
from tests.conftest import copied


def at(*steps: tuple[float, str], specs: int = 1) -> BuildSteps:
    """A build that began at 0; every "spec" is the next one."""
    made = BuildSteps(specs, 0.0)
    for second, name in steps:
        if name == "spec":
            made.spec()
        else:
            made.step(name, second)
    return made


ONE = ((0, "spec"), (0, "reading the sources"))


def test_before_the_first_step_nothing_lasts() -> None:
    assert BuildSteps(1, 0.0).lasts(9.0) == 0.0


def test_nothing_is_known_of_the_rest_while_the_sources_are_read() -> None:
    steps = at(*ONE)
    assert (steps.lasts(3.0), steps.left(3.0), steps.share(3.0)) == (3.0, None, None)


def test_the_rest_takes_what_its_share_says_and_counts_down() -> None:
    steps = at(*ONE, (4.4, "checking the manifests"))
    assert [steps.left(second) for second in (4.4, 5.4, 20.0)] == pytest.approx([5.6, 4.6, 0.0])


def test_the_bar_goes_on_within_a_step_and_never_reaches_the_end() -> None:
    steps = at(*ONE, (4.4, "checking the manifests"))
    assert [steps.share(second) for second in (4.4, 6.0, 60.0)] == pytest.approx([0.44, 0.6, 0.99])


def test_of_several_specs_each_is_its_part_and_all_are_written_at_the_end() -> None:
    steps = at(*ONE, (5, "spec"), (5, "reading the sources"), specs=2)
    assert (steps.words(), steps.share(5.0)) == ("spec 2 of 2, reading the sources", pytest.approx(0.43))


def test_a_step_that_comes_again_takes_nothing_back() -> None:
    steps = at(*ONE, (4.4, "checking the manifests"), (5, "reading the sources"))
    assert steps.share(5.0) == pytest.approx(0.44)


def test_time_in_which_a_model_is_asked_is_no_time_of_the_build() -> None:
    steps = at(*ONE)
    steps.skip(60.0)
    steps.step("making the manifests", 61.7)
    assert (steps.lasts(61.7), steps.left(61.7)) == (pytest.approx(1.7), pytest.approx(8.3))


def test_a_build_takes_the_steps_in_their_order(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    taken: list[str] = []
    build([Project(folder / "app.kforge.yaml", folder)], Options(today=date(2026, 1, 1), step=taken.append))
    assert taken == list(STEPS)

"""The page of every target: what holds, what was left out, what was refused, and that nothing else counts as passed."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.repositories.rows import rows
from benchmarks.repositories.targets import COLUMNS, TESTS, Came, Reports, page

ROWS = rows("gatus") + rows("whoami") + rows("kutt")
HOLDS = dict.fromkeys(COLUMNS, "holds")


def written(gatus: Came, whoami: Came, kutt: Came) -> str:
    return page(ROWS, {"gatus": gatus, "whoami": whoami, "kutt": kutt}, "at x")


def test_a_program_that_is_not_here_is_named_and_its_row_does_not_count() -> None:
    left = Came(outcomes={**HOLDS, "helm4": "left out"}, reasons={"helm4": "Skipped: helm4 is not here"})
    text = written(Came(outcomes=HOLDS), left, Came(refused="error: a value that a chart cannot express"))
    assert "Of 3 repositories, 1 build every target" in text
    assert "- helm, Helm 4: helm4 is not here" in text
    line = next(line for line in text.splitlines() if "/thedevs-network/kutt/" in line)
    assert line.count("refused") == len(COLUMNS)
    assert "- **thedevs-network/kutt**: error: a value that a chart cannot express" in text


def test_a_fault_is_said_by_its_target_and_what_was_not_tried_is_no_pass() -> None:
    fault = Came(outcomes={"rendered": "no"}, reasons={"rendered": "def test():\n>  assert\nE   AssertionError: prod"})
    text = written(Came(outcomes=HOLDS), fault, Came(outcomes=HOLDS))
    assert "- **traefik/whoami**: rendered: AssertionError: prod" in text and "| not tried |" in text


@pytest.mark.parametrize(
    ("name", "column"), [("test_helm[gatus-helm3]", "helm3"), ("test_github_actions[gatus]", "github_actions")]
)
@pytest.mark.parametrize(("outcome", "word"), [("passed", "holds"), ("failed", "no"), ("skipped", "left out")])
def test_a_tests_outcome_is_its_columns(name: str, column: str, outcome: Any, word: str) -> None:
    came = {"gatus": Came()}
    told = pytest.TestReport(f"{TESTS}::{name}", (str(TESTS), 1, name), {}, outcome, "why", "call")
    Reports(came).pytest_runtest_logreport(told)
    assert came["gatus"].outcomes == {column: word}

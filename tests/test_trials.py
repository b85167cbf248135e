"""What a usual run leaves out is run elsewhere: every marker by `.ci/run`, every case of a sample at full width."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import SPECS
from tests.trials import APART, COMMANDS, pytest_deselected, pytest_ignore_collect, sample, thinned, widths

ROOT = SPECS.parent
OPTIONS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]


def words(expression: str) -> list[str]:
    return re.findall(r"\w+", expression.replace("not", "").replace(" or ", " "))


def test_a_usual_run_leaves_out_what_has_a_command_and_nothing_else() -> None:
    left = re.search(r"-m 'not \((.*?)\)'", OPTIONS["addopts"])
    assert left and words(left[1]) == list(COMMANDS)


def test_ci_runs_every_command_but_what_it_has_no_time_for() -> None:
    run = re.search(r'step "trials" tests/run -m "(.*?)"', (ROOT / ".ci/run").read_text())
    assert run and {*COMMANDS} - {*words(run[1])} == {"soak"}


def test_what_ci_runs_in_a_step_of_its_own_is_run_whole_there_and_left_out_elsewhere() -> None:
    text = (ROOT / ".ci/run").read_text()
    steps = re.findall(r'^step "\w+" tests/run((?:.*\\\n)*.*)', text, re.M)
    apart = {path for words in steps for path in re.findall(r"--ignore (\S+)", words)}
    assert apart == {"tests/packages"}
    whole, *others = sorted(steps, key=lambda words: "--ignore" in words)
    assert whole == ' -m "performed or not performed" tests/packages'
    assert all("--ignore tests/packages" in words for words in others)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"| `tests/run -m {name}` |" in (ROOT / "CONTRIBUTING.md").read_text()


def test_a_sample_is_every_nth_case_and_loses_none() -> None:
    cases = sample([("a", 1), pytest.param("b", 2, id="two"), ("c", 3), ("d", 4)], 3, 1)
    assert [(case.values[0], case.id, bool(case.marks)) for case in cases] == [
        ("a", None, True),
        ("b", "two", False),
        ("c", None, True),
        ("d", None, True),
    ]


class Item:
    """A test as pytest collects it: `name[n]`, of the full width where it is marked so."""

    path = Path("tests/test_x.py")

    def __init__(self, name: str, number: int, wide: bool) -> None:
        self.originalname, self.name, self._wide = name, f"{name}[{number}]", wide

    def get_closest_marker(self, name: str) -> object:
        return "mark" if name == "full" and self._wide else None


def test_each_third_of_the_full_width_runs_and_all_that_is_none_of_it() -> None:
    items = [Item("wide", number, number % 5 > 0) for number in range(11)] + [Item("alone", 0, True)]
    kept, left = thinned(items, 3)  # type: ignore[arg-type]
    assert [each.name for each in kept] == [f"wide[{number}]" for number in (0, 1, 4, 5, 8, 10)] + ["alone[0]"]
    assert sorted([*kept, *left], key=str) == sorted(items, key=str)
    assert thinned(items, 1) == (items, [])  # type: ignore[arg-type]


def test_widths_end_with_every_case() -> None:
    assert [(case.values, bool(case.marks)) for case in widths(7)] == [((7,), False), ((1,), True)]


NAMING = ("sample(range(9), 3)", "widths(4)", "pytest.mark.full", "pytestmark = pytest.mark.cluster")
OTHER = ("pytest.mark.parametrize", "random.sample", "pytest.mark.fuller", "samples(3)")


def ignored(path: Path, expression: str, *given: str) -> bool | None:
    config: Any = SimpleNamespace(getoption=lambda name: expression, args=given)
    return pytest_ignore_collect(path, config)


@pytest.mark.parametrize(("text", "left"), [*((text, None) for text in NAMING), *((text, True) for text in OTHER)])
def test_where_trials_alone_are_asked_for_other_files_are_not_imported(
    text: str, left: bool | None, tmp_path: Path
) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(text)
    assert ignored(path, "full or cluster") is left
    assert [ignored(path, words) for words in ("", "not (full or soak)", "full or toolchain")] == [None] * 3
    assert ignored(path, "full", f"{path}::test_a") is None


def test_a_conftest_may_mark_the_files_beside_it(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("")
    (tmp_path / "conftest.py").write_text("item.add_marker(pytest.mark.cluster)")
    assert ignored(tmp_path / "test_it.py", "cluster") is None


def test_a_trial_that_its_command_would_not_find_ends_a_run(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text("marks = [getattr(pytest.mark, 'full')]")
    config = SimpleNamespace(stash={APART: Counter[str]()})
    item: Any = SimpleNamespace(path=path, config=config, get_closest_marker=lambda name: name == "full")
    with pytest.raises(pytest.UsageError, match=r"test_it\.py has trials and names no marker"):
        pytest_deselected([item])

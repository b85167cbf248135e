"""Trials that are commands of their own, a sample of wide ones, and what a run says of all that it left out.

Unaware of what is tried: a test says by a marker which command it belongs to, and its file names that marker, `sample`
or `widths`, or the conftest.py beside it does.
"""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import pytest

COMMANDS = ("full", "model", "performed", "cluster", "soak")  # the markers that a usual run leaves out
APART = pytest.StashKey[Counter[str]]()
NAMED = re.compile(rf"\b(?:(?:sample|widths)\(|mark\.(?:{'|'.join(COMMANDS)})\b)")


ParameterSet = type(pytest.param())  # it has no public name


def sample(cases: Iterable[object], every: int, start: int = 0) -> list[Any]:
    """Parameters of which a usual run takes the one at `start`, and each `every`-th after it; the others are of the full
    width.
    """
    found: list[Any] = []
    for number, case in enumerate(cases):
        whole = (
            case if isinstance(case, ParameterSet) else pytest.param(*(case if isinstance(case, tuple) else (case,)))
        )
        wide = number % every != start
        found.append(
            pytest.param(*whole.values, marks=(*whole.marks, pytest.mark.full) if wide else whole.marks, id=whole.id)
        )
    return found


def widths(usual: int) -> list[Any]:
    """Parameters for trials within one test or fixture: each `usual`-th of them, or, at full width, every one."""
    return [pytest.param(usual, id=f"each-{usual}"), pytest.param(1, marks=pytest.mark.full, id="all")]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--each", type=int, default=1, metavar="N", help="of trials of the full width: each N-th of a test"
    )


def thinned(items: Iterable[pytest.Item], each: int) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Items that run and that are left out, where of every test's trials of the full width one in `each` runs: the first,
    and each `each`-th after it. A test that is one trial runs.
    """
    seen = Counter[tuple[Path, str]]()
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        test = item.path, getattr(item, "originalname", item.name)
        wide = item.get_closest_marker("full") is not None
        (left if wide and seen[test] % each else kept).append(item)
        seen[test] += wide
    return kept, left


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left = thinned(items, max(1, config.getoption("each")))
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def pytest_configure(config: pytest.Config) -> None:
    config.stash[APART] = Counter()
    config.addinivalue_line("markers", "xdist_group(name): stays on one worker; known without xdist, too")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives as long as the run, so the garbage collector need not look through it again and again:
    a sixth of the time that collecting takes.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import no file without a trial where nothing but trials is asked for: nine tenths of them, half a minute."""
    asked = {*re.findall(r"\w+", config.getoption("markexpr"))} - {"or"}
    given = {Path(word.partition("::")[0]).resolve() for word in config.args}
    if not asked or asked - {*COMMANDS} or collection_path.suffix != ".py" or collection_path in given:
        return None
    return None if names_a_trial(collection_path) else True


def names_a_trial(path: Path) -> bool:
    """Whether a file, or the conftest.py beside it, has a word that makes a test a trial."""
    texts = (each.read_text(encoding="utf-8") for each in (path, path.with_name("conftest.py")) if each.exists())
    return any(NAMED.search(text) for text in texts)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what is left to each command. Raises UsageError for a trial that its command would not find."""
    files = set[Path]()
    for item in items:
        found = next((name for name in COMMANDS if item.get_closest_marker(name)), None)
        if found:
            files.add(item.path)
            item.config.stash[APART][found] += 1
    if unnamed := sorted(str(path) for path in files if not names_a_trial(path)):
        raise pytest.UsageError(f"{unnamed[0]} has trials and names no marker of theirs, `sample(` or `widths(`")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist tells the process that writes the summary."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["apart"] = dict(session.config.stash[APART])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every worker collects the same, so the last one's count is everyone's."""
    told = getattr(node, "workeroutput", {}).get("apart")
    node.config.stash[APART] = Counter(told) if told else node.config.stash[APART]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once a reason what was skipped, and once a command what is left to it."""
    reasons = Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {count}: {reason}")
    for name, count in sorted(terminalreporter.config.stash[APART].items()):
        terminalreporter.write_line(f"left {count} to `tests/run -m {name}`")

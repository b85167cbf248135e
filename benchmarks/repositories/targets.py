"""Whether every target can be built of every repository, and what the targets' own programs say of it:
`python -m benchmarks.repositories.targets --checkouts FOLDER [-k NAME] [--write]`.

Each row is drafted and built as in the benchmark, without its authors' container files. Then its spec gets every output
and two environments (`tests.targets.every_output`), is built again, and `tests/targets/test_every_output.py` holds what
was written against kustomize, Helm 3 and 4, kubeconform, buildx's reader, BuildKit's checks, hadolint, actionlint and
zizmor. A program that is not here leaves its check out, which the table says.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.repositories import results
from benchmarks.repositories.overlays import Failed
from benchmarks.repositories.rows import Row, rows
from benchmarks.repositories.trial import Verdict, Workshop, drafted, kforge
from tests.targets.every_output import with_every_output

HERE = Path(__file__).parents[2]
TESTS = HERE / "tests/targets/test_every_output.py"
PAGE = Path(__file__).with_name("targets.md")
COMMAND = "python -m benchmarks.repositories.targets --checkouts FOLDER --write"
CURRENT = "it_is_current_and_a_second_build_writes_nothing"
# Name of the test, or one word of its parameters → heading.
COLUMNS = {
    CURRENT: "current",
    "dockerfile": "dockerfile",
    "kubernetes": "kubernetes",
    "helm3": "helm, Helm 3",
    "helm4": "helm, Helm 4",
    "rendered": "rendered",
    "argocd": "argocd",
    "flux": "flux",
    "github_actions": "github-actions",
}


@dataclass
class Came:
    """What came of a row: `refused` is why nothing was written; outcomes and reasons are by column."""

    refused: str = ""
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    @property
    def well(self) -> bool:
        return not self.refused and [*self.outcomes.values()] == ["holds"] * len(COLUMNS)


class Reports:
    """A plugin of pytest that enters what each test came to into the rows."""

    def __init__(self, came: Mapping[str, Came]) -> None:
        self._came = came

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = re.search(r"::test_(\w+)\[(.+?)(?:-(helm\d))?\]$", report.nodeid)
        if found is None or found[2] not in self._came:
            return
        row, column = self._came[found[2]], found[3] or found[1]
        if report.skipped:
            row.outcomes[column] = "left out"
            row.reasons[column] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        elif report.failed:
            row.outcomes[column] = "no"
            row.reasons[column] = report.longreprtext
        elif report.when == "call":
            row.outcomes[column] = "holds"


def main() -> int:
    options = _options()
    shop = Workshop(options.checkouts.resolve(), options.scratch.resolve())
    listed = rows(options.k)
    came: dict[str, Came] = {}
    folders: list[Path] = []
    for row in listed:
        verdict = Verdict(row.name, "targets")
        if source := built(row, shop, verdict):
            folders.append(source)
        came[row.name] = Came(refused="; ".join(verdict.why))
        print(f"{row.name}: {came[row.name].refused or 'built'}", flush=True)
    if folders:
        os.environ["KFORGE_TARGET_SPECS"] = os.pathsep.join(map(str, folders))
        words = [str(TESTS), "-p", "no:cacheprovider", "-q", "--no-header", "--rootdir", str(HERE)]
        pytest.main(words, plugins=[Reports(came)])
    text = page(listed, came, results.version())
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0 if all(each.well for each in came.values()) else 1


def built(row: Row, shop: Workshop, verdict: Verdict) -> Path | None:
    """The folder of a row with every output written; None where the verdict says why not."""
    try:
        source = drafted(row, shop, verdict)
        if source:
            kforge(["build"], with_every_output(source), verdict)
    except (Failed, FileNotFoundError) as error:
        verdict.why.append(str(error))
    return None if verdict.why else source


def page(listed: Iterable[Row], came: Mapping[str, Came], version: str) -> str:
    """The Markdown of targets.md."""
    listed = sorted(listed, key=lambda row: row.repository.lower())
    well = sum(came[row.name].well for row in listed)
    lines = [
        "# Foreign repositories: every target",
        "",
        f"Written by `{COMMAND}` with kforge {version}; how stands in [README.md](README.md#every-target).",
        f"Of {len(listed)} repositories, {well} build every target, and every check holds.",
        "",
        f"| repository | {' | '.join(COLUMNS.values())} |",
        f"|---{'|---' * len(COLUMNS)}|",
        *(_line(row, came[row.name]) for row in listed),
    ]
    left = sorted(
        {
            (COLUMNS[column], _last(each.reasons[column]))
            for each in came.values()
            for column, word in each.outcomes.items()
            if word == "left out"
        }
    )
    lines += ["", "## What was left out", "", *(f"- {column}: {why}" for column, why in left)] if left else []
    faults = [line for row in listed for line in _faults(row, came[row.name])]
    lines += ["", "## What does not hold", "", *faults] if faults else []
    return "\n".join(lines) + "\n"


def _line(row: Row, came: Came) -> str:
    link = f"[{row.repository}](https://github.com/{row.repository}/tree/{row.commit})"
    cells = [came.outcomes.get(column, "refused" if came.refused else "not tried") for column in COLUMNS]
    return f"| {link} | {' | '.join(cells)} |"


def _faults(row: Row, came: Came) -> list[str]:
    found = [
        f"{COLUMNS[column]}: {_last(came.reasons[column])}" for column in COLUMNS if came.outcomes.get(column) == "no"
    ]
    return (
        [f"- **{row.repository}**: {'; '.join([came.refused] * bool(came.refused) + found)}"]
        if found or came.refused
        else []
    )


def _last(reason: str) -> str:
    """What a failed test said, of which the line that says what was asserted tells most."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    said = next(
        (line.removeprefix("E").strip() for line in lines if re.match(r"E\s", line)), lines[-1] if lines else ""
    )
    return said.removeprefix("Skipped: ")[:300]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkouts", type=Path, default=Path("checkouts"), metavar="FOLDER")
    parser.add_argument("--scratch", type=Path, default=Path("/var/tmp/kforge-targets"), metavar="FOLDER")
    parser.add_argument("-k", default="", metavar="NAME", help="only rows whose name holds it")
    parser.add_argument("--write", action="store_true", help="write targets.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Whether a control plane takes what is drafted for every repository, and rolls it out on simulated nodes:
`python -m benchmarks.repositories.accepted --checkouts FOLDER`.

Each row is drafted and built as in the benchmark, without its authors' container files. Then the objects go through
`tests.cluster`: kustomize, a strict dry run by the server, the rollout of every workload by the real controllers, and
Services that reach pods. Images are not pulled there; `benchmarks.repositories` itself runs the programs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path

import pytest

from benchmarks.repositories.rows import rows
from benchmarks.repositories.trial import Verdict, Workshop, drafted

HERE = Path(__file__).parents[2]
TESTS = HERE / "tests/cluster/test_acceptance.py"


class Counted:
    """By row, the tests that did not pass."""

    def __init__(self) -> None:
        self.failed: dict[str, list[str]] = {}
        self.passed: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = re.search(r"::test_(\w+)\[(.+)-base\]$", report.nodeid)
        if found is None:
            return
        if report.failed:
            self.failed.setdefault(found[2], []).append(found[1].replace("_", " "))
        elif report.when == "call":
            self.passed[found[2]] = self.passed.get(found[2], 0) + 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkouts", type=Path, default=Path("checkouts"), metavar="FOLDER")
    parser.add_argument("--scratch", type=Path, default=Path("/var/tmp/kforge-accepted"), metavar="FOLDER")
    parser.add_argument("-k", default="", metavar="NAME", help="only rows whose name holds it")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what came of each row, as JSON")
    options = parser.parse_args()
    shop = Workshop(options.checkouts.resolve(), options.scratch.resolve())
    folders: dict[str, Path] = {}
    came: dict[str, list[str]] = {}
    for row in rows(options.k):
        verdict = Verdict(row.name, "accepted")
        if source := drafted(row, shop, verdict):
            folders[row.name] = source
        came[row.name] = list(verdict.why)
    counted = Counted()
    if folders:
        from tests.cluster import programs  # builds the control plane, which only this needs

        programs.build()
        os.environ["KFORGE_CLUSTER_SPECS"] = os.pathsep.join(map(str, folders.values()))
        words = [str(TESTS), "-m", "cluster", "-p", "no:cacheprovider", "-q", "--no-header", "--rootdir", str(HERE)]
        pytest.main(words, plugins=[counted])
    for name, source in folders.items():
        came[name] += counted.failed.get(source.name, [] if counted.passed.get(source.name) else ["was not tried"])
    for name, why in came.items():
        print(f"{name}: {'accepted and rolled out' if not why else '; '.join(why)}")
    well = sum(not why for why in came.values())
    print(f"{well} of {len(came)} accepted and rolled out")
    if options.report:
        options.report.write_text(json.dumps(came, indent=1) + "\n", encoding="utf-8")
    return 0 if well == len(came) else 1


if __name__ == "__main__":
    sys.exit(main())

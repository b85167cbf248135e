"""Draft, build and perform foreign repositories: `python -m benchmarks.repositories --checkouts FOLDER`.

FOLDER holds a clone of each, named OWNER+NAME; `--clones` prints the commands that make them. Needs root, for
namespaces and mounts, debootstrap, and this machine's Python, Node.js and Go; PostgreSQL, Redis and MariaDB are used
where they are installed. An interrupted run goes on with the same command; `--again` forgets what was tried.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from benchmarks.repositories import checkout, results
from benchmarks.repositories.rows import Row, rows
from benchmarks.repositories.trial import Verdict, Workshop, tried

WAYS = ("drafted", "edited", "beside")
BEGIN, END = "<!-- results -->", "<!-- end of results -->"
NAMESPACE = "KFORGE_BENCHMARK_NAMESPACE"


def main() -> int:
    options = _options()
    if options.clones:
        for row in rows(options.k):
            print(f"git clone https://github.com/{row.repository} {checkout.folder_name(row)}")
        return 0
    if os.geteuid():
        print("error: namespaces and mounts need root", file=sys.stderr)
        return 2
    if NAMESPACE not in os.environ:  # so that no mount outlives this process
        command = [sys.executable, "-m", "benchmarks.repositories", *sys.argv[1:]]
        words = ["unshare", "--mount", "--propagation", "private", *command]
        os.execvpe(words[0], words, {**os.environ, NAMESPACE: "1"})
    options.scratch.mkdir(parents=True, exist_ok=True)
    journal = options.scratch / "journal.jsonl"
    known: dict[tuple[str, str], Verdict] = {}
    for path in (*options.earlier, journal):
        known |= results.read(path)
    shop = Workshop(options.checkouts.resolve(), options.scratch.resolve())
    for row in rows(options.k):
        for way in options.ways.split(","):
            if ((row.name, way) in known and not options.again) or (way == "edited" and not row.edits):
                continue
            if way == "edited" and known.get((row.name, "drafted"), Verdict("", "")).well:
                continue
            verdict = tried(row, way, shop)
            known[row.name, way] = verdict
            results.add(journal, verdict)
            _show(row, verdict, options.verbose)
    if options.write:
        if lacking := [row.name for row in rows() if (row.name, "drafted") not in known]:
            print(
                f"error: nothing is written, since these were never tried as drafted: {', '.join(lacking)}",
                file=sys.stderr,
            )
            return 1
        results.PAGE.write_text(results.page(rows(), known, results.version()), encoding="utf-8")
        before, _, rest = results.SHORT.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        text = f"{before}{BEGIN}\n{results.short(rows(), known)}\n{END}{after}"
        results.SHORT.write_text(text, encoding="utf-8")
    return 0


def _show(row: Row, verdict: Verdict, verbose: bool) -> None:
    print(f"{row.name} {verdict.way}: {results.word(verdict)}", flush=True)
    for line in (*verdict.why, *verdict.not_played, *verdict.unreached):
        print(f"  {line}", flush=True)
    if verbose:
        print(verdict.said)
        for unit in verdict.units:
            print(f"--- {unit['unit']}: {unit['why'] or 'well'}\n{unit['log']}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkouts", type=Path, default=Path("checkouts"), metavar="FOLDER")
    parser.add_argument("--scratch", type=Path, default=Path("/var/tmp/kforge-repositories"), metavar="FOLDER")
    parser.add_argument("--ways", default=",".join(WAYS), help="what to try (default: %(default)s)")
    parser.add_argument("-k", default="", metavar="NAME", help="only rows whose name holds it")
    parser.add_argument("--again", action="store_true", help="also what the journal has")
    parser.add_argument(
        "--earlier",
        type=Path,
        action="append",
        default=[],
        metavar="JOURNAL",
        help="what earlier runs found, where this one's journal does not say otherwise (repeatable)",
    )
    parser.add_argument("--write", action="store_true", help="write results.md and the table of docs/real-world.md")
    parser.add_argument("--clones", action="store_true", help="print the commands that make the clones")
    parser.add_argument("-v", "--verbose", action="store_true", help="show what kforge and the programs said")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

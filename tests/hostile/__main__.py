"""Every hostile pull request through every command, and all the rest of the harness: `python -m tests.hostile`.

Pull requests go through the fork server, and, as far as `--processes` says, through real processes with their own
interpreter. What broke is printed as it is found, and the counts are written to results.md.

A run of everything takes an hour or more. With `--journal` every attempt is noted as it ends; the same command then
goes on where it was stopped, and repeats what broke. Shards with journals of their own are put together by
`--earlier`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from tests.hostile.journal import Journal
from tests.hostile.pull_requests import EVERY as PULLS
from tests.hostile.sections import Section, every

NAMES = tuple(section.name for section in every((), 1))


def tried(
    section: Section,
    journal: Journal,
    shard: tuple[int, int],
    word: str = "",
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Make the attempts of a section that belong to a shard and are not in the journal."""
    number, count = shard
    for index, (name, go) in enumerate(section.attempts()):
        if stopped():
            return
        if index % count != number - 1 or word not in name or journal.held(section.name, name):
            continue
        result = go()
        journal.note(section.name, name, result)
        for each in result.broke:
            print(f"{section.name}: {name}: {each}", flush=True)


def _shard(text: str) -> tuple[int, int]:
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise argparse.ArgumentTypeError(f"`{text}` is not of the form 1/4")
    return int(number), int(count)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__.splitlines()[0])
    parser.add_argument(
        "-k",
        default="",
        metavar="TEXT",
        help="only attempts with this in their name, of the section `small` unless `--only` says otherwise; nothing is written",
    )
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="only this section, several with several; nothing is written"
    )
    parser.add_argument("-j", type=int, default=2, metavar="N", help="sections at once (default: 2)")
    parser.add_argument(
        "--processes",
        type=int,
        default=3,
        metavar="N",
        help="every N-th pull request also as real processes (default: 3)",
    )
    parser.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="every N-th attempt, from the I-th; nothing is written",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="note every attempt, and go on from what is noted")
    parser.add_argument(
        "--earlier",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a journal of another run that counts too",
    )
    parser.add_argument("--page", action="store_true", help="try nothing; write results.md from the journals")
    parser.add_argument("--no-write", action="store_true", help="leave results.md as it is")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    journal = Journal(options.journal, options.earlier)
    sections = every(PULLS, options.processes)
    names = options.only or (["small"] if options.k else NAMES)
    chosen = [section for section in sections if section.name in names and not options.page]
    stop = Event()
    with ThreadPoolExecutor(options.j) as pool:
        waiting = [pool.submit(tried, section, journal, options.shard, options.k, stop.is_set) for section in chosen]
        try:
            for each in waiting:
                each.result()
        finally:
            stop.set()  # Ctrl-C, or a fault of the harness: the others end with their attempt
    text = journal.page(sections)
    part = options.k or options.only or options.shard != (1, 1)
    if not (part or options.no_write):
        Path(__file__).with_name("results.md").write_text(text)
    print(text)
    return 1 if journal.broke(sections) else 0


if __name__ == "__main__":
    sys.exit(main())

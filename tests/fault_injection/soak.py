"""Runs with random faults at random questions, for as long as is asked: `python -m tests.fault_injection.soak --minutes
10`.

Every run is made again by its number: `--from 4711 --runs 1`. What must hold: no exception, the deadline, bounded
requests, no key anywhere, no thread left, and a run with all well afterwards that answers what is left and no more.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from kforge.system.store.answers import Answers
from kforge.system.store.completions import CompletionStore
from tests.fault_injection.harness import DEADLINE, KEY, SLACK, Run, World, sort_of, words_of
from tests.fault_injection.server import Link, Server
from tests.fault_injection.troubles import TROUBLES, WAITS, WORLD

QUESTIONS = 24


def one(number: int, place: Path) -> tuple[str, list[str]]:
    """A run by its number: its line, and what was wrong."""
    dice = random.Random(number)
    struck = {at: dice.choice(TROUBLES) for at in dice.sample(range(QUESTIONS), dice.randint(1, 8))}
    parallel = dice.choice((1, 2, 4, 8))

    def act(link: Link) -> bool:
        if link.number in struck:
            return struck[link.number].act(link) is True
        return link.well()

    server = Server(act)
    server.struck = set(range(QUESTIONS))
    with CompletionStore(place / "completions") as store:
        answers = Answers(store)
        run = Run(World(server), answers, f"soak {number}", parallel)
        begin = time.monotonic()
        replies = run.ask(range(QUESTIONS))
        seconds, sent = time.monotonic() - begin, sum(server.asked.values())
        open_ones = {at for at, reply in enumerate(replies) if sort_of(reply) not in ("", WORLD)}
        struck.clear()
        server.asked.clear()
        Run(World(server), answers, f"soak {number}", parallel).ask(range(QUESTIONS))
    server.stop()
    said = "\n".join([*run.said, *map(words_of, replies)])
    checks = {
        "deadline": seconds <= DEADLINE + SLACK,
        "requests": sent <= QUESTIONS + 8 * WAITS,
        "key": KEY not in said and KEY[:12] not in said,
        "goes on": {at for at in open_ones if server.asked[at] != 1} == set(),
        "threads": not [one for one in threading.enumerate() if one.name.startswith("ThreadPool")],
    }
    ends = ",".join(sort_of(reply) or "ok" for reply in replies)
    return f"{number}\t{parallel} at once\t{seconds:.2f} s\t{sent} requests\t{ends}", [
        name for name, right in checks.items() if not right
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--runs", type=int, default=sys.maxsize)
    options = parser.parse_args()
    end, failed, number = time.monotonic() + 60 * options.minutes, 0, options.first
    with tempfile.TemporaryDirectory() as folder:
        while number < options.first + options.runs and time.monotonic() < end:
            line, wrong = one(number, Path(folder))
            print(line, f"WRONG: {', '.join(wrong)}" if wrong else "", sep="\t", flush=True)
            failed += bool(wrong)
            number += 1
    print(f"{number - options.first} runs, {failed} wrong")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())

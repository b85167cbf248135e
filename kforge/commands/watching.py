"""`--watch`: a run, and another one whenever what it read has changed, until Ctrl-C. Asks the disk a few times a second."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.errors import Error
from kforge.output.text import count, inert, say

if TYPE_CHECKING:
    from kforge.watched_files import Looks

PAUSE = 0.25  # seconds between looks
SHARE = 25  # a look takes at most this part of the time: 4 % of one core, however many files there are
SETTLED = 0.1  # seconds without a change before a run: an editor writes a file in several steps


def argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-w", "--watch", action="store_true", help="run again whenever spec, sources or lock change; Ctrl-C ends"
    )


def watch(options: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> int:
    """Run until interrupted, or until the reader of standard output is gone. Raises InputError where there is no spec."""
    from datetime import UTC, datetime

    from kforge.watched_files import changed_since, looks, watched_files

    shared.projects(options)
    known: frozenset[str] = frozenset()
    while not getattr(sys.stdout, "lost", False):
        began = time.time_ns()
        _attempt(options, run)
        again = copy(options)
        again.ask, again.upgrade = [], None  # asked once, not with every change
        options = again
        paths, written = set(known), set[str]()
        try:
            for project in shared.projects(options):
                read, made = watched_files(project, datetime.now(UTC).date())
                paths, written = paths | read, written | made
        except Error:
            pass  # said by the run; what was read before may bring it back
        known = frozenset(paths)
        before = looks(known)
        late = changed_since(began, before, frozenset(written))
        if not late:
            say(f"watching {count(len(known), 'path')}: Ctrl-C ends")
        sys.stdout.flush()
        _tell(late or _next_change(before))
    return 0


def _attempt(options: argparse.Namespace, run: Callable[[argparse.Namespace], int]) -> None:
    """One run; what is wrong is shown, and the next change may repair it."""
    from kforge.output.findings import problem
    from kforge.output.layout import tell

    try:
        run(options)
    except Error as error:
        tell(*(line for item in error.problems for line in problem(item)))


def _next_change(before: Looks) -> list[str]:
    """Wait for a change, and until it is complete. The paths that changed."""
    from kforge.watched_files import changed, looks

    while True:
        began = time.monotonic()
        now = looks(before)
        spent = time.monotonic() - began
        if now != before:
            break
        time.sleep(max(PAUSE, spent * SHARE))
    while True:
        time.sleep(max(SETTLED, spent))
        then, now = now, looks(before)
        if now == then:
            return changed(before, now)


def _tell(paths: list[str]) -> None:
    """Say what changed. A folder that changed with what is named of it is not worth a word."""
    paths = [path for path in paths if not any(other.startswith(path + os.sep) for other in paths)]
    named = f"`{inert(os.path.relpath(paths[0]))}`" if paths else "nothing"
    say(f"\nchanged: {named}" + (f" and {len(paths) - 1} more" if paths[1:] else ""))

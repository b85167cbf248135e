"""Settle what is open, check everything, and write the files. Nothing is written
when anything is invalid.

examples:
  kforge build                      every spec of the repository
  kforge build specs/shop           one of them
  kforge build --locked             in CI: fail rather than change the lock
  kforge build --upgrade web/build  ask again what an older kforge decided, or
                                    heuristics before the spec named a model
  kforge build --ask web/build      ask again, whoever decided
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.output import json_text, report, text

if TYPE_CHECKING:
    from kforge.llm.model_session import Asking


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    shared.run(parser)
    shared.model(parser)
    shared.locked(parser)
    shared.formats(parser, "text", "json")
    parser.add_argument("--locked", action="store_true", help="fail (1) if the lock would change")
    parser.add_argument(
        "--force", action="store_true", help="take over files that are not kforge's, drop edits by hand"
    )
    parser.add_argument("--keep-going", action="store_true", help="write the valid specs where others are not")
    parser.add_argument(
        "--allow-data-loss", action="store_true", help="remove claims, change a workload's kind: what loses data"
    )


@contextmanager
def reported(asking: Asking, tell: Callable[[str], None]) -> Iterator[None]:
    """What was asked is told however the run ends: it was paid for."""
    try:
        yield
    finally:
        if asking.report():
            tell(asking.report())


def run(options: argparse.Namespace) -> int:
    from dataclasses import replace

    from kforge.build_all import build
    from kforge.deciders.repair import ATTEMPTS
    from kforge.llm.model_session import Asking
    from kforge.output.progress import Progress

    projects = shared.projects(options)
    settings, progress = shared.pipeline_options(options, projects), Progress()
    with (
        closing(progress),
        Asking(shared.wish(options), progress.tell, progress) as asking,
        reported(asking, progress.tell),
    ):
        finished = build(
            projects,
            replace(settings, ask=asking.who, keep_stale=options.keep_stale, repairs=ATTEMPTS),
            locked=options.locked,
            keep_going=options.keep_going,
            allow_data_loss=options.allow_data_loss,
            tell=text.say,
            progress=asking.begin,
        )
    if options.format == "json":
        text.emit(json_text.dump([json_text.built(each) for each in finished]))
    else:
        report.built(finished)
    return max((each.code for each in finished), default=0)

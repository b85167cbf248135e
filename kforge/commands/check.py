"""Say whether the committed files are current. Asks no model, opens no socket, writes nothing you see.

Exit 0: a build would change nothing. Exit 1: it would, and the list says what and which input changed.

examples:
  kforge check                   every spec of the repository
  kforge check --full specs/shop plan and render everything again and compare bytes: what CI runs
  kforge check --format github   annotations for a pull request
"""

from __future__ import annotations

import argparse

from kforge.commands import options as shared
from kforge.domain.project import Project
from kforge.output import text


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    shared.formats(parser, "text", "json", "github")
    parser.add_argument("--full", action="store_true", help="plan and render again instead of comparing digests")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing when everything is current")
    parser.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="workers for sources")


def run(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from kforge.verdict import remembered

    today = datetime.now(UTC).date()
    projects = shared.projects(options)
    current = [project for project in projects if not options.full and remembered(project, today)]
    rest = [project for project in projects if project not in current]
    if not rest and options.format == "text":
        if not options.quiet:
            text.say(f"current: {text.count(len(projects), 'spec')}")
        return 0
    return _look(options, projects, rest)


def _look(options: argparse.Namespace, projects: list[Project], rest: list[Project]) -> int:
    """What is not known to be current goes through the pipeline, which imports a good deal."""
    from kforge.output import json_text, report
    from kforge.pipeline import run as compute

    outcomes = [compute(project, shared.pipeline_options(options)) for project in rest]
    if options.format == "json":
        text.emit(json_text.dump(json_text.checked(projects, outcomes)))
    elif options.format == "github":
        text.emit(report.github(outcomes))
    else:
        report.checked(projects, outcomes, quiet=options.quiet)
    return 0 if all(outcome.current and not outcome.errors for outcome in outcomes) else 1

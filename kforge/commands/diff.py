"""Show what a build would change; with --base REV, what changed since that revision, decisions first.

Exit 1 when something differs, as diff and `kubectl diff` do.

examples:
  kforge diff                                  unified, as a build would change the files
  kforge diff --base origin/main               what this branch changes, and why
  kforge diff --base origin/main --format markdown >> "$GITHUB_STEP_SUMMARY"
"""

from __future__ import annotations

import argparse

from kforge.commands import options as shared
from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    parser.add_argument("--base", metavar="REV", help="compare what is committed there with what is here")
    shared.formats(parser, "text", "markdown", "json")


def run(options: argparse.Namespace) -> int:
    from kforge.output import difference

    if options.base:
        from kforge.since import since

        found = [(project, *since(project, options.base)) for project in shared.projects(options)]
    else:
        from kforge.since import pending

        found = [(project, *pending(shared.compute(project, options))) for project in shared.projects(options)]
    emit(difference.FORMATS[options.format](found, options.base or ""))
    return 1 if any(decisions or files for _, decisions, files in found) else 0

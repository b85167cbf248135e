"""Show what a build would change; with --base REV, what changed since that
revision, decisions first.

Exit 1 when something differs, as diff and `kubectl diff` do.

examples:
  kforge diff                     unified, as a build would change the files
  kforge diff --upgrade           as `kforge build --upgrade` would change them
  kforge diff --base origin/main  what this branch changes, and why
  kforge diff --base origin/main --format markdown >> "$GITHUB_STEP_SUMMARY"
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.errors import InputError
from kforge.output.layout import show
from kforge.output.progress import under_way
from kforge.output.text import emit

if TYPE_CHECKING:
    from kforge.output.difference import Left, ProjectChanges


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    parser.add_argument("--base", metavar="REV", help="compare what is committed there with what is here")
    shared.upgrade(parser)
    shared.formats(parser, "text", "markdown", "json")


def run(options: argparse.Namespace) -> int:
    from kforge.output import difference

    left: Left = {}
    if options.base is not None and options.upgrade is not None:
        raise InputError("`--base` compares what is written, and `--upgrade` would write anew", hint="leave one out")
    if options.base is not None:
        with under_way(f"comparing with {options.base}"):
            found, left = _compared([Path(path) for path in options.paths], options.base)
    else:
        from kforge.changes_since import pending

        found = [
            (project, *pending(shared.compute(project, options, merges=True))) for project in shared.projects(options)
        ]
    if options.format == "text":
        show(*difference.text_parts(found, options.base or "", left))
    else:
        emit(difference.FORMATS[options.format](found, options.base or "", left))
    return 1 if left or any(decisions or files for _, decisions, files in found) else 0


def _compared(paths: list[Path], revision: str) -> tuple[ProjectChanges, Left]:
    """What changed of the specs that are here, and of those that a revision had, in one order."""
    from kforge.changes_since import BaseRevision, removed, since, since_removal
    from kforge.check_cache import found
    from kforge.output.places import told
    from kforge.system.project import holds, root

    here = Path.cwd()
    base = BaseRevision(revision)
    gone = removed(paths or [root(here)], base)
    # A path whose specs are all gone is no mistake; one that never had any is.
    kept = [path for path in paths or [root(here)] if holds(path) or not removed([path], base)]
    changed, left = {}, {}
    for project in found(kept, here) if kept else []:
        with told(project):
            changed[project] = since(project, base)
    for project in gone:
        with told(project):
            changed[project], left[project] = since_removal(project, base)
    return [(project, *changed[project]) for project in sorted(changed, key=lambda project: project.spec)], left

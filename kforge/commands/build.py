"""Settle what is open, check everything, and write the files. Nothing is written
when anything is invalid. A build ends with what its services are, or what
changed, what is needed from you (Secrets as `kubectl` commands, DNS names,
classes), and the commands that come next.

examples:
  kforge build                      every spec of the repository
  kforge build specs/shop           one of them
  kforge build -v                   with files, and all services and needs
  kforge build --format json        one object: specs, decisions, files,
                                    findings, needs; each with its spec
  kforge build --dry-run            what would change, value by value; as plan
  kforge build --locked             in CI: fail rather than change the lock
  kforge build --upgrade web/build  ask again what an older kforge decided, or
                                    heuristics before the spec named a model
  kforge build --ask web/build      ask again, also what a model decided
  kforge build --upgrade kubernetes  give the spec this kforge's Kubernetes
                                     version, and show what that changes
  kforge build --watch              again with every change, until Ctrl-C
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from copy import copy
from typing import TYPE_CHECKING

from kforge.commands import kubernetes_upgrade, watching
from kforge.commands import options as shared
from kforge.commands.idle_options import idle_options
from kforge.commands.plan import planned
from kforge.output import json_text, report, text

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.domain.spec.project import Project
    from kforge.llm.model_session import ModelSession
    from kforge.outcome import Options

    Begin = Callable[[Project], None]


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    shared.run(parser)
    shared.model(parser)
    shared.together(parser)
    shared.locked(parser)
    shared.formats(parser, "text", "json")
    shared.verbose(parser, "the files, every service and all that is needed from you")
    watching.argument(parser)
    parser.add_argument(
        "-n",
        "--dry-run",
        action="store_true",
        help="show what would be written, as `kforge plan` does and with its exit codes; write nothing, ask no model",
    )
    parser.add_argument("--locked", action="store_true", help="fail (1) if the lock would change")
    parser.add_argument(
        "--force", action="store_true", help="take over files that are not kforge's, drop edits by hand"
    )
    parser.add_argument("--keep-going", action="store_true", help="write the valid specs where others are not")
    parser.add_argument(
        "--allow-data-loss", action="store_true", help="remove claims, change a workload's kind: what loses data"
    )
    parser.add_argument(
        "--gitattributes", action="store_true", help="mark in .gitattributes what kforge generates: reviews fold it"
    )


@contextmanager
def reported(session: ModelSession, tell: Callable[[str], None]) -> Iterator[None]:
    """Report what was asked, also where the run fails or is interrupted: it was paid for."""
    try:
        yield
        for line in session.unheard():
            tell(line)
    finally:
        if session.report():
            tell(session.report())


@contextmanager
def _settling(
    options: argparse.Namespace, projects: Sequence[Project]
) -> Iterator[tuple[Options, Begin, ModelSession]]:
    """How open questions of these projects are settled, what is called before each project's are, and the model's part."""
    from dataclasses import replace

    from kforge.deciders.repair import ATTEMPTS
    from kforge.llm.model_session import ModelSession
    from kforge.output.progress import ProgressLine

    settings, progress = shared.pipeline_options(options, projects), ProgressLine(specs=len(projects))

    def begin(project: Project) -> None:
        session.begin(project)
        progress.spec()

    with (
        closing(progress),
        ModelSession(shared.wish(options), progress.tell, progress) as session,
        reported(session, progress.tell),
    ):
        held = replace(settings, ask=session.who, keep_stale=options.keep_stale, repairs=ATTEMPTS, step=progress.step)
        yield replace(held, merges=True), begin, session


def _is_new(each: Built) -> bool:
    """Whether a project was built for the first time."""
    return each.written and each.outcome is not None and each.outcome.loaded.lock.lost


def _other_version(options: argparse.Namespace, projects: Sequence[Project]) -> int:
    """The version is settled by its own command; questions that are open are asked as ever."""
    plain = copy(options)
    plain.upgrade = None
    with _settling(plain, projects) as (settings, begin, _):
        return kubernetes_upgrade.run(options, settings, projects, begin)


def run(options: argparse.Namespace) -> int:
    if getattr(options, "watch", False):
        from kforge.commands.watching import watch

        return watch(options, _once)
    return _once(options)


def _once(options: argparse.Namespace) -> int:
    from kforge.build_all import build

    projects = shared.projects(options)
    if options.dry_run:
        return planned(options, projects)
    if kubernetes_upgrade.asked(options) and not kubernetes_upgrade.is_a_service(options, projects):
        return _other_version(options, projects)
    with _settling(options, projects) as (settings, begin, session):
        finished = build(
            projects,
            settings,
            locked=options.locked,
            keep_going=options.keep_going,
            allow_data_loss=options.allow_data_loss,
            tell=text.say,
            progress=begin,
        )
    notes = idle_options(options, finished, session.open, any(each.written for each in finished))
    if options.format == "json":
        text.emit(json_text.dump(json_text.built(finished, notes)))
    else:
        report.built(finished, options.verbose)
        for note in notes:
            text.say(f"note: {note}")
    done = [each.project for each in finished if not each.code]
    if done and (options.gitattributes or (options.format == "text" and any(_is_new(each) for each in finished))):
        from kforge.commands.marking import mark

        mark(done, options.gitattributes)
    return max((each.code for each in finished), default=0)

"""Say whether the committed files are current. Asks no model, opens no socket,
writes nothing you see.

Exit 0: a build would change nothing. Exit 1: it would, and the list says what
and which input changed; or a model's decision is less reliable than the spec's
`model.minimum` asks, and has no approval.

examples:
  kforge check                    every spec of the repository
  kforge check --full specs/shop  render everything again and compare bytes
  kforge check --watch            again with every change, until Ctrl-C
  kforge check --format github    annotations for a pull request
  kforge check --approved         exit 1, too, while a model's decision or a
                                  proposal has no approval (`kforge approve`);
                                  implies --full
  kforge check --full --base origin/main
                                  an older kforge's work counts where that
                                  commit, which you trust, has it, too, and
                                  the same source and spec behind it
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from kforge.check_cache import up_to_date
from kforge.commands import options as shared
from kforge.commands import watching
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError
from kforge.output import text
from kforge.output.places import shown, told
from kforge.output.progress import under_way

if TYPE_CHECKING:
    from datetime import date

    from kforge.check_cache import Current
    from kforge.domain.finding import Finding
    from kforge.domain.lock import Lock
    from kforge.outcome import Outcome
    from kforge.output.progress import ProgressLine
    from kforge.stages.vouching import ProjectState


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    shared.formats(parser, "text", "json", "github")
    shared.verbose(parser, "the files and inputs that changed")
    watching.argument(parser)
    parser.add_argument(
        "--full",
        action="store_true",
        help="plan and render again instead of comparing digests, and trust no claim of the lock: what CI runs",
    )
    parser.add_argument(
        "--approved",
        action="store_true",
        help="what a model decided or kforge proposes must have been approved; implies --full",
    )
    parser.add_argument(
        "--base",
        metavar="REV",
        help="a commit that you trust: what an older kforge decided or wrote, and this one cannot work out again, counts where that commit has it, too, made of the same; implies --full",
    )
    parser.add_argument("-j", "--jobs", type=shared.positive, default=1, metavar="N", help="workers for sources")


def run(options: argparse.Namespace) -> int:
    if getattr(options, "watch", False):
        from kforge.commands.watching import watch

        return watch(options, _once)
    return _once(options)


def _once(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    today = datetime.now(UTC).date()
    projects = shared.projects(options)
    rest: list[Project] = []
    wrong: dict[Project, Error] = {}
    current: list[Current] = []
    with under_way("comparing with the lock") as line:
        for project in projects:
            try:
                held = None if _full(options) else _remembered(project, today, options.format == "text", line)
                if held is None:
                    rest.append(project)
                else:
                    current.append(held)
            except InputError:
                rest.append(project)  # the pipeline names all that is wrong, this only what comes first
            except Error as error:
                wrong[project] = error
    if warning := _unused(projects, options):
        text.say(f"{text.Paint(text.coloured(sys.stderr))('warning', 'warning')}: {text.inert(warning)}")
    waiting = {} if not options.approved else _waiting([project for project in projects if project not in wrong], wrong)
    if not rest and not wrong and options.format == "text":
        if not options.quiet:
            text.say(up_to_date(current))
        return _unapproved(waiting)
    if options.format == "text":
        return max(_look(options, projects, rest, wrong, waiting), _unapproved(waiting))
    return max(_look(options, projects, rest, wrong, waiting), 1 if any(waiting.values()) else 0)


def _full(options: argparse.Namespace) -> bool:
    return bool(options.full or options.approved or options.base)


def _unused(projects: list[Project], options: argparse.Namespace) -> str:
    """The warning about `.kforge/` folders that git tracks, which are not used: those of specs and of searched folders."""
    from pathlib import Path

    from kforge.system.git.tracked import warning
    from kforge.system.project import root

    searched = [Path(os.path.abspath(path)) for path in options.paths or [root(Path.cwd())]]  # noqa: PTH100 - resolves no link
    folders = {project.folder: project.root for project in projects} | {
        folder: root(folder)
        for folder in searched
        if os.path.isdir(folder)  # noqa: PTH112
    }
    return warning(folders)


def _waiting(projects: list[Project], wrong: dict[Project, Error]) -> dict[Project, tuple[str, ...]]:
    """Decisions without the approval that they need, read off each lock: nothing remembers this."""
    from kforge import catalog
    from kforge.domain.approval import waiting
    from kforge.system import locked

    found = {}
    for project in projects:
        try:
            with told(project):
                lock, _ = locked.load(project.folder, catalog.revisions(), project.root)
            found[project] = tuple(target for target, _ in waiting(lock))
        except Error as error:
            wrong[project] = error
    return found


def _unapproved(waiting: dict[Project, tuple[str, ...]], why: str = "") -> int:
    from kforge.domain.approval import UNAPPROVED

    several = len(waiting) > 1
    for project, targets in waiting.items():
        for target in targets:
            prefix = f"{text.inert(shown(project, project.name))}: " if several else ""
            text.emit(f"{prefix}{text.inert(target)} {why or UNAPPROVED}")
    number = sum(map(len, waiting.values()))
    if number:
        text.say(
            f"not approved: {text.count(number, 'decision')}; `kforge approve` shows them, `kforge approve TARGET` approves one"
        )
    return 1 if number else 0


def _remembered(project: Project, today: date, plain: bool, progress: ProgressLine) -> Current | None:
    from kforge.check_cache import remembered

    def tell(notes: tuple[Finding, ...]) -> bool:
        from kforge.output.findings import findings  # few specs need it
        from kforge.output.layout import tell as say
        from kforge.output.places import found

        if plain:
            progress.pause()
            say(*findings(found(project, note) for note in notes))
        return plain

    with told(project):
        return remembered(project, today, tell)


def _look(
    options: argparse.Namespace,
    projects: list[Project],
    rest: list[Project],
    wrong: dict[Project, Error],
    waiting: dict[Project, tuple[str, ...]],
) -> int:
    """Run the pipeline for the specs that are not known to be current. It imports a good deal, so only then."""
    from contextlib import closing

    from kforge.domain.approval import BELOW
    from kforge.image_acceptance import accepted
    from kforge.output import annotations, check_report, json_text
    from kforge.output.progress import ProgressLine

    outcomes = []
    unproven: dict[Project, tuple[str, ...]] = {}
    unreliable: dict[Project, tuple[str, ...]] = {}  # `--approved` asks more than that
    with closing(ProgressLine(specs=len(rest))) as progress:
        for project in rest:
            progress.spec()
            try:
                outcome = shared.compute(project, options, progress)
                with told(project):
                    outcome = accepted(outcome, shared.pipeline_options(options, [project]))
                outcomes.append(outcome)
                if outcome.unreliable and not options.approved:
                    unreliable[project] = tuple(target for target, _ in outcome.unreliable)
                if not _full(options):
                    continue
                then = _base(outcome, options) if options.base else None
                if left := _unproven(outcome, then):
                    unproven[project] = left
                if then and options.approved:
                    _approved_here(outcome, then.lock, options.base)
            except Error as error:
                wrong[project] = error
    if options.format == "json":
        text.emit(
            json_text.dump(
                json_text.checked(
                    projects, outcomes, wrong, waiting if options.approved else None, unproven, unreliable
                )
            )
        )
    elif options.format == "github":
        text.command(
            annotations.github(
                outcomes,
                [problem for error in wrong.values() for problem in error.problems],
                waiting,
                unproven,
                unreliable,
            )
        )
    elif outcomes:
        check_report.checked(projects, outcomes, unproven, quiet=options.quiet, verbose=options.verbose)
        _updated(outcomes, options.quiet)
        _unapproved(unreliable, BELOW)
    if wrong:  # the other specs are checked all the same
        errors = [*wrong.values()]
        raise type(errors[0])(tuple(problem for error in errors for problem in error.problems))
    return (
        0 if not (unproven or unreliable) and all(outcome.current and not outcome.errors for outcome in outcomes) else 1
    )


def _updated(outcomes: list[Outcome], quiet: bool) -> None:
    """Say which base images a bot updated: they are taken over, and no build has recorded them yet."""
    found = {image for each in outcomes for held in each.written.images.values() for image in held.values()}
    found |= {image for each in outcomes for image in each.rebased}
    if found and not quiet and all(each.current for each in outcomes):
        text.say(
            f"updated: {', '.join(f'`{text.inert(image)}`' for image in sorted(found))}; the next build records it"
        )


def _base(outcome: Outcome, options: argparse.Namespace) -> ProjectState:
    """The project at the commit that the user trusts."""
    from kforge.trusted_base import trusted  # starts git

    with told(outcome.project):
        return trusted(outcome.project, options.base)


def _unproven(outcome: Outcome, then: ProjectState | None) -> tuple[str, ...]:
    """What an older kforge left by its own account, and neither this one nor the base can confirm."""
    if not outcome.unproven or then is None:
        return outcome.unproven
    from kforge.trusted_base import unvouched

    with told(outcome.project):
        return unvouched(outcome, then)


def _approved_here(outcome: Outcome, base: Lock, revision: str) -> None:
    """Say which approvals the base lacks: the author of a pull request can change the lock, and so approve in it."""
    from kforge.domain.approval import standing

    for service, held in sorted(outcome.loaded.lock.services.items()):
        for topic, decision in sorted(held.decisions.items()):
            before = base.decision(service, topic)
            if standing(decision) == "approved" and (before is None or before.approved != decision.approved):
                text.say(
                    f"`{text.inert(f'{service}/{topic}')}` was approved since `{text.inert(revision)}`: look who did"
                )

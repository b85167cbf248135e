"""Tell the model a sentence about a decision: it is kept in the spec, and the
decision is asked again with all that was said.

The sentence goes to `services.X.refine`, comments and layout untouched. Shown
is what would change: the spec, the decisions, the files. Nothing is written
before you confirm.

examples:
  kforge refine web/build "stay on Debian, the PDF library needs glibc"
  kforge refine web "bound by memory"   all that a model decides for web
  kforge refine web/build --undo        take the last sentence back, ask again
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.output.text import count, say

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome
    from kforge.spec.refine import Refinement


MIXED = True  # options may stand between the target and the sentence


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", help="a service (web) or one of its decisions (web/build)")
    parser.add_argument("sentence", metavar="SENTENCE", nargs="?", default="", help="what the model should know or do")
    parser.add_argument("--undo", action="store_true", help="take back the last sentence to the target")
    parser.add_argument("-y", "--yes", action="store_true", help="write without asking back, for scripts")
    parser.add_argument("-n", "--dry-run", action="store_true", help="ask and show, and write nothing")
    parser.add_argument("--allow-data-loss", action="store_true", help="as for build")
    shared.one_spec(parser)
    shared.run(parser)
    shared.model(parser)
    shared.together(parser)


@dataclass(frozen=True, slots=True)
class _Change:
    """The spec before and after, and the outcome of a run with it."""

    before: bytes
    plan: Refinement
    outcome: Outcome


def run(options: argparse.Namespace) -> int:
    from kforge.errors import InputError
    from kforge.output.places import told
    from kforge.system.project import ProjectLock

    if bool(options.sentence.strip()) == options.undo:
        raise InputError(
            "a sentence or `--undo` is wanted, one of the two", hint='kforge refine web/build "stay on Debian"'
        )
    project = shared.project(options)
    with told(project):
        with ProjectLock([project.folder], say):
            change = _worked_out(project, options)
        if _refused(project, change.outcome):
            return 1
        _show(project, change)
        if options.dry_run or not (options.yes or _confirmed()):  # the lock is not held while a person decides
            say("nothing was written")
            return 0 if options.dry_run else 1
        with ProjectLock([project.folder], say):
            _write(project, change)
    return 0


def _worked_out(project: Project, options: argparse.Namespace) -> _Change:
    from contextlib import closing
    from dataclasses import replace

    from kforge.catalog import topics
    from kforge.commands.build import reported
    from kforge.deciders.repair import ATTEMPTS
    from kforge.errors import InputError
    from kforge.llm.model_session import ModelSession
    from kforge.output.progress import ProgressLine
    from kforge.pipeline import read_spec
    from kforge.spec.refine import refinement
    from kforge.system.files import read
    from kforge.transaction import computed

    settings = shared.pipeline_options(options, [project])
    before = read(project.spec, root=project.root) or b""
    raw = read_spec(project, settings.limits)
    plan = refinement(raw, options.target, options.sentence.strip(), topics())
    if not (options.yes or options.dry_run or sys.stdin.isatty()):
        raise InputError("nobody is here to confirm", hint="`--yes` writes without asking back, `--dry-run` only shows")
    say(f"asking about {', '.join(f'`{target}`' for target in plan.targets) or 'nothing'}")
    progress = ProgressLine()
    with (
        closing(progress),
        ModelSession(shared.wish(options), progress.tell, progress) as session,
        reported(session, progress.tell),
    ):
        asked = replace(settings, ask=session.who, again=frozenset(plan.targets).__contains__, repairs=ATTEMPTS)
        outcome = computed(project, replace(asked, text=plan.text), options.allow_data_loss)
    change = _Change(before, plan, outcome)
    if options.sentence.strip() and not _read_by_model(change):
        pins = _pins(change, options.target, options.sentence)
        raise InputError(
            f"no model would read this: it speaks of nothing that `{options.target}` leaves open",
            hint=f"pin what it asks for: {pins}" if pins else _speaks_of(plan),
        )
    return change


def _pins(change: _Change, target: str, sentence: str) -> str:
    """The pins that give what a rule reads of a sentence and what is not settled so, as a hint lists them."""
    from kforge.domain.wishes.heard import unheard
    from kforge.domain.wishes.readings import readings

    name, _, topic = target.partition("/")
    service = change.outcome.loaded.world.spec.services[name]
    decided = {each: one.value for (whose, each), one in change.outcome.settled.decisions.items() if whose == name}
    replicas = service.scale.min if service.scale else 1
    missed = [
        unheard(one, decided, replicas)
        for one in readings(sentence)
        if topic in ("", one.topic) or one.topic == "scale"
    ]
    return ", ".join(f"`{one.command(name) or f'services.{name}.{one.pin}'}`" for one in missed if one and one.pin)


def _speaks_of(plan: Refinement) -> str:
    """What a sentence to the plan's decisions can be about."""
    from kforge.llm.wish_settings import settings

    topics = dict.fromkeys(target.partition("/")[2] for target in plan.targets)
    told = [f"{topic}: {', '.join(one.meaning for one in settings(topic)[:6])}" for topic in topics]
    return (
        f"it can be about {'; '.join(told)}; `kforge plan` shows what pins leave open"
        if told
        else "`kforge plan` shows what pins leave open"
    )


def _read_by_model(change: _Change) -> list[str]:
    """The targets that went to a model: the service has such a decision, and its pins leave something to choose."""
    deciders = {f"{service}/{topic}": one.decider for (service, topic), one in change.outcome.settled.decisions.items()}
    return [
        target
        for target in change.plan.targets
        if (decider := deciders.get(target)) and (decider.by == "model" or decider.instead_of)
    ]


def _refused(project: Project, outcome: Outcome) -> bool:
    """Whether the rules refuse what became of it; says so."""
    from kforge.output.findings import findings
    from kforge.output.layout import tell
    from kforge.output.places import found

    if outcome.findings:
        tell(*findings((found(project, item) for item in outcome.findings), text=outcome.loaded.raw.text))
    if outcome.errors:
        say("nothing was written: what the model answered breaks a rule; say more, or pin the field")
    return bool(outcome.errors)


def _show(project: Project, change: _Change) -> None:
    from kforge.changes_since import pending
    from kforge.output.difference import text_parts
    from kforge.output.layout import show
    from kforge.stages.file_diff import FileSide, file_change

    decisions, files = pending(change.outcome)
    spec = file_change(project.name, "changed", FileSide(change.before), FileSide(change.plan.text.encode()))
    show(*text_parts([(project, decisions, (spec, *files))], ""))
    unmoved = sorted(set(_read_by_model(change)) - {each.target for each in decisions})
    if unmoved:
        say(
            f"asked again, and the answer is as it was: {', '.join(f'`{target}`' for target in unmoved)}; "
            "`kforge pin TARGET FIELD VALUE` says it without a model"
        )


def _confirmed() -> bool:
    sys.stderr.write("write this? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(project: Project, change: _Change) -> None:
    from kforge.transaction import write_with_spec

    write_with_spec(change.outcome, change.before, change.plan.text)
    say(f"wrote `{project.name}`, {count(len(change.outcome.changes.pending), 'file')} and the lock")

"""Show what a build would change, each value old → new with its reason, and what
it would refuse. Writes nothing and asks no model. `kforge build --dry-run` is
the same screen.

Where a build asks a model, plan shows the heuristics' answer and what it makes
of the files, marked as a preview.

Exit 0: a build would succeed, whether or not it writes. Exit 1: it would not,
since rules find errors. Exit 2: the spec is wrong, or a build would refuse to
overwrite or to lose something.

examples:
  kforge plan                       every spec of the repository
  kforge plan specs/shop -v         one of them, and each file
  kforge plan --all                 also what stays as it is, and who decided it
  kforge plan --upgrade             what `kforge build --upgrade` would change
  kforge plan --model auto          whom a build with it would ask
  kforge plan --prompts web/build   what a model would be sent: nothing else is
  kforge plan --format json | jq '.changes[] | {subjects, field, before, after}'
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from kforge.commands import model_options
from kforge.commands import options as shared
from kforge.errors import InputError
from kforge.output.layout import show
from kforge.output.text import emit, inert, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kforge.build_all import Built
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.paths(parser)
    shared.one_spec(parser)
    shared.run(parser, offline="as for build; plan asks no model anyway")
    model_options.named(parser)
    shared.together(parser)
    shared.formats(parser, "text", "json")
    shared.verbose(parser, "the files that a build would write")
    parser.add_argument("--all", action="store_true", help="show what stays as it is as well, and cut no value")
    parser.add_argument(
        "--prompts", metavar="TARGET", help="print exactly what a model would be sent about web/build, and its size"
    )
    parser.add_argument("--graph", metavar="FORM", help=argparse.SUPPRESS)  # told where it went


def run(options: argparse.Namespace) -> int:
    if options.graph:
        raise InputError(
            "`plan --graph` is a command of its own", hint="`kforge graph --files --format mermaid`, or `dot`"
        )
    if options.prompts:
        return _prompts(options)
    options.paths = [*options.paths, *([options.spec] if options.spec else [])]
    return planned(options, shared.projects(options))


def planned(options: argparse.Namespace, projects: Sequence[Project]) -> int:
    """Show what `build` with these options would do with the projects. The exit code is the one of that build."""
    from contextlib import closing
    from dataclasses import replace

    from kforge.build_all import planned as worked_out
    from kforge.commands import kubernetes_upgrade
    from kforge.commands.idle_options import idle_options
    from kforge.output.preview_marks import asked
    from kforge.output.progress import ProgressLine

    if kubernetes_upgrade.asked(options) and not kubernetes_upgrade.is_a_service(options, projects):
        return kubernetes_upgrade.preview(options, projects)
    with closing(ProgressLine(specs=len(projects))) as line:
        found = worked_out(
            projects,
            replace(shared.pipeline_options(options, projects), merges=True, step=line.step),
            locked=getattr(options, "locked", False),
            allow_data_loss=getattr(options, "allow_data_loss", False),
            progress=lambda project: line.spec(),
        )
    outcomes = [each.outcome for each in found if each.outcome]
    changes = any(not each.current for each in outcomes)
    notes = idle_options(options, found, any(asked(each) for each in outcomes), changes)
    if options.format == "json":
        from kforge.output.json_text import dump
        from kforge.output.plan_json import as_json

        emit(dump(as_json(found, notes)))
    else:
        _show(found, options)
        for note in notes:
            say(f"note: {note}")
    return max((each.code for each in found), default=0)


def _show(found: Sequence[Built], options: argparse.Namespace) -> None:
    from kforge.output import plan_text

    whole = getattr(options, "all", False)
    for each in found:
        plan_text.show_problems(each, options.verbose)
        if each.outcome is not None:
            show(*plan_text.screen(each, options.verbose, whole, several=len(found) > 1))
            _say_whom(each.outcome, options.model)
            if older := plan_text.stays(each.outcome):
                say(older)
        say(plan_text.last_line(each))


def _one(options: argparse.Namespace) -> Project:
    """The project that a question is about."""
    named = [*options.paths, *([options.spec] if options.spec else [])]
    if named[1:]:
        from kforge.errors import InputError

        raise InputError("`--prompts` shows one spec", hint="name one")
    options.spec = named[0] if named else None
    return shared.project(options)


def _prompts(options: argparse.Namespace) -> int:
    from kforge.llm.prompt import show as prompt
    from kforge.prompt_export import request_for

    project, most = _one(options), model_options.together(options.together)
    settings = shared.pipeline_options(options, [project])
    request, targets, left = request_for(project, settings, options.prompts, most)
    emit(prompt(request))
    if len(targets) > 1:
        say(f"note: one request for {', '.join(targets)}, in this order; what the cache answers is left out of it")
    if not left:
        say("note: the spec has no `model` block, so a build asks nobody; `kforge evaluate` would send this")
    return 0


def _say_whom(outcome: Outcome, model: str) -> None:
    """Say which model a build would ask."""
    from kforge.output.preview_marks import asked

    block = outcome.loaded.world.spec.model
    if block is not None and asked(outcome):
        name = model_options.wanted(model, block.name)
        whom = "a model" if name == "auto" else f"`{inert(name)}`"
        say(f"preview: a build asks {whom} there; what is shown is the heuristics' answer")

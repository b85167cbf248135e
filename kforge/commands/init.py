"""Draft app.kforge.yaml from a sentence, from what the repository shows, or both.
An existing spec is never touched.

Words, in several languages, and detection draft it. A model (`--model`,
KFORGE_MODEL, your configuration) is asked only what those parts of the sentence
are that words do not understand; what nothing is made of is told. A `model`
block is written where `--model` names one, or when you say so.

examples:
  kforge init
  kforge init "Go web API with PostgreSQL and a nightly job"
  kforge init --dry-run > draft.yaml
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.commands import options as shared
from kforge.commands.marking import mark
from kforge.output.layout import Table, rows, tell
from kforge.output.progress import under_way
from kforge.output.text import Paint, coloured, count, emit, inert, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kforge.domain.draft import Draft, LeftOut, SurveyedRepository
    from kforge.domain.spec.project import Project
    from kforge.draft.draft import Kinds

SPEC = "app.kforge.yaml"
_NOTHING = (  # message and hint: nothing was said, nothing was understood
    (
        "no source was found here that kforge reads, and no sentence says what is wanted",
        None,
        'say it: `kforge init "web API with PostgreSQL"`',
    ),
    (
        "the sentence names no service that kforge knows, and no source was found here",
        None,
        'name kinds and stores: `kforge init "web API with PostgreSQL and a nightly job"`, or let a model read it (`--model`)',
    ),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sentence", nargs="?", default="", metavar="SENTENCE", help="what the application is")
    parser.add_argument("--folder", default=".", metavar="DIR", help="where the spec goes (default: here)")
    parser.add_argument("--name", default="", metavar="APP", help="name of the application (default: the folder's)")
    parser.add_argument("-n", "--dry-run", action="store_true", help="print the spec and write nothing")
    parser.add_argument("--prompt", action="store_true", help="print exactly what a model would be sent, and end")
    parser.add_argument("--offline", action="store_true", help="ask no model")
    shared.model(parser)


def run(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from kforge.domain.spec.project import Project
    from kforge.draft.acceptance import accepted
    from kforge.draft.draft import app_name, drafted, guessed, remarks
    from kforge.draft.repository import survey
    from kforge.errors import InputError
    from kforge.system.project import root

    folder = Path(os.path.abspath(options.folder))  # noqa: PTH100 - resolves no link
    _refuse(options, folder)
    project = Project(folder / SPEC, root(folder))
    app = options.name or app_name(folder)
    with under_way("looking through the folders") as progress:
        shown = survey(folder, project.root, app, options.sentence, lambda line: progress.tell(f"note: {line}"))
    if options.prompt:
        from kforge.draft.draft import open_parts
        from kforge.draft.part_question import request
        from kforge.llm.prompt import show

        if parts := open_parts(app, options.sentence, shown):
            emit(show(request(options.sentence, parts)))
        else:
            say("a model is asked nothing: the sentence is understood by its words alone")
        return 0
    kinds, by = _kinds(options, app, shown)
    services = guessed(app, options.sentence, shown, kinds)
    if not services:
        _leave_out(shown.left)
        raise InputError(*_NOTHING[bool(options.sentence.strip())])
    block = _block(options, _model(options) if by else "")
    with under_way("trying the draft"):
        kept = accepted(
            project,
            datetime.now(UTC).date(),
            services,
            lambda some: drafted(project, app, options.sentence, some, shown, block),
        )
    _tell(kept.draft, by)
    _leave_out((*shown.left, *kept.left))
    for note in (*remarks(app, options.sentence, shown, services, kinds), *shown.notes, *kept.draft.notes):
        say(f"note: {inert(note)}")
    for line in kept.refused:
        say(f"{Paint(coloured(sys.stderr))('warning', 'a build will refuse')}: {inert(line)}")
    text = kept.text
    if options.dry_run:
        emit(text)
        return 0
    _write(project, text)
    say(f"wrote `{inert(os.path.relpath(project.spec))}`: read it, then `kforge build`")
    mark([project], write=False)
    return 0


def _refuse(options: argparse.Namespace, folder: Path) -> None:
    from kforge.domain.spec.patterns import NAME
    from kforge.errors import InputError, Place
    from kforge.system.project import specs_in

    if not os.path.isdir(folder):  # noqa: PTH112 - pathlib's raises for a path that no disk takes
        raise InputError(f"`{options.folder}` is no folder", Place(options.folder), "make it first")
    there = specs_in(folder)
    if there:
        raise InputError(
            f"there is a spec already: `{there[0].name}`",
            Place(str(there[0])),
            "edit it, or draft elsewhere: `kforge init --folder DIR`",
        )
    if options.name and not re.fullmatch(NAME, options.name):
        raise InputError(
            f"`{options.name}` is no name of an application", hint="lower-case letters, digits and `-`: `shop`"
        )
    if len(options.sentence) > 2000:
        raise InputError("the sentence has more than 2000 characters", hint="say what there is, not how it works")


def _kinds(options: argparse.Namespace, app: str, shown: SurveyedRepository) -> tuple[Kinds, str]:
    """What a model says of the parts of the sentence that words do not understand, and its name; "" where none is asked."""
    from kforge.draft.draft import open_parts
    from kforge.errors import Error, Problem

    name, parts = _model(options), open_parts(app, options.sentence, shown)
    if not name or not parts:
        return {}, ""
    try:
        return _answered(options, parts, name)
    except Error as error:
        if not options.fallback:
            hint = "`--fallback heuristics` drafts by words and detection where the model gives no answer, `--offline` without asking it"
            raise type(error)((*error.problems, Problem("no spec was drafted", hint=hint))) from None
        say(f"drafted without `{name}`: {error.problems[0].message}")
        return {}, ""


def _answered(options: argparse.Namespace, parts: Sequence[str], name: str) -> tuple[Kinds, str]:
    """What a model says of parts of the sentence, and its name. For `auto` that is the name which the server gives."""
    from contextlib import closing

    from kforge.deciders.model import SORTS
    from kforge.domain.invisible_chars import line
    from kforge.domain.model.request import Completion, Fault, Request
    from kforge.draft.draft import modelled
    from kforge.errors import WorldError
    from kforge.llm.model_session import ModelSession
    from kforge.output.progress import ProgressLine

    said: list[Completion] = []
    progress = ProgressLine()
    with closing(progress), ModelSession(shared.wish(options), progress.tell) as session:
        try:
            progress.tell(
                f"asking {'the model that your settings name' if name == 'auto' else f'`{name}`'} about {count(len(parts), 'part')} of the sentence"
            )
            progress(0, 1)
            with progress.about("the draft"):
                complete = session.model(name)

            def asked(request: Request) -> Completion:
                with progress.about(request.target, request.attempt):
                    said.append(complete(request))
                return said[-1]

            kinds = modelled(options.sentence, parts, asked, progress.tell)
        except Fault as fault:
            raise SORTS.get(fault.kind, WorldError)(
                f"`{name}` gave no answer: {fault.message}", hint=fault.hint
            ) from None
        finally:
            if session.paid:
                progress.tell(session.paid)
    return kinds, (line(said[-1].model, 200) if name == "auto" else "") or name


def _model(options: argparse.Namespace) -> str:
    """The name of the model to ask; "" where the user named neither a model nor a server."""
    from kforge.system.settings import Flags, settle

    if options.offline and not options.replay:
        return ""
    flags = Flags(options.provider, options.model, options.base_url, options.allow_remote, options.parallel)
    settings = settle(flags, os.environ, Path.home())
    if settings.model:
        return settings.model.value
    return "auto" if settings.base_url or settings.provider or options.replay else ""


def _block(options: argparse.Namespace, named: str) -> str:
    """The model that the spec is to name: where the user did, or says so now. `named` was asked for the draft."""
    from kforge.domain.spec.patterns import MODEL

    name = options.model or named
    if not name or not re.fullmatch(MODEL, name) or len(name) > 200:
        return ""
    if options.model:
        return name
    if not sys.stdin.isatty() or options.dry_run:
        return ""
    sys.stderr.write(f"let `{name}` decide what the spec leaves open, by a `model` block? [y/N] ")
    sys.stderr.flush()
    return name if sys.stdin.readline().strip().lower() in ("y", "yes") else ""


def _tell(draft: Draft, by: str) -> None:
    cells = [
        (name, str(next(each.block[key] for key in ("source", "image", "like") if key in each.block)), each.why)
        for name, each in draft.services.items()
    ]
    say(
        f"{draft.app}: {count(len(cells), 'service')}, drafted by {f'words, detection and model {by}' if by else 'words and detection'}"
    )
    tell(Table(rows(*cells, styles=("name", "", "dim")), indent=2))


def _leave_out(left: Sequence[LeftOut]) -> None:
    """Every folder, file and service that is none of the draft, with the reason."""
    if left:
        say("left out:")
        tell(Table(rows(*((each.path, each.why) for each in left), styles=("name", "dim")), indent=2))


def _write(project: Project, text: str) -> None:
    """A new file, whole or not at all, and never over another one."""
    from kforge.errors import InputError, Place
    from kforge.system.files import create

    try:
        create(project.spec, text.encode(), project.root)
    except FileExistsError:
        raise InputError(
            f"there is a spec already: `{project.name}`", Place(str(project.spec)), "nothing was written"
        ) from None

"""Ask a model that is elsewhere: write open questions to a file, take the answers
from another. Sends nothing.

The lines are OpenAI's, which `vllm run-batch -i FILE -o RESULTS` takes as well;
`--for anthropic` writes the other form. Answers may come in any order and in
several files. They are judged as fresh ones and kept in the cache; what is
answered for good goes into the lock, so that the next `kforge build` asks no
model, on any machine.

Questions that read earlier answers come in a later round: export, import, and
again until nothing is open. After an export with `--ask` or `--upgrade`, import
with the same option.

examples:
  KFORGE_PROVIDER=openai KFORGE_MODEL=gpt-5 kforge batch export requests.jsonl
  kforge batch import results.jsonl   exit 1: some must be asked again: a list
  kforge build
  kforge batch export requests.jsonl --upgrade   ask what heuristics decided
                                                 before there was a model
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.commands import options as shared
from kforge.deciders.repair import ATTEMPTS
from kforge.output.places import shown
from kforge.output.text import count, emit, say

if TYPE_CHECKING:
    from kforge.domain.model.request import Completion, Endpoint, Provider, Request
    from kforge.domain.spec.project import Project
    from kforge.llm.batches import PendingRequest, Results
    from kforge.outcome import Options
    from kforge.prompt_export import Opened
    from kforge.system.store.completions import CompletionStore


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    export = verbs.add_parser("export", help="write the open questions")
    export.add_argument("file", metavar="FILE", help="where to; it must not exist")
    export.add_argument(
        "--for",
        dest="form",
        choices=("openai", "anthropic"),
        default="",
        help="form of the batch (default: the provider's)",
    )
    export.add_argument("--force", action="store_true", help="write over the file")
    results = verbs.add_parser("import", help="take the answers")
    results.add_argument("file", metavar="FILE", help="what the batch gave back, one answer a line")
    for verb in (export, results):
        shared.paths(verb)
        verb.add_argument(
            "--ask",
            action="append",
            default=[],
            metavar="TARGET",
            help="a decision (web/build), or all of a service (web), whoever decided",
        )
        verb.add_argument(
            "--upgrade",
            nargs="?",
            const=shared.ALL,
            metavar="TARGET",
            help="what heuristics or an older kforge decided: all of it, or a target",
        )
        verb.add_argument(
            "--model", metavar="NAME", default="", help="who answers, if not the model that the spec names"
        )
        verb.add_argument(
            "--provider", metavar="NAME", default="", help="whose batch it is: openai, anthropic, vllm, …"
        )
        verb.add_argument(
            "--base-url", metavar="URL", default="", help="the address that builds ask, where you name one to them"
        )


def run(options: argparse.Namespace) -> int:
    from kforge.system.project import ProjectLock
    from kforge.system.store.completions import CompletionStore
    from kforge.system.store.rows import place

    projects = shared.projects(options)
    locked = ProjectLock([project.folder for project in projects], say) if options.verb == "import" else nullcontext()
    with locked, CompletionStore(place(), warn=say) as store:
        settings = shared.pipeline_options(options, projects)
        opened = _opened(options, settings, projects, store)
        pending = [one for _, each in opened for one in each.pending]
        if options.verb == "export":
            code = exported(options, pending)
            if not pending:
                _settled(options, settings, opened)
        else:
            results = imported(options, pending, store)
            opened = _opened(options, settings, projects, store)
            _fill(options, opened)
            code = judged(results)
    _rest(options, [each for _, each in opened])
    return code


def _settled(options: argparse.Namespace, settings: Options, opened: Sequence[tuple[Project, Opened]]) -> None:
    """Why nothing is open, where one may have thought otherwise, and what to do."""
    from kforge.output.progress import under_way
    from kforge.prompt_export import upgradable

    kept = sorted(target for _, each in opened for target in each.answered)
    if kept:
        say(
            f"answered in the cache: {', '.join(kept)}: `kforge build --offline{_repeated(options)}` takes {'it' if len(kept) == 1 else 'them'}"
        )
    elif not any(each.waiting or each.refused for _, each in opened):
        with under_way("looking for what heuristics decided", logged=True):
            older = sorted(target for project, _ in opened for target in upgradable(project, settings))
        if older:
            say(
                f"heuristics or an older kforge decided {', '.join(older)}: `--upgrade` asks about {'it' if len(older) == 1 else 'them'}"
            )


def _repeated(options: argparse.Namespace) -> str:
    """The options of this command that name the model and what it is asked again, to be repeated by an import."""
    named = (("--provider", options.provider), ("--model", options.model), ("--base-url", options.base_url))
    words = [f" {flag} {name}" for flag, name in (*named, *(("--ask", target) for target in options.ask)) if name]
    if options.upgrade:
        words.append(" --upgrade" + ("" if options.upgrade == shared.ALL else f" {options.upgrade}"))
    return "".join(words)


def _fill(options: argparse.Namespace, opened: Sequence[tuple[Project, Opened]]) -> None:
    """Lock what is answered for good. What `--ask` names is locked together: a question tells of the answer before it,
    so one whose answer is locked already would be another question in the next round."""
    from functools import partial

    from kforge.domain.own_files import LOCK_FILE
    from kforge.stages.new_lock import filled
    from kforge.system import locked

    for project, found in opened:
        if options.ask and (found.pending or found.waiting):
            say(
                f"`{shown(project, LOCK_FILE)}` takes the answers together: go on with{_repeated(options)} until the last is there"
            )
        elif found.answered:
            answers = partial(filled, answers=found.answered)
            locked.rewrite(project.folder, project.root, catalog.revisions(), answers)
            say(f"locked {count(len(found.answered), 'answer')} in `{shown(project, LOCK_FILE)}`")


def _opened(
    options: argparse.Namespace, settings: Options, projects: Sequence[Project], store: CompletionStore
) -> list[tuple[Project, Opened]]:
    """The open questions of each project. Their keys name the model that the spec or the options name."""
    from contextlib import closing
    from dataclasses import replace

    from kforge.commands.model_options import wish
    from kforge.llm.model_resolution import resolve_offline
    from kforge.output.places import told
    from kforge.output.progress import ProgressLine
    from kforge.pipeline import read_spec
    from kforge.prompt_export import open_questions
    from kforge.system.settings import Flags
    from kforge.system.store.answers import Answers

    found = list[tuple["Project", "Opened"]]()
    flags, providers, known = (
        Flags(options.provider, options.model, options.base_url),
        catalog.providers(),
        Answers(store),
    )
    with closing(ProgressLine(specs=len(projects), logged=True)) as line:
        settings = replace(settings, step=line.step)
        for project in projects:
            line.spec()
            with told(project):
                named = wish(read_spec(project, settings.limits))
                if named is None:
                    continue  # heuristics decide there
                endpoint = resolve_offline(named, flags)
                provider = providers[endpoint.provider]

                def find(
                    request: Request, endpoint: Endpoint = endpoint, provider: Provider = provider
                ) -> Completion | None:
                    held = known.known(endpoint, provider, request)
                    return held[0] if held else None

                found.append((project, open_questions(project, settings, endpoint, find)))
    return found


def _rest(options: argparse.Namespace, opened: Sequence[Opened]) -> None:
    """What this file cannot settle: questions whose words depend on answers to come, and those that no answer helped."""
    waiting = sorted(target for each in opened for target in each.waiting)
    pending = sorted(one.request.target for each in opened for one in each.pending)
    refused = sorted(target for each in opened for target in each.refused)
    if options.verb == "import" and pending:
        say(f"open: {', '.join(pending)}: export again")
    if waiting:
        say(
            f"{count(len(waiting), 'question')} wait for these answers: export again after the import"
            if options.verb == "export"
            else f"waiting for those: {', '.join(waiting)}"
        )
    if refused:
        say(
            f"no answer was accepted in {ATTEMPTS} attempts: {', '.join(refused)}: pin them, or build with `--fallback heuristics`"
        )
    if options.verb == "import" and not (waiting or pending or refused):
        say("every question has its answer: `kforge build` writes the files")


def exported(options: argparse.Namespace, questions: Sequence[PendingRequest]) -> int:
    """Write the questions to the file."""
    from kforge.errors import InputError, Place
    from kforge.llm.batches import export, form_of
    from kforge.system.files import replace

    if not questions:
        say("no question is open: nothing was written")
        return 0
    path = Path(options.file)
    if os.path.lexists(path) and not options.force:
        raise InputError(f"`{path}` exists", Place(str(path)), "name another file, or write over it with `--force`")
    replace(path, export(questions, form_of(questions, options.form)).encode())
    say(f"wrote {count(len({one.key.digest for one in questions}), 'question')} to `{path}`")
    return 0


def imported(options: argparse.Namespace, questions: Sequence[PendingRequest], store: CompletionStore) -> Results:
    """Keep every usable answer. What is missing, and what is wrong with the file, is for `judged` to tell."""
    from kforge.domain.model.cache_key import CacheKey
    from kforge.errors import InputError, Place, WorldError
    from kforge.llm.batches import read
    from kforge.output.progress import under_way
    from kforge.system.files import read as read_file

    with under_way("reading the answers", logged=True) as line:
        content = read_file(options.file, 256 << 20)  # the answers to a whole batch
        if content is None:
            raise InputError(
                f"`{options.file}` does not exist", Place(options.file), "name the file that the batch gave back"
            )
        results = read(content, questions, options.file, lambda key: store.get(CacheKey(key, {})) is not None)
        line.step("keeping the answers")
        lost = [one for one in results.answers if not store.put(one.key, one.completion)]
    if lost:
        raise WorldError(
            f"{count(len(lost), 'answer')} could not be kept",
            hint="`kforge cache verify` says what is wrong with the cache",
        )
    accepted = sum(not one.problem for one in results.answers)
    earlier = f"; {count(results.before, 'line')} imported before" if results.before else ""
    say(
        f"{count(len(results.answers), 'answer')} kept, {accepted} accepted, {len(results.again)} to be asked again{earlier}"
    )
    return results


def judged(results: Results) -> int:
    """List what must be asked again. Raises InputError for lines that no question takes."""
    from kforge.errors import InputError

    if results.again:
        emit("\n".join(f"{one.target}: {one.reason}" for one in results.again))
    if results.problems:
        raise InputError(results.problems)
    return 1 if results.again else 0

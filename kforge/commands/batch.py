"""Ask a model that is elsewhere: write every open question to a file, take the answers from another. Sends nothing.

The lines are OpenAI's, which `vllm run-batch -i FILE -o RESULTS` takes as well; `--for anthropic` writes the other form.
Answers may come in any order and in several files. They are judged as fresh ones and kept in the cache, where the next
`kforge build` finds them without asking; it needs the provider and the model that the questions were exported for.

examples:
  KFORGE_PROVIDER=openai KFORGE_MODEL=gpt-5 kforge batch export requests.jsonl
  kforge batch import results.jsonl    exit 1: some questions must be asked again, and are listed
  kforge build
"""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.commands import options as shared
from kforge.deciders.model import ATTEMPTS
from kforge.output.text import count, emit, say

if TYPE_CHECKING:
    from kforge.domain.model import Completion, Endpoint, Provider, Request
    from kforge.questions import Opened
    from kforge.stages.batches import Pending
    from kforge.system.completions import Store


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    export = verbs.add_parser("export", help="write the open questions")
    export.add_argument("file", metavar="FILE", help="where to; it must not exist")
    export.add_argument("--for", dest="form", choices=("openai", "anthropic"), default="", help="form of the batch (default: the provider's)")
    export.add_argument("--force", action="store_true", help="write over the file")
    results = verbs.add_parser("import", help="take the answers")
    results.add_argument("file", metavar="FILE", help="what the batch gave back, one answer a line")
    for verb in (export, results):
        shared.paths(verb)
        verb.add_argument("--model", metavar="NAME", default="", help="who answers, if not the model that the spec names")
        verb.add_argument("--provider", metavar="NAME", default="", help="whose batch it is: openai, anthropic, vllm, …")
        verb.add_argument("--base-url", metavar="URL", default="", help="the address that builds ask, where you name one to them")


def run(options: argparse.Namespace) -> int:
    from kforge.system.cache_rows import place
    from kforge.system.completions import Store

    with Store(place(), warn=say) as store:
        opened = _opened(options, store)
        pending = [one for each in opened for one in each.pending]
        if options.verb == "export":
            code = exported(options, pending)
        else:
            code = imported(options, pending, {key for each in opened for key in each.settled})
            opened = _opened(options, store)
    _rest(options, opened)
    return code


def _opened(options: argparse.Namespace, store: Store) -> list[Opened]:
    """What is open, project by project: the keys name whoever answers there."""
    from kforge.commands.asking import wish
    from kforge.output.places import told
    from kforge.pipeline import read_spec
    from kforge.questions import open_questions
    from kforge.reach import elsewhere
    from kforge.system.answers import Answers
    from kforge.system.settings import Flags

    settings, found = shared.pipeline_options(options), []
    flags, providers, known = Flags(options.provider, options.model, options.base_url), catalog.providers(), Answers(store)
    for project in shared.projects(options):
        with told(project):
            named = wish(read_spec(project, settings.limits))
            if named is None:
                continue  # heuristics decide there
            endpoint = elsewhere(named, flags)
            provider = providers[endpoint.provider]

            def find(request: Request, endpoint: Endpoint = endpoint, provider: Provider = provider) -> Completion | None:
                held = known.find(known.key(endpoint, provider, request))
                return held[0] if held else None

            found.append(open_questions(project, settings, endpoint, find))
    return found


def _rest(options: argparse.Namespace, opened: Sequence[Opened]) -> None:
    """What this file cannot settle: questions whose words depend on answers to come, and those that no answer helped."""
    waiting = sorted(target for each in opened for target in each.waiting)
    pending = sorted(one.request.target for each in opened for one in each.pending)
    refused = sorted(target for each in opened for target in each.refused)
    if options.verb == "import" and pending:
        say(f"open: {', '.join(pending)}: export again")
    if waiting:
        say(f"{count(len(waiting), 'question')} wait for these answers: export again after the import" if options.verb == "export" else f"waiting for those: {', '.join(waiting)}")
    if refused:
        say(f"no answer was accepted in {ATTEMPTS} attempts: {', '.join(refused)}: pin them, or build with `--fallback heuristics`")
    if options.verb == "import" and not (waiting or pending or refused):
        say("every question has its answer: `kforge build` takes them")


def exported(options: argparse.Namespace, questions: Sequence[Pending]) -> int:
    """Write the questions to the file."""
    from kforge.errors import InputError, Place
    from kforge.stages.batches import export, form_of
    from kforge.system.files import replace

    if not questions:
        say("no question is open: nothing was written")
        return 0
    path = Path(options.file)
    if path.exists() and not options.force:
        raise InputError(f"`{path}` exists", Place(str(path)), "name another file, or write over it with `--force`")
    replace(path, export(questions, form_of(questions, options.form)).encode())
    say(f"wrote {count(len({one.key.digest for one in questions}), 'question')} to `{path}`")
    return 0


def imported(options: argparse.Namespace, questions: Sequence[Pending], settled: Collection[str] = ()) -> int:
    """Keep every usable answer, then say what is missing and what was wrong with the file."""
    from kforge.errors import InputError, Place, WorldError
    from kforge.stages.batches import read
    from kforge.system.cache_rows import place
    from kforge.system.completions import Store
    from kforge.system.files import read as read_file

    content = read_file(options.file)
    if content is None:
        raise InputError(f"`{options.file}` does not exist", Place(options.file), "name the file that the batch gave back")
    results = read(content, questions, options.file, settled)
    with Store(place(), warn=say) as store:
        lost = [one for one in results.answers if not store.put(one.key, one.completion)]
    accepted = sum(not one.problem for one in results.answers)
    say(f"{count(len(results.answers), 'answer')} kept, {accepted} accepted, {len(results.again)} to be asked again")
    if results.again:
        emit("\n".join(f"{one.target}: {one.reason}" for one in results.again))
    if lost:
        raise WorldError(f"{count(len(lost), 'answer')} could not be kept", hint="`kforge cache verify` says what is wrong with the cache")
    if results.problems:
        raise InputError(results.problems)
    return 1 if results.again else 0

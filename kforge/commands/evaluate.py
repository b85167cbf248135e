"""Ask models about this project, and compare: is a smaller one good enough?

Asked are the project's own questions, and up to twenty that kforge makes:
wishes put to your services whose right answer is known, remarks that ask for
nothing, and wishes that no model may meet. Counted is what was right. Every
question is asked -n times with other seeds, past every cache; nothing is
written, and no decision changes. Consent and keys are as for `kforge build`.
PROVIDER=NAME says whose model is meant where that is not plain. Exit 1: a model
was not asked, or questions went unanswered.

examples:
  kforge evaluate --models qwen2.5-coder:7b,qwen2.5-coder:14b
  kforge evaluate --models qwen2.5-coder:7b -n 1 --kind wish --kind keep
  kforge evaluate --models qwen2.5-coder:7b --own   the project's own alone
  kforge evaluate --models ollama=qwen2.5-coder:7b,gpt-5-mini --allow-remote
  kforge evaluate --models qwen2.5-coder:7b -n 5 --format json | jq '.models'
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.commands import model_options
from kforge.commands import options as shared
from kforge.errors import Error, InputError, WorldError
from kforge.output.text import count, emit, say

if TYPE_CHECKING:
    from kforge.llm.evaluation import Trial, Verdict
    from kforge.model_eval import Posed
    from kforge.system.rate_limits import RateLimits
    from kforge.system.settings import Flags


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models", required=True, metavar="NAMES", help="models to compare, with commas between: NAME or PROVIDER=NAME"
    )
    parser.add_argument(
        "-n", type=shared.positive, default=3, metavar="N", help="how often each question is asked (default: 3)"
    )
    parser.add_argument(
        "--own", action="store_true", help="ask the project's own questions alone, none that kforge makes"
    )
    parser.add_argument(
        "-k",
        "--kind",
        action="append",
        choices=("wish", "fact", "keep", "refuse"),
        default=[],
        help="ask only this kind of question, may be repeated",
    )
    model_options.arguments(parser, model=argparse.SUPPRESS)
    shared.one_spec(parser)
    parser.add_argument(
        "--parallel",
        type=shared.positive,
        default=0,
        metavar="N",
        help="requests at once to a server whose answers do not depend on its batches",
    )
    shared.together(parser)
    parser.add_argument(
        "--max-requests", type=shared.positive, default=0, metavar="N", help="at most so many requests in all"
    )
    parser.add_argument(
        "--max-tokens", type=shared.positive, default=0, metavar="N", help="at most so many tokens in all"
    )
    parser.add_argument(
        "--max-cost", type=shared.dollars, default=0.0, metavar="DOLLARS", help="at most so many US dollars in all"
    )
    parser.add_argument("--timeout", type=shared.positive, default=0, metavar="SECONDS", help="at most so long")
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """0 where every model was asked, 1 where one could not be."""
    from kforge.llm.eval_questions import KINDS
    from kforge.model_eval import posed
    from kforge.output.evaluated import as_json, shown
    from kforge.output.places import told
    from kforge.output.progress import under_way
    from kforge.system.rate_limits import Budget, RateLimits

    if options.model:
        raise InputError(
            "`--model` names the model that is to decide, and nothing is decided here",
            hint=f"name it in `--models`: `--models {options.model}`",
        )
    project = shared.project(options)
    with told(project), under_way("making the questions"):
        kinds = tuple(kind for kind in KINDS if kind in options.kind or not options.kind)
        found = posed(project, shared.pipeline_options(options), kinds, made=not options.own)
    if not found.questions:
        raise _nothing(options)
    limits = RateLimits(Budget(options.max_requests, options.max_tokens, options.timeout, dollars=options.max_cost))
    verdicts, unasked = [], {}
    for name, flags in _named(options):
        try:
            verdicts.append(_evaluated(name, flags, found, options.n, limits))
        except Error as error:
            unasked[name] = error
    if not verdicts:
        raise _all(unasked)
    if options.format == "json":
        emit(as_json(verdicts, unasked, found, options.n))
    else:
        shown(verdicts, unasked, found)
    return 1 if unasked or any(one.faults for one in verdicts) else 0


def _nothing(options: argparse.Namespace) -> InputError:
    """The error where no question can be asked."""
    if options.own or options.kind:
        return InputError(
            "the project has no such question of its own"
            if options.own
            else f"no question of the kind {', '.join(f'`{kind}`' for kind in options.kind)} can be made here",
            hint='without `--own` and `--kind` kforge makes some; a wish is a sentence in a service\'s `refine` (`kforge refine SERVICE "…"`)',
        )
    return InputError(
        "a model has nothing to decide here: pins say all that `model.decides` lists, or it lists nothing that a service has",
        hint="`kforge plan` shows what pins leave open",
    )


def _named(options: argparse.Namespace) -> list[tuple[str, Flags]]:
    """Each model with the settings to reach it."""
    from kforge.domain.model.vendors import NAMES

    flags, found = model_options.flags(options), []
    for word in dict.fromkeys(word.strip() for word in options.models.split(",") if word.strip()):
        provider, marked, name = word.partition("=")
        if marked and provider not in NAMES:
            raise InputError(
                f"`{provider}` is no provider", hint=f"providers are {', '.join(f'`{each}`' for each in NAMES)}"
            )
        found.append((word, replace(flags, model=name, provider=provider) if marked else replace(flags, model=word)))
    if not found:
        raise InputError("`--models` names no model", hint="write `--models qwen2.5-coder:7b,qwen2.5-coder:14b`")
    return found


def _evaluated(name: str, flags: Flags, found: Posed, times: int, limits: RateLimits) -> Verdict:
    from kforge.domain.model.retry import PATIENCE
    from kforge.llm.evaluation import judge
    from kforge.llm.model_client import open_endpoint
    from kforge.llm.model_resolution import resolve
    from kforge.llm.prices import price_of
    from kforge.model_eval import trials
    from kforge.output.progress import ProgressLine

    endpoint = resolve(None, flags, tell=say, patience=limits.left(PATIENCE.loading))
    say(f"{name}: asking {count(len(found.questions), 'question')}, {count(times, 'time')} each")
    with closing(ProgressLine()) as progress, open_endpoint(endpoint, limits, progress.tell) as client:
        done = trials(
            found.questions, times, client.complete, endpoint.parallel, progress, client.stop, endpoint.together
        )
    if all(trial.fault for trial in done):
        raise _silent(name, done)
    return judge(name, done, found.locked, price_of(endpoint))


def _silent(name: str, done: Sequence[Trial]) -> Error:
    """The error where a model answered nothing at all; its class is the exit code, as for a build."""
    from kforge.deciders.model import SORTS

    first = done[0]
    return SORTS.get(first.fault or "", WorldError)(f"`{name}` answered nothing: {first.problem}", hint=first.hint)


def _all(unasked: dict[str, Error]) -> Error:
    """One error with every reason why no model could be asked; its exit code is that of the first."""
    return type(next(iter(unasked.values())))(
        tuple(dict.fromkeys(item for error in unasked.values() for item in error.problems))
    )

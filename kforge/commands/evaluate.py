"""Ask models this project's own questions, and compare: is a smaller one good
enough?

Every question is asked -n times with other seeds, past every cache; nothing is
written, and no decision changes. Consent and keys are as for `kforge build`.
PROVIDER=NAME says whose model is meant where that is not plain. Exit 1: a model
was not asked, or questions went unanswered.

examples:
  kforge evaluate --models qwen2.5-coder:7b,qwen2.5-coder:14b
  kforge evaluate --models ollama=qwen2.5-coder:7b,gpt-5-mini --allow-remote
  kforge evaluate --models qwen2.5-coder:7b -n 5 --format json | jq '.models'
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from kforge.commands import model_options
from kforge.commands import options as shared
from kforge.errors import Error, InputError, WorldError
from kforge.output.layout import Line, Table, rows, show
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
    from kforge.model_eval import posed
    from kforge.output.places import told
    from kforge.system.rate_limits import Budget, RateLimits

    if options.model:
        raise InputError(
            "`--model` names the model that is to decide, and nothing is decided here",
            hint=f"name it in `--models`: `--models {options.model}`",
        )
    project = shared.project(options)
    with told(project):
        found = posed(project, shared.pipeline_options(options))
    if not found.questions:
        raise InputError(
            "a model has nothing to decide here: no wish speaks of what is open, and no line of a source may tell more",
            hint='a wish is a sentence in a service\'s `refine` (`kforge refine SERVICE "…"`); `model.decides` lists the topics',
        )
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
        emit(_json(verdicts, unasked, found, options.n))
    else:
        _show(verdicts, unasked, found, options.n)
    return 1 if unasked or any(one.faults for one in verdicts) else 0


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


ROWS = (
    ("answers that keep to the schema", "sound"), ("accepted at first try", "first"), ("accepted after a repair", "repaired"),
    ("never accepted", "refused"), ("fields as in the lock", "locked"), ("fields alike among repetitions", "steady"),
)  # fmt: skip


def _show(verdicts: Sequence[Verdict], unasked: dict[str, Error], found: Posed, times: int) -> None:
    cells = [(words, *(_percent(getattr(one, name)) for one in verdicts)) for words, name in ROWS]
    cells += [
        ("no answer came", *(f"{one.faults} of {one.trials}" for one in verdicts)),
        ("seconds a question, median", *("-" if one.median is None else f"{one.median:.1f}" for one in verdicts)),
        ("seconds in all", *(f"{one.seconds:.0f}" for one in verdicts)),
        ("tokens in, out", *(f"{one.usage.input}, {one.usage.output}" for one in verdicts)),
        ("US dollars", *(_dollars(one) for one in verdicts)),
    ]
    show(
        Table(rows(*cells), ("", *(one.model for one in verdicts))),
        *(
            part
            for one in verdicts
            if one.problems
            for part in (
                Line(),
                Line.of(f"{one.model}, what went wrong most:", "bold"),
                *(Line.of(problem, indent=2) for problem in one.problems),
            )
        ),
    )
    for name, error in unasked.items():
        say(
            f"{name} was not asked: {error.problems[0].message}"
            + (f"; {error.problems[0].hint}" if error.problems[0].hint else "")
        )
    if not found.locked:
        say("nothing is locked yet, so there is nothing to agree with")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.0f} %"


def _dollars(one: Verdict) -> str:
    if one.cost is None or one.price is None:
        return "unknown"
    return f"{one.cost:.4f} ({one.price.date})" if one.price.date else "none: it runs here"


def _json(verdicts: Sequence[Verdict], unasked: dict[str, Error], found: Posed, times: int) -> str:
    from kforge.output.json_text import dump

    told: dict[str, Any] = {
        "questions": sorted(found.questions),
        "times": times,
        "models": [asdict(one) for one in verdicts],
        "unasked": [
            {"model": name, "why": error.problems[0].message, "hint": error.problems[0].hint}
            for name, error in sorted(unasked.items())
        ],
    }
    return dump(told)

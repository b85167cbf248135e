"""Small cases of our own with the right decision, put to the heuristics and to a model: who decides right?

`python -m benchmarks.decisions` tries the heuristics alone: seconds, no model. With `--model` it asks that model what a
build would ask it, of every case; consent and keys are as for `kforge build`. `--write` renews the model's journal and
results.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.decisions import results, trial
from benchmarks.decisions.cases import HALVES, KINDS, Case, load
from benchmarks.decisions.results import ALONE, Journal
from kforge.commands import model_options
from kforge.domain.model.request import Fault, Usage
from kforge.errors import Error
from kforge.llm.model_session import SessionOptions
from kforge.llm.prices import price_of


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    cases = [
        case
        for case in load()
        if options.half in ("all", case.half) and options.kind in ("", case.kind) and options.k in case.name
    ]
    if options.show:
        for case in cases:
            print(f"{case.name} ({case.kind}, {case.half}): {case.why}\n{case.spec()}\nexpect: {dict(case.expect)}\n")
        return 0
    try:
        journal = _asked(cases, options) if options.model or options.provider else alone(cases)
    except (Error, Fault) as error:
        said = error.message if isinstance(error, Fault) else error.problems[0].message
        print(f"the run ended, and nothing is written: {said}", file=sys.stderr)
        return 3
    print(results.summary(cases, journal))
    if options.write:
        _write(cases, journal)
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model_options.arguments(parser)
    parser.add_argument("--half", choices=(*HALVES, "all"), default="all", help="which half of the cases")
    parser.add_argument("--kind", choices=("", *KINDS), default="", help="only cases of this kind")
    parser.add_argument("-k", default="", metavar="NAME", help="only cases whose name holds it")
    parser.add_argument("--replay", metavar="DIR", help="answer from this folder of recordings first")
    parser.add_argument("--record", action="store_true", help="write new answers to the folder of `--replay`")
    parser.add_argument(
        "--cached", action="store_true", help="take answers of this user's cache, which take no seconds"
    )
    parser.add_argument("--show", action="store_true", help="print the cases and ask nobody")
    parser.add_argument("--write", action="store_true", help="renew the journal and results.md")
    return parser


def alone(cases: Sequence[Case]) -> Journal:
    """What the heuristics decide of the cases: the first row."""
    with tempfile.TemporaryDirectory(prefix="kforge-decisions-") as scratch:
        found = [trial.by_heuristics(case, Path(scratch, case.name)) for case in cases]
    return Journal(ALONE, {one.case: one for one in found}, dollars=0.0)


def _asked(cases: Sequence[Case], options: argparse.Namespace) -> Journal:
    lines: list[str] = []
    model = options.model or "auto"
    with tempfile.TemporaryDirectory(prefix="kforge-decisions-") as scratch:
        if not options.cached:
            os.environ["KFORGE_CACHE_DIR"] = str(Path(scratch, "cache"))
        wish = SessionOptions(
            flags=model_options.flags(options),
            fallback=True,
            replay=Path(options.replay) if options.replay else None,
            record=options.record,
        )
        found, spent = [], Usage()
        with trial.CountedSession(wish, lines.append) as session:
            session.model(model)  # whom nobody can ask ends the run here, rather than as the heuristics' answers
            for number, case in enumerate(cases, 1):
                lines.clear()
                one = trial.by_model(case, Path(scratch, case.name), session, model, lines)
                found.append(one)
                used = [(each.input, each.output) for each in one.asked]
                spent = Usage(spent.input + sum(row[0] for row in used), spent.output + sum(row[1] for row in used))
                print(f"{number}/{len(cases)} {_line(case, one)}", flush=True)
            endpoint = session.endpoint
    price = price_of(endpoint) if endpoint else None
    dollars = (spent.input * price.input + spent.output * price.output) / 1e6 if price else None
    name, about = (endpoint.model.name, endpoint.provider) if endpoint else (model, "")
    return Journal(name, {one.case: one for one in found}, about, dollars)


def _line(case: Case, one: trial.Result) -> str:
    """What a terminal shows of a case; of the half that is kept apart, only whether it is right."""
    told = "; ".join((*one.wrong, *one.broken)) if case.half == "tuned" else ""
    seconds = sum(each.seconds or 0 for each in one.asked)
    return f"{case.name}: {'right' if one.right else f'WRONG {told}'.strip()} ({one.end}, {len(one.asked)} asked, {seconds:.1f} s)"


def _write(cases: Sequence[Case], journal: Journal) -> None:
    """Renew what was tried; what an earlier run tried of other cases stays."""
    everything = load()
    before = next((one.results for one in results.journals() if one.model == journal.model), {})
    names = {case.name for case in everything}
    kept = {name: one for name, one in {**before, **journal.results}.items() if name in names}
    whole = len(cases) == len(everything)
    Journal(journal.model, kept, journal.about, journal.dollars if whole else None).write()
    results.PAGE.write_text(results.page(everything, results.journals()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

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
from dataclasses import replace
from pathlib import Path

from benchmarks.decisions import results, together, trial
from benchmarks.decisions.cases import HALVES, KINDS, Case, load
from benchmarks.decisions.results import ALONE, Journal
from kforge.commands import model_options
from kforge.domain.model.request import Fault
from kforge.errors import Error
from kforge.llm.model_session import SessionOptions
from kforge.llm.prices import price_of
from kforge.output.text import count


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    cases = _chosen(options)
    if options.show:
        for case in cases:
            print(f"{case.name} ({case.kind}, {case.half}): {case.why}\n{case.spec()}\nexpect: {dict(case.expect)}\n")
        return 0
    try:
        journal, ended = (alone(cases), "") if not (options.model or options.provider) else _asked(cases, options)
    except Error as error:
        journal, ended = Journal(options.row, {}), error.problems[0].message
    if ended:
        print(f"the run ended after {len(journal.results)} of {len(cases)} cases: {ended}", file=sys.stderr)
    if journal.results:
        print(results.summary(cases, journal))
    if options.write and journal.results:
        _write(journal)
    return 3 if ended else 0


def _chosen(options: argparse.Namespace) -> list[Case]:
    tried = next((one.results for one in results.journals() if one.model == options.row), {}) if options.missing else {}
    return [
        case
        for case in load()
        if options.half in ("all", case.half)
        and options.kind in ("", case.kind)
        and any(word in case.name for word in options.k.split(","))
        and case.name not in tried
    ]


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model_options.arguments(parser)
    parser.add_argument(
        "--together", type=int, default=1, metavar="N", help="questions of several cases in one request"
    )
    parser.add_argument("--half", choices=(*HALVES, "all"), default="all", help="which half of the cases")
    parser.add_argument("--kind", choices=("", *KINDS), default="", help="only cases of this kind")
    parser.add_argument(
        "-k", default="", metavar="NAME", help="only cases whose name holds it, or one of several with commas between"
    )
    parser.add_argument("--replay", metavar="DIR", help="answer from this folder of recordings first")
    parser.add_argument("--offline", action="store_true", help="ask nobody: recorded answers alone")
    parser.add_argument("--record", action="store_true", help="write new answers to the folder of `--replay`")
    parser.add_argument(
        "--cached", action="store_true", help="take answers of this user's cache, which take no seconds"
    )
    parser.add_argument("--row", default="", metavar="NAME", help="name of the row, where the model's is a path")
    parser.add_argument("--missing", action="store_true", help="only cases that the journal of `--row` lacks")
    parser.add_argument("--show", action="store_true", help="print the cases and ask nobody")
    parser.add_argument("--write", action="store_true", help="renew the journal and results.md")
    return parser


def alone(cases: Sequence[Case]) -> Journal:
    """What the heuristics decide of the cases: the first row."""
    with tempfile.TemporaryDirectory(prefix="kforge-decisions-") as scratch:
        found = [trial.by_heuristics(case, Path(scratch, case.name)) for case in cases]
    return Journal(ALONE, {one.case: one for one in found}, price=(0.0, 0.0))


def _asked(cases: Sequence[Case], options: argparse.Namespace) -> tuple[Journal, str]:
    """What a model decides of the cases, and what ended the run early: what was tried until then stays."""
    lines: list[str] = []
    found, ended = list[trial.Result](), ""
    with tempfile.TemporaryDirectory(prefix="kforge-decisions-") as scratch:
        if not options.cached:
            os.environ["KFORGE_CACHE_DIR"] = str(Path(scratch, "cache"))
        wish = SessionOptions(
            flags=model_options.flags(options),
            fallback=True,
            offline=options.offline,
            replay=Path(options.replay) if options.replay else None,
            record=options.record,
        )
        with trial.CountedSession(wish, lines.append) as session:
            session.model(trial.MODEL)  # whom nobody can ask ends the run here, rather than as the heuristics' answers
            try:
                if options.together > 1:
                    requests, held = together.ask(cases, Path(scratch, "together"), session)
                    print(
                        f"{count(held, 'question')} in {count(requests, 'request')}; others are asked alone", flush=True
                    )
                for number, case in enumerate(cases, 1):
                    lines.clear()
                    found.append(trial.by_model(case, Path(scratch, case.name), session, lines))
                    print(f"{number}/{len(cases)} {_line(case, found[-1])}", flush=True)
            except (Fault, Error, KeyboardInterrupt) as end:
                ended = end.message if isinstance(end, Fault) else str(end) or "interrupted"
            endpoint = session.endpoint
    price = price_of(endpoint) if endpoint else None
    name, about = (endpoint.model.name, endpoint.provider) if endpoint else (options.model, "")
    dollars = (price.input, price.output) if price else None
    return Journal(options.row or name, {one.case: one for one in found}, about, dollars), ended


def _line(case: Case, one: trial.Result) -> str:
    """What a terminal shows of a case; of the half that is kept apart, only whether it is right."""
    told = "; ".join((*one.wrong, *one.broken)) if case.half == "tuned" else ""
    seconds = sum(each.seconds or 0 for each in one.asked)
    return f"{case.name}: {'right' if one.right else f'WRONG {told}'.strip()} ({one.end}, {len(one.asked)} asked, {seconds:.1f} s)"


def _write(journal: Journal) -> None:
    """Renew what was tried; what an earlier run tried of other cases stays."""
    cases = load()
    before = next((one.results for one in results.journals() if one.model == journal.model), {})
    kept = {case.name: one for case in cases if (one := journal.results.get(case.name) or before.get(case.name))}
    replace(journal, results=kept).write()
    results.PAGE.write_text(results.page(cases, results.journals()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""Sentences as users write them, put to `kforge init`: is the draft right?

`python -m benchmarks.drafts` drafts by words alone: seconds, no model. With `--model` that model drafts as well; consent
and keys are as for `kforge init`. `--write` renews the row's journal and results.md.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.drafts import results, trial
from benchmarks.drafts.cases import HALVES, DraftCase, load
from benchmarks.drafts.results import WORDS, DraftJournal
from kforge.commands import model_options
from kforge.domain.model.request import Fault
from kforge.errors import Error
from kforge.llm.model_session import ModelSession, SessionOptions


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    cases = [case for case in load() if options.half in ("all", case.half) and options.k in case.name]
    asks = bool(options.model or options.provider)
    journal, ended = _asked(cases, options) if asks else (by_words(cases), "")
    for case in cases if not asks else ():
        _show(case, journal)
    if ended:
        print(f"the run ended after {len(journal.results)} of {len(cases)} sentences: {ended}", file=sys.stderr)
    print(results.summary(cases, journal))
    if options.write and journal.results:
        _write(journal)
    return 3 if ended else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model_options.arguments(parser)
    parser.add_argument("--half", choices=(*HALVES, "all"), default="all", help="which half of the sentences")
    parser.add_argument("-k", default="", metavar="NAME", help="only cases whose name holds it")
    parser.add_argument("--row", default="", metavar="NAME", help="name of the model's row, where its own is a path")
    parser.add_argument("--alone", action="store_true", help="the model reads every part, and words name no service")
    parser.add_argument("--cached", action="store_true", help="take answers of this user's cache")
    parser.add_argument("--write", action="store_true", help="renew the journal and results.md")
    return parser


def by_words(cases: Sequence[DraftCase]) -> DraftJournal:
    """What words and facts draft: the first row."""
    with tempfile.TemporaryDirectory(prefix="kforge-drafts-") as scratch:
        found = [trial.by_words(case, Path(scratch, case.name)) for case in cases]
    return DraftJournal(WORDS, {one.case: one for one in found})


def _asked(cases: Sequence[DraftCase], options: argparse.Namespace) -> tuple[DraftJournal, str]:
    """What a model drafts, and what ended the run early: what was tried until then stays."""
    found, ended = list[trial.DraftResult](), ""
    with tempfile.TemporaryDirectory(prefix="kforge-drafts-") as scratch:
        if not options.cached:
            os.environ["KFORGE_CACHE_DIR"] = str(Path(scratch, "cache"))
        try:
            with ModelSession(SessionOptions(flags=model_options.flags(options))) as session:
                complete = session.model(options.model or "auto")
                for case in cases:
                    found.append(trial.by_model(case, Path(scratch, case.name), complete, options.alone))
                    _show(case, DraftJournal("", {case.name: found[-1]}))
        except (Fault, Error, KeyboardInterrupt) as end:
            ended = end.message if isinstance(end, Fault) else str(end) or "interrupted"
    return DraftJournal(_row(options), {one.case: one for one in found}), ended


def _row(options: argparse.Namespace) -> str:
    name = options.row or options.model
    return f"{name} alone" if options.alone else f"words and {name}"


def _show(case: DraftCase, journal: DraftJournal) -> None:
    """A case in a line; of the half that is kept apart, nothing."""
    one = journal.results[case.name]
    if case.half == "tuned" and (told := results.faults(one)):
        print(f"{case.name}: {told}", flush=True)


def _write(journal: DraftJournal) -> None:
    """Renew what was tried; what an earlier run tried of other cases stays."""
    cases = load()
    before = next((one.results for one in results.journals() if one.row == journal.row), {})
    kept = {case.name: one for case in cases if (one := journal.results.get(case.name) or before.get(case.name))}
    DraftJournal(journal.row, kept).write()
    results.PAGE.write_text(results.page(cases, results.journals()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""Results of a run → its journal, and all journals → the table of results.md.

A journal keeps every case of one row, so that it stays when another is renewed.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.drafts.cases import HALVES, HERE, DraftCase
from benchmarks.drafts.judgement import ASPECTS
from benchmarks.drafts.trial import DraftResult, Measured

JOURNALS = HERE / "journals"
PAGE = HERE / "results.md"
WORDS = "words alone"


@dataclass(frozen=True, slots=True)
class DraftJournal:
    """The results of one row, by case."""

    row: str
    results: Mapping[str, DraftResult]

    def write(self, folder: Path = JOURNALS) -> Path:
        """One line a case, sorted, so that a renewed row is read in a diff."""
        folder.mkdir(exist_ok=True)
        rows = [f"  {json.dumps(_row(one), ensure_ascii=False)}" for _, one in sorted(self.results.items())]
        path = folder / f"{re.sub('[^a-z0-9.]+', '-', self.row.lower()).strip('-')}.json"
        path.write_text(
            f'{{"row": {json.dumps(self.row)}, "cases": [\n' + ",\n".join(rows) + "\n]}\n", encoding="utf-8"
        )
        return path


def read(path: Path) -> DraftJournal:
    held = json.loads(path.read_text(encoding="utf-8"))
    return DraftJournal(held["row"], {row["case"]: _result(row) for row in held["cases"]})


def journals(folder: Path = JOURNALS) -> list[DraftJournal]:
    """Every row's, that of words alone first."""
    return sorted(map(read, sorted(folder.glob("*.json"))), key=lambda one: (one.row != WORDS, one.row))


def _row(result: DraftResult) -> dict[str, Any]:
    row: dict[str, Any] = {"case": result.case, "aspects": dict(result.aspects)}
    if result.refused:
        row["refused"] = True
    if result.asked:
        row["asked"] = [[one.input, one.output, one.seconds] for one in result.asked]
    return row


def _result(row: Mapping[str, Any]) -> DraftResult:
    asked = tuple(Measured(*one) for one in row.get("asked", ()))
    return DraftResult(row["case"], row["aspects"], row.get("refused", False), asked)


# ---- the page -------------------------------------------------------------------------------------------------
def page(cases: Sequence[DraftCase], held: Sequence[DraftJournal]) -> str:
    """The whole of results.md."""
    beside = sum(bool(case.files) for case in cases)
    lines = [
        "# Drafts from a sentence: results",
        "",
        f"{len(cases)} sentences, {beside} with a small repository beside them (`python -m benchmarks.drafts`; README.md"
        " says what counts as right). Two figures an aspect: the half that the reader is tuned on, then the half that is"
        " kept apart.",
        "",
        f"| | {' | '.join(ASPECTS)} | all | sentences all right | tokens in | tokens out | seconds |",
        f"|---|{'---|' * (len(ASPECTS) + 5)}",
    ]
    lines += [f"| {one.row} | {' | '.join(_cells(cases, one))} |" for one in held]
    for one in held:
        lines += ["", f"## {one.row}", "", *_missed(cases, one)]
    return "\n".join(lines) + "\n"


def summary(cases: Sequence[DraftCase], one: DraftJournal) -> str:
    """One row, for the terminal."""
    titles = (*ASPECTS, "all", "sentences all right", "tokens in", "tokens out", "seconds")
    return "; ".join(f"{title} {cell}" for title, cell in zip(titles, _cells(cases, one), strict=True))


def _cells(cases: Sequence[DraftCase], one: DraftJournal) -> list[str]:
    halves = [
        [one.results[case.name] for case in cases if case.half == half and case.name in one.results] for half in HALVES
    ]
    shares = [_joined(_share(_of(half, (aspect,))) for half in halves) for aspect in ASPECTS]
    every = _joined(_percent(_of(half, ASPECTS)) for half in halves)
    whole = _joined(_share([not any(each.aspects.values()) for each in half]) for half in halves)
    asked = [each for half in halves for result in half for each in result.asked]
    medians = [
        statistics.median(getattr(each, name) for each in asked) if asked else None
        for name in ("input", "output", "seconds")
    ]
    return [*shares, every, whole, *("-" if value is None else f"{value:.0f}" for value in medians)]


def _of(results: Iterable[DraftResult], aspects: Sequence[str]) -> list[bool]:
    return [not each.aspects[aspect] for each in results for aspect in aspects if aspect in each.aspects]


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)}"


def _percent(right: Sequence[bool]) -> str:
    return f"{100 * sum(right) / len(right):.0f} % of {len(right)}" if right else "-"


def _missed(cases: Sequence[DraftCase], one: DraftJournal) -> list[str]:
    """What went wrong in which case. Of the half that is kept apart only how much, lest the reader is tuned on it."""
    wrong = [(case, one.results[case.name]) for case in cases if case.name in one.results]
    wrong = [(case, result) for case, result in wrong if any(result.aspects.values())]
    shown = [f"- {case.name}: {faults(result)[:240]}" for case, result in wrong if case.half == "tuned"]
    return [*shown, f"- of the half that is kept apart: {sum(case.half == 'held' for case, _ in wrong)}"]


def faults(result: DraftResult) -> str:
    """What is wrong in a case, by aspect."""
    told = [f"{aspect}: {text}" for aspect, text in result.aspects.items() if text]
    return "; ".join([*(["no answer was accepted"] if result.refused else []), *told])

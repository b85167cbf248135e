"""Results of a model's run → its journal, and all journals → the table of results.md.

A journal keeps every case of one model, so that its row stays when another model's is renewed.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.decisions.cases import HALVES, HERE, KINDS, Case
from benchmarks.decisions.trial import Asked, RatedDecision, Result

JOURNALS = HERE / "journals"
PAGE = HERE / "results.md"
ALONE = "heuristics"
MOST = 60  # cases that the page names a model


@dataclass(frozen=True, slots=True)
class Journal:
    """One model's results. `price`: US dollars for a million tokens in and out, zeros here, None where it is unknown."""

    model: str
    results: Mapping[str, Result]  # by case
    about: str = ""  # where it ran: "embedded"
    price: tuple[float, float] | None = None

    def write(self, folder: Path = JOURNALS) -> Path:
        """One line a case, sorted, so that a renewed row is read in a diff."""
        folder.mkdir(exist_ok=True)
        rows = [f"  {json.dumps(_row(one), ensure_ascii=False)}" for _, one in sorted(self.results.items())]
        head = json.dumps({"model": self.model, "about": self.about, "price": self.price})
        path = folder / f"{re.sub('[^a-z0-9.]+', '-', self.model.lower()).strip('-')}.json"
        path.write_text(f'{{"of": {head}, "cases": [\n' + ",\n".join(rows) + "\n]}\n", encoding="utf-8")
        return path


def read(path: Path) -> Journal:
    held = json.loads(path.read_text(encoding="utf-8"))
    of = held["of"]
    price = tuple(of["price"]) if of["price"] else None
    return Journal(of["model"], {row["case"]: _result(row) for row in held["cases"]}, of["about"], price)


def journals(folder: Path = JOURNALS) -> list[Journal]:
    """Every model's, the heuristics first."""
    return sorted(map(read, sorted(folder.glob("*.json"))), key=lambda one: (one.model != ALONE, one.model))


def _row(result: Result) -> dict[str, Any]:
    row = {name: value for name, value in asdict(result).items() if value not in ((), False)}
    if result.asked:
        row["asked"] = [[one.attempt, one.input, one.output, one.seconds] for one in result.asked]
    if result.rated:
        row["rated"] = [[one.topic, one.right, one.confidence, one.pattern, one.score] for one in result.rated]
    return row


def _result(row: Mapping[str, Any]) -> Result:
    lists = {name: tuple(row.get(name, ())) for name in ("wrong", "broken")}
    asked = tuple(Asked(*one) for one in row.get("asked", ()))
    rated = tuple(RatedDecision(*one) for one in row.get("rated", ()))
    right, said = row.get("right", False), row.get("said", False)
    return Result(row["case"], right, **lists, end=row["end"], said=said, asked=asked, rated=rated)


# ---- the page -------------------------------------------------------------------------------------------------
def page(cases: Sequence[Case], held: Sequence[Journal]) -> str:
    """The whole of results.md."""
    counts = ", ".join(f"{sum(case.kind == kind for case in cases)} {_TITLES[kind]}" for kind in KINDS)
    lines = [
        "# Decisions: results",
        "",
        f"{len(cases)} cases: {counts} (`python -m benchmarks.decisions`; README.md says what counts as right). Two"
        " figures a kind: the half that prompts are tuned on, then the half that is kept apart.",
        "",
        f"| model | {' | '.join(_TITLES[kind] for kind in KINDS)} | {' | '.join(title for title, _ in _COLUMNS)} |",
        f"|---|{'---|' * (len(KINDS) + len(_COLUMNS))}",
    ]
    for one in held:
        shares = [_shares(cases, one, kind) for kind in KINDS]
        lines.append(f"| {one.model} | {' | '.join([*shares, *(cell(cases, one) for _, cell in _COLUMNS)])} |")
    for one in held:
        lines += ["", f"## {one.model}", "", *_missed(cases, one)]
    return "\n".join(lines) + "\n"


def summary(cases: Sequence[Case], one: Journal) -> str:
    """One model's row, for the terminal."""
    shares = [f"{_TITLES[kind]} {_shares(cases, one, kind)}" for kind in KINDS]
    return "; ".join([*shares, *(f"{title} {cell(cases, one)}" for title, cell in _COLUMNS)])


def _shares(cases: Sequence[Case], one: Journal, kind: str) -> str:
    """`23/30, 21/30`: right ones of the tuned half, then of the held one."""
    halves = []
    for half in HALVES:
        tried = [
            one.results[case.name]
            for case in cases
            if case.kind == kind and case.half == half and case.name in one.results
        ]
        halves.append(f"{sum(result.right for result in tried)}/{len(tried)}")
    return ", ".join(halves)


def _of(cases: Sequence[Case], one: Journal, kinds: Iterable[str] = KINDS) -> list[Result]:
    return [one.results[case.name] for case in cases if case.name in one.results and case.kind in kinds]


def _broken(cases: Sequence[Case], one: Journal) -> str:
    return str(sum(bool(result.broken) for result in _of(cases, one)))


def _said(cases: Sequence[Case], one: Journal) -> str:
    tried = _of(cases, one, ("refuse",))
    return f"{sum(result.said for result in tried)}/{len(tried)}"


def _first(cases: Sequence[Case], one: Journal) -> str:
    asked = [each.attempt for result in _of(cases, one) for each in result.asked]
    return f"{100 * (1 - asked.count(1) / asked.count(0)):.0f} %" if asked.count(0) else "-"


def _refused(cases: Sequence[Case], one: Journal) -> str:
    return str(sum(result.end == "refused" for result in _of(cases, one)))


def _questions(cases: Sequence[Case], one: Journal) -> str:
    tried = _of(cases, one)
    asked = sum(each.attempt == 0 for result in tried for each in result.asked)
    return f"{asked / len(tried):.1f}" if asked else "0"


def _median(cases: Sequence[Case], one: Journal, name: str, form: str) -> str:
    found = [getattr(each, name) for result in _of(cases, one) for each in result.asked]
    found = [value for value in found if value is not None]
    return format(statistics.median(found), form) if found else "-"


def _dollars(cases: Sequence[Case], one: Journal) -> str:
    if one.price is None:
        return "unknown"
    asked = [each for result in _of(cases, one) for each in result.asked]
    spent = sum(each.input * one.price[0] + each.output * one.price[1] for each in asked) / 1e6
    return f"{spent:.2f}" if any(one.price) else "none"


_TITLES = {"wish": "wishes", "fact": "facts", "keep": "keep", "refuse": "refuse"}
_COLUMNS: Sequence[tuple[str, Callable[[Sequence[Case], Journal], str]]] = (
    ("refusals told", _said),
    ("cases with a field broken", _broken),
    ("questions accepted at first", _first),
    ("cases never accepted", _refused),
    ("questions a case", _questions),
    ("tokens in", lambda cases, one: _median(cases, one, "input", ".0f")),
    ("tokens out", lambda cases, one: _median(cases, one, "output", ".0f")),
    ("seconds", lambda cases, one: _median(cases, one, "seconds", ".1f")),
    ("US dollars", _dollars),
)


def _missed(cases: Sequence[Case], one: Journal) -> list[str]:
    """What went wrong in which case. Of the half that is kept apart only how much, lest prompts are tuned on it."""
    missed = [(case, one.results[case.name]) for case in cases if case.name in one.results]
    missed = [(case, result) for case, result in missed if not result.right]
    if one.model == ALONE:
        return ["What no model was asked about: of the wishes nothing is heard, of the facts what detectors read."]
    shown = [
        f"- {case.name}: {'; '.join((*result.wrong, *result.broken))[:200]}"
        for case, result in missed
        if case.half == "tuned"
    ]
    held = sum(case.half == "held" for case, _ in missed)
    more = [f"- and {len(shown) - MOST} more"] if len(shown) > MOST else []
    return [*shown[:MOST], *more, f"- of the half that is kept apart: {held}"]

"""Is a decision as often right as its score says? The reliability diagram of the models' journals, and the calibration.

`python -m benchmarks.decisions.reliability` prints the tables. `--write` fits kforge's calibration to the decisions of
the half that prompts are tuned on, and renews reliability.svg and reliability.md. Journals without scores are passed
over: run `python -m benchmarks.decisions --model NAME --write` first.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.decisions import results
from benchmarks.decisions.calibration import ScoreBin, Scored, binned, error, fitted, ordered
from benchmarks.decisions.cases import HALVES, HERE, load
from benchmarks.decisions.results import Journal
from benchmarks.decisions.trial import RatedDecision
from kforge.domain.calibration import DATA, Points, line_of, on_line

PICTURE, PAGE = HERE / "reliability.svg", HERE / "reliability.md"
Halves = Mapping[str, Sequence[Scored]]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="renew calibration, diagram and page")
    parser.add_argument("--journal", action="append", default=[], metavar="FILE", help="of these journals alone")
    options = parser.parse_args(arguments)
    held = [results.read(Path(path)) for path in options.journal] or results.journals()
    tuned, counts = _tuned(held)
    if not tuned:
        print("no journal has a decision with a reliability", file=sys.stderr)
        return 1
    line = fitted([(one.raw, one.right) for one in tuned])
    halves = scored(held, line)
    if options.write:
        DATA.write_text(calibration_text(line, counts), encoding="utf-8")
        PICTURE.write_text(drawn(halves), encoding="utf-8")
        PAGE.write_text(page(halves, line, counts), encoding="utf-8")
    print(page(halves, line, counts))
    return 0


def _rated(held: Sequence[Journal], half: str) -> dict[str, list[RatedDecision]]:
    """Model → its decisions about the cases of a half."""
    mine = {case.name for case in load() if case.half == half}
    found = {
        journal.model: [one for name, result in sorted(journal.results.items()) if name in mine for one in result.rated]
        for journal in held
    }
    return {model: many for model, many in found.items() if many}


def _tuned(held: Sequence[Journal]) -> tuple[list[RatedDecision], dict[str, int]]:
    found = _rated(held, HALVES[0])
    return [one for many in found.values() for one in many], {model: len(many) for model, many in found.items()}


def scored(held: Sequence[Journal], line: Points) -> Halves:
    """By half: the score that a line gives each decision, as kforge rounds it, and whether it is right."""
    return {
        half: [
            (float(round(on_line(line, one.raw))), one.right) for many in _rated(held, half).values() for one in many
        ]
        for half in HALVES
    }


def calibration_text(line: Points, counts: Mapping[str, int]) -> str:
    """Content of kforge/domain/calibration.json."""
    points = [list(point) for point in line_of(line)]
    return f'{{\n  "of": {json.dumps(dict(sorted(counts.items())))},\n  "points": {json.dumps(points)}\n}}\n'


# ---- the page -------------------------------------------------------------------------------------------------
def page(halves: Halves, line: Points, counts: Mapping[str, int]) -> str:
    """The whole of reliability.md."""
    models = ", ".join(f"{model} ({number} decisions)" for model, number in sorted(counts.items()))
    told = [
        "# How reliable is a score",
        "",
        f"Calibrated on the tuned half of {models}; the half that is kept apart was not looked at"
        " (`python -m benchmarks.decisions.reliability --write`). *Off by* is the mean distance of score and share, in"
        " points; *in order* how often the right one of a right and a wrong decision has the higher score: 0.5 is chance.",
        "",
        "![reliability diagram](reliability.svg)",
        "",
        "| half | decisions | right | mean score | off by | in order |",
        "|---|---|---|---|---|---|",
        *(_half(half, many) for half, many in halves.items() if many),
        "",
        f"The line from weighted mean to score: {', '.join(f'{raw:g} → {share:g}' for raw, share in line)}.",
        "",
        "| score | tuned: right of | held: right of |",
        "|---|---|---|",
        *_rows(halves),
    ]
    return "\n".join(told) + "\n"


def _half(half: str, many: Sequence[Scored]) -> str:
    right, order = sum(good for _, good in many), ordered(many)
    mean = sum(score for score, _ in many) / len(many)
    told = "-" if order is None else f"{order:.2f}"
    return f"| {half} | {len(many)} | {100 * right / len(many):.0f} % | {mean:.0f} | {error(many):.0f} | {told} |"


def _rows(halves: Halves) -> list[str]:
    found: dict[int, dict[str, ScoreBin]] = {}
    for half, many in halves.items():
        for one in binned(many):
            found.setdefault(min(int(one.score // 10), 9), {})[half] = one
    return [
        f"| {10 * place} to {10 * place + 10} | {' | '.join(_share(by.get(half)) for half in HALVES)} |"
        for place, by in sorted(found.items())
    ]


def _share(one: ScoreBin | None) -> str:
    return f"{one.share:.0f} % of {one.count}" if one else "-"


# ---- the diagram ----------------------------------------------------------------------------------------------
_SIDE, _EDGE = 400, 50
_COLOURS = {"tuned": "#2f6f9f", "held": "#c2571a"}


def drawn(halves: Halves) -> str:
    """reliability.svg: a circle for each bin of scores, as large as it has decisions; on the diagonal score and share
    are the same.
    """
    size = _SIDE + 2 * _EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}"'
        ' font-family="sans-serif" font-size="12" role="img" aria-label="reliability diagram">',
        f'<rect width="{size}" height="{size}" fill="#ffffff"/>',
        *_axes(),
    ]
    for half, many in halves.items():
        parts += [_circle(one, _COLOURS[half]) for one in binned(many)]
    for number, half in enumerate(HALVES):
        x, y = _EDGE + 12, _EDGE + 16 + 18 * number
        parts.append(f'<circle cx="{x}" cy="{y - 4}" r="5" fill="{_COLOURS[half]}" fill-opacity="0.6"/>')
        parts.append(f'<text x="{x + 12}" y="{y}">{half} ({len(halves[half])} decisions)</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _axes() -> list[str]:
    low, high = _EDGE, _EDGE + _SIDE
    lines = [
        f'<path d="M{low} {low}V{high}H{high}" fill="none" stroke="#444444"/>',
        f'<path d="M{low} {high}L{high} {low}" stroke="#999999" stroke-dasharray="4 4"/>',
        f'<text x="{(low + high) // 2}" y="{high + 38}" text-anchor="middle">score</text>',
        f'<text transform="translate({low - 36} {(low + high) // 2}) rotate(-90)" text-anchor="middle">right, %</text>',
    ]
    for value in range(0, 101, 20):
        x, y = _at(value, value)
        lines.append(f'<text x="{x:.0f}" y="{high + 18}" text-anchor="middle">{value}</text>')
        lines.append(f'<text x="{low - 8}" y="{y + 4:.0f}" text-anchor="end">{value}</text>')
    return lines


def _at(score: float, share: float) -> tuple[float, float]:
    return _EDGE + score * _SIDE / 100, _EDGE + (100 - share) * _SIDE / 100


def _circle(one: ScoreBin, colour: str) -> str:
    x, y = _at(one.score, one.share)
    radius = 3 + one.count**0.5
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="0.6">'
        f"<title>{one.right} of {one.count} right at score {one.score:.0f}</title></circle>"
        f'<text x="{x + radius + 3:.1f}" y="{y + 4:.1f}" fill="{colour}">{one.count}</text>'
    )


if __name__ == "__main__":
    sys.exit(main())

"""Scores of decisions and whether they were right → a line that rises, and how well scores tell right from wrong.

The line is isotonic regression: neighbours that would make it fall are put together. No library is needed for that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from kforge.domain.calibration import Points

LEAST = 8  # decisions of one point: fewer say little
Scored = tuple[float, bool]  # score from 0 to 100, and whether the decision was right


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """Decisions of neighbouring scores."""

    score: float  # mean
    right: int
    count: int

    @property
    def share(self) -> float:
        """Right ones in percent."""
        return 100 * self.right / self.count

    def joined(self, other: ScoreBin) -> ScoreBin:
        count = self.count + other.count
        score = (self.score * self.count + other.score * other.count) / count
        return ScoreBin(score, self.right + other.right, count)

    @property
    def expected(self) -> float:
        """What to expect of the next one, in percent (Laplace): three right ones of three are no certainty."""
        return 100 * (self.right + 1) / (self.count + 2)


def fitted(scored: Sequence[Scored]) -> Points:
    """A line from (0, 0) to (100, 100) through what decisions of a score turned out to be. It never falls."""
    bins: list[ScoreBin] = []
    for score, right in sorted(scored):
        one = ScoreBin(score, int(right), 1)
        alike = bins and (bins[-1].count < LEAST or bins[-1].score == score)
        bins = [*bins[:-1], bins[-1].joined(one)] if alike else [*bins, one]
    if len(bins) > 1 and bins[-1].count < LEAST:
        bins = [*bins[:-2], bins[-2].joined(bins[-1])]
    rising: list[ScoreBin] = []
    for one in bins:
        rising.append(one)
        while len(rising) > 1 and rising[-2].expected >= rising[-1].expected:
            rising[-2:] = [rising[-2].joined(rising[-1])]
    inner = [(round(one.score, 1), round(one.expected, 1)) for one in rising]
    return ((0.0, 0.0), *(point for point in inner if 0 < point[0] < 100), (100.0, 100.0))


def binned(scored: Sequence[Scored], width: int = 10) -> list[ScoreBin]:
    """Decisions by score, in bins of that width; empty ones are left out."""
    held: dict[int, ScoreBin] = {}
    for score, right in scored:
        place, one = min(int(score // width), 100 // width - 1), ScoreBin(score, int(right), 1)
        held[place] = held[place].joined(one) if place in held else one
    return [held[place] for place in sorted(held)]


def error(scored: Sequence[Scored]) -> float:
    """The expected calibration error: how far score and share lie apart, in points, weighted by the bins' sizes."""
    return sum(abs(one.score - one.share) * one.count for one in binned(scored)) / len(scored)


def ordered(scored: Sequence[Scored]) -> float | None:
    """How often a right decision has the higher score of a right and a wrong one, ties half (the area under ROC); None
    where there are not both.
    """
    right = [score for score, good in scored if good]
    wrong = [score for score, good in scored if not good]
    if not right or not wrong:
        return None
    return sum((one > two) + 0.5 * (one == two) for one, two in product(right, wrong)) / (len(right) * len(wrong))

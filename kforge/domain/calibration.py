"""A weighted score → the share of such decisions that was right, as benchmarks have shown: calibration.json.

`python -m benchmarks.decisions.reliability --write` makes the file of its journals. Between two points the line is
straight; it never falls.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

DATA = Path(__file__).with_suffix(".json")
Points = tuple[tuple[float, float], ...]  # weighted score, share that was right in percent; both from 0 to 100


def calibrated(raw: float) -> int:
    """The score of a weighted mean, both from 0 to 100."""
    return round(on_line(points(), raw))


def on_line(line: Points, raw: float) -> float:
    """The height of a line at `raw`; beyond its ends that of the nearer one."""
    first, last = line[0], line[-1]
    if raw <= first[0]:
        return first[1]
    for (left, low), (right, high) in pairwise(line):
        if raw <= right:
            return low + (high - low) * (raw - left) / (right - left)
    return last[1]


@cache
def points() -> Points:
    """The line of calibration.json. Raises ValueError where it is none that rises."""
    return line_of(json.loads(DATA.read_text(encoding="utf-8"))["points"])


def line_of(rows: Sequence[Sequence[float]]) -> Points:
    """Points as a line. Raises ValueError unless they go from left to right and never fall."""
    line = tuple((float(raw), float(share)) for raw, share in rows)
    rising = all(left < right and low <= high for (left, low), (right, high) in pairwise(line))
    if not line or not rising or not all(0 <= each <= 100 for point in line for each in point):
        raise ValueError("a calibration rises from left to right, between 0 and 100")
    return line

"""Time without seconds: how work grows with its input, and how long a test waits for what ends by itself.

A machine may be slow, or busy with something else: what is judged is a run over a long input against runs over an
eighth of it, by the clock of this thread alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PARTS = 8
LINEAR = 3.0  # 1 where time is linear, 8 where it is quadratic
ROUNDS = 5

# Seconds, for what a deadline or a signal ends within one: a busy machine takes a few. What it ends lasts much longer.
SOON = 30.0
ENDLESS = 90.0


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times longer a run over `size` takes than `PARTS` runs over a part of it would: the least of a few
    rounds, because a neighbour on the machine can only make it more.
    """
    found: list[float] = []
    while len(found) < ROUNDS and min(found, default=LINEAR) >= LINEAR:
        parts = PARTS * sum(computed(lambda: work(size // PARTS)) for _ in range(2)) / 2
        found.append(computed(lambda: work(size)) / max(parts, 1e-6))
    return min(found)


def computed(work: Callable[[], object]) -> float:
    """Seconds that this thread computes."""
    began = time.thread_time()
    work()
    return time.thread_time() - began

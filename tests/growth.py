"""How much longer twice the input takes: 2 where time is linear, 4 where it is quadratic."""

from __future__ import annotations

import time
from collections.abc import Callable

LINEAR = 3.2  # what is still taken for twice as long: a machine's caches and its other work make it more than 2


def growth(work: Callable[[int], object], size: int) -> float:
    """By this thread's own clock, the least of several: what the machine does besides is not the work's."""
    return _seconds(work, 2 * size) / _seconds(work, size)


def _seconds(work: Callable[[int], object], size: int) -> float:
    taken = []
    for _ in range(3):
        began = time.thread_time()
        work(size)
        taken.append(time.thread_time() - began)
    return min(taken)

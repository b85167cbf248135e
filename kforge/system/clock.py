"""What time it is, as an argument: for whoever waits, measures or names an hour."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since 1970, and seconds that only ever go forward."""

    now: Callable[[], float] = time.time
    tick: Callable[[], float] = time.monotonic


CLOCK = Clock()

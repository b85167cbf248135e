"""The clock as an argument: seconds since 1970, and a monotonic reading in seconds."""

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

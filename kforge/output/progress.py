"""Questions answered so far → one line that moves on a terminal, or a plain line now and then anywhere else.

Says nothing of what is quick: only asking that lasts is worth a line.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO

from kforge.output.text import count, harmless

PATIENCE = 2.0  # seconds before the first word
PAUSE = 15.0  # seconds between plain lines


class Progress:
    """Call it with (answered, all) of the questions under way; `close` takes the line away."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream or sys.stderr, clock
        self._moving = self._stream.isatty()
        self._since, self._told, self._shown = clock(), clock(), False
        self._turn, self._first = threading.Lock(), threading.Timer(0, lambda: None)

    def __call__(self, done: int, wanted: int) -> None:
        now = self._clock()
        self._first.cancel()
        if done == 0:
            self.close()
            self._since = self._told = now
            self._first = threading.Timer(PATIENCE, self._show, (f"asking {count(wanted, 'question')}",))
            self._first.daemon = True
            self._first.start()
            return
        if done == wanted or now - self._since < PATIENCE:
            return
        left = (now - self._since) / done * (wanted - done)
        if self._moving or now - self._told >= PAUSE:
            self._told = now
            self._show(f"{done} of {count(wanted, 'question')} answered, about {spoken(left)} left")

    def _show(self, line: str) -> None:
        with self._turn:
            self._stream.write(f"\r\x1b[K{line}" if self._moving else line + "\n")
            self._stream.flush()
            self._shown = self._moving

    def tell(self, line: str) -> None:
        """A line of its own, which the moving one makes room for."""
        self.close()
        self._stream.write(harmless(line) + "\n")

    def close(self) -> None:
        """Take the moving line away."""
        self._first.cancel()
        with self._turn:
            if self._shown:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
                self._shown = False


def spoken(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h`: as exact as a guess is."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"

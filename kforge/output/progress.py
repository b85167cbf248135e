"""Questions and steps under way → one line that moves on a terminal, or a plain line now and then anywhere else.

Says nothing of what is quick: only asking that lasts is worth a line. Questions come in waves, each of what the one
before it settled; it knows how many may follow, never which.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, TextIO

from kforge.output.build_steps import BuildSteps
from kforge.output.quiet_stream import quiet
from kforge.output.text import count, drawn, inert

if TYPE_CHECKING:
    from kforge.output.live_status import LiveStatus

PATIENCE = 2.0  # seconds before the first word
BUILDING = 1.0  # seconds before the first word of a build that asks nothing
TICK = 0.5  # seconds between looks at the clock
PAUSE = 15.0  # seconds between plain lines
SILENCE = 60.0  # seconds until a plain line says again what has not changed


class ProgressLine:
    """Call it with (answered, all) of the questions under way; `close` takes the line away. Any thread may.

    A build tells its `spec`s and `step`s as well: they are shown on a terminal, while nothing is asked, and with `logged`
    also elsewhere.
    """

    def __init__(
        self,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
        specs: int = 1,
        logged: bool = False,
    ) -> None:
        self._stream, self._clock = stream or sys.stderr, clock
        self._quiet = quiet(self._stream)
        self._moving = drawn(self._stream) and not self._quiet
        self._stepping = (self._moving or logged) and not self._quiet
        self._steps = BuildSteps(specs, clock())
        self._turn, self._end = threading.RLock(), threading.Event()
        self._ticker: threading.Thread | None = None
        self._done = self._wanted = self._ahead = 0
        self._since = self._last = clock()  # when the wave began, and when its last answer came
        self._asked: dict[str, tuple[float, int]] = {}  # what is being asked now: since when, and the attempt
        self._begun: dict[str, float] = {}
        self._answered, self._spent = 0, 0.0  # of the waves before
        self._told: float | None = None
        self._said = ""
        self._status: LiveStatus | None = None

    def __call__(self, done: int, wanted: int) -> None:
        with self._turn:
            now = self._clock()
            if done == 0:
                self._since, self._begun = now, {}
            if done == wanted:
                self._answered, self._spent = self._answered + done, self._spent + now - self._since
                self._steps.skip(now - self._since)
                done = wanted = self._ahead = 0
                self._clear()
            self._done, self._wanted, self._last = done, wanted, now
            self._begin()
            self.tick()

    @contextmanager
    def about(self, target: str, attempt: int = 0) -> Iterator[None]:
        """While inside, this question is being asked. Its further attempts go on with its time."""
        with self._turn:
            if not (self._wanted or self._asked):
                self._since = self._clock()
            self._asked[target] = self._begun.setdefault(target, self._clock()), attempt
            self._begin()
        try:
            yield
        finally:
            with self._turn:
                self._asked.pop(target, None)
                if not (self._wanted or self._asked):
                    self._begun = {}
                    self._clear()

    def ahead(self, most: int) -> None:
        """How many questions may follow those of the wave that begins."""
        self._ahead = most

    def spec(self) -> None:
        """The build comes to the next spec."""
        with self._turn:
            self._steps.spec()

    def step(self, name: str) -> None:
        """A step begins: one of `build_steps.STEPS`, whose shares are known, or another one."""
        if self._stepping:
            with self._turn:
                self._steps.step(name, self._clock())
                self._begin()

    def tick(self) -> None:
        """Show the state, where the work lasts long enough to be worth a line."""
        with self._turn:
            now = self._clock()
            if self._quiet:
                return
            if not (self._wanted or self._asked):
                if self._steps.lasts(now) >= BUILDING:
                    self._show_step(now)
                return
            if now - self._since < (PATIENCE if self._told is None else TICK):
                return
            line = self._line(now)
            if self._moving:
                self._told = now
                self._show(line, self._done / self._wanted if self._wanted > 1 else None)
                return
            asked = [(name, attempt) for name, (_, attempt) in self._asked.items()]
            self._log(line, f"{self._done} {self._wanted} {asked}", now)

    def _show_step(self, now: float) -> None:
        line = self._step_line(now)
        if self._moving:
            self._show(line, self._steps.share(now))
        else:
            self._log(line, self._steps.words(), now)

    def _log(self, line: str, state: str, now: float) -> None:
        """A plain line now and then; less often where the state is as it was."""
        if self._told is None or now - self._told >= (PAUSE if state != self._said else SILENCE):
            self._told, self._said = now, state
            self._stream.write(f"{line}\n")
            self._stream.flush()

    def tell(self, line: str) -> None:
        """A line of its own, which the moving one makes room for."""
        if self._quiet:
            return
        with self._turn:
            self._clear()
            self._stream.write("\n".join(map(inert, line.split("\n"))) + "\n")

    def pause(self) -> None:
        """Take the moving line away until the next tick, so that something else can be written."""
        with self._turn:
            self._clear()

    def close(self) -> None:
        """Take the moving line away."""
        self._end.set()
        with self._turn:
            self._clear()
            ticker, self._ticker = self._ticker, None
            self._done, self._wanted, self._asked = 0, 0, {}
            self._steps = BuildSteps(1, self._clock())
        if ticker is not None:
            ticker.join(TICK)  # it wakes at once, and shows nothing any more

    def _step_line(self, now: float) -> str:
        """`checking the manifests, 4 s; 3 s left`."""
        left = self._steps.left(now)
        return f"{self._steps.words()}, {lasted(self._steps.lasts(now))}" + (f"; {spoken(left)} left" if left else "")

    def _line(self, now: float) -> str:
        """`asking about web/probes, attempt 2, and 3 more, 12 s; 2 of 9 answered, 80 s left, at most 4 min in all`."""
        if self._asked:
            target, (begun, attempt) = min(self._asked.items(), key=lambda held: held[1][0])
            again = f", attempt {attempt + 1}" if attempt else ""
            more = f"{',' if again else ''} and {len(self._asked) - 1} more" if self._asked.keys() - {target} else ""
            head = f"asking about {inert(target)}{again}{more}, {lasted(now - begun)}"
        else:
            head = f"asking {count(self._wanted, 'question')}, {lasted(now - self._since)}"
        parts = [f"{self._done} of {self._wanted} answered"] if self._done else []
        pace = self._pace()
        if pace:
            left = max(0.0, pace * (self._wanted - self._done) - (now - self._last))
            parts += [f"{spoken(left)} left"] if left else []
            parts += [f"at most {spoken(left + pace * self._ahead)} in all"] if self._ahead else []
        return f"{head}; {', '.join(parts)}" if parts else head

    def _pace(self) -> float:
        """Seconds an answer, side by side as they are asked; of the waves before, where this one has none. 0: not
        known.
        """
        if self._done:
            return (self._last - self._since) / self._done
        return self._spent / self._answered if self._answered else 0.0

    def _begin(self) -> None:
        if self._ticker is None:
            self._end = threading.Event()
            self._ticker = threading.Thread(target=self._run, args=(self._end,), daemon=True)
            self._ticker.start()

    def _run(self, end: threading.Event) -> None:
        while not end.wait(TICK):
            self.tick()

    def _show(self, line: str, share: float | None) -> None:
        if self._status is None:
            from kforge.output.live_status import LiveStatus  # rich, for terminals and what lasts

            self._status = LiveStatus(self._stream)
        self._status.show(line, share)

    def _clear(self) -> None:
        if self._status is not None:
            self._status.clear()


@contextmanager
def under_way(words: str, logged: bool = False) -> Iterator[ProgressLine]:
    """While inside, a terminal shows these words once it has lasted a second; with `logged` a plain line does elsewhere."""
    with closing(ProgressLine(logged=logged)) as line:
        line.step(words)
        yield line


def lasted(seconds: float) -> str:
    """`12 s`, `1 min 43 s`."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def spoken(seconds: float) -> str:
    """`40 s`, `3 min`, `2 h`: as exact as a guess is."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{round(seconds / 3600)} h"

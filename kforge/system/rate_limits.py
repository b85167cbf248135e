"""How much one run may ask: requests and tokens a minute, requests, tokens and time in all. One for all its threads.

It also remembers who said that asking again is useless: a refused key or a spent quota ends a provider for the run.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kforge.domain.model.request import Fault, Usage
from kforge.system.clock import CLOCK, Clock

if TYPE_CHECKING:
    from kforge.domain.model.price import Price

_BURST = 1 / 12  # of a minute's share may be taken at once
_BILLED = ("cut", "refused", "garbled")  # faults of an answer that came
_ROUNDING = 1e-12  # of dollars, which are sums of small fractions
_NAP = 0.2  # how long a wait goes on before it looks up


@dataclass(frozen=True, slots=True)
class Budget:
    """The user's limits; 0 is no limit. `seconds` counts from the beginning of the run."""

    requests: int = 0
    tokens: int = 0
    seconds: float = 0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    dollars: float = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run has used: HTTP requests, retries too, tokens as the providers counted them, and US dollars where the
    price is known.
    """

    requests: int = 0
    input: int = 0
    output: int = 0
    dollars: float = 0

    def words(self) -> str:
        """`6 requests, 600 tokens in, 120 out, 0.0042 US dollars`; dollars only where it cost some."""
        if not self.requests:
            return "no request was sent"
        cost = f", {self.dollars:.4f} US dollars" if self.dollars else ""
        return f"{self.requests} request{'s' * (self.requests != 1)}, {self.input} tokens in, {self.output} out{cost}"


class Bucket:
    """A token bucket: no minute sees more than its share, but for one taker larger than a burst, which pays later."""

    def __init__(self, per_minute: int, now: float) -> None:
        self._size = max(1.0, per_minute * _BURST)
        self._rate = (per_minute - self._size + 1) / 60  # the last one taken of a minute is paid by the next
        self._level, self._at = self._size, now

    def take(self, amount: int, now: float) -> float:
        """Seconds to wait until the amount, which is taken now, may be used."""
        self._level = min(self._size, self._level + (now - self._at) * self._rate)
        self._at = now
        wait = max(0.0, (min(float(amount), self._size) - self._level) / self._rate)
        self._level -= amount
        return wait

    def give_back(self, amount: int) -> None:
        """What was taken and not used."""
        self._level = min(self._size, self._level + amount)


class RateLimits:
    """Lets requests through as the budget allows. Safe to be used by many threads."""

    def __init__(self, budget: Budget = Budget(), clock: Clock = CLOCK) -> None:
        self._budget, self._clock = budget, clock
        begin = clock.tick()
        self.until = begin + budget.seconds if budget.seconds else float("inf")
        self._requests = Bucket(budget.requests_per_minute, begin) if budget.requests_per_minute else None
        self._tokens = Bucket(budget.tokens_per_minute, begin) if budget.tokens_per_minute else None
        self._changed = threading.Condition()
        self._count = self._input = self._output = self._reserved = 0
        self._dollars = self._aside = 0.0  # paid, and what the requests under way may cost
        self._ended: dict[str, Fault] = {}
        self._strikes: dict[str, int] = {}

    @property
    def dollars(self) -> float:
        """What the run may cost, 0 for no limit."""
        return self._budget.dollars

    def left(self, most: float) -> float:
        """Seconds of the run's time that are left, `most` where it has more."""
        return min(most, self.until - self._clock.tick())

    def pace(self, requests: int, tokens: int) -> None:
        """So many requests and tokens a minute are granted, 0 for no limit. What was said before stays."""
        with self._changed:
            now = self._clock.tick()
            self._requests = self._requests or (Bucket(requests, now) if requests else None)
            self._tokens = self._tokens or (Bucket(tokens, now) if tokens else None)

    @property
    def spent(self) -> Spent:
        with self._changed:
            return Spent(self._count, self._input, self._output, self._dollars)

    def end(self, name: str, fault: Fault) -> None:
        """Send no more requests to `name` in this run: its key was refused or its quota is spent."""
        with self._changed:
            self._ended.setdefault(name, fault)
            self._changed.notify_all()

    def strike(self, name: str, fault: Fault, most: int) -> None:
        """Count a question that `name` failed to answer for now; after `most` in a row, no more is sent to it in this run."""
        with self._changed:
            self._strikes[name] = self._strikes.get(name, 0) + 1
            if self._strikes[name] >= most:
                self._ended.setdefault(name, fault)
                self._changed.notify_all()

    def well(self, name: str) -> None:
        """It answered."""
        with self._changed:
            self._strikes.pop(name, None)

    def weary(self, name: str) -> bool:
        """Whether the last question to it was given up."""
        with self._changed:
            return name in self._strikes

    def check(self, *names: str) -> None:
        """Raises the fault that ended one of the names, and the one of a run whose time is over."""
        with self._changed:
            fault = self._fault(names)
        if fault:
            raise fault
        if self._clock.tick() >= self.until:
            raise self._over("its time is over", f"--timeout {self._budget.seconds:g}")

    def _fault(self, names: tuple[str, ...]) -> Fault | None:
        """What ended one of the names, made anew: an exception that several threads raise gathers all their tracebacks."""
        found = next((self._ended[name] for name in names if name in self._ended), None)
        return Fault(found.kind, found.message, found.retry_after, found.retry, found.hint) if found else None

    def _halted(self, names: tuple[str, ...], stop: threading.Event) -> Fault | None:
        """The reason to stop waiting, None to go on."""
        return self._fault(names) or (Fault("outage", "was interrupted", retry=False) if stop.is_set() else None)

    @contextmanager
    def request(
        self, most: Usage, until: float, stop: threading.Event, *names: str, price: Price | None = None
    ) -> Iterator[list[Usage]]:
        """One request of at most so many tokens: waits for its turn, counts what is appended. Without a price it costs
        nothing. What was worked on costs the most that it could where its tokens are not told.

        Raises Fault `budget`, and what has ended one of the names by then: a key that others found refused is not sent
        again.
        """
        tokens, cost = most.input + most.output, price.of(most) if price else 0.0
        self._reserve(tokens, cost, until, stop, names)
        used: list[Usage] = []
        paid = 0.0
        try:
            self._turn(tokens, until, stop, names)
            yield used
            paid = sum(price.of(one) or cost for one in used) if price else 0.0
        except Fault as fault:
            paid = cost if fault.lost or fault.kind in _BILLED else 0.0
            raise
        finally:
            self._settle(tokens, used, cost, paid)

    def _reserve(self, tokens: int, cost: float, until: float, stop: threading.Event, names: tuple[str, ...]) -> None:
        """Set tokens and dollars aside. What others have set aside may come back, so this waits for them before it gives
        up.
        """
        budget = self._budget
        with self._changed:
            while True:
                if fault := self._halted(names, stop):
                    raise fault
                if budget.requests and self._count >= budget.requests:
                    raise self._over(f"{budget.requests} requests were sent", "--max-requests")
                lack = self._lack(tokens, cost)
                if lack is None:
                    break
                if not self._reserved:
                    raise self._over(*lack)
                if self._clock.tick() >= until:
                    raise self._late(lack[1].partition(" ")[0])
                self._changed.wait(_NAP)
            self._reserved += tokens
            self._aside += cost
            self._count += 1

    def _lack(self, tokens: int, cost: float) -> tuple[str, str] | None:
        """What the budget lacks for a request, and the option that says so; None where it fits."""
        budget, used = self._budget, self._input + self._output
        if budget.tokens and used + self._reserved + tokens > budget.tokens:
            return f"{used} tokens were used, and the next question may take {tokens}", f"--max-tokens {budget.tokens}"
        if budget.dollars and self._dollars + self._aside + cost > budget.dollars + _ROUNDING:
            spent = f"{self._dollars:.4f} US dollars were spent, and the next question may cost {cost:.4f}"
            return spent, f"--max-cost {budget.dollars:g}"
        return None

    def _turn(self, tokens: int, until: float, stop: threading.Event, names: tuple[str, ...]) -> None:
        """Wait until both buckets let the request through."""
        shares = [(bucket, amount) for bucket, amount in ((self._requests, 1), (self._tokens, tokens)) if bucket]
        with self._changed:
            now = self._clock.tick()
            turn = now + max((bucket.take(amount, now) for bucket, amount in shares), default=0.0)
            fault = self._late() if turn >= until else self._halted(names, stop)
            while fault is None and (left := turn - self._clock.tick()) > 0:
                self._changed.wait(min(_NAP, left))
                fault = self._halted(names, stop)
            if fault is None:
                return
            self._count -= 1  # it was never sent
            for bucket, amount in shares:
                bucket.give_back(amount)
        raise fault

    def _settle(self, tokens: int, used: list[Usage], cost: float, paid: float) -> None:
        spent = sum(one.input + one.output for one in used)
        with self._changed:
            self._reserved -= tokens
            self._aside -= cost
            self._dollars += paid
            self._input += sum(one.input for one in used)
            self._output += sum(one.output for one in used)
            if self._tokens and 0 < spent < tokens:
                self._tokens.give_back(tokens - spent)
            self._changed.notify_all()

    def _late(self, limit: str = "requests_per_minute, tokens_per_minute") -> Fault:
        return self._over("the next request would have to wait too long", limit)

    def _over(self, what: str, limit: str) -> Fault:
        hint = "answers so far are kept: build again to continue from here, or raise the limit"
        return Fault("budget", f"this run may not ask any more: {what} (`{limit}`)", retry=False, hint=hint)

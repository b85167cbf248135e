"""Request → Completion, over HTTP: keys, retries, deadlines, limits. What finally fails is a Fault with a way out.

One a run and endpoint, used by many threads. Unaware of prompts, caches and what an answer means. The key goes into a
header and nowhere else: replies are searched for it and redacted before they are used.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from kforge.domain.model import retry, wire
from kforge.domain.model.address import host_of
from kforge.domain.model.request import (
    Completion,
    Endpoint,
    Fault,
    FaultKind,
    Provider,
    Request,
    ServedModel,
    Usage,
    Wire,
)
from kforge.domain.model.retry import AGAIN, PATIENCE, Patience, Tries
from kforge.domain.secrets.key_redaction import Secret
from kforge.system.clock import CLOCK, Clock
from kforge.system.rate_limits import RateLimits

if TYPE_CHECKING:
    from kforge.system.http.client import HttpClient
    from kforge.system.http.reply import HttpReply

LARGEST = 8 << 20  # bytes of an answer
_NAP = 0.2
_LISTLESS = (404, 405, 501)
# faults of a list of models that a question would meet, too
_UNWELL: tuple[FaultKind, ...] = ("key", "quota", "busy", "outage")
# What stands between the server's name and its own words.
_LEADS: Mapping[FaultKind, str] = {
    "key": "refused the key",
    "quota": "says that no credit is left",
    "busy": "is busy",
    "outage": "failed",
    "model": "does not have the model",
    "overflow": "finds the question longer than the model's context",
    "request": "refused the request",
}


class Transport:
    """A client of one model's endpoint, a context manager. Any thread may ask; `stop` ends requests from any other."""

    def __init__(
        self,
        endpoint: Endpoint,
        provider: Provider,
        limits: RateLimits,
        *,
        clock: Clock = CLOCK,
        tell: Callable[[str], None] = lambda line: None,
        patience: Patience = PATIENCE,
        environ: Mapping[str, str] = os.environ,
        largest: int = LARGEST,
    ) -> None:
        self.endpoint, self.provider = endpoint, provider.at(endpoint)
        self._limits, self._clock, self._tell = limits, clock, tell
        self._patience, self._environ, self._largest = patience, environ, largest
        self._host = host_of(endpoint.base_url)
        self._secret = Secret(endpoint.key)
        self._places = threading.BoundedSemaphore(max(1, endpoint.parallel))
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._open: HttpClient | None = None

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self.stop()
        self.close()

    def close(self) -> None:
        """Close the connections. Nothing may be under way, unless it was stopped."""
        with self._lock:
            if self._open:
                self._open.close()

    def stop(self) -> None:
        """End everything under way, at once: waits, queues and exchanges each fail with a Fault."""
        self._stop.set()
        with self._lock:
            if self._open:
                self._open.stop()

    def complete(self, request: Request, deadline: float | None = None) -> Completion:
        """The answer to a request. `deadline` is a reading of the clock's `tick`. Raises Fault, and nothing else."""
        until = min(self._limits.until, float("inf") if deadline is None else deadline)
        sent = self.provider.encode(self.endpoint.model.name, request)
        most = wire.ceiling(sent)
        try:
            self._place(until)
            try:
                return self._persist(request, sent, most, until)
            finally:
                self._places.release()
        except Fault as fault:
            self._give_up(fault)

    def models(self) -> tuple[ServedModel, ...]:
        """The models that the server has. Raises Fault."""
        try:
            return self._models()
        except Fault as fault:
            self._give_up(fault)

    def healthy(self) -> Fault | bool:
        """Whether the server answers and has the model, a fault that says why not; False where only a question will
        tell, since a gateway need not list its models. One request, no retries.
        """
        try:
            found = {model.name for model in self._models(_LISTLESS)}
        except Fault as fault:
            return self._final(fault) if fault.kind in _UNWELL else False
        name = self.endpoint.model.name
        if found and not any(name == one or self.provider.same(name, one) for one in found):
            return self._final(Fault("model", f"has no model `{name}`"))
        return bool(found)

    def _models(self, without: Collection[int] = ()) -> tuple[ServedModel, ...]:
        """The server's models; none where it answers with a status of those `without` a list. Raises Fault."""
        if self.provider.models is None:
            return ()
        reply = self._send(self.provider.models, self._clock.tick() + self._patience.listing)
        if reply.status in without:
            return ()
        with self._reading(reply):
            found = self.provider.decode_models(reply.status, reply.headers, reply.body)
        return tuple(one for one in found if not self._secret.inside(f"{one.name} {one.identity}"))

    def _place(self, until: float) -> None:
        """Wait until fewer than `parallel` requests are under way."""
        while not self._places.acquire(timeout=max(0.0, min(_NAP, until - self._clock.tick()))):
            self._check()
            if self._clock.tick() >= until:
                raise Fault("outage", "did not answer in time", retry=False)

    def _check(self) -> None:
        if self._stop.is_set():
            raise Fault("outage", "was interrupted", retry=False)
        self._limits.check(self._host, self._model)

    @property
    def _model(self) -> str:
        return f"{self._host} {self.endpoint.model.name}"

    def _persist(self, request: Request, sent: Wire, most: Usage, until: float) -> Completion:
        """Ask until there is an answer, or it is of no use."""
        so_far = Tries(request.target, self.endpoint.local)
        while True:
            self._check()
            try:
                return self._once(sent, most, until)
            except Fault as fault:
                so_far = replace(
                    so_far, tried=so_far.tried + 1, lost=so_far.lost + fault.lost, weary=self._limits.weary(self._host)
                )
                wait = retry.pause(fault, so_far, self._patience)
                if wait is None or self._clock.tick() + wait >= until:
                    self._limits.check(self._host, self._model)  # the run's time may be over, or another thread wiser
                    raise _after(fault, so_far.tried) from None
                self._tell(
                    f"{request.target}: `{self._host}` {self._secret.without(fault.message)}; asking again in {wait:.1f} s"
                )
                so_far = replace(so_far, waited=so_far.waited + wait)
                self._stop.wait(wait)

    def _once(self, sent: Wire, most: Usage, until: float) -> Completion:
        names = (self._host, self._model)
        with self._limits.request(most, until, self._stop, *names, price=self.endpoint.price) as used:
            reply = self._send(sent, min(until, self._clock.tick() + self._patience.answer))
            with self._reading(reply):
                completion = self.provider.decode(reply.status, reply.headers, reply.body)
                used.append(completion.usage)
        self._limits.well(self._host)
        asked = self.endpoint.model.name
        if completion.model and not self.provider.same(asked, completion.model):
            raise Fault("model", f"answered with model `{wire.shown(completion.model)}` instead of `{asked}`")
        if self._secret.inside(completion.text) or self._secret.inside(completion.model):
            raise Fault("garbled", "gave the key back in its answer")
        return completion

    def _send(self, sent: Wire, until: float) -> HttpReply:
        own = {**self.endpoint.headers, **sent.headers, **self.provider.authorize(self._secret.value)}
        headers = {name.lower(): value for name, value in own.items()}
        reply = self._client().send(sent.method, sent.path, headers, wire.encoded(sent.body), until)
        return replace(reply, body=self._secret.out_of(reply.body)) if reply.status // 100 != 2 else reply

    def _client(self) -> HttpClient:
        with self._lock:
            if self._open is None:
                # Loads httpx: a locked build never comes here.
                from kforge.system.http.client import HttpClient

                if why := self._secret.odd():
                    raise Fault("key", f"cannot be asked: {why}")
                size = max(1, self.endpoint.parallel)
                self._open = HttpClient(
                    self.endpoint.base_url, size, self._patience.connect, self._largest, self._environ, self._clock
                )
            return self._open

    @contextmanager
    def _reading(self, reply: HttpReply) -> Iterator[None]:
        """Faults in here are the server's: they get its word about asking again."""
        if 300 <= reply.status < 400:
            aim = host_of(reply.headers.get("location", "")) or "another path"
            raise Fault(
                "request",
                f"redirects to `{wire.shown(aim)}`, and keys are not sent there; set that address if it is the right one",
            )
        try:
            yield
        except Fault as fault:
            again, after = retry.asked(reply.headers, self._clock.now())
            status = f" ({reply.status})" if reply.status // 100 != 2 else ""
            message = f"{_LEADS.get(fault.kind, 'gave no answer that can be used')}{status}: {fault.message}"
            raise Fault(
                fault.kind, message, fault.retry_after if after is None else after, again, limited=fault.limited
            ) from None

    def _give_up(self, fault: Fault) -> NoReturn:
        final = self._final(fault)
        if final.kind in ("key", "quota"):
            self._limits.end(self._host, final)
        elif final.kind == "model":
            self._limits.end(self._model, final)
        elif final.kind in AGAIN and not self._stop.is_set():
            self._limits.strike(self._host, final, self._patience.strikes)
        raise final from None

    def _final(self, fault: Fault) -> Fault:
        """What is said of a fault in the end: who, what, and the way out."""
        if fault.hint:
            return fault
        message = f"`{self._host}` {self._secret.without(fault.message)}"
        hint = retry.way_out(fault, self.provider, self._clock.now())
        return Fault(fault.kind, message, fault.retry_after, fault.retry, hint)


def _after(fault: Fault, tried: int) -> Fault:
    """The fault, with how often it was met."""
    if tried < 2 or fault.hint:
        return fault
    return Fault(fault.kind, f"{fault.message} ({tried} tries)", fault.retry_after, fault.retry)

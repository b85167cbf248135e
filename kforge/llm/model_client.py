"""An endpoint → a client that sends requests to it, within a run's limits."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kforge import catalog
from kforge.domain.model import wire
from kforge.domain.model.progress import Tell
from kforge.domain.model.request import Completion, Endpoint, Fault, Request, ServedModel, Usage
from kforge.domain.model.vendors import EMBEDDED
from kforge.errors import InputError
from kforge.llm.prices import price_of
from kforge.system.rate_limits import RateLimits

if TYPE_CHECKING:
    from kforge.providers.embedded import Embedded


class ModelClient(Protocol):
    """An open endpoint. `complete` raises Fault; `deadline` is a reading of the clock's `tick`."""

    def complete(self, request: Request, deadline: float | None = None) -> Completion: ...
    def models(self) -> tuple[ServedModel, ...]: ...
    def healthy(self) -> Fault | bool: ...
    def stop(self) -> None: ...


@contextmanager
def open_endpoint(
    endpoint: Endpoint,
    limits: RateLimits | None = None,
    tell: Tell = lambda line: None,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[ModelClient]:
    """A client of the endpoint that sends within limits, from any thread. Connections or weights are freed at the end.

    Raises InputError where dollars are limited and the model's price is unknown.
    """
    limits, endpoint = limits or RateLimits(), replace(endpoint, price=price_of(endpoint))
    if limits.dollars and endpoint.price is None:
        raise InputError(
            f"`--max-cost` cannot be kept: the price of `{endpoint.model.name}` at `{endpoint.server}` is not known",
            hint="limit the run by `--max-tokens N` or `--max-requests N`",
        )
    limits.pace(endpoint.requests_per_minute, endpoint.tokens_per_minute)
    provider = catalog.providers()[endpoint.provider]
    if endpoint.provider == EMBEDDED:
        from kforge.providers.embedded import Embedded  # loads llama.cpp

        with Embedded(endpoint) as model:
            yield _Counted(model, limits)
    else:
        from kforge.system.http.transport import Transport  # loads httpx

        with Transport(endpoint, provider, limits, tell=tell, environ=environment) as transport:
            yield transport


class _Counted:
    """The embedded model within a run's limits."""

    def __init__(self, model: Embedded, limits: RateLimits) -> None:
        self._model, self._limits, self._stop = model, limits, threading.Event()

    def complete(self, request: Request, deadline: float | None = None) -> Completion:
        until = min(self._limits.until, float("inf") if deadline is None else deadline)
        self._limits.check(EMBEDDED)
        most = Usage(wire.tokens(request.messages), request.max_tokens)
        with self._limits.request(most, until, self._stop, EMBEDDED) as used:
            try:
                completion = self._model.complete(request, until)
            except Fault:
                self._limits.check(EMBEDDED)  # where the run's time is over, that is the reason to tell
                raise
            used.append(completion.usage)
        return completion

    def models(self) -> tuple[ServedModel, ...]:
        return self._model.models()

    def healthy(self) -> Fault | bool:
        """False, for unknown: the file was looked at when it was chosen, and only loading it would show more."""
        return False

    def stop(self) -> None:
        """End all waiting. A computation that llama.cpp has begun goes on unheeded."""
        self._stop.set()
        self._model.stop()

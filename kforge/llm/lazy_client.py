"""A client that connects to its model only for the first question that no stored answer covers.

The endpoint, and with it the key of every answer, is known before: stored answers need no connection.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.domain.model.request import Completion, Endpoint, Fault, FaultKind, Request
from kforge.errors import Error, InputError, OutageError

if TYPE_CHECKING:
    from kforge.llm.model_client import ModelClient

RECORD = "record with this model (`--record`), or leave `--replay` out"


@dataclass(slots=True)
class LazyClient:
    """The model that the keys of answers name (`endpoint`), and the client for it, opened at the first miss."""

    endpoint: Endpoint
    resolve: Callable[[], Endpoint]  # finds the endpoint where `endpoint` has no address
    connect: Callable[[Endpoint], ModelClient]
    parallel: int  # requests at once that the endpoint bears
    _client: ModelClient | None = None
    _stopped: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def complete(self, request: Request) -> Completion:
        """The model's completion. Raises Fault, also where no endpoint can be resolved or connected to."""
        with self._turn:
            if self._client is None:
                self._client = self._opened(request)
        if self._stopped:  # while it was opened
            self._client.stop()
        return self._client.complete(request)

    def stop(self) -> None:
        self._stopped = True
        if self._client:
            self._client.stop()

    def _opened(self, request: Request) -> ModelClient:
        try:
            known = self.endpoint
            resolved = known if known.base_url else self.resolve()
            client = self.connect(resolved)
        except Error as error:
            raise Fault(_kind(error), error.problems[0].message, hint=error.problems[0].hint) from None
        if _key(known, request) != _key(resolved, request):
            why = f"the recordings are of `{known.model.name}`, and `{resolved.model.name}` would answer here"
            raise Fault("model", why, hint=RECORD)
        return client


def _key(endpoint: Endpoint, request: Request) -> str:
    from kforge.system.store.answers import Answers

    return Answers.key(endpoint, catalog.providers()[endpoint.provider], request).digest


def _kind(error: Error) -> FaultKind:
    return "model" if isinstance(error, InputError) else "outage" if isinstance(error, OutageError) else "key"

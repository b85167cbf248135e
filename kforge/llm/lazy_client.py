"""The way to a model of which the keys of answers are known already: opened for the first question that nothing stored
answers.
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
    from kforge.llm.model_resolution import ModelClient

RECORD = "record with the one that answers here (`--record`), or leave `--replay` out"


@dataclass(slots=True)
class LazyClient:
    """The way to a model: whom the keys of answers name, and whoever is asked, opened for the first miss."""

    endpoint: Endpoint
    reach: Callable[[], Endpoint]
    enter: Callable[[Endpoint], ModelClient]
    parallel: int
    _asker: ModelClient | None = None
    _stopped: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def complete(self, request: Request) -> Completion:
        """Raises Fault, also where nobody can be reached."""
        with self._turn:
            if self._asker is None:
                self._asker = self._opened(request)
        if self._stopped:  # while it was opened
            self._asker.stop()
        return self._asker.complete(request)

    def stop(self) -> None:
        self._stopped = True
        if self._asker:
            self._asker.stop()

    def _opened(self, request: Request) -> ModelClient:
        try:
            known = self.endpoint
            reached = known if known.base_url else self.reach()
            asker = self.enter(reached)
        except Error as error:
            raise Fault(_kind(error), error.problems[0].message, hint=error.problems[0].hint) from None
        if _key(known, request) != _key(reached, request):
            why = f"`{known.model.name}` gave the recordings, and `{reached.model.name}` would answer here"
            raise Fault("model", why, hint=RECORD)
        return asker


def _key(endpoint: Endpoint, request: Request) -> str:
    from kforge.system.store.answers import Answers

    return Answers.key(endpoint, catalog.providers()[endpoint.provider], request).digest


def _kind(error: Error) -> FaultKind:
    return "model" if isinstance(error, InputError) else "outage" if isinstance(error, OutageError) else "key"

"""A request → its completion, and its source: a recording, this user's cache, or the model, which equal requests of
several threads ask once.

Every finished completion is stored, also one that is then refused: it was paid for. The caller judges a hit as it
would a fresh answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from kforge.domain.model import wire
from kforge.domain.model.cache_key import CacheKey, answered_together, key_of
from kforge.domain.model.confidence import judged
from kforge.domain.model.request import Completion, Endpoint, Provider, Request
from kforge.system.store.completions import CompletionStore
from kforge.system.store.replay import Replay
from kforge.system.store.singleflight import SingleFlight

# shared: another thread of this process was asking the same
AnswerSource = Literal["replay", "store", "model", "shared"]


class Unknown(LookupError):
    """Nothing is recorded or stored for a question, and the model must not be asked. `why` says what differs."""

    def __init__(self, key: CacheKey, why: str) -> None:
        super().__init__(why)
        self.key, self.why = key, why


class Answers:
    """Looks in the replay folder, then in the store, then asks. Each may be missing; threads share one.

    `offline` raises Unknown instead of asking.
    """

    def __init__(
        self,
        store: CompletionStore | None = None,
        replay: Replay | None = None,
        flight: SingleFlight | None = None,
        offline: bool = False,
    ) -> None:
        self._store, self._replay, self._offline = store, replay, offline
        place = store.place if store else None
        self._flight = flight or SingleFlight(place.parent / "locks" if place else None)

    def complete(
        self,
        endpoint: Endpoint,
        provider: Provider,
        request: Request,
        ask: Callable[[], Completion],
        afresh: bool = False,
    ) -> tuple[Completion, AnswerSource]:
        """The completion and its source. `ask` is called at most once; what it raises goes to all who wait for it.

        `afresh` passes what is known by, and what comes takes its place.
        """
        key = self.key(endpoint, provider, request)
        found = None if afresh else self.known(endpoint, provider, request)
        if found is not None:  # also what was stored before there was a confidence
            return judged(found[0], request.schema), found[1]
        if self._offline:
            raise Unknown(key, self._store.why(key) if self._store else f"nothing is recorded for `{key.target}`")
        led = False

        def settle() -> tuple[Completion, AnswerSource]:
            nonlocal led
            led = True
            again = None if afresh else self.find(key)  # another process may have asked while we waited for it
            return again or (self._asked(key, request, ask), "model")

        completion, source = self._flight.run(key.digest, settle)
        return completion, source if led or source != "model" else "shared"

    def find(self, key: CacheKey) -> tuple[Completion, AnswerSource] | None:
        """What is known without asking. A stored answer goes into the recordings where there are to be some."""
        held = self._replay.get(key) if self._replay else None
        if held is not None:
            return held, "replay"
        held = self._store.get(key) if self._store else None
        if held is None:
            return None
        if self._replay:
            self._replay.put(key, held)
        return held, "store"

    def known(self, endpoint: Endpoint, provider: Provider, request: Request) -> tuple[Completion, AnswerSource] | None:
        """What is known of a question without asking: its own answer, else one that came together with others, of the
        recordings or, where this user asks several together, of the cache.
        """
        key = self.key(endpoint, provider, request)
        found = self.find(key)
        if found is not None:
            return found
        beside = answered_together(key)
        if endpoint.together > 1:
            return self.find(beside)
        held = self._replay.get(beside) if self._replay else None
        return (held, "replay") if held else None

    def keep_part(self, endpoint: Endpoint, provider: Provider, request: Request, completion: Completion) -> None:
        """Store and record the answer to one of several questions that were asked together."""
        self.keep(answered_together(self.key(endpoint, provider, request)), completion)

    def keep(self, key: CacheKey, completion: Completion) -> bool:
        """Store and record an answer that came another way; whether the store has it."""
        if self._replay:
            self._replay.put(key, completion)
        return bool(self._store and self._store.put(key, completion))

    def cancel(self) -> None:
        """Wait for no other process any more."""
        self._flight.cancel()

    @staticmethod
    def key(endpoint: Endpoint, provider: Provider, request: Request) -> CacheKey:
        """The key of a request as this endpoint would be asked."""
        return key_of(
            provider.name, endpoint.model, provider.at(endpoint).encode(endpoint.model.name, request), request
        )

    def _asked(self, key: CacheKey, request: Request, ask: Callable[[], Completion]) -> Completion:
        completion = wire.kept(
            judged(ask(), request.schema)
        )  # redacted at once: a cached answer must read as the fresh one did
        self.keep(key, completion)
        return completion

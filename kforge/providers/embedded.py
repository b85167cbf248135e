"""llama.cpp inside this process, on a GGUF file of the user's: the protocol of llama-server without its way over HTTP.

Downloads nothing. Layers go to a GPU where xllamacpp was built for one and a device is there.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kforge.domain.model.machine import CONTEXT
from kforge.domain.model.request import Capabilities, Completion, Endpoint, Fault, Request, ServedModel
from kforge.domain.model.vendors import LLAMA
from kforge.errors import WorldError
from kforge.providers import openai

SECONDS = 900.0
_NAP = 0.2
_ACCENT = next(accent for accent in openai.ACCENTS if accent.name == "llama-server")
PROVIDER = replace(
    openai.PROVIDER,
    name="embedded",
    capabilities=Capabilities(parallel=1),
    encode=lambda model, request: openai.encode(model, request, _ACCENT),
    models=None,
    authorize=lambda key: {},
    keys=(),
    same=lambda asked, told: asked == told,
    variant=None,
)


class Embedded:
    """One model, asked by one thread at a time: batches would change its answers. A context manager.

    It is loaded for the first question, in the thread that asks it: that takes minutes, and Ctrl-C must not wait for
    it.
    """

    def __init__(self, endpoint: Endpoint, seconds: float = SECONDS) -> None:
        self._endpoint, self._seconds = endpoint, seconds
        self._server: Any = None
        self._broken: WorldError | None = None  # why it cannot be loaded
        self._turn, self._stopped = threading.Lock(), threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stop(self) -> None:
        """End all waiting: each waiting call raises Fault."""
        self._stopped.set()

    def close(self) -> None:
        """Free the model. It has no method for that: its destructor stops it, once it has begun to answer."""
        self._stopped.set()
        self._server = None
        gc.collect()

    def models(self) -> tuple[ServedModel, ...]:
        return (self._endpoint.model,)

    def complete(self, request: Request, until: float = float("inf")) -> Completion:
        """The answer, by a reading of the monotonic clock. Raises Fault as an HTTP provider would."""
        body = PROVIDER.encode(self._endpoint.model.name, request).body
        until = min(until, time.monotonic() + self._seconds)
        told: list[Mapping[str, Any] | Exception] = []
        # A thread of its own, since llama.cpp cannot be interrupted: a deadline or Ctrl-C leaves it behind.
        worker = threading.Thread(target=self._ask, args=(dict(body), told), daemon=True)
        worker.start()
        while worker.is_alive() and time.monotonic() < until and not self._stopped.is_set():
            worker.join(max(0.0, min(_NAP, until - time.monotonic())))
        if not told:
            why = "was interrupted" if self._stopped.is_set() else "did not answer in time"
            raise Fault(
                "outage",
                f"the embedded model {why}",
                retry=False,
                hint="use a smaller model, or a GPU: see `kforge doctor`",
            )
        answer = told[0]
        if isinstance(answer, WorldError):
            raise Fault("key", answer.problems[0].message, hint=answer.problems[0].hint)
        if isinstance(answer, Exception):
            raise Fault("request", f"the embedded model refused the question: {' '.join(str(answer).split())[:300]}")
        failed = answer.get("error")
        status = int(failed.get("code") or 500) if isinstance(failed, dict) else 200
        return PROVIDER.decode(status, {"content-type": "application/json"}, json.dumps(answer).encode())

    def _ask(self, body: dict[str, Any], told: list[Mapping[str, Any] | Exception]) -> None:
        with self._turn:
            if self._stopped.is_set():  # while this request waited for its turn
                return
            try:
                told.append(self._loaded().handle_chat_completions(body))
            except Exception as error:  # any error of the library is raised in the thread that waits
                told.append(error)

    def _loaded(self) -> Any:
        if self._broken:
            raise self._broken
        if self._server is None:
            try:
                self._server = _load(self._endpoint)
            except WorldError as error:
                self._broken = error
                raise
        return self._server


def _threads() -> int:
    """Threads where this process may use fewer cores than the machine has (a container's share, an affinity); -1:
    llama.cpp's choice.
    """
    every = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else every
    with contextlib.suppress(OSError, ValueError, ZeroDivisionError):  # "max 100000", or microseconds of a period
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        allowed = min(allowed, max(1, round(int(quota) / int(period))))
    return allowed if allowed < every else -1


def _load(endpoint: Endpoint) -> Any:
    try:
        import xllamacpp  # an extra, and 30 MB: only where it is asked
    except ImportError:
        raise WorldError("xllamacpp is not installed", hint=f"install it: {LLAMA}") from None
    settings = xllamacpp.CommonParams()
    settings.model.path = endpoint.base_url
    alias = endpoint.model.name
    settings.model_alias = [alias] if isinstance(settings.model_alias, (list, set)) else alias
    # a model's own may need more memory than there is
    settings.n_ctx, settings.n_parallel = endpoint.model.context or CONTEXT, 1
    settings.n_gpu_layers = 0 if endpoint.dialect == "cpu" else -1  # -1: as many as fit, none without a device
    settings.cache_ram_mib, settings.warmup, settings.verbosity = 0, False, -1
    for each in (settings.cpuparams, settings.cpuparams_batch):
        each.n_threads = _threads()
        # else its threads spin while they wait, and beside any other load an answer takes twenty times as long
        each.poll = 0
    # The library always opens a port on loopback: a random key keeps other users of this machine out.
    settings.hostnames = ["127.0.0.1"] if isinstance(settings.hostnames, (list, set)) else "127.0.0.1"
    settings.port, settings.api_keys = 0, [secrets.token_hex(16)]
    for name in ("ui", "endpoint_slots", "endpoint_props"):
        with contextlib.suppress(AttributeError):  # their names change from release to release
            setattr(settings, name, False)
    try:
        return xllamacpp.Server(settings)
    except (RuntimeError, ValueError) as error:
        hint = "the file may be damaged, too new for this xllamacpp, or too large for the memory: see `kforge doctor`"
        raise WorldError(
            f"llama.cpp cannot load `{endpoint.base_url}`: {str(error).rstrip('.')[:200]}", hint=hint
        ) from None

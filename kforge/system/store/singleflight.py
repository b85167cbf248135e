"""Several who ask the same at once → one who asks, and all who get the answer. Knows neither question nor answer.

Inside a process the others wait for the one who asks and share what comes of it, an error as well: were they all to
ask again, a failing server would be asked by each. Another process waits on a lock of the kernel's, which ends with its
holder however it ends, and then looks for itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class SingleFlight:
    """One asks at a time for each key. `folder` holds the locks between processes; None: threads of this one only.

    After `patience` seconds of waiting for another process we ask ourselves: asking twice costs, but harms nothing.
    """

    def __init__(self, folder: Path | None = None, patience: float = 600.0) -> None:
        self._folder, self._patience = folder, patience
        self._flights: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()
        self._cancelled = threading.Event()

    def run(self, key: str, ask: Callable[[], T]) -> T:
        """What `ask` returns or raises: called here, or by the thread or process that came first with this key."""
        with self._lock:
            flight = self._flights.get(key)
            if leads := flight is None:
                flight = self._flights[key] = Future()
        if not leads:
            return flight.result()  # type: ignore[no-any-return]
        try:
            with self._alone(key):
                answer = ask()
        except BaseException as error:
            flight.set_exception(error)
            raise
        else:
            flight.set_result(answer)
            return answer
        finally:
            with self._lock:
                del self._flights[key]

    def cancel(self) -> None:
        """End all waiting for other processes: the waiting calls raise CancelledError."""
        self._cancelled.set()

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        handle = self._taken(key)
        try:
            yield
        finally:
            if handle is not None:
                with suppress(OSError):  # while it is still ours: a waiting process finds it gone and makes a new one
                    self._place(key).unlink()
                os.close(handle)

    def _taken(self, key: str) -> int | None:
        """The lock of a key, None where there can be none."""
        if self._folder is None:
            return None
        until = time.monotonic() + self._patience
        try:
            import fcntl  # POSIX alone has it

            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while True:
                handle = self._opened(key)
                try:
                    got = self._waited(lambda held=handle: fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB), until)  # type: ignore[misc]
                    if got and self._ours(handle, key):
                        return handle
                except BaseException:
                    os.close(handle)
                    raise
                os.close(handle)
                if not got:
                    return None
        except (OSError, ImportError):  # no such locks here, or no folder: other processes may ask the same
            return None

    def _waited(self, lock: Callable[[], None], until: float) -> bool:
        """Ask for the lock until it is ours; False when patience ends. A blocked thread could not be cancelled."""
        pause = 0.005
        while True:
            with suppress(BlockingIOError):
                lock()
                return True
            if time.monotonic() + pause > until:
                return False
            if self._cancelled.wait(pause):
                raise CancelledError
            pause = min(pause * 1.5, 0.2)

    def _place(self, key: str) -> Path:
        return (self._folder or Path()) / f"{key}.lock"

    def _opened(self, key: str) -> int:
        return os.open(self._place(key), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o600)

    def _ours(self, handle: int, key: str) -> bool:
        """Whether the file we hold is still the one that others find."""
        try:
            return os.path.samestat(os.fstat(handle), self._place(key).stat())
        except FileNotFoundError:
            return False

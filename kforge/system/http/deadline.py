"""A TCP connection that keeps a wall-clock deadline and can be cut from another thread: httpcore's network backend.

A timeout of httpx counts from one read to the next: a server that drips a byte a second, even within the headers, would
hold a build for hours. So the deadline sits below HTTP, where every read passes.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpcore

from kforge.domain.model import address
from kforge.system.clock import Clock

_GRACE = 0.05  # seconds after the deadline in which a read ends by its own timeout, before its connection is cut


class _Exchange:
    """One exchange of one thread: when it ends, and the connection that it uses now."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.socket: socket.socket | None = None

    def cut(self) -> None:
        if self.socket:
            _shut(self.socket)


class ExchangeDeadline:
    """The deadline of the exchange that each thread is in, and the sockets of all."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._own = clock, threading.local()
        self._lock, self._open, self._cut = threading.Lock(), set[socket.socket](), False

    @contextmanager
    def exchange(self, until: float) -> Iterator[float]:
        """Hold what this thread does to `until`, a reading of the clock's `tick`; gives the seconds that are left.

        Every read and write is given what is left. That alone does not do: within one call, httpcore sends a large body
        in many parts and reads TLS inside TLS in many, each with the whole time anew. So the connection is cut as well.
        """
        left = max(0.0, until - self._clock.tick())
        self._own.now = held = _Exchange(until)
        alarm = threading.Timer(min(left + _GRACE, threading.TIMEOUT_MAX), held.cut)
        alarm.daemon = True
        alarm.start()
        try:
            yield left
        finally:
            alarm.cancel()

    def left(self, timeout: float | None, twin: socket.socket | None = None) -> float:
        """Seconds that this thread may still wait, now for this socket. Raises httpcore.ReadTimeout where there are none."""
        held: _Exchange = self._own.now
        held.socket = twin
        left = held.until - self._clock.tick()
        if left <= 0:
            raise httpcore.ReadTimeout("the time limit is reached")
        return left if timeout is None else min(left, timeout)

    def add(self, twin: socket.socket) -> None:
        with self._lock:
            self._open.add(twin)
            cut = self._cut
        if cut:
            _shut(twin)

    def remove(self, twin: socket.socket) -> None:
        with self._lock:
            self._open.discard(twin)
        twin.close()

    def cut(self) -> None:
        """Close all connections, so that every read and write on them fails. Safe after a signal, and more than once."""
        with self._lock:
            self._cut, twins = True, list(self._open)
        for twin in twins:
            _shut(twin)


def _shut(twin: socket.socket) -> None:
    with suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)  # unlike `close`, this wakes a thread that reads


class Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, twin: socket.socket, watch: ExchangeDeadline) -> None:
        self._inner, self._twin, self._watch = inner, twin, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._watch.left(timeout, self._twin))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._watch.left(timeout, self._twin))

    def close(self) -> None:
        self._inner.close()
        self._watch.remove(self._twin)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, self._watch.left(timeout, self._twin))
        except BaseException:
            self._watch.remove(self._twin)
            raise
        return Stream(inner, self._twin, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Opens connections. `local`: only to loopback addresses; a name that resolves to others is refused."""

    def __init__(self, watch: ExchangeDeadline, local: bool) -> None:
        self._watch, self._local, self._inner = watch, local, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        problem: Exception = httpcore.ConnectError(f"`{host}` has no address")
        for number in _resolve(host, port, self._watch.left(timeout)):
            if self._local and not address.is_loopback(f"http://[{number}]" if ":" in number else f"http://{number}"):
                problem = httpcore.ConnectError(f"`{host}` leads to {number}, which is not this machine")
                continue
            try:
                inner = self._inner.connect_tcp(number, port, self._watch.left(timeout), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
                continue
            twin: socket.socket = inner.get_extra_info("socket").dup()  # TLS detaches the socket itself
            self._watch.add(twin)
            return Stream(inner, twin, self._watch)
        raise problem


def _resolve(host: str, port: int, timeout: float) -> tuple[str, ...]:
    """The addresses of a host. The system's resolver has no timeout of its own and cannot be stopped, only left behind."""
    answer: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.put(tuple(dict.fromkeys(str(entry[4][0]) for entry in found)))
        except OSError as error:
            answer.put(error)
        except UnicodeError:
            answer.put(OSError("not a host name"))

    threading.Thread(target=ask, daemon=True, name="kforge-resolve").start()
    try:
        held = answer.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"the name `{host}` was not resolved in time") from None
    if isinstance(held, OSError):
        raise httpcore.ConnectError(f"the name `{host}` does not resolve: {held.strerror or held}") from held
    return held

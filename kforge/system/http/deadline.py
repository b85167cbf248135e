"""A TCP connection that keeps a wall-clock deadline and can be cut from another thread.

httpx's timeouts count from one read to the next: a server that drips a byte a second, even within the headers, would
hold a build for hours. So the deadline sits below HTTP, where every read passes. httpcore, the engine of httpx, takes
such a backend; httpx itself does not.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore

from kforge.domain.model import address
from kforge.system.clock import Clock


class ExchangeDeadline:
    """The deadline of the exchange that this thread is in, and the sockets of all."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._own = clock, threading.local()
        self._lock, self._open, self._cut = threading.Lock(), set[socket.socket](), False

    def begin(self, until: float) -> None:
        self._own.until = until

    def left(self, timeout: float | None = None) -> float:
        """Seconds that this thread may still wait. Raises httpcore.ReadTimeout where there are none."""
        left: float = getattr(self._own, "until", float("inf")) - self._clock.tick()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is over")
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
        """End all connections, whatever waits on them. Safe in a signal handler's wake, and more than once."""
        with self._lock:
            self._cut, twins = True, list(self._open)
        for twin in twins:
            _shut(twin)


def _shut(twin: socket.socket) -> None:
    with suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)  # unlike `close`, this wakes whoever reads


class Stream(httpcore.NetworkStream):
    """A connection whose every read and write ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, twin: socket.socket, watch: ExchangeDeadline) -> None:
        self._inner, self._twin, self._watch = inner, twin, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._watch.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._watch.left(timeout))

    def close(self) -> None:
        self._inner.close()
        self._watch.remove(self._twin)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            inner = self._inner.start_tls(ssl_context, server_hostname, self._watch.left(timeout))
        except BaseException:
            self._watch.remove(self._twin)
            raise
        return Stream(inner, self._twin, self._watch)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Opens connections. `local`: only ever to this machine, whatever a name resolves to."""

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
            answer.put(OSError("no name of a host"))

    threading.Thread(target=ask, daemon=True, name="kforge-resolve").start()
    try:
        held = answer.get(timeout=timeout)
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"the name `{host}` was not resolved in time") from None
    if isinstance(held, OSError):
        raise httpcore.ConnectError(f"the name `{host}` does not resolve: {held.strerror or held}") from held
    return held

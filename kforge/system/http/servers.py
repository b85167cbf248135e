"""Known local ports → the model servers that answer there, asked all at once over loopback, past every proxy.

How a server is told apart and what it lists is `system/http/dialects.py`. Nothing leaves the machine.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from kforge.domain.model.machine import ModelServer
from kforge.system.http.dialects import recognise

PORTS = (11434, 8080, 8000, 30000, 1234, 12434)
LOOPBACK = ("127.0.0.1", "::1")
SECONDS = 0.3  # for an answer by which a server is told apart
PATIENCE = 2.0  # for the lists of one that is
_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """One answer; status 0 where none came."""

    status: int = 0
    server: str = ""  # the header of that name, lower case
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON, None where it is none or not a success."""
        try:
            return json.loads(self.body) if self.status == 200 else None
        except (ValueError, RecursionError):
            return None


class ServerProbe:
    """Asks one address, each path once."""

    def __init__(self, url: str, seconds: float = SECONDS) -> None:
        self.url, self._seconds = url.rstrip("/"), seconds
        self._held: dict[str, ProbeReply] = {}

    def get(self, path: str, patience: float = 0.0) -> ProbeReply:
        if path not in self._held:
            self._held[path] = fetch(self.url + path, patience or self._seconds)
        return self._held[path]


def probe(urls: Iterable[str] = (), seconds: float = SECONDS) -> tuple[ModelServer, ...]:
    """Servers on the known ports, and at further loopback addresses, in that order; each once."""
    known = [f"http://{f'[{host}]' if ':' in host else host}:{port}" for port in PORTS for host in LOOPBACK]
    wanted = list(dict.fromkeys([*(url.rstrip("/") for url in urls), *known]))
    with ThreadPoolExecutor(max(1, len(wanted))) as workers:
        found = [
            server
            for server in workers.map(lambda url: _probe(url, seconds), wanted)
            if server and server.kind != "unknown"
        ]
    seen: dict[tuple[int | None, str], ModelServer] = {}
    for server in found:  # one that listens on both loopback addresses is one
        seen.setdefault((urlsplit(server.base_url).port, server.kind), server)
    return tuple(seen.values())


def probe_one(url: str, seconds: float = PATIENCE) -> ModelServer | None:
    """The server at an address that the user named, with more patience than a guess deserves."""
    return _probe(url.rstrip("/"), seconds)


def _probe(url: str, seconds: float) -> ModelServer | None:
    parts = urlsplit(url)
    if not _open(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80), seconds):
        return None
    bare = url.removesuffix("/v1").removesuffix("/engines")
    return recognise(ServerProbe(bare, seconds), PATIENCE) or ModelServer("unknown", "openai", url)


def _open(host: str, port: int, seconds: float) -> bool:
    try:
        with socket.create_connection((host, port), seconds):
            return True
    except OSError:
        return False


def fetch(url: str, seconds: float, body: bytes | None = None) -> ProbeReply:
    """GET, or POST of a JSON body, without proxies, redirects or keys; ends after `seconds` whatever the server does."""
    parts = urlsplit(url)
    end = time.monotonic() + seconds
    try:
        with _connected(parts, seconds) as wire:
            # A timeout a read would let a slow drip go on for ever, and http.client forgets the socket of a reply that
            # will close.
            watch = threading.Timer(max(0.0, end - time.monotonic()), _cut, (wire,))
            watch.daemon = True
            watch.start()
            try:
                reply = _exchange(wire, parts, body)
            finally:
                watch.cancel()
        return reply if time.monotonic() < end else ProbeReply()
    except (OSError, http.client.HTTPException, ValueError):
        return ProbeReply()


def _connected(parts: SplitResult, seconds: float) -> socket.socket:
    """A connection, for TLS without its handshake: that takes as long as the server likes."""
    secure, host = parts.scheme == "https", parts.hostname or ""
    wire = socket.create_connection((host, parts.port or (443 if secure else 80)), seconds)
    if not secure:
        return wire
    return ssl.create_default_context().wrap_socket(wire, server_hostname=host, do_handshake_on_connect=False)


def _exchange(wire: socket.socket, parts: SplitResult, body: bytes | None) -> ProbeReply:
    if isinstance(wire, ssl.SSLSocket):
        wire.do_handshake()
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    link = kind(parts.hostname or "", parts.port)
    link.sock = wire
    headers = {"Accept": "application/json, text/plain", "User-Agent": "kforge"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    link.request("GET" if body is None else "POST", parts.path or "/", body, headers)
    with link.getresponse() as answer:
        held = answer.read(_LIMIT + 1)
        return (
            ProbeReply(answer.status, (answer.getheader("server") or "").strip().lower(), held)
            if len(held) <= _LIMIT
            else ProbeReply()
        )


def _cut(wire: socket.socket) -> None:
    """End what another thread reads. Not by SSLSocket's own method: it takes the session from under the reader."""
    with suppress(OSError):
        socket.socket.shutdown(wire, socket.SHUT_RDWR)

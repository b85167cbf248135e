"""Known local ports → the model servers that answer there, asked all at once over loopback, past every proxy.

How a server is told apart and what it lists is `system/http/dialects.py`. Nothing leaves the machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kforge.domain.model import address, route
from kforge.domain.model.machine import ModelServer
from kforge.domain.model.request import Fault
from kforge.system.clock import CLOCK
from kforge.system.http.dialects import ServerProbe, recognise
from kforge.system.http.reply import HttpReply

if TYPE_CHECKING:
    from kforge.system.http.client import HttpClient

PORTS = (11434, 8080, 8000, 30000, 1234, 12434)
LOOPBACK = ("127.0.0.1", "::1")
SECONDS = 0.3  # for an answer by which a server is told apart
PATIENCE = 2.0  # for the lists of one that is
_LIMIT = 4 << 20  # bytes of an answer
_HEADERS = {
    "accept": "application/json, text/plain",
    "connection": "close",
}  # some servers end a kept connection unasked


def probe(urls: Iterable[str] = (), seconds: float = SECONDS) -> tuple[ModelServer, ...]:
    """Servers on the known ports, and at further loopback addresses, in that order; each once."""
    known = [f"http://{f'[{host}]' if ':' in host else host}:{port}" for port in PORTS for host in LOOPBACK]
    seen: dict[tuple[int | None, str], ModelServer] = {}
    for server in _probed([*(url.rstrip("/") for url in urls), *known], seconds):
        if server.kind != "unknown":  # one that listens on both loopback addresses is one
            seen.setdefault((urlsplit(server.base_url).port, server.kind), server)
    return tuple(seen.values())


def probe_one(url: str, seconds: float = PATIENCE) -> ModelServer | None:
    """The server at an address that the user named, with more patience than a guess deserves."""
    return next(iter(_probed([url.rstrip("/")], seconds)), None)


def fetch(url: str, path: str, seconds: float = PATIENCE, body: bytes | None = None) -> HttpReply:
    """What the server at a loopback address answers: to GET, or to POST of a JSON body."""
    client = _client(url)
    if client is None:
        return HttpReply()
    with client:
        return _fetch(client, path, seconds, body)


def _probed(urls: Iterable[str], seconds: float) -> list[ModelServer]:
    """The servers that listen at these addresses, all asked side by side."""
    clients = {url: client for url in dict.fromkeys(urls) if (client := _client(_bare(url)))}
    # The clients end before the workers do, so that after Ctrl-C no worker waits for an answer.
    with ThreadPoolExecutor(max(1, len(clients))) as workers, ExitStack() as opened:
        for client in clients.values():
            opened.enter_context(client)
        found = workers.map(lambda url: _probe(url, clients[url], seconds), clients)
        return [server for server in found if server]


def _client(url: str) -> HttpClient | None:
    """A client for an address of this machine, None for any other. Without an environment, it knows no proxy."""
    from kforge.system.http.client import HttpClient  # loads httpx

    if not address.is_loopback(url) or route.barred(url):
        return None
    return HttpClient(url, 1, PATIENCE, _LIMIT, {}, CLOCK)


def _bare(url: str) -> str:
    return url.removesuffix("/v1").removesuffix("/engines")


def _probe(url: str, client: HttpClient, seconds: float) -> ModelServer | None:
    if not client.listens(seconds):
        return None
    asked = ServerProbe(client.base_url, lambda path, patience: _fetch(client, path, patience), seconds)
    return recognise(asked, PATIENCE) or ModelServer("unknown", "openai", url)


def _fetch(client: HttpClient, path: str, seconds: float, body: bytes | None = None) -> HttpReply:
    try:
        method = "GET" if body is None else "POST"
        return client.send(method, path, _HEADERS, body or b"", CLOCK.tick() + seconds)
    except Fault:
        return HttpReply()

"""A model server over a real socket that fails on command: a trouble writes raw bytes, or none, for one question."""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

MODEL = "steady-1"
QUESTION = re.compile(rb"question (\d+)")


@dataclass
class Link:
    """One connection, as a trouble sees it. `number` is the question, `tries` how often it has been asked."""

    socket: socket.socket
    number: int = -1
    tries: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    content: str = ""  # a good answer to the question
    stopped: threading.Event = field(default_factory=threading.Event)

    def send(self, *parts: bytes | str) -> None:
        self.socket.sendall(b"".join(part.encode() if isinstance(part, str) else part for part in parts))

    def answer(self, status: int, body: bytes | str, *headers: str, kind: str = "application/json") -> None:
        content = body.encode() if isinstance(body, str) else body
        head = "\r\n".join(
            [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(content)}", *headers]
        )
        self.send(head, "\r\n\r\n", content)

    def well(self) -> bool:
        """Answer well."""
        self.answer(200, completion(self.content))
        return True

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def rest(self, seconds: float = 90.0) -> None:
        """Say nothing until the client is gone, the server stops, or the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.stopped.wait(0.02):
            self.socket.setblocking(False)
            try:
                if self.socket.recv(1) == b"":
                    return
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError:
                return
            finally:
                with suppress(OSError):
                    self.socket.setblocking(True)

    def drip(self, content: bytes, pause: float = 0.05) -> None:
        for byte in content:
            if self.stopped.wait(pause):
                return
            self.send(bytes([byte]))


def completion(text: str | None, finish: str | None = "stop", model: str = MODEL, **more: object) -> str:
    message = {"role": "assistant", "content": text, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return json.dumps({"model": model, "choices": [choice], "usage": {"prompt_tokens": 40, "completion_tokens": 9}})


def good(number: int) -> str:
    return json.dumps({"size": number, "kind": "small"})


Act = Callable[[Link], object]
LISTED = json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "acme"}]})


def numbered(body: bytes) -> int:
    """The number that a question carries in its text, -1 for none."""
    found = QUESTION.search(body)
    return int(found[1]) if found else -1


class Server:
    """Answers every question well but those in `struck`, which get the trouble. `asked` counts requests a question.

    `number` tells questions apart by their bodies, `content` gives a good answer to one.
    """

    def __init__(
        self,
        act: Act | None = None,
        tls: ssl.SSLContext | None = None,
        number: Callable[[bytes], int] = numbered,
        content: Callable[[bytes], str] = lambda body: good(numbered(body)),
    ) -> None:
        self.act, self.tls, self.number, self.content = act, tls, number, content
        self.struck: set[int] = set()
        self.accepted = 0
        self.hears = True
        self.asked: Counter[int] = Counter()
        self.seen: list[dict[str, str]] = []
        self._stopped, self._lock = threading.Event(), threading.Lock()
        self._links: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        self._stopped.set()
        self.deaf()

    def deaf(self) -> None:
        """Nobody listens any more, and no connection is kept."""
        self.hears = False
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """End every connection."""
        with self._lock:
            for link in self._links:
                with suppress(OSError):
                    link.shutdown(socket.SHUT_RDWR)

    def listen(self) -> None:
        """Listen again, on the same port, if nobody does."""
        if not self.hears:
            self.hears = True
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        listener = self._listener
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        twin = link.dup()  # TLS detaches the socket itself
        with self._lock:
            self._links.add(twin)
        wrapped = link
        with suppress(OSError, ValueError):
            wrapped = self.tls.wrap_socket(link, server_side=True) if self.tls else link
            while self._exchange(wrapped):
                pass
        wrapped.close()
        with self._lock:
            self._links.discard(twin)
        twin.close()

    def _exchange(self, link: socket.socket) -> bool:
        """Serve one request; whether the connection goes on."""
        head, body = _read(link)
        if not head:
            return False
        lines = (line.partition(": ") for line in head.decode("latin-1").split("\r\n")[1:])
        headers = {name.lower(): value for name, _, value in lines}
        method, path = head.split(b" ", 2)[:2]
        with self._lock:
            number = self.number(body)
            self.asked[number] += 1
            self.seen.append({"path": path.decode(), **headers})
        one = Link(link, number, self.asked[number], headers, self.content(body), self._stopped)
        if self.act and number in self.struck:
            return self.act(one) is True
        if method == b"GET":
            one.answer(200, LISTED)
            return True
        return one.well()


def _read(link: socket.socket) -> tuple[bytes, bytes]:
    """Head and body of one request; nothing at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = link.recv(65536)
        if not chunk:
            return b"", b""
        data += chunk
        if data[0] == 0x16:  # TLS, where none is spoken
            link.sendall(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            return b"", b""
    head, _, body = data.partition(b"\r\n\r\n")
    size = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    while size and len(body) < int(size[1]):
        body += link.recv(65536)
    return head, body


class Proxy:
    """An HTTP proxy: tunnels to a port of this machine, whatever host is asked for, until it is told to refuse."""

    def __init__(self, port: int) -> None:
        self.refuses, self.tunnels, self._aim = False, 0, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://who:s3cret-of-the-proxy@127.0.0.1:{self._listener.getsockname()[1]}"
        self._links: list[socket.socket] = []
        self.heard: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self) -> None:
        """End all tunnels."""
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._links.append(link)
            threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with link, suppress(OSError):
            self.heard.append(_read(link)[0])
            if self.refuses:
                link.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
                return
            self.tunnels += 1
            with socket.create_connection(("127.0.0.1", self._aim)) as aim:
                self._links.append(aim)
                link.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(aim, link), daemon=True)
                back.start()
                _pump(link, aim)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def running(act: Act | None = None, tls: ssl.SSLContext | None = None, **more: Any) -> Iterator[Server]:
    server = Server(act, tls, **more)
    try:
        yield server
    finally:
        server.stop()

"""A model server over a real socket that obeys a test: it says that nothing is asked for, unless told otherwise.

It speaks chat completions, counts what it is asked and how much of it at once, and takes its time where a test wants
it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests import wishes

MODEL = "obedient-1"


def target(body: dict[str, Any]) -> str:
    """`web/build`; "" for the canary."""
    return wishes.target(body["messages"][1]["content"]) if len(body["messages"]) > 1 else ""


def usual(body: dict[str, Any]) -> str:
    """That no wish asks for anything, so that all stays as the heuristics say; the canary's word where that is asked."""
    schema = body["response_format"]["json_schema"]["schema"]
    word = schema["properties"].get("word")
    return json.dumps({"word": word["enum"][0]} if word else wishes.silent(schema))


def other(body: dict[str, Any], **said: str) -> str:
    """The usual answer with something else said by those keys that are asked for."""
    told = json.loads(usual(body))
    return json.dumps(told | {name: value for name, value in said.items() if name in told})


def finished(text: str, model: str) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {
        "object": "chat.completion",
        "model": model,
        "choices": [choice],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20},
    }


@dataclass
class Asked:
    """What a server was asked, and how it answers. `arrived` is set with the first question."""

    url: str = ""
    answer: Callable[[dict[str, Any]], str] = usual
    latency: float = 0.0
    models: tuple[str, ...] = (MODEL,)
    tells: bool = False  # probabilities: it is sure of every character
    bodies: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 0  # GET requests
    at_once: int = 0
    most: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def targets(self) -> list[str]:
        """Questions in the order they came, the canary left out."""
        return [name for name in map(target, self.bodies) if name]

    def forget(self) -> None:
        self.bodies.clear()
        self.looks = self.most = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as real servers do: else each answer waits 40 ms for an acknowledgement
    asked: Asked

    def do_GET(self) -> None:
        self.asked.looks += 1
        models = [{"id": name, "object": "model", "owned_by": "acme"} for name in self.asked.models]
        listed = {"object": "list", "data": models}
        self._send(200 if self.path.endswith("/models") else 404, listed)

    def do_POST(self) -> None:
        begin, asked = time.monotonic(), self.asked
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with asked.lock:
            asked.bodies.append(body)
            asked.at_once += 1
            asked.most = max(asked.most, asked.at_once)
        if target(body):
            asked.arrived.set()
        end = begin + (asked.latency if target(body) else 0)  # reading the question is the server's own time
        asked.stop.wait(max(0.0, end - time.monotonic()))
        with asked.lock:
            asked.at_once -= 1
        text = asked.answer(body)
        held = finished(text, body["model"] if body["model"] in asked.models else asked.models[0])
        if asked.tells:
            sure = [{"token": each, "logprob": 0.0, "top_logprobs": []} for each in text]
            held["choices"][0]["logprobs"] = {"content": sure}
        self._send(200, held)

    def _send(self, status: int, held: dict[str, Any]) -> None:
        content = json.dumps(held).encode()
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the client went away

    def log_message(self, *parts: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@contextmanager
def serving(latency: float = 0.0, answer: Callable[[dict[str, Any]], str] = usual) -> Iterator[Asked]:
    asked = Asked(answer=answer, latency=latency)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"asked": asked}))
    asked.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield asked
    finally:
        asked.stop.set()
        server.shutdown()
        server.server_close()

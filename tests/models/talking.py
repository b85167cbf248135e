"""A model over a real socket that answers as it is told: the first of all choices, changed by a function.

It speaks OpenAI's protocol as far as kforge does, and keeps every prompt.
"""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from kforge.domain.topic_names import TOPIC_NAMES
from kforge.llm.line_clues import clues
from tests import wishes

MODEL = "steady-1"
LINES = "Lines of a program's files"
Word = Callable[[str, dict[str, Any]], Any]  # (prompt, the first of all choices) → the answer; a text goes out as it is


@dataclass
class Talking:
    """What was asked: the question of every request but the canary's, and where it answers."""

    word: Word
    url: str = ""
    prompts: list[str] = field(default_factory=list)

    def about(self, topic: str) -> list[str]:
        return [prompt for prompt in self.prompts if topic_of(prompt) == topic]

    def environment(self, caches: Any) -> dict[str, str]:
        return {"KFORGE_BASE_URL": self.url, "KFORGE_MODEL": MODEL, "KFORGE_CACHE_DIR": str(caches)}

    def answer(self, body: dict[str, Any]) -> str:
        schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
        word = schema.get("properties", {}).get("word")
        if word:
            return json.dumps({"word": word["enum"][0]})
        prompt = next(one["content"] for one in body["messages"] if one["role"] == "user")
        self.prompts.append(prompt)
        # Of what lines mean the last choice says nothing, of what wishes ask for the first one something.
        chosen = -1 if prompt.startswith(LINES) else 0
        first = {name: one["enum"][chosen] for name, one in schema["properties"].items() if "enum" in one}
        told = self.word(prompt, first)
        return told if isinstance(told, str) else json.dumps(told)


def topic_of(prompt: str) -> str:
    """The topic that a question is about: of a small one, that of the settings or the phrases that it lists."""
    if prompt.startswith(LINES):
        return next(
            name
            for name in TOPIC_NAMES
            if any(phrase in prompt for one in clues(name) for phrase in one.choices if len(phrase) > 3)
        )
    return wishes.topic_of(prompt)


@contextmanager
def talking(word: Word = lambda prompt, usual: usual) -> Iterator[Talking]:
    model = Talking(word)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listed = {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "acme"}]}
            self.send(200 if self.path == "/v1/models" else 404, listed)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": model.answer(body)},
                "finish_reason": "stop",
            }
            self.send(
                200, {"model": MODEL, "choices": [choice], "usage": {"prompt_tokens": 100, "completion_tokens": 9}}
            )

        def send(self, status: int, told: Any) -> None:
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: Any) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

        def handle_error(self, request: Any, address: Any) -> None:
            """Whoever hung up has heard enough."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        model.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()

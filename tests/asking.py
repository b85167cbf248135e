"""What tests of asking start from: a request, a provider without a server, keys and completions."""

from __future__ import annotations

import json
from dataclasses import replace

from kforge.domain.model.cache_key import CacheKey, key_of
from kforge.domain.model.request import (
    Capabilities,
    Completion,
    Endpoint,
    Fault,
    Message,
    Provider,
    Request,
    ServedModel,
    Usage,
    Wire,
)

MODEL = ServedModel("tiny", "sha256:00ff", strong=True)
REQUEST = Request("web/build", (Message("system", "You decide."), Message("user", "Which base?")), {"type": "object"})


def encode(model: str, request: Request) -> Wire:
    messages = [{"role": one.role, "content": one.content} for one in request.messages]
    return Wire(
        "/chat/completions",
        {"model": model, "messages": messages, "seed": request.seed, "temperature": 0, "stream": False},
    )


def decode(status, headers, body) -> Completion:
    """OpenAI's form, as far as a test needs it."""
    held = json.loads(body)
    choice = held["choices"][0]
    if choice["finish_reason"] != "stop":
        raise Fault("cut", "stopped by the length limit")
    usage = held.get("usage", {})
    return Completion(
        choice["message"]["content"],
        held["model"],
        Usage(usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)),
    )


def provider(name: str = "openai") -> Provider:
    return Provider(name, Capabilities(), encode, decode, None, lambda *given: (), lambda key: {})


PROVIDER = provider()
ENDPOINT = Endpoint("openai", MODEL, "http://127.0.0.1:8080")
ANSWER = Completion('{"base": "python-3.12"}', "tiny", Usage(120, 9))


def request(text: str = "Which base?", target: str = "web/build", **changes) -> Request:
    return replace(
        REQUEST, target=target, messages=(Message("system", "You decide."), Message("user", text)), **changes
    )


def key(asked: Request = REQUEST, model: ServedModel = MODEL, name: str = "openai") -> CacheKey:
    return key_of(name, model, encode(model.name, asked), asked)

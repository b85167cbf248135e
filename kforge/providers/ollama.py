"""Ollama's own protocol. Its OpenAI-compatible one can neither size the context nor forbid to drop what is too long."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kforge.domain.model import schema_dialect
from kforge.domain.model.confidence import MOST, sampled
from kforge.domain.model.request import (
    Capabilities,
    Completion,
    Endpoint,
    Fault,
    Provider,
    Request,
    ServedModel,
    Usage,
    Wire,
)
from kforge.domain.model.vendors import KEYS
from kforge.domain.model.wire import count, finished, label, mapping, read, scaled, sequence, shown, tokens

# Contexts come in few sizes: Ollama loads a model anew for each.
_SMALLEST = 8192


def encode(model: str, request: Request, thinks: bool = False, context: int = 0) -> Wire:
    """The body of `/api/chat`. `context` is the model's longest in tokens, 0 where it is unknown."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": one.role, "content": one.content} for one in request.messages],
        "format": schema_dialect.translate(request.schema, schema_dialect.LLAMA),
        "stream": False,
        # Since 0.12.11; servers before that pass over what they do not know.
        "logprobs": True,
        "top_logprobs": MOST,
        "keep_alive": "10m",
        # Both are on by default and drop the beginning of the conversation without a word.
        "truncate": False,
        "shift": False,
        "options": {
            "seed": request.sampling_seed,
            "temperature": request.temperature,
            "num_ctx": room(request, context),
            "num_predict": request.max_tokens,
        },
    }
    return Wire("/api/chat", {**body, "think": False} if thinks else body)


def room(request: Request, most: int = 0) -> int:
    """The context that question and answer surely fit into, in tokens: a power of two, at most what the model can."""
    needed, size = tokens(request.messages) + request.max_tokens, _SMALLEST
    while size < needed:
        size *= 2
    return min(size, most) if most else size


def decode(status: int, headers: Mapping[str, str], body: bytes) -> Completion:
    """The message of a finished chat. Raises Fault."""
    held = read(status, headers, body)
    if held.get("done") is not True:
        raise Fault("garbled", "the answer is not finished")
    reason = held.get("done_reason", "stop")
    if reason == "length":
        raise Fault("cut", "the answer ran into the limit of tokens")
    if reason != "stop":
        raise Fault("garbled", f"the answer ended with `{shown(str(reason))}`")
    usage = Usage(count(held.get("prompt_eval_count")), count(held.get("eval_count")))
    text, model = finished(mapping(held.get("message")).get("content")), str(held.get("model") or "")
    return Completion(text, model, usage, sampled=sampled(held.get("logprobs")))


def decode_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ServedModel, ...]:
    """The models of `/api/tags`. The digest is that of weights, template and parameters, unless it runs elsewhere."""
    entries = (mapping(entry) for entry in sequence(read(status, headers, body).get("models")))
    found = (
        _model(name, entry) for entry in entries if (name := label(entry.get("name")) or label(entry.get("model")))
    )
    return tuple(sorted(found, key=lambda model: model.name))


def _model(name: str, entry: Mapping[str, Any]) -> ServedModel:
    details = mapping(entry.get("details"))
    digest = str(entry.get("digest") or "")
    strong = re.fullmatch(r"(?:sha256:)?[0-9a-f]{64}", digest) is not None and not entry.get("remote_host")
    return ServedModel(
        name=name,
        identity=f"sha256:{digest.removeprefix('sha256:')}" if strong else shown(digest),
        strong=strong,
        context=count(details.get("context_length")),
        parameters=scaled(details.get("parameter_size")),
        size=count(entry.get("size")),
        features=_features(entry),
    )


def _features(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, map(label, sequence(entry.get("capabilities"))))))


def decode_show(model: ServedModel, status: int, headers: Mapping[str, str], body: bytes) -> ServedModel:
    """The model with what `/api/show` tells: its longest context, and whether it thinks."""
    held = read(status, headers, body)
    info = mapping(held.get("model_info"))
    context = next((count(value) for key, value in sorted(info.items()) if key.endswith(".context_length")), 0)
    parameters = count(info.get("general.parameter_count"))
    return replace(
        model,
        context=context or model.context,
        parameters=parameters or model.parameters,
        features=_features(held) or model.features,
    )


def _full(name: str) -> str:
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _same(asked: str, told: str) -> bool:
    return _full(asked) == _full(told)


def _variant(endpoint: Endpoint) -> Provider:
    thinks, context = "thinking" in endpoint.model.features, endpoint.model.context
    return replace(PROVIDER, encode=lambda model, request: encode(model, request, thinks, context))


PROVIDER = Provider(
    name="ollama",
    capabilities=Capabilities(parallel=1),
    encode=encode,
    decode=decode,
    models=Wire("/api/tags", {}, method="GET"),
    decode_models=decode_models,
    authorize=lambda key: {"authorization": f"Bearer {key}"} if key else {},  # a proxy in front, or ollama.com
    keys=KEYS["ollama"],
    show=lambda name: Wire("/api/show", {"model": name}),
    decode_show=decode_show,
    same=_same,
    variant=_variant,
)

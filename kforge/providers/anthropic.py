"""Anthropic's messages. There is no seed, and newer models refuse a temperature even at its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kforge.domain.model import schema_dialect
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
from kforge.domain.model.vendors import BY_NAME
from kforge.domain.model.wire import count, finished, label, mapping, read, sequence, shown

_VERSION = {"anthropic-version": "2023-06-01"}


def encode(model: str, request: Request) -> Wire:
    """The body of `/v1/messages`; system messages stand apart."""
    system = "\n\n".join(one.content for one in request.messages if one.role == "system")
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": [{"role": one.role, "content": one.content} for one in request.messages if one.role != "system"],
        "output_config": {
            "format": {
                "type": "json_schema",
                "schema": schema_dialect.translate(request.schema, schema_dialect.ANTHROPIC),
            }
        },
    }
    return Wire("/v1/messages", {**body, "system": system} if system else body, _VERSION)


def decode(status: int, headers: Mapping[str, str], body: bytes) -> Completion:
    """The text blocks of a message that came to its end. Raises Fault."""
    held = read(status, headers, body)
    _ended(held.get("stop_reason"))
    blocks = (mapping(block) for block in sequence(held.get("content")))
    text = "".join(str(block.get("text", "")) for block in blocks if block.get("type") == "text")
    usage = mapping(held.get("usage"))
    return Completion(
        finished(text), str(held.get("model") or ""), Usage(_read(usage), count(usage.get("output_tokens")))
    )


def _read(usage: Mapping[str, Any]) -> int:
    """Tokens read, cached ones too."""
    return sum(
        count(usage.get(key)) for key in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    )


def _ended(reason: Any) -> None:
    if reason == "max_tokens":
        raise Fault("cut", "the answer ran into the limit of tokens")
    if reason == "refusal":
        raise Fault("refused", "the model refused to answer")
    if reason == "model_context_window_exceeded":
        raise Fault("overflow", "question and answer are longer than the model's context")
    if reason not in ("end_turn", "stop_sequence"):
        raise Fault("garbled", f"the answer ended with `{shown(str(reason))}`")


def decode_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ServedModel, ...]:
    entries = (mapping(entry) for entry in sequence(read(status, headers, body).get("data")))
    found = (
        ServedModel(name, context=count(entry.get("max_input_tokens")))
        for entry in entries
        if (name := label(entry.get("id")))
    )
    return tuple(sorted(found, key=lambda model: model.name))


def authorize(key: str) -> Mapping[str, str]:
    """An API key has its own header; an access token (`sk-ant-oat…`) is a bearer's."""
    if not key:
        return {}
    return _bearer(key) if key.startswith("sk-ant-oat") else {"x-api-key": key}


def _bearer(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _same(asked: str, told: str) -> bool:
    """`claude-x` may answer as `claude-x-20260101`."""
    return told.startswith(asked.removesuffix("-latest")) or asked.startswith(told)


def _variant(endpoint: Endpoint) -> Provider:
    """`bearer`: the key came as an access token, for a gateway."""
    return replace(PROVIDER, authorize=_bearer) if endpoint.dialect == "bearer" else PROVIDER


PROVIDER = Provider(
    name="anthropic",
    capabilities=Capabilities(seed=False, temperature=False, parallel=16),
    encode=encode,
    decode=decode,
    models=Wire("/v1/models?limit=1000", {}, _VERSION, method="GET"),
    decode_models=decode_models,
    authorize=authorize,
    keys=BY_NAME["anthropic"].keys,
    same=_same,
    variant=_variant,
)

"""Gemini's `generateContent`. The model stands in the path, and a finish reason other than STOP is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kforge.domain.model import schema_dialect
from kforge.domain.model.request import Capabilities, Completion, Fault, Provider, Request, ServedModel, Usage, Wire
from kforge.domain.model.vendors import BY_NAME
from kforge.domain.model.wire import count, finished, label, mapping, read, sequence, shown

_ROOM = 8192  # models think first, and their thoughts count against the limit
_ROLES = {"user": "user", "assistant": "model"}
_REFUSALS = ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE")


def encode(model: str, request: Request) -> Wire:
    """The body of `/models/{model}:generateContent`."""
    body: dict[str, Any] = {
        "contents": [_content(one.content, _ROLES[one.role]) for one in request.messages if one.role != "system"],
        "generationConfig": {
            "responseMimeType": "application/json",
            "responseJsonSchema": schema_dialect.translate(request.schema, schema_dialect.GEMINI),
            "seed": request.sampling_seed,
            "temperature": request.temperature,
            "candidateCount": 1,
            "maxOutputTokens": request.max_tokens + _ROOM,
        },
    }
    system = [{"text": one.content} for one in request.messages if one.role == "system"]
    name = quote(model.removeprefix("models/"), safe="")
    return Wire(f"/models/{name}:generateContent", {**body, "systemInstruction": {"parts": system}} if system else body)


def _content(text: str, role: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": text}]}


def decode(status: int, headers: Mapping[str, str], body: bytes) -> Completion:
    """The first candidate's text without its thoughts. Raises Fault."""
    held = read(status, headers, body)
    blocked = mapping(held.get("promptFeedback")).get("blockReason")
    if blocked:
        raise Fault("refused", f"the question was blocked: {shown(str(blocked))}")
    candidate = mapping(next(iter(sequence(held.get("candidates"))), None))
    _ended(candidate)
    parts = (mapping(part) for part in sequence(mapping(candidate.get("content")).get("parts")))
    text = "".join(str(part.get("text", "")) for part in parts if not part.get("thought"))
    usage = mapping(held.get("usageMetadata"))
    spent = count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount"))
    return Completion(
        finished(text), str(held.get("modelVersion") or ""), Usage(count(usage.get("promptTokenCount")), spent)
    )


def _ended(candidate: Mapping[str, Any]) -> None:
    if not candidate:
        raise Fault("garbled", "the answer holds no candidate")
    reason = candidate.get("finishReason")
    if reason == "MAX_TOKENS":
        raise Fault("cut", "the answer ran into the limit of tokens")
    if reason in _REFUSALS:
        raise Fault("refused", f"the answer was stopped: {reason}")
    if reason != "STOP":
        raise Fault("garbled", f"the answer ended with `{shown(str(reason))}`")


def decode_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ServedModel, ...]:
    """The models that generate content."""
    entries = (mapping(entry) for entry in sequence(read(status, headers, body).get("models")))
    found = (
        ServedModel(name, context=count(entry.get("inputTokenLimit")))
        for entry in entries
        if (name := label(entry.get("name")).removeprefix("models/"))
        and "generateContent" in sequence(entry.get("supportedGenerationMethods"))
    )
    return tuple(sorted(found, key=lambda model: model.name))


def _same(asked: str, told: str) -> bool:
    """`gemini-x` may answer as `gemini-x-001` or, by an alias, as another of the family."""
    return told.partition("-")[0] == asked.removeprefix("models/").partition("-")[0]


PROVIDER = Provider(
    name="gemini",
    capabilities=Capabilities(parallel=16),
    encode=encode,
    decode=decode,
    models=Wire("/models?pageSize=1000", {}, method="GET"),
    decode_models=decode_models,
    authorize=lambda key: {"x-goog-api-key": key} if key else {},
    keys=BY_NAME["gemini"].keys,
    same=_same,
)

"""The chat completions of OpenAI, and of everyone who took the protocol over, each with an accent that is data here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from kforge.domain.model import schema_dialect as schemas
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
from kforge.domain.model.schema_dialect import Dialect, translate
from kforge.domain.model.vendors import BY_NAME
from kforge.domain.model.wire import count, finished, label, mapping, read, sequence, shown

# Models that think first: they refuse a temperature, and their thoughts count against the limit.
_THINKS = re.compile(r"(?:.*/)?(?:o\d|gpt-5(?!.*chat)|gpt-[6-9])")
_ROOM = 8192
# Of OpenAI's own models these tell probabilities; those that think refuse to.
_TELLS = re.compile(r"gpt-4(?:o|\.1)")
_EVERY = re.compile("")


@dataclass(frozen=True, slots=True)
class Accent:
    """How one server speaks the protocol."""

    name: str
    hosts: tuple[str, ...] = ()  # the vendor's own, or what they end in
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    seed: str = "seed"
    more: Mapping[str, Any] = field(default_factory=dict)  # said in every request
    schema: Dialect = schemas.LLAMA
    thinks: bool = False  # whether names of models tell that they think first
    key: str = "authorization"  # the header that carries it
    echo: Literal["same", "related", "any"] = "related"  # what the server may call the asked model
    parallel: int = 1
    # Models that are known to tell probabilities of tokens. Where it is not known, a refusal would cost every answer.
    tells: re.Pattern[str] | None = None


_REMOTE = Accent("", schema=schemas.OPENAI, parallel=16)
_AZURE = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_PLAIN = {"cache_prompt": False}  # llama.cpp: what was asked before must not change an answer
ACCENTS = (
    # An unknown model still answers 200 with the one that is loaded: only its name tells.
    Accent("llama-server", more=_PLAIN, echo="same", tells=_EVERY),
    Accent("vllm", schema=schemas.XGRAMMAR, tells=_EVERY),
    Accent("sglang", schema=schemas.XGRAMMAR, tells=_EVERY),
    # Takes the question for probabilities and answers none: https://github.com/lmstudio-ai/lms/issues/60
    Accent("lmstudio", echo="same"),
    Accent("localai", more=_PLAIN),
    Accent("docker-model-runner", more=_PLAIN, echo="any"),
    Accent("llama-cpp-python", echo="any"),
    replace(
        _REMOTE,
        name="openai",
        hosts=("api.openai.com",),
        limit="max_completion_tokens",
        more={"store": False},
        thinks=True,
        tells=_TELLS,
    ),
    # A deployment has a name of its own.
    replace(_REMOTE, name="azure", hosts=_AZURE, limit="max_completion_tokens", thinks=True, key="api-key", echo="any"),
    # Only endpoints that take all that is asked, the schema above all.
    replace(
        _REMOTE,
        name="openrouter",
        hosts=("openrouter.ai",),
        more={"provider": {"require_parameters": True}},
        thinks=True,
        echo="any",
    ),
    replace(_REMOTE, name="mistral", hosts=("api.mistral.ai",), seed="random_seed"),
    replace(
        _REMOTE,
        name="gemini",
        hosts=("generativelanguage.googleapis.com",),
        seed="",
        schema=schemas.GEMINI,
    ),
    Accent("openai-compatible"),
)
ANY = ACCENTS[-1]


def accent(endpoint: Endpoint) -> Accent:
    """The accent of an endpoint's server: named, or told by what the server says it is, or by its host."""
    host = urlsplit(endpoint.base_url).hostname or ""
    words = (endpoint.dialect, endpoint.server.partition(" ")[0])
    for one in ACCENTS:
        if one.name in words or any(host == own or (own.startswith(".") and host.endswith(own)) for own in one.hosts):
            return one
    return ANY


def _thinks(model: str, spoken: Accent) -> bool:
    return spoken.thinks and _THINKS.match(model) is not None


def encode(model: str, request: Request, spoken: Accent = ANY) -> Wire:
    """The body of a chat completion under `/chat/completions`."""
    thinks = _thinks(model, spoken)
    schema = translate(request.schema, spoken.schema)
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": one.role, "content": one.content} for one in request.messages],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "decision", "strict": True, "schema": schema},
        },
        spoken.limit: request.max_tokens + (_ROOM if thinks else 0),
        "stream": False,
    }
    if not thinks:
        body["temperature"] = request.temperature
    if spoken.seed:
        body[spoken.seed] = request.sampling_seed
    if spoken.tells and spoken.tells.match(model) and not thinks:
        body |= {"logprobs": True, "top_logprobs": MOST}
    return Wire("/chat/completions", {**body, **spoken.more})


def decode(status: int, headers: Mapping[str, str], body: bytes) -> Completion:
    """The first choice. Raises Fault for errors in any status, refusals, filters, and what the limit cut off."""
    held = read(status, headers, body)
    choice = mapping(next(iter(sequence(held.get("choices"))), None))
    message = mapping(choice.get("message"))
    if message.get("refusal"):
        raise Fault("refused", f"the model refused: {shown(str(message['refusal']))}")
    _ended(choice)
    usage = mapping(held.get("usage"))
    return Completion(
        finished(_text(message.get("content"))),
        str(held.get("model") or ""),
        Usage(count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))),
        sampled=sampled(mapping(choice.get("logprobs")).get("content")),
    )


def _ended(choice: Mapping[str, Any]) -> None:
    if not choice:
        raise Fault("garbled", "the answer holds no choice")
    reason = choice.get("finish_reason")
    if reason == "length":
        raise Fault("cut", "the answer ran into the limit of tokens")
    if reason == "content_filter":
        raise Fault("refused", "a content filter stopped the answer")
    if reason not in ("stop", "eos", "eos_token", "end_turn", "", None):
        raise Fault("garbled", f"the answer ended with `{shown(str(reason))}`")


def _text(content: Any) -> Any:
    """The text of a message; Mistral's thinking models answer in parts."""
    parts = [mapping(part) for part in sequence(content)]
    return "".join(str(part.get("text", "")) for part in parts if part.get("type") == "text") if parts else content


def decode_models(status: int, headers: Mapping[str, str], body: bytes) -> tuple[ServedModel, ...]:
    """The models of a list, by name. What tells the weights apart is weak but for a digest."""
    found = {}
    for entry in sequence(read(status, headers, body).get("data")):
        one = mapping(entry)
        name = label(one.get("id")).removeprefix("models/")
        if name:
            found[name] = _model(name, one)
    return tuple(found[name] for name in sorted(found))


_CONTEXT = ("max_model_len", "loaded_context_length", "context_length", "max_context_length", "context_window")
_IDENTITY = ("root", "key", "quantization", "size_bytes")


def _model(name: str, entry: Mapping[str, Any]) -> ServedModel:
    meta = mapping(entry.get("meta"))
    contexts = (count(meta.get("n_ctx")), *(count(entry.get(key)) for key in _CONTEXT))
    marks = [(key, meta.get(key)) for key in ("n_params", "size", "ftype")] + [
        (key, entry.get(key)) for key in _IDENTITY
    ]
    identity = ", ".join(f"{key}={shown(str(value))}" for key, value in marks if value)
    strong = re.fullmatch(r"sha256:[0-9a-f]{64}", name) is not None
    return ServedModel(
        name=name,
        identity=name if strong else identity,
        strong=strong,
        context=next(filter(None, contexts), 0),
        parameters=count(meta.get("n_params")),
        size=count(meta.get("size")) or count(entry.get("size_bytes")),
    )


def authorize(key: str) -> Mapping[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


def _same(asked: str, told: str) -> bool:
    return asked == told


def _related(asked: str, told: str) -> bool:
    """Whether one name may stand for the other: an alias for its dated version, with or without its vendor."""
    one, two = (
        re.sub(r"[^a-z0-9]", "", name.lower().rpartition("/")[2].removesuffix(":latest")) for name in (asked, told)
    )
    return one.startswith(two) or two.startswith(one)


_ECHOES = {"same": _same, "related": _related, "any": lambda asked, told: True}


def _variant(endpoint: Endpoint) -> Provider:
    spoken = accent(endpoint)
    return replace(
        PROVIDER,
        capabilities=replace(
            PROVIDER.capabilities,
            seed=bool(spoken.seed),
            temperature=not _thinks(endpoint.model.name, spoken),
            parallel=spoken.parallel,
        ),
        encode=lambda model, request: encode(model, request, spoken),
        authorize=authorize if spoken.key == "authorization" else lambda key: {spoken.key: key} if key else {},
        keys=BY_NAME[spoken.name].keys if spoken.name in BY_NAME else (),
        same=_ECHOES[spoken.echo],
    )


PROVIDER = Provider(
    name="openai",
    capabilities=Capabilities(parallel=1),
    encode=encode,
    decode=decode,
    models=Wire("/models", {}, method="GET"),
    decode_models=decode_models,
    authorize=authorize,
    keys=BY_NAME["openai"].keys,
    same=_related,
    variant=_variant,
)

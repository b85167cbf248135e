"""What a model server says of itself → its kind, its address and the models it offers. Asks by a callback, reads only.

One function a server. The order in `recognise` matters: Docker Model Runner also speaks Ollama's lists, and several
servers share a port.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kforge.domain.model.machine import LOADING, ModelServer, Offer
from kforge.domain.model.request import ServedModel
from kforge.domain.model.wire import count, label, scaled
from kforge.system.http.reply import HttpReply

_BYTES = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30}
_META = ("n_params", "size", "ftype", "n_vocab", "n_embd")  # what llama.cpp tells of weights, for want of a digest
# Models that settle no question: told by their names where the server does not say.
_SILENT = re.compile(
    r"embed|rerank|whisper|(^|[^a-z])(bge|gte|e5|tts|clip|guard|minilm|kokoro|stablediffusion|flux)([^a-z]|$)",
    re.IGNORECASE,
)


class ServerProbe:
    """Asks one address, each path at most once. `fetch` gives the answer to a path within so many seconds."""

    def __init__(self, url: str, fetch: Callable[[str, float], HttpReply], seconds: float) -> None:
        self.url, self._fetch, self._seconds = url, fetch, seconds
        self._held: dict[str, HttpReply] = {}

    def get(self, path: str, patience: float = 0.0) -> HttpReply:
        if path not in self._held:
            self._held[path] = self._fetch(path, patience or self._seconds)
        return self._held[path]


def recognise(ask: ServerProbe, patience: float) -> ModelServer | None:
    """The server at an address; None for anything but a model server."""
    front = ask.get("/")
    if not front.status:
        return None
    if b"Docker Model Runner" in front.body[:200]:
        return _docker(ask, patience)
    if b"Ollama is running" in front.body[:200]:
        return _ollama(ask, patience)
    listed = ask.get("/v1/models", patience)
    if front.server == "llama.cpp" or listed.server == "llama.cpp":
        return _llama(ask, listed, patience)
    if (
        _entries(ask.get("/api/v1/models").json, "models")
        and "key" in _entries(ask.get("/api/v1/models").json, "models")[0]
    ):
        return _studio(ask)
    if _entries(ask.get("/api/v0/models").json, "data"):
        return _older_studio(ask)
    if ask.get("/.well-known/localai.json").status == 200:
        return _plain("localai", ask, listed, _version(ask, "/system"))
    if listed.status in (401, 403) and listed.body[:1] == b"{":
        return ModelServer("openai-compatible", "openai", f"{ask.url}/v1", problem="wants a key")
    return _by_owner(ask, listed, patience)


def _by_owner(ask: ServerProbe, listed: HttpReply, patience: float) -> ModelServer | None:
    """Servers of OpenAI's protocol, told apart by the `owned_by` of their models."""
    entries = _entries(listed.json, "data")
    if not entries or not all(isinstance(each.get("id"), str) for each in entries):
        return None
    owner = str(entries[0].get("owned_by", ""))
    if owner == "llamacpp":
        return _llama(ask, listed, patience)
    if owner == "vllm":
        return _plain("vllm", ask, listed, _version(ask, "/version"))
    if owner == "sglang":
        path = _text(ask.get("/get_model_info").json, "model_path")
        return _plain("sglang", ask, listed, "", path)
    return _plain("llama-cpp-python" if owner == "me" else "openai-compatible", ask, listed, "")


def _plain(kind: str, ask: ServerProbe, listed: HttpReply, version: str, path: str = "") -> ModelServer:
    offers = []
    for each in _entries(listed.json, "data"):
        name = _text(each, "id")
        if name:
            identity = path or _text(each, "root")
            offers.append(
                Offer(
                    ServedModel(name, identity, False, _number(each, "max_model_len")),
                    not _SILENT.search(name),
                    loaded=kind in ("vllm", "sglang"),
                )
            )
    return ModelServer(kind, "openai", f"{ask.url}/v1", version, tuple(offers))


def _ollama(ask: ServerProbe, patience: float) -> ModelServer:
    """https://docs.ollama.com/api: a digest of the manifest for each model; cloud models name their host.

    The context that a model happens to run with is no limit of it: Ollama loads it anew for a longer one.
    """
    running = {_text(each, "name") for each in _entries(ask.get("/api/ps", patience).json, "models")}
    tags = ask.get("/api/tags", patience)
    offers = []
    for each in _entries(tags.json, "models"):
        name, digest, details = _text(each, "name"), _text(each, "digest"), each.get("details")
        if not name:
            continue
        elsewhere = bool(each.get("remote_host") or each.get("remote_model"))
        known = details if isinstance(details, dict) else {}
        families = f"{_text(known, 'family')} {known.get('families') or ''}"
        identity = (
            f"sha256:{digest.removeprefix('sha256:')}"
            if digest and not elsewhere
            else _text(each, "remote_model") or digest
        )
        model = ServedModel(
            name,
            identity,
            bool(digest) and not elsewhere,
            parameters=scaled(known.get("parameter_size")),
            size=0 if elsewhere else _number(each, "size"),
        )
        chats = "bert" not in families and not _SILENT.search(name)
        offers.append(Offer(model, chats, name in running, elsewhere, quantization=_text(known, "quantization_level")))
    problem = "" if tags.json is not None else "does not list its models"
    return ModelServer("ollama", "ollama", ask.url, _version(ask, "/api/version"), tuple(offers), problem)


def _llama(ask: ServerProbe, listed: HttpReply, patience: float) -> ModelServer:
    """llama.cpp names the file it serves; its `n_ctx` is what one slot has."""
    base = f"{ask.url}/v1"
    if listed.status in (401, 403):
        return ModelServer("llama-server", "openai", base, problem="wants a key")
    if listed.status == 503:
        return ModelServer("llama-server", "openai", base, problem=LOADING)
    props = ask.get("/props", patience).json
    props = props if isinstance(props, dict) else {}
    generation = props.get("default_generation_settings")
    context = _number(generation if isinstance(generation, dict) else props, "n_ctx")
    offers = []
    entries = _entries(listed.json, "data")
    for each in entries:
        name, told = _text(each, "id"), each.get("meta")
        meta = told if isinstance(told, dict) else {}
        if not name:
            continue
        facts = ";".join(f"{key}={known}" for key in _META if (known := _number(meta, key) or _text(meta, key)))
        file = _text(props, "model_path") if len(entries) == 1 else ""  # a router serves several
        model = ServedModel(
            name,
            facts,
            False,
            context or _number(meta, "n_ctx_train"),
            _number(meta, "n_params"),
            _number(meta, "size"),
        )
        offers.append(Offer(model, not _SILENT.search(name), bool(meta), file=file, quantization=_text(meta, "ftype")))
    return ModelServer("llama-server", "openai", base, _text(props, "build_info"), tuple(offers))


def _studio(ask: ServerProbe) -> ModelServer:
    """LM Studio from 0.4: https://lmstudio.ai/docs/developer/rest"""
    offers = []
    for each in _entries(ask.get("/api/v1/models").json, "models"):
        name, size = _text(each, "key"), _number(each, "size_bytes")
        instances = each.get("loaded_instances")
        loaded = instances[0] if isinstance(instances, list) and instances and isinstance(instances[0], dict) else {}
        settings = loaded.get("config")
        context = _number(settings if isinstance(settings, dict) else {}, "context_length") or _number(
            each, "max_context_length"
        )
        told = each.get("quantization")
        quantization = _text(told, "name") if isinstance(told, dict) else label(told)
        if name:
            model = ServedModel(
                name, f"{quantization};size={size}", False, context, scaled(each.get("params_string")), size
            )
            offers.append(
                Offer(
                    model,
                    _text(each, "type") not in ("embedding", "embeddings"),
                    bool(loaded),
                    quantization=quantization,
                )
            )
    return ModelServer("lmstudio", "openai", f"{ask.url}/v1", offers=tuple(offers))


def _older_studio(ask: ServerProbe) -> ModelServer:
    offers = []
    for each in _entries(ask.get("/api/v0/models").json, "data"):
        name, quantization = _text(each, "id"), _text(each, "quantization")
        context = _number(each, "loaded_context_length") or _number(each, "max_context_length")
        if name:
            kind = _text(each, "type")
            model = ServedModel(name, quantization, False, context)
            offers.append(
                Offer(model, kind in ("llm", "vlm", ""), _text(each, "state") == "loaded", quantization=quantization)
            )
    return ModelServer("lmstudio", "openai", f"{ask.url}/v1", offers=tuple(offers))


def _docker(ask: ServerProbe, patience: float) -> ModelServer:
    """https://docs.docker.com/ai/model-runner/api-reference/: the id is the digest of the model's content."""
    offers = []
    listed = ask.get("/models", patience).json
    for each in listed if isinstance(listed, list) else ():
        held = each if isinstance(each, dict) else {}
        told = held.get("config")
        about = told if isinstance(told, dict) else {}
        identity, tags = _text(held, "id"), held.get("tags")
        name = (label(tags[0]).removeprefix("docker.io/") if isinstance(tags, list) and tags else "") or identity
        strong = identity.startswith("sha256:")
        if name:
            model = ServedModel(
                name,
                identity,
                strong,
                _number(about, "context_size"),
                scaled(about.get("parameters")),
                size_of(_text(about, "size")),
            )
            offers.append(
                Offer(
                    model,
                    "bert" not in _text(about, "architecture") and not _SILENT.search(name),
                    quantization=_text(about, "quantization"),
                )
            )
    return ModelServer("docker-model-runner", "openai", f"{ask.url}/engines/v1", offers=tuple(offers))


def size_of(text: str) -> int:
    """`256.35 MiB` → bytes; 0 for a text that is not a size."""
    found = re.fullmatch(r"\s*([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMG]?I?B)\s*", text.upper())
    return int(float(found[1]) * _BYTES[found[2]]) if found and found[2] in _BYTES else 0


def _version(ask: ServerProbe, path: str) -> str:
    told = ask.get(path).json
    return _text(told, "version")[:40]


def _entries(data: Any, key: str) -> list[dict[str, Any]]:
    listed = data.get(key) if isinstance(data, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _text(data: Any, key: str) -> str:
    return label(data.get(key)) if isinstance(data, dict) else ""


def _number(data: Any, key: str) -> int:
    return count(data.get(key)) if isinstance(data, dict) else 0

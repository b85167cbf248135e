"""A request as it would be sent → the key of its answer; key and answer → an entry that proves itself.

The key is a digest over *parts*, and the parts are stored with the entry: so an entry's key can be computed again, and
for a missing entry the difference to the nearest one can be shown. Unaware of where entries lie.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.model.request import Completion, Request, ServedModel, Usage, Wire

FORMAT = 1
# How an answer travels, not what it says: the same question keeps its key when one of these changes.
TRANSPORT = frozenset(
    {
        *("stream", "stream_options", "keep_alive", "store", "user", "metadata", "service_tier"),
        *("logprobs", "top_logprobs"),  # what is told beside the answer
    }
)
_DEPTH = 3  # body.messages[1].content: deep enough to name what differs
# ASCII only: a repair quotes the answer before, and a model may answer with half a surrogate pair.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What an answer is found by. `target` (`web/build`) is for people and no part of the digest."""

    digest: str
    parts: Mapping[str, Any]
    target: str = ""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A completion with all that it answers. `stored` is in seconds since 1970, 0 where it is unknown."""

    key: CacheKey
    completion: Completion
    stored: int = 0


def key_of(provider: str, model: ServedModel, wire: Wire, request: Request) -> CacheKey:
    """The key of a request: provider, model and its weights, the body, the schema, the prompt's revision, the attempt."""
    parts = {
        "provider": provider,
        "model": model.name,
        "identity": model.identity,
        "revision": request.revision,
        "attempt": request.attempt,
        **({"sample": request.sample} if request.sample else {}),
        "schema": _hash(request.schema),
        "body": {name: _part(value, _DEPTH) for name, value in wire.body.items() if name not in TRANSPORT},
    }
    return CacheKey(digest_of(parts), parts, request.target)


def answered_together(key: CacheKey) -> CacheKey:
    """The key of an answer to the same question that came in one request with others: it is no answer to this one alone."""
    parts = {**key.parts, "asked": "together"}
    return CacheKey(digest_of(parts), parts, key.target)


def pack(entry: CacheEntry) -> dict[str, Any]:
    """An entry as plain JSON that `unpack` can verify."""
    held = {
        "format": FORMAT,
        "key": entry.key.digest,
        "target": entry.key.target,
        "parts": entry.key.parts,
        "completion": record_of(entry.completion),
        "stored": entry.stored,
    }
    return {**held, "digest": _hash(held)}


def dumps(entry: CacheEntry) -> bytes:
    """The entry in one line."""
    return _encode(pack(entry)).encode()


def loads(content: bytes, key: str) -> CacheEntry:
    """The entry that lies at `key`. Raises ValueError, with the reason, where it is damaged or another one."""
    try:
        held = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    return unpack(held, key)


def unpack(held: Any, key: str) -> CacheEntry:
    """The entry in plain JSON. Raises ValueError, with the reason, where it is damaged or answers something else."""
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise ValueError(f"it is not an entry of format {FORMAT}")
    rest = {name: value for name, value in held.items() if name != "digest"}
    if held.get("digest") != _hash(rest):
        raise ValueError("its digest does not fit")
    parts, target, stored = held.get("parts"), held.get("target"), held.get("stored")
    if held.get("key") != key or not isinstance(parts, dict) or digest_of(parts) != key:
        raise ValueError("it answers another question")
    if not isinstance(target, str) or type(stored) is not int:
        raise ValueError("its form is wrong")
    return CacheEntry(CacheKey(key, parts, target), completion_of(held.get("completion")), stored)


def record_of(completion: Completion) -> dict[str, Any]:
    """A completion as plain JSON. One without a confidence has the form that it has had since format 1 began."""
    usage = {"input": completion.usage.input, "output": completion.usage.output}
    held = {"text": completion.text, "model": completion.model, "usage": usage}
    return held if completion.confidence is None else {**held, "confidence": completion.confidence}


def completion_of(held: Any) -> Completion:
    """A completion from plain JSON. Raises ValueError."""
    match held:
        case {"text": str(text), "model": str(model), "usage": {"input": int(asked), "output": int(answered)}}:
            sure = held.get("confidence")
            if sure is None or (type(sure) is int and 0 <= sure <= 100):
                return Completion(text, model, Usage(asked, answered), confidence=sure)
    raise ValueError("its completion is damaged")


def differences(parts: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the parts in which two keys differ: `identity`, `body.messages[1].content`."""
    one, two = dict(_leaves(parts)), dict(_leaves(other))
    return tuple(sorted(name for name in {*one, *two} if one.get(name, ...) != two.get(name, ...)))


def nearest(key: CacheKey, others: Iterable[CacheKey]) -> tuple[CacheKey, tuple[str, ...]] | None:
    """The key of the same target that differs in the fewest parts, and in which; None where there is none."""
    ranked = [(differences(key.parts, other.parts), other) for other in others if other.target == key.target]
    best = min(ranked, key=lambda item: (len(item[0]), item[1].digest), default=None)
    return None if best is None else (best[1], best[0])


def digest_of(parts: Any) -> str:
    """The digest of a key with these parts. Raises ValueError for what is no JSON."""
    return _hash(parts)


def _hash(value: Any) -> str:
    try:
        return hashlib.sha256(_encode(value).encode()).hexdigest()
    except (ValueError, TypeError, RecursionError):
        raise ValueError("it is not JSON that can be hashed") from None


def _part(value: Any, depth: int) -> Any:
    """Numbers as they are, structure down to `depth`, and a digest in the place of every text: no prompt is kept."""
    if isinstance(value, Mapping) and depth > 0:
        return {str(name): _part(inner, depth - 1) for name, inner in value.items()}
    if isinstance(value, (list, tuple)) and depth > 0:
        return [_part(inner, depth - 1) for inner in value]
    return value if value is None or isinstance(value, (bool, int, float)) else _hash(value)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, (list, tuple)) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{index}]")
    else:
        yield name, value

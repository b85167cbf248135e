"""What goes over the wire and what comes back, as far as protocols agree: bytes, JSON, error bodies → faults.

Unaware of addresses, keys and retries. A server's text is untrusted: it is bounded and stripped of control characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kforge.domain.model.request import Completion, Fault, FaultKind, Message, Usage, Wire
from kforge.domain.secrets.redact import redact

LONGEST = 300  # characters of a server's words that are shown
_READ = 20_000  # that are looked at
_TAGS = re.compile(r"<(script|style)\b.{0,2000}?</\1>|<[^>]{0,500}>", re.DOTALL | re.IGNORECASE)

# What a server calls its trouble, in fields named so; the words decide before the status does.
_FIELDS = ("code", "type", "status", "reason", "param", "quotaId", "error_type")
_QUOTA = {
    "insufficient_quota", "credit_balance_exhausted", "organization_usage_limit_exceeded", "enforced_spend_limit_reached",
    "billing_error", "billing_hard_limit_reached", "billing_not_active", "insufficient_credits", "payment_required",
}  # fmt: skip
_KEY = {
    "invalid_api_key",
    "api_key_invalid",
    "authentication_error",
    "permission_error",
    "unauthenticated",
    "invalid_authentication",
}
_OVERFLOW = {
    "exceed_context_size_error",
    "context_length_exceeded",
    "model_context_window_exceeded",
    "context_window_exceeded",
}
_MODEL = {"model_not_found", "modelnotfound", "deploymentnotfound", "model_not_available", "invalid_model"}
_REFUSED = {"content_filter", "content_policy_violation", "responsibleaipolicyviolation", "moderation_blocked"}
_WORDS: tuple[tuple[FaultKind, frozenset[str]], ...] = (
    ("quota", frozenset(_QUOTA)),
    ("key", frozenset(_KEY)),
    ("overflow", frozenset(_OVERFLOW)),
    ("model", frozenset(_MODEL)),
    ("refused", frozenset(_REFUSED)),
)
_TOO_LONG = re.compile(
    r"context (?:length|size|window)|maximum context|context limit|prompt is too long|too many tokens"
    r"|input token count|longer than the (?:model|maximum|context)|exceeds? the (?:model'?s )?(?:maximum |available )?context"
    r"|input (?:length|is too long)|prompt too long",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(r"\bmodel\b.{0,120}?(?:not found|does not exist|not exist|no such)", re.IGNORECASE | re.DOTALL)
_MOST = 1 << 53  # of a count: what JSON carries exactly
_UNITS = {"K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_LIMITS = ("max_tokens", "max_completion_tokens", "maxOutputTokens", "num_predict")
_STATUS: Mapping[int, FaultKind] = {
    401: "key", 402: "quota", 403: "key", 404: "model", 407: "outage", 408: "outage", 409: "outage", 425: "outage",
    429: "busy", 503: "busy", 529: "busy",
}  # fmt: skip


def encoded(body: Mapping[str, Any]) -> bytes:
    """A request's body. Keys keep their order: a grammar asks for properties in the order of the schema."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode()


def read(status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON object in a good answer. Raises Fault for an error body under any status, and for a body that is no object."""
    held = _json(body)
    if status // 100 != 2:
        raise fault(status, held if held is not None else text_of(body))
    if not isinstance(held, dict):
        kind = headers.get("content-type", "").partition(";")[0].strip() or "no type"
        raise Fault("garbled", f"the answer is not a JSON object ({kind}): {shown(text_of(body)) or 'nothing at all'}")
    if held.get("error"):
        raise fault(_inner_status(held["error"]), held)
    return held


def finished(text: Any) -> str:
    """The text of an answer. Raises Fault where there is none, or none that can be kept."""
    if not isinstance(text, str) or not text.strip():
        raise Fault("garbled", "the answer holds no text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Fault("garbled", "the answer holds half a character") from None
    return text


def fault(status: int, held: Any) -> Fault:
    """The fault that an error body tells, by its codes, its words, then the status; 0 is an error without one."""
    words = {word.lower() for word in _codes(held)}
    message = shown(_message(held)) or f"status {status}"
    return Fault(_kind(status, words, message), message, _delay(held), limited=status == 429)


def shown(text: str) -> str:
    """A server's words in one line that a terminal can bear, without credentials."""
    plain = "".join(char if char.isprintable() else " " for char in _TAGS.sub(" ", text[:_READ]))
    line = redact(" ".join(plain.split()))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def kept(fresh: Completion) -> Completion:
    """A completion with credentials redacted, so that it may be stored, recorded and shown."""
    return replace(fresh, text=redact(fresh.text), model=shown(fresh.model))


def text_of(body: bytes) -> str:
    """The beginning of a body that is no JSON."""
    return body[:_READ].decode("utf-8", "replace")


def mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is an object, else an empty one: nothing that a server says is taken for granted."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def count(value: Any) -> int:
    """A count that a server gives, 0 where it is none."""
    return value if type(value) is int and 0 <= value < _MOST else 0


def scaled(value: Any) -> int:
    """A number of parameters as servers write it, 0 where it is none: `7.6B`, `361.82 M` → 361820000."""
    found = (
        re.fullmatch(r"\s{0,9}([0-9]{1,6}(?:\.[0-9]{1,6})?)\s{0,9}([KMBT])\s{0,9}", value.upper())
        if isinstance(value, str)
        else None
    )
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0


def label(value: Any) -> str:
    """A name or a note of a server's, "" where it is none: it is shown to people and kept in the lock."""
    return value[:LONGEST] if isinstance(value, str) and value.isprintable() else ""


def tokens(messages: Iterable[Message]) -> int:
    """How many tokens messages take at most, for sizing a context: real vocabularies stay below."""
    return sum(16 + sum(0.4 if char < "\x80" else 2 for char in one.content).__ceil__() for one in messages)


def ceiling(sent: Wire) -> Usage:
    """The most tokens that a request can cost: what is read, which is never more than its bytes tell, and its limit."""
    body = {**sent.body, **mapping(sent.body.get("options")), **mapping(sent.body.get("generationConfig"))}
    return Usage(round(len(encoded(sent.body)) * 0.4), max(count(body.get(name)) for name in _LIMITS))


def _json(body: bytes) -> Any:
    """The value in a body, None where it is no JSON: neither a lone byte nor ten thousand brackets may end a build."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _inner_status(error: Any) -> int:
    """The status that an error within a 200 carries (OpenRouter does so once a model has begun), 0 for none."""
    code = mapping(error).get("code")
    return code if type(code) is int and 400 <= code < 600 else 0


def _kind(status: int, words: set[str], message: str) -> FaultKind:
    if any(word.endswith("_spend_limit_exceeded") or "perday" in word for word in words):
        return "quota"
    for kind, codes in _WORDS:
        if words & codes:
            return kind
    if status in (0, 400, 413, 422, 500) and _TOO_LONG.search(message):
        return "overflow"
    if status in (0, 400, 422) and _NO_MODEL.search(message):
        return "model"
    if status in _STATUS:
        return _STATUS[status]
    if status == 0:
        return "garbled"
    return "outage" if status >= 500 else "request"


def _codes(held: Any, depth: int = 0) -> Iterator[str]:
    """Every code that an error body gives, at any of the depths that vendors have thought of."""
    if depth > 6:
        return
    if isinstance(held, Mapping):
        for key, value in held.items():
            if key in _FIELDS and isinstance(value, str):
                yield value
            elif isinstance(value, (Mapping, list)):
                yield from _codes(value, depth + 1)
    elif isinstance(held, list):
        for inner in held[:20]:
            yield from _codes(inner, depth + 1)


def _message(held: Any) -> str:
    """The sentence of an error body: `error.message`, `error`, `message`, `detail`, the first of a list, or the text."""
    if isinstance(held, str):
        return held
    if isinstance(held, list):
        return _message(held[0]) if held else ""
    for key in ("error", "message", "detail", "msg"):
        inner = mapping(held).get(key)
        if isinstance(inner, (str, Mapping, list)) and (found := _message(inner)):
            return found
    return ""


def _delay(held: Any) -> float | None:
    """Google's RetryInfo: `{"@type": "…RetryInfo", "retryDelay": "34s"}`."""
    if isinstance(held, list):
        held = held[0] if held else {}
    for detail in sequence(mapping(mapping(held).get("error")).get("details")):
        delay = mapping(detail).get("retryDelay")
        if isinstance(delay, str) and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?s", delay):
            return float(delay[:-1])
    return None

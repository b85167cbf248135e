"""Every fault as data: what the server does, and what must become of the question that it strikes.

The list of `security.md` in the project's notes, and what else was met while this client was written.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from tests.fault_injection.server import Act, Link, completion, good

# What becomes of a question: an answer (""), or an error of one of these sorts.
INPUT, WORLD, OUTAGE = "InputError", "WorldError", "OutageError"
TRIES = 6
ATTEMPTS = 3
WAITS = 40  # requests to a local server that says it is busy: it may be loading its model for minutes


@dataclass(frozen=True)
class Trouble:
    """`most` requests may be sent for the question. `ends`: no later question is asked either."""

    name: str
    act: Act
    sort: str = ""
    most: int = 1
    kind: str = ""  # of the fault; "" where there was an answer, good or bad
    ends: bool = False


def error(status: int, message: str, *headers: str, **more: object) -> Act:
    body = json.dumps({"error": {"message": message, **more}})

    def act(link: Link) -> bool:
        link.answer(status, body, *headers)
        return True

    return act


def says(status: int, body: bytes | str, *headers: str, kind: str = "application/json") -> Act:
    def act(link: Link) -> bool:
        link.answer(status, body, *headers, kind=kind)
        return True

    return act


def text(content: str | None, finish: str | None = "stop", **more: object) -> Act:
    return says(200, completion(content, finish, **more))


def raw(*parts: bytes, then: Callable[[Link], object] = lambda link: None) -> Act:
    def act(link: Link) -> None:
        link.send(*parts)
        then(link)

    return act


def once(trouble: Act) -> Act:
    """The trouble at first; then all is well."""

    def act(link: Link) -> bool:
        return trouble(link) is True if link.tries == 1 else link.well()

    return act


def dated(link: Link) -> bool:
    """Retry-After as a date one second ahead of the server's clock, which is years behind."""
    link.answer(429, "{}", f"date: {formatdate(1e9, usegmt=True)}", f"retry-after: {formatdate(1e9 + 1, usegmt=True)}")
    return True


BLANKS = gzip.compress(b" " * 60_000_000, 1)


def huge(link: Link) -> None:
    """100 MB of a body that begins well."""
    link.send("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000000\r\n\r\n", '{"choices": "')
    for _ in range(1600):
        link.send(b"x" * 65536)


def bomb(link: Link) -> bool:
    """60 MB of blanks in 60 kB."""
    link.answer(200, BLANKS, "content-encoding: gzip")
    return True


def chatter(link: Link) -> None:
    """Interim answers without end."""
    end = time.monotonic() + 5
    while time.monotonic() < end and not link.stopped.is_set():
        link.send("HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.005)


def key_of(link: Link) -> str:
    return link.headers.get("authorization", "").removeprefix("Bearer ")


def echo(status: int, form: Callable[[str], str] = str, where: str = "message") -> Act:
    """The key said back: in a message, a header, a page, an encoded form."""

    def act(link: Link) -> bool:
        told = form(key_of(link))
        if where == "location":
            link.answer(status, "", f"location: https://elsewhere.example/?key={told}")
        elif where == "page":
            link.answer(
                status, f"<html><body><h1>Oops</h1>Authorization: Bearer {told}</body></html>", kind="text/html"
            )
        elif where == "answer":
            link.answer(status, completion(json.dumps({"size": link.number, "kind": told})))
        else:
            link.answer(status, json.dumps({"error": {"message": f"the key {told} is not well", "type": told}}))
        return True

    return act


OVERFLOWS = {
    "llama.cpp": {"code": 400, "message": "request (9025 tokens) exceeds the available context size (4096 tokens), try increasing it",
                  "type": "exceed_context_size_error", "n_prompt_tokens": 9025, "n_ctx": 4096},
    "OpenAI": {"message": "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
               "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"},
    "vLLM": {"message": "This model's maximum context length is 4096 tokens. However, you requested 9025 tokens in the messages",
             "type": "BadRequestError", "param": None, "code": 400},
}  # fmt: skip
QUOTAS = (
    {"type": "insufficient_quota", "code": "insufficient_quota"},
    {"type": "requests", "code": "credit_balance_exhausted"},
    {"type": "requests", "code": "project_spend_limit_exceeded"},
    {"type": "requests", "code": "organization_usage_limit_exceeded"},
    {"type": "enforced_spend_limit_reached"},
)
LOADING = json.dumps({"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}})
PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"
BUSY = {"sort": OUTAGE, "kind": "busy", "most": WAITS}
OUT = {"sort": OUTAGE, "kind": "outage"}
LOST = {**OUT, "most": 2}
BAD = {"sort": WORLD, "kind": "garbled"}
WRONG = {"sort": WORLD, "most": ATTEMPTS}

TROUBLES: tuple[Trouble, ...] = (
    Trouble("429, Retry-After in seconds", once(says(429, "{}", "retry-after: 1")), most=2),
    Trouble("429, Retry-After as a date", once(dated), most=2),
    Trouble("429, retry-after-ms", once(says(429, "{}", "retry-after-ms: 40", "retry-after: 900")), most=2),
    Trouble("429, no Retry-After", says(429, "{}"), **BUSY),
    Trouble("429, Retry-After 0", says(429, "{}", "retry-after: 0"), **BUSY),
    Trouble("429, Retry-After 10^9", says(429, "{}", "retry-after: 1000000000"), OUTAGE, 1, "busy"),
    Trouble("429, Retry-After 10^30", says(429, "{}", f"retry-after: 1{'0' * 30}"), OUTAGE, 1, "busy"),
    Trouble("429, Retry-After garbage", says(429, "{}", "retry-after: soon"), **BUSY),
    Trouble("429, Retry-After NaN", says(429, "{}", "retry-after: nan"), **BUSY),
    Trouble("429, Retry-After negative", says(429, "{}", "retry-after: -7"), **BUSY),
    Trouble("429, x-should-retry: false", says(429, "{}", "x-should-retry: false"), OUTAGE, 1, "busy"),
    *(
        Trouble(f"429, quota: {one.get('code') or one['type']}", error(429, "nothing is left", **one), OUTAGE, 1, "quota", True)
        for one in QUOTAS
    ),
    Trouble("500", error(500, "The server had an error"), most=TRIES, **OUT),
    Trouble("500 once", once(error(500, "The server had an error")), most=2),
    Trouble("502 with HTML", says(502, PAGE, kind="text/html"), most=TRIES, **OUT),
    Trouble("503 loading, then fine", once(says(503, LOADING)), most=2),
    Trouble("503 loading for ever", says(503, LOADING), **BUSY),
    Trouble("504", says(504, ""), most=TRIES, **OUT),
    Trouble("529", error(529, "Overloaded", type="overloaded_error"), **BUSY),
    Trouble("408", says(408, ""), most=TRIES, **OUT),
    Trouble("409", says(409, "{}"), most=TRIES, **OUT),
    Trouble("401", error(401, "Incorrect API key provided", code="invalid_api_key"), WORLD, 1, "key", True),
    Trouble("403", says(403, "Forbidden", kind="text/plain"), WORLD, 1, "key", True),
    Trouble("404 model", error(404, "The model `steady-1` does not exist", code="model_not_found"), INPUT, 1, "model", True),
    Trouble("402", error(402, "Payment required"), OUTAGE, 1, "quota", True),
    Trouble("413", says(413, PAGE, kind="text/html"), INPUT, 1, "request"),
    *(Trouble(f"400 context overflow of {name}", says(400, json.dumps({"error": one})), INPUT, 1, "overflow") for name, one in OVERFLOWS.items()),
    Trouble("400 unsupported parameter", error(400, "Unsupported parameter: 'seed'", code="unsupported_parameter"), INPUT, 1, "request"),
    Trouble("422", says(422, '{"detail":[{"loc":["body"],"msg":"field required"}]}'), INPUT, 1, "request"),
    Trouble("reset before headers", lambda link: link.reset(), **LOST),
    Trouble("reset once", once(lambda link: link.reset()), most=2),
    Trouble("closed before headers", lambda link: link.socket.close(), **LOST),
    Trouble("reset in the body", raw(HEAD, b'{"choices": [', then=lambda link: link.reset()), **LOST),
    Trouble("closed in the body", raw(HEAD, b'{"choices": [', then=lambda link: link.socket.close()), **LOST),
    Trouble("slow drip of the body", lambda link: (link.send(HEAD), link.drip(b" " * 5000)), **LOST),
    Trouble("slow drip of the headers", lambda link: link.drip(HEAD * 50), **LOST),
    Trouble("slow drip of chunks", raw(
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", then=lambda link: link.drip(b"1\r\n \r\n" * 999)), **LOST),
    Trouble("hang", lambda link: link.rest(), **LOST),
    Trouble("hang in the body", raw(HEAD, b"{", then=lambda link: link.rest()), **LOST),
    Trouble("hang once", once(lambda link: link.rest()), most=2),
    Trouble("interim answers without end", chatter, **LOST),
    Trouble("no HTTP", raw(b"SSH-2.0-OpenSSH_9.9\r\n"), **LOST),
    Trouble("headers without end", raw(b"HTTP/1.1 200 OK\r\n" + b"x-y: " + b"z" * 200_000), **LOST),
    Trouble("truncated JSON", says(200, completion(good(1))[:-20]), **BAD),
    Trouble("non-JSON 200", says(200, PAGE, kind="text/html"), **BAD),
    Trouble("a JSON list", says(200, "[1, 2]"), **BAD),
    Trouble("JSON 100,000 deep", says(200, "[" * 100_000), **BAD),
    Trouble("a number of 10,000 digits", says(200, '{"choices": ' + "9" * 10_000 + "}"), **BAD),
    Trouble("200 with an error", error(200, "Provider returned error"), **BAD),
    Trouble("200 with the error 429", error(200, "rate-limited upstream", code=429), **BUSY),
    Trouble("200 with the error 502", error(200, "upstream is down", code=502), most=TRIES, **OUT),
    Trouble("wrong content type", says(200, "data: {}\n\n", kind="text/event-stream"), **BAD),
    Trouble("bad gzip", says(200, b"\x1f\x8bnot at all", "content-encoding: gzip"), **BAD),
    Trouble("gzip broken off", says(200, gzip.compress(completion(good(1)).encode())[:-9], "content-encoding: gzip"), **BAD),
    Trouble("an encoding nobody asked for", says(200, b"\x0b\x02", "content-encoding: br"), **BAD),
    Trouble("gzip bomb", bomb, **BAD),
    Trouble("empty body", says(200, ""), **BAD),
    Trouble("empty choices", says(200, '{"choices": []}'), **BAD),
    Trouble("choices of another form", says(200, '{"choices": {"0": 1}}'), **BAD),
    Trouble("null content", text(None), **BAD),
    Trouble("empty content", text("   \n"), **BAD),
    Trouble("half a character", text("\ud83d"), **BAD),
    Trouble("refusal", text(None, refusal="I cannot help with that"), WORLD, 1, "refused"),
    Trouble("content filter", text("", "content_filter"), WORLD, 1, "refused"),
    Trouble("content filter, 400", error(400, "filtered", code="content_filter"), WORLD, 1, "refused"),
    Trouble("finish_reason length", text('{"size": 1, "ki', "length"), WORLD, 1, "cut"),
    Trouble("run-on whitespace", text('{"size": 1,' + "\n" * 9000, "length"), WORLD, 1, "cut"),
    Trouble("finish_reason tool_calls", text("{}", "tool_calls"), **BAD),
    Trouble("invalid UTF-8", says(200, b'{"choices": [{"message": {"content": "\xff\xfe"}}]}'), **BAD),
    Trouble("a 100 MB body", huge, **BAD),
    Trouble("a redirect to another host", says(307, "", "location: https://elsewhere.example/v1/chat/completions"), INPUT, 1, "request"),
    Trouble("a redirect to nowhere", says(302, "", "location: http://[::bad"), INPUT, 1, "request"),
    Trouble("a wrong model echoed", text(good(1), model="other-2"), INPUT, 1, "model", True),
    Trouble("status 999", says(999, "{}"), most=TRIES, **OUT),
    Trouble("status 204", raw(b"HTTP/1.1 204 No Content\r\n\r\n"), **BAD),
    Trouble("the key echoed in a 401", echo(401), WORLD, 1, "key", True),
    Trouble("the key echoed in a 500", echo(500, where="page"), most=TRIES, **OUT),
    Trouble("the key echoed, cut off", echo(400, lambda key: key[:24] + "…"), INPUT, 1, "request"),
    Trouble("the key echoed, escaped", echo(400, lambda key: "".join(f"%{ord(char):02x}" if char == "/" else char for char in key)), INPUT, 1, "request"),
    Trouble("the key echoed far into an error", echo(400, lambda key: "x" * 270 + " " + key), INPUT, 1, "request"),
    Trouble("the key echoed in a redirect", echo(302, where="location"), INPUT, 1, "request"),
    Trouble("the key echoed in a 200's error", echo(200), **BAD),
    Trouble("the key echoed in an answer", echo(200, where="answer"), **BAD),
    Trouble("fenced JSON", lambda link: text(f"Sure!\n```json\n{link.content}\n```\n")(link)),
    Trouble("prose around JSON", lambda link: text(f"I would say {link.content} because it fits.")(link)),
    Trouble("prose alone", text("I would take a small one."), **WRONG),
    Trouble("wrong enum", text('{"size": 1, "kind": "gigantic"}'), **WRONG),
    Trouble("extra key", text('{"size": 1, "kind": "small", "sudo": true}'), **WRONG),
    Trouble("out of range", text('{"size": 70000, "kind": "small"}'), **WRONG),
)  # fmt: skip

"""Open questions → the lines of a batch; its results, in any order → an answer for each question, or what to ask again.

Two forms: OpenAI's lines, which `vllm run-batch` takes and returns as well, and Anthropic's document. A question's
`custom_id` is the key of its answer (64 hex digits: what Anthropic allows at most), so results need no other company.
Knows no disk and no network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kforge.domain.model import wire
from kforge.domain.model.cache_key import CacheKey, key_of
from kforge.domain.model.confidence import judged
from kforge.domain.model.request import Completion, Endpoint, Fault, Provider, Request, Wire
from kforge.errors import InputError, Place, Problem

BatchForm = Literal["openai", "anthropic"]
FORMS: tuple[BatchForm, ...] = ("openai", "anthropic")
URL = "/v1/chat/completions"
LINES = {"openai": 50_000, "anthropic": 100_000}  # what one batch may hold, as both vendors document


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that a build would send now, and its endpoint: `provider` encodes it and reads its answer.

    `accept` judges a text as the build would and says what is wrong with it, None for nothing.
    """

    endpoint: Endpoint
    provider: Provider
    request: Request
    accept: Callable[[str], str | None]

    @property
    def wire(self) -> Wire:
        return self.provider.at(self.endpoint).encode(self.endpoint.model.name, self.request)

    @property
    def key(self) -> CacheKey:
        return key_of(self.provider.name, self.endpoint.model, self.wire, self.request)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer, and what is wrong with that; "" where it was accepted."""

    key: CacheKey
    completion: Completion
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """A question that must be asked again, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a file of results holds. `problems` are about other lines: every answer here is complete."""

    answers: tuple[Answered, ...]
    again: tuple[Again, ...]
    problems: tuple[Problem, ...]
    before: int = 0  # lines whose answers were imported earlier


def form_of(questions: Sequence[PendingRequest], wanted: str = "") -> BatchForm:
    """The form that the questions' provider speaks. Raises InputError where it speaks neither, or not the one wanted."""
    names = {question.provider.name for question in questions}
    for form in FORMS:
        if names <= {form} and wanted in ("", form):
            return form
    shown = ", ".join(f"`{name}`" for name in sorted(names))
    need = f"the {wanted} form" if wanted else "a batch"
    hint = f"choose a provider with KFORGE_PROVIDER={wanted or 'openai'} (and the model's name with KFORGE_MODEL), in the build as well"
    raise InputError(f"the questions are for {shown}, which does not support {need}", hint=hint)


def export(questions: Sequence[PendingRequest], form: BatchForm) -> str:
    """The batch, each question once, in order of their targets. Raises InputError where there are too many for one."""
    unique = {question.key.digest: question for question in sorted(questions, key=lambda one: one.request.target)}
    if len(unique) > LINES[form]:
        raise InputError(
            f"{len(unique)} questions are more than one batch holds ({LINES[form]})",
            hint="export fewer specs at a time",
        )
    if form == "anthropic":
        requests = [{"custom_id": key, "params": question.wire.body} for key, question in unique.items()]
        return _json({"requests": requests}) + "\n"
    lines = [
        {"custom_id": key, "method": "POST", "url": URL, "body": question.wire.body} for key, question in unique.items()
    ]
    return "".join(_json(line) + "\n" for line in lines)


def read(
    content: bytes,
    questions: Sequence[PendingRequest],
    shown: str = "",
    kept: Callable[[str], bool] = lambda key: False,
) -> Results:
    """Results in any order and either form, each judged as if it were fresh. `kept` knows the keys that were imported
    earlier.

    A line that cannot be used is a problem at `shown:line`; every other line counts all the same. That the provider
    failed is no fault of the line: the question is asked again.
    """
    asked = {question.key.digest: question for question in questions}
    answers: dict[str, Answered] = {}
    reasons: dict[str, str] = {}
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    before = 0
    for number, line in _lines(content):
        try:
            custom, body, failure = _result(line)
            if custom not in asked and kept(custom):
                before += 1
                continue
            question = _known(custom, asked)
            reasons[custom] = failure or "the file holds no usable answer"
            if not failure:
                answers[custom] = _answered(question, body, seen, number)
        except Fault as fault:
            reasons[custom] = fault.message
        except ValueError as error:
            problems.append(Problem(str(error), Place(shown, number)))
    # what it lacks was never in it: only what was refused is to be asked again
    old = before and not (reasons or problems)
    again = []
    for key, question in asked.items():
        missing = "" if old and not question.request.attempt else "it is not in this file"
        reason = answers[key].problem if key in answers else reasons.get(key, missing)
        if reason:
            again.append(Again(question.request.target, reason))
    return Results(
        tuple(answers[key] for key in sorted(answers)),
        tuple(sorted(again, key=lambda one: one.target)),
        tuple(problems),
        before,
    )


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _result(line: bytes) -> tuple[str, bytes, str]:
    """A line → custom_id, the answer's body, and what kept the provider from giving one. Raises ValueError where it is
    no result.
    """
    try:
        held = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg.lower()}") from None
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON that can be read") from None
    match held:
        case {"custom_id": str(), "method": _} | {"requests": _}:
            raise ValueError("it is a request, not a result: import what the batch gave back")
        case {"custom_id": str(custom), "response": {"status_code": 200, "body": dict(body)}}:
            return custom, _json(body).encode(), ""
        case {"custom_id": str(custom), "response": {"status_code": int(status), "body": dict(body)}}:
            return custom, b"", f"the provider gave no answer: status {status}{_detail(body)}"
        case {"custom_id": str(custom), "result": {"type": "succeeded", "message": dict(message)}}:
            return custom, _json(message).encode(), ""
        case {"custom_id": str(custom), "result": {"type": str(sort)}}:
            return custom, b"", f"the provider gave no answer: {sort}{_detail(held['result'])}"
        case {"custom_id": str(custom), "error": dict()}:
            return custom, b"", f"the provider gave no answer{_detail(held)}"
    raise ValueError("it is neither an OpenAI batch result nor an Anthropic one")


def _known(custom: str, asked: Mapping[str, PendingRequest]) -> PendingRequest:
    if custom not in asked:
        raise ValueError(
            f"`{_short(custom)}` is not an open question: specs, model or kforge changed since the export, or `--ask` or `--upgrade` were others"
        )
    return asked[custom]


def _answered(question: PendingRequest, body: bytes, seen: dict[str, int], number: int) -> Answered:
    """Raises Fault where the answer is no finished one, ValueError where it is the second, or another model gave it."""
    custom, provider, asked = question.key.digest, question.provider.at(question.endpoint), question.endpoint.model.name
    if custom in seen:
        raise ValueError(f"`{_short(custom)}` was answered in line {seen[custom]} already, and that answer counts")
    seen[custom] = number
    fresh = provider.decode(200, {}, body)
    if fresh.model and not provider.same(asked, fresh.model):
        raise ValueError(f"model `{fresh.model[:80]}` answered instead of `{asked}`")
    completion = wire.kept(judged(fresh, question.request.schema))  # redacted, as a build does
    return Answered(question.key, completion, question.accept(completion.text) or "")


def _detail(body: Mapping[str, Any]) -> str:
    """The vendor's own words, wherever they lie: `error.message`, `error.error.message`; else its code."""
    inner: Any = body.get("error", body)
    while (
        isinstance(inner, Mapping)
        and not isinstance(inner.get("message"), str)
        and isinstance(inner.get("error"), Mapping)
    ):
        inner = inner["error"]
    text = (inner.get("message") or inner.get("code")) if isinstance(inner, Mapping) else inner
    return f": {' '.join(text.split())[:200]}" if isinstance(text, str) and text.strip() else ""


def _short(custom: str) -> str:
    return f"{custom[:12]}…" if len(custom) > 12 else custom


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))

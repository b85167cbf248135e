"""Open questions → the lines of a batch; its results, in any order → an answer for each question, or what to ask again.

Two forms: OpenAI's lines, which `vllm run-batch` takes and returns as well, and Anthropic's document. A question's
`custom_id` is the key of its answer (64 hex digits: what Anthropic allows at most), so results need no other company.
Knows no disk and no network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from kforge.domain.caching import Key, key_of
from kforge.domain.model import Completion, Endpoint, Fault, Provider, Request, Wire
from kforge.domain.redact import redact
from kforge.errors import InputError, Place, Problem

Form = Literal["openai", "anthropic"]
FORMS: tuple[Form, ...] = ("openai", "anthropic")
URL = "/v1/chat/completions"
LINES = {"openai": 50_000, "anthropic": 100_000}  # what one batch may hold, as both vendors document


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that a build would send now, and to whom: `provider` encodes it and reads its answer.

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
    def key(self) -> Key:
        return key_of(self.provider.name, self.endpoint.model, self.wire, self.request)


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer, and what is wrong with that; "" where it was accepted."""

    key: Key
    completion: Completion
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """A question that must be asked again, and why."""

    target: str
    reason: str


@dataclass(frozen=True, slots=True)
class Results:
    """What a file of results holds. Answers are complete whatever `problems` say of other lines."""

    answers: tuple[Answered, ...]
    again: tuple[Again, ...]
    problems: tuple[Problem, ...]


def form_of(questions: Sequence[Pending], wanted: str = "") -> Form:
    """The form that the questions' provider speaks. Raises InputError where it speaks neither, or not the one wanted."""
    names = {question.provider.name for question in questions}
    for form in FORMS:
        if names <= {form} and wanted in ("", form):
            return form
    shown = ", ".join(f"`{name}`" for name in sorted(names))
    need = f"the {wanted} form" if wanted else "a batch"
    hint = f"choose one with KFORGE_PROVIDER={wanted or 'openai'} (and the model's name with KFORGE_MODEL), in the build as well"
    raise InputError(f"the questions are for {shown}, which has no part in {need}", hint=hint)


def export(questions: Sequence[Pending], form: Form) -> str:
    """The batch, each question once, in order of their targets. Raises InputError where there are too many for one."""
    unique = {question.key.digest: question for question in sorted(questions, key=lambda one: one.request.target)}
    if len(unique) > LINES[form]:
        raise InputError(
            f"{len(unique)} questions are more than one batch holds ({LINES[form]})", hint="name single specs and export one each"
        )
    if form == "anthropic":
        requests = [{"custom_id": key, "params": question.wire.body} for key, question in unique.items()]
        return _json({"requests": requests}) + "\n"
    lines = [{"custom_id": key, "method": "POST", "url": URL, "body": question.wire.body} for key, question in unique.items()]
    return "".join(_json(line) + "\n" for line in lines)


def read(content: bytes, questions: Sequence[Pending], shown: str = "", kept: Callable[[str], bool] = lambda key: False) -> Results:
    """Results in any order and either form, each judged as if it were fresh. `kept` knows the keys that were imported earlier.

    A line that cannot be used is a problem at `shown:line`; every other line counts all the same.
    """
    asked = {question.key.digest: question for question in questions}
    answers: dict[str, Answered] = {}
    reasons: dict[str, str] = {}
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    for number, line in _lines(content):
        try:
            custom, status, headers, body = _result(line)
            if custom not in asked and kept(custom):
                continue
            question = _known(custom, asked, seen, number)
            answers[custom] = _answered(question, status, headers, body)
        except Fault as fault:
            reasons[custom] = fault.message
        except ValueError as error:
            problems.append(Problem(str(error), Place(shown, number)))
    again = [
        Again(question.request.target, answers[key].problem if key in answers else reasons.get(key, "the file holds no usable answer"))
        for key, question in asked.items()
        if key not in answers or answers[key].problem
    ]
    return Results(tuple(answers[key] for key in sorted(answers)), tuple(sorted(again, key=lambda one: one.target)), tuple(problems))


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _result(line: bytes) -> tuple[str, int, Mapping[str, str], bytes]:
    """A line → custom_id, status, headers and body of the answer. Raises ValueError, with what is wrong."""
    try:
        held = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg.lower()}") from None
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON that can be read") from None
    match held:
        case {"custom_id": str(), "method": _} | {"requests": _}:
            raise ValueError("it is a request, not a result: import what the batch gave back")
        case {"custom_id": str(custom), "response": {"status_code": int(status), "body": dict(body)}}:
            if status != 200:
                raise ValueError(f"`{_short(custom)}` was not answered: status {status}{_detail(body)}")
            return custom, status, {}, _json(body).encode()
        case {"custom_id": str(custom), "result": {"type": "succeeded", "message": dict(message)}}:
            return custom, 200, {}, _json(message).encode()
        case {"custom_id": str(custom), "result": {"type": str(sort)}}:
            raise ValueError(f"`{_short(custom)}` was not answered: {sort}{_detail(held['result'])}")
        case {"custom_id": str(custom), "error": dict()}:
            raise ValueError(f"`{_short(custom)}` was not answered{_detail(held)}")
    raise ValueError("it has neither the form of an OpenAI batch result nor of an Anthropic one")


def _known(custom: str, asked: Mapping[str, Pending], seen: dict[str, int], number: int) -> Pending:
    if custom not in asked:
        raise ValueError(f"`{_short(custom)}` is no open question: the specs, the model or kforge changed since the export")
    if custom in seen:
        raise ValueError(f"`{_short(custom)}` was answered in line {seen[custom]} already, and that answer counts")
    seen[custom] = number
    return asked[custom]


def _answered(question: Pending, status: int, headers: Mapping[str, str], body: bytes) -> Answered:
    """Raises Fault where the answer is no finished one, ValueError where another model gave it."""
    provider, asked = question.provider.at(question.endpoint), question.endpoint.model.name
    fresh = provider.decode(status, headers, body)
    if fresh.model and not provider.same(asked, fresh.model):
        raise ValueError(f"model `{fresh.model[:80]}` answered, and `{asked}` was asked")
    completion = replace(fresh, text=redact(fresh.text))  # as a build does before anybody sees it
    return Answered(question.key, completion, question.accept(completion.text) or "")


def _detail(body: Mapping[str, Any]) -> str:
    """The vendor's own words, wherever they lie: `error.message`, `error.error.message`."""
    inner: Any = body.get("error", body)
    while isinstance(inner, Mapping) and not isinstance(inner.get("message"), str) and isinstance(inner.get("error"), Mapping):
        inner = inner["error"]
    text = inner.get("message") if isinstance(inner, Mapping) else inner
    return f": {' '.join(text.split())[:200]}" if isinstance(text, str) and text.strip() else ""


def _short(custom: str) -> str:
    return f"{custom[:12]}…" if len(custom) > 12 else custom


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))

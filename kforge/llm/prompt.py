"""Question → Request: the words that a model gets, the same bytes for the same question. Knows no provider.

The templates are the package's own, and values fill them once: no text of a spec, a source or a model is a template.
The first line of the system message is a digest of everything behind it. So no two questions begin alike, and a server
that keeps the state of a common beginning between requests, which changes its answers, finds nothing in common.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from kforge.domain.digest import canonical
from kforge.domain.invisible_chars import visible
from kforge.domain.model.request import Message, Request
from kforge.domain.secrets.redact import redact
from kforge.llm import tokens
from kforge.llm.small_question import small_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

REVISION = 1  # rises with every change of a template or of what is shown
SEED = 7
_EARLIER = 6000  # characters of a rejected answer that are sent back
MOST_TOKENS = 200  # of an answer


def prompt(question: Question) -> Request:
    """What a model is asked. Reads through the question's view, so that what it shows is an input of the decision.

    Raises ValueError where nothing is asked: `for_model` says so before.
    """
    form = small_form(question)
    if form is None:
        raise ValueError(f"nothing is asked about {question.target}")
    schema, shown = form.schema(), form.shown(question)
    mark = mark_of([question.target, question.earlier, shown])
    messages = [
        Message("system", render(form.system, {"digest": "", "mark": mark})),
        Message("user", render(form.template, {**shown, "mark": mark})),
    ]
    for text, finding in question.earlier:
        messages.append(Message("assistant", visible(redact(text))[:_EARLIER] or "(nothing)"))
        faults = visible(redact(finding)).split("\n")
        messages.append(Message("user", render("repair", {"faults": faults, "mark": mark})))
    told = digest([REVISION, question.attempt, schema, [[message.role, message.content] for message in messages]])
    messages[0] = Message("system", render(form.system, {"digest": told, "mark": mark}))
    return Request(
        target=question.target,
        messages=tuple(messages),
        schema=schema,
        revision=REVISION,
        attempt=question.attempt,
        seed=SEED + question.attempt,
        max_tokens=MOST_TOKENS,
    )


def show(request: Request) -> str:
    """Exactly what would be sent, for people: every message, and its size."""
    head = (
        f"{request.target}: {len(request.messages)} messages, about {tokens.of_request(request)} tokens, at most {request.max_tokens} in answer; "
        f"prompt revision {request.revision}, attempt {request.attempt + 1}, seed {request.seed}"
    )
    body = [f"--- {message.role} ---\n{message.content.rstrip()}" for message in request.messages]
    return "\n\n".join([head, *body, f"--- form of the answer ---\n{_json(request.schema)}"]) + "\n"


def mark_of(content: Any) -> str:
    """A delimiter that the content cannot contain: it is made of the content's own digest."""
    held = json.dumps(content)
    mark = f"data-{digest(held)}"
    while mark in held:
        mark = f"data-{digest(mark + held)}"
    return mark


def digest(value: Any) -> str:
    """The digest that stands on a prompt's first line: 16 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("kforge", "prompts"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  plain text, read by a model
        auto_reload=False,  # the package's own do not change under a run
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(name: str, values: Mapping[str, Any]) -> str:
    """A template of the package, filled."""
    return _templates().get_template(f"{name}.j2").render(values)

"""Question → Request: the words that a model gets, the same bytes for the same question. Knows no provider.

The templates are the package's own, and values fill them once: no text of a spec, a source or a model is a template.
The first line of the system message is a digest of everything behind it. So no two questions begin alike, and a server
that keeps the state of a common beginning between requests, which changes its answers, finds nothing in common.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from kforge.domain.digest import canonical
from kforge.domain.invisible_chars import visible
from kforge.domain.language import listed
from kforge.domain.model.answer_fields import longest
from kforge.domain.model.request import Message, Request
from kforge.domain.secrets.redact import redact, redacted
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.llm import prompt_context, tokens
from kforge.llm.answer_schema import builds, open_fields, ports, schema, starts, worded
from kforge.llm.generic_form import generic_form
from kforge.llm.image_choices import registries
from kforge.llm.line_question import line_form
from kforge.llm.wish_question import wish_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

REVISION = 1  # rises with every change of a template or of what is shown
SEED = 7
_EARLIER = 6000  # characters of a rejected answer that are sent back
_LEAST, _MOST = 1024, 4096  # tokens of an answer
_SMALL = 200  # … to a small question


def prompt(question: Question) -> Request:
    """What a model is asked. Reads through the question's view, so that what it shows is an input of the decision."""
    generic = generic_form(question)
    if generic:
        held = generic.shown(question)
        mark = _mark([question.target, question.earlier, held])
        words = _render(generic.template, {**held, "mark": mark})
        return _request(question, generic.schema(), f"{generic.template}_", words, mark)
    wish = wish_form(question)
    if wish:
        shown = {"settings": wish.settings, "items": [*wish.items], "choices": wish.choices}
        asked = _render("wish", {**shown, "wishes": prompt_context.wishes(question)})
        return _request(question, wish.schema(), "wish_", asked, _mark([question.target, question.earlier]))
    told = line_form(question)
    if told:
        read = {"files": told.files(question), "lines": told.asked()}
        mark = _mark([question.target, question.earlier, read])
        return _request(question, told.schema(), "line_", _render("line", {**read, "mark": mark}), mark)
    form = schema(question)
    parts = _parts(question, form)
    asked = _render("question", {**parts, "topic": question.topic.name, "service": question.view.service})
    return _request(question, form, "", asked, parts["mark"])


def _request(question: Question, form: Mapping[str, Any], kind: str, asked: str, mark: str) -> Request:
    """The messages of a question and of what was refused of it so far. `kind` is how the name of its system message begins."""
    system = f"{kind}system"
    messages = [Message("system", _render(system, {"digest": "", "mark": mark})), Message("user", asked)]
    for text, finding in question.earlier:
        messages.append(Message("assistant", visible(redact(text))[:_EARLIER] or "(nothing)"))
        faults = visible(redact(finding)).split("\n")
        messages.append(Message("user", _render("repair", {"faults": faults, "mark": mark})))
    told = _digest([REVISION, question.attempt, form, [[message.role, message.content] for message in messages]])
    messages[0] = Message("system", _render(system, {"digest": told, "mark": mark}))
    return Request(
        target=question.target,
        messages=tuple(messages),
        schema=form,
        revision=REVISION,
        attempt=question.attempt,
        seed=SEED + question.attempt,
        max_tokens=_SMALL if kind else min(_MOST, max(_LEAST, longest(form) // 2)),
    )


def show(request: Request) -> str:
    """Exactly what would be sent, for people: every message, and its size."""
    head = (
        f"{request.target}: {len(request.messages)} messages, about {tokens.of_request(request)} tokens, at most {request.max_tokens} in answer; "
        f"prompt revision {request.revision}, attempt {request.attempt + 1}, seed {request.seed}"
    )
    body = [f"--- {message.role} ---\n{message.content.rstrip()}" for message in request.messages]
    form = _json(request.schema)
    if any(form in message.content for message in request.messages):
        form = "the schema above, as far as the server can hold an answer to one"
    return "\n\n".join([head, *body, f"--- form of the answer ---\n{form}"]) + "\n"


# ---- parts ----------------------------------------------------------------------------------------------------
def _parts(question: Question, form: Mapping[str, Any]) -> dict[str, Any]:
    """What the question's template is filled with; the mark around what was read cannot stand inside it."""
    parts = {
        "fields": list(open_fields(question)),
        "wishes": prompt_context.wishes(question),
        "spec": prompt_context.spec(question),
        "facts": prompt_context.facts(question),
        "decided": prompt_context.decided(question),
        "choices": _choices(question),
        "excerpts": [{"file": excerpt.file, "lines": excerpt.lines} for excerpt in prompt_context.excerpts(question)],
        "previous": _json(redacted(worded(question, question.previous))) if question.previous else "",
        "usual": _usual(question),
        "schema": _json(form),
    }
    if question.topic.name == BUILD:
        parts["registries"] = ", ".join(registries(question))
    interpreted = listed([each.title for each in question.view.languages if each.interpreted], "and")
    return {**parts, "interpreted": interpreted, "mark": _mark([question.target, parts, question.earlier])}


def _mark(content: Any) -> str:
    """A delimiter that the content cannot contain: it is made of the content's own digest."""
    held = json.dumps(content)
    mark = f"data-{_digest(held)}"
    while mark in held:
        mark = f"data-{_digest(mark + held)}"
    return mark


def _choices(question: Question) -> list[tuple[str, str]]:
    """What may be taken, where the limits name a list. For the topic alone: what is read here is an input."""
    topic = question.topic.name
    if topic == BUILD:
        return _commands("known step", builds(question))
    if topic == PROCESS:
        return [
            *_commands("known start", starts(question)),
            ("known ports", ", ".join(map(str, ports(question))) or "none"),
        ]
    return []


def _commands(name: str, commands: Iterable[list[str]]) -> list[tuple[str, str]]:
    found = dict.fromkeys(prompt_context.encoded(command) for command in commands)
    return [(name, command) for command in list(found)[:8]] or [(name, "none")]


def _usual(question: Question) -> str:
    value, reasons = worded(question, question.baseline.value), question.baseline.reasons
    answer = {"reasons": {name: redact(str(reasons.get(name, ""))) for name in value}, "value": redacted(value)}
    return visible(_json(answer))


def _digest(value: Any) -> str:
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


def _render(name: str, values: Mapping[str, Any]) -> str:
    return _templates().get_template(f"{name}.j2").render(values)

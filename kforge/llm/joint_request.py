"""Several first questions → one request with a part for each; its answer → the text of each part's answer.

Only questions that share a system message stand together: wishes never share a request with lines of a source. Each part
is worded as it is alone. What it shows stays behind marks of its own, made of all the parts, and a wish begins with `>`:
nothing that a part shows can end it or begin another.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.model.answer_fields import record
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Message, Request
from kforge.llm.json_recovery import recover
from kforge.llm.prompt import MOST_TOKENS, REVISION, SEED, digest, mark_of, render
from kforge.llm.small_question import SmallForm, small_form

if TYPE_CHECKING:
    from kforge.domain.model.question import Question


def grouped(questions: Sequence[Question], most: int) -> list[list[int]]:
    """Indices of questions that go into one request, at most so many, in order of their targets. One that no other goes
    with is in no group.
    """
    kinds: dict[str, list[int]] = {}
    for number in sorted(range(len(questions)), key=lambda at: questions[at].target):
        form = small_form(questions[number])
        if form is not None and not questions[number].earlier:
            kinds.setdefault(form.system, []).append(number)
    cut = [many[at : at + most] for _, many in sorted(kinds.items()) for at in range(0, len(many), most)]
    return [group for group in cut if len(group) > 1]


def joined(questions: Sequence[Question]) -> Request:
    """The request that puts several questions, with one system message and one key of the answer for each.

    Raises ValueError where nothing is asked about one of them, or their system messages differ.
    """
    forms = [form for question in questions if (form := small_form(question)) is not None]
    if len(forms) != len(questions) or len({form.system for form in forms}) != 1:
        raise ValueError("these questions do not go together")
    shown = [_shown(form, question) for form, question in zip(forms, questions, strict=True)]
    mark = mark_of([[question.target for question in questions], shown])
    texts = [
        render(form.template, {**part, "mark": f"{mark}-{number}"})
        for number, (form, part) in enumerate(zip(forms, shown, strict=True), start=1)
    ]
    schema = record({key: form.schema() for key, form in zip(_keys(len(forms)), forms, strict=True)})
    user = render("together", {"texts": texts, "keys": _keys(len(forms))})
    told = digest([REVISION, 0, schema, user])
    return Request(
        target=f"{questions[0].target} and {len(questions) - 1} more",
        messages=(Message("system", render(forms[0].system, {"digest": told, "mark": mark})), Message("user", user)),
        schema=schema,
        revision=REVISION,
        seed=SEED,
        max_tokens=MOST_TOKENS * len(questions),
    )


def parted(text: str, number: int) -> tuple[str, ...]:
    """The answer to each of so many questions as the text that it would be alone, "" for one that got none."""
    try:
        said = recover(text, _keys(number))
    except Rejected:
        return ("",) * number
    return tuple(_text(said.get(key)) for key in _keys(number))


def _keys(number: int) -> tuple[str, ...]:
    return tuple(f"question_{at}" for at in range(1, number + 1))


def _shown(form: SmallForm, question: Question) -> dict[str, Any]:
    shown = form.shown(question)
    return {**shown, "wishes": [f"> {wish}" for wish in shown["wishes"]]} if "wishes" in shown else shown


def _text(said: Any) -> str:
    if not isinstance(said, Mapping):
        return ""
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which nothing can keep
        return ""
    return text

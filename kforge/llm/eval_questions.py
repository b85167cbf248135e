"""A project's decisions → the questions by which a model is judged on them: the project's own, and some that kforge makes.

Own wishes are right as far as a rule reads them without doubt, own lines as a person has approved them. Made questions put
plain sentences (eval_sentences.json) to the project's own services, in turn; what is right for them follows from the
sentence: its value for the setting that it speaks of, or nothing for a remark, and for a wish that no model may meet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from kforge.domain.approval import approved
from kforge.domain.digest import canonical
from kforge.domain.lock import LockedDecision
from kforge.domain.model.pending_decision import PendingDecision
from kforge.domain.model.question import Question
from kforge.domain.wishes.heard import unheard
from kforge.domain.wishes.readings import readings
from kforge.errors import InputError
from kforge.llm.answer_schema import asked_fields
from kforge.llm.complete_answer import completed
from kforge.llm.prompt_context import wishes
from kforge.llm.small_answer import worked_in
from kforge.llm.small_question import small_form
from kforge.llm.wish_effects import effect
from kforge.llm.wish_question import MANY, WishForm, change, moving
from kforge.llm.wish_settings import settings

EvalKind = Literal["wish", "fact", "keep", "refuse"]
KINDS: tuple[EvalKind, ...] = ("wish", "fact", "keep", "refuse")
MADE: Mapping[EvalKind, int] = {"wish": 2, "keep": 1, "refuse": 1}  # made questions of a topic
Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """One question to judge by. `truth` says of a decision whether it is right, None where no truth is known."""

    kind: EvalKind
    question: Question
    usual: Value  # the decision where nobody asks for anything
    truth: Callable[[Value], bool] | None
    wish: str = ""  # of a made question

    @property
    def name(self) -> str:
        """`web/build`, or with the sentence that was made: `web/build: It calls ffmpeg.`"""
        return f"{self.question.target}: {self.wish}" if self.wish else self.question.target

    @property
    def topic(self) -> str:
        return self.question.topic.name

    def right(self, value: Value) -> bool | None:
        return self.truth(value) if self.truth else None

    def moved(self, value: Value) -> bool:
        return canonical(value) != canonical(self.usual)


def own_question(question: Question, locked: LockedDecision | None) -> EvalQuestion:
    """A question that a build would ask, with what is known of the right answer."""
    form = small_form(question)
    usual = completed(question, {}) if question.baseline.value else {}
    kind: EvalKind = "wish" if isinstance(form, WishForm) else "fact"
    truth = _as_approved(locked) if locked and approved(locked) else None
    if truth is None and isinstance(form, WishForm):
        truth = _as_read(question, form, usual)
    return EvalQuestion(kind, question, usual, truth)


def made_questions(pending: Sequence[PendingDecision], kinds: Sequence[EvalKind] = KINDS) -> Iterator[EvalQuestion]:
    """A few questions about every topic, put to the services in turn: the same ones for the same project."""
    by_topic: dict[str, list[PendingDecision]] = {}
    for one in sorted(pending, key=lambda each: each.target):
        by_topic.setdefault(one.topic.name, []).append(one)
    turn = 0
    for topic, many in sorted(by_topic.items()):
        for kind in (kind for kind in kinds if kind in MADE):
            rows = iter(_sentences().get(topic, {}).get(kind, ()))
            for _ in range(MADE[kind]):
                turned = [*many[turn % len(many) :], *many[: turn % len(many)]]
                found = next((made for row in rows for one in turned if (made := _made(one, kind, row))), None)
                if found:
                    yield found
                    turn += 1


def _as_approved(locked: LockedDecision) -> Callable[[Value], bool]:
    return lambda value: all(canonical(value.get(name)) == canonical(each) for name, each in locked.value.items())


def _as_read(question: Question, form: WishForm, usual: Value) -> Callable[[Value], bool] | None:
    """Whether a decision gives what a rule reads of the wishes; None where it reads nothing, or a limit stands against it."""
    topic = question.topic.name
    read = {one.field: one for wish in wishes(question) for one in readings(wish) if one.topic == topic}
    if not read:
        return None
    sure = [(item, one) for item, many in form.items.items() if item in form.sure for one in many]
    wanted = [change(question, item, one) for item, one in sure if one in settings(topic)]
    best, refused = worked_in(question, wanted, usual, asked_fields(question))
    if refused or any(unheard(one, {topic: best}) for one in read.values()):
        return None
    return lambda value: not any(unheard(one, {topic: value}) for one in read.values())


def _made(one: PendingDecision, kind: EvalKind, row: Mapping[str, Any]) -> EvalQuestion | None:
    """The first sentence of a row that asks this decision something with more than one answer."""
    for text in row["texts"]:
        try:
            usual = completed(replace(one, view=one.view.wishing(), memo={}).question(), {})
            if "holds" in row and not usual.get(row["holds"]):
                continue
            said = text.format_map(usual)
            view = one.view.wishing(said)
            question = replace(one, view=view, memo={}).question()
        except InputError:  # a decision that even the heuristics leave to the user
            return None
        form = small_form(question) if question.baseline.value else None
        if not isinstance(form, WishForm):
            continue
        if kind != "refuse" and not (form.open and moving(question, form)):  # no answer could be wrong
            continue
        wanted = _wanted(question, form, usual, row) if kind == "wish" else usual
        if wanted is not None:
            return EvalQuestion(kind, question, usual, partial(_same, wanted), said)
    return None


def _same(wanted: Value, value: Value) -> bool:
    return canonical(value) == canonical(wanted)


def _wanted(question: Question, form: WishForm, usual: Value, row: Mapping[str, Any]) -> Value | None:
    """The decision that a sentence asks for; None where it holds already or a limit stands against it."""
    value: Any = None
    for setting in form.choices:
        if setting.name == row["setting"] and "choice" in row:
            value = setting.choices.get(row["choice"])
    for item, many in form.items.items():
        if "choice" not in row and (found := next((each for each in many if each.name == row["setting"]), None)):
            value = [item.of(found.kind)] if found.kind in MANY else item.of(found.kind)
    if value is None:
        return None
    wanted, refused = worked_in(
        question, [partial(effect, question, row["setting"], value)], usual, asked_fields(question)
    )
    return None if refused or canonical(wanted) == canonical(usual) else wanted


@cache
def _sentences() -> dict[str, dict[str, list[dict[str, Any]]]]:
    found: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(
        Path(__file__).with_name("eval_sentences.json").read_text(encoding="utf-8")
    )
    return found

"""The small question about an owner's wishes: which settings of one topic they ask for, and with which values.

It shows the wishes and the settings that their words may mean, and nothing of the source: a model that is shown the usual
answer gives it back. What it says is held to the wish (wish_values.py), worked into the usual decision by code
(wish_effects.py) and held to the same limits as every answer. A value that breaks one is left out and told, so a wish
that cannot be met stops no build.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.model.answer_fields import choice, record, several, text
from kforge.domain.model.question import Rejected
from kforge.domain.spec.refinements import about
from kforge.domain.wishes.heard import Wish, unheard
from kforge.domain.wishes.readings import readings
from kforge.llm.answer_schema import FieldSchemas, asked_fields, spelled
from kforge.llm.conformance import faults
from kforge.llm.json_recovery import recover
from kforge.llm.prompt_context import wishes
from kforge.llm.reasons import reason
from kforge.llm.wish_effects import effect
from kforge.llm.wish_settings import Setting, spoken
from kforge.llm.wish_values import grounded

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.model.question import Question

    Complete = Callable[["Question", Mapping[str, Any]], dict[str, Any]]
    Judge = Callable[["Question", Mapping[str, Any]], Iterator[str]]

NONE = "none of these"
_LONGEST = 24  # characters of an amount
_NAME = 60


def wish_settings(question: Question) -> tuple[Setting, ...]:
    """What the model is asked about the wishes; () where they are about nothing that this topic decides."""
    said = wishes(question)
    if not said:
        return ()
    topic = question.topic.name
    own = [line for line in question.view.refinements(topic) if line.strip()]
    return spoken(topic, said, own, asked_fields(question))


def wish_schema(asked: Sequence[Setting]) -> dict[str, Any]:
    """The form: the settings that are asked for, then a value for each."""
    names = [*(one.name for one in asked), NONE]
    return record({"asksFor": several(choice(*names), len(names), 1), **{one.name: _form(one) for one in asked}})


def read_wish(
    completion: str, question: Question, asked: Sequence[Setting], complete: Complete, judge: Judge
) -> Answer:
    """The usual decision with what the wishes ask for. `complete` fills a decision up, `judge` yields the limits that it breaks.

    Raises Rejected for what is not the form, and where a wish that a rule can read surely is not met: at the first tries.
    """
    found = recover(completion, ("asksFor",))
    wrong = [*faults(found, wish_schema(asked))]
    if wrong:
        raise Rejected("\n".join(wrong[:12]))
    said = wishes(question)
    values = {
        one.name: value
        for one in asked
        if one.name in found["asksFor"] and (value := grounded(one, found[one.name], said)) is not None
    }
    usual = complete(question, {})
    made, refused = _applied(question, values, usual, lambda value: [*judge(question, value)])
    unmet = [*_unmet(question, said, made)]
    if unmet and len(question.earlier) < 2:
        raise Rejected("\n".join(unmet))
    changed = {name for name in made if made[name] != usual.get(name)}
    why = reason(f"the owner wishes: {_shown(said)}")
    told = [f"{question.target}: the wish “{_shown(said)}” is not met: {fault}" for fault in refused]
    if not changed and not refused and values == {} and said[-1] in map(str.strip, question.view.refinements(question.topic.name)):
        told.append(f"{question.target}: the wish “{said[-1]}” changed nothing")
    usually = question.baseline.reasons
    reasons = {name: why if name in changed else usually.get(name, "nothing else can be chosen here") for name in made}
    return Answer(made, reasons, tuple(told))


def _form(setting: Setting) -> Mapping[str, Any]:
    if setting.kind == "choice":
        return choice(*setting.choices)
    if setting.kind in ("folders", "names"):
        return several(text(_NAME), 4, 1)
    return text(_NAME if setting.kind == "path" else _LONGEST)


def _applied(
    question: Question, values: Mapping[str, Any], usual: Mapping[str, Any], judge: Callable[[Mapping[str, Any]], list[str]]
) -> tuple[dict[str, Any], list[str]]:
    """All values together; where that breaks a limit one after the other, without those that do."""
    schemas = asked_fields(question)
    made = dict(usual)
    for name, value in values.items():
        made |= effect(question, name, value, made)
    if not _broken(made, usual, schemas, judge):
        return made, []
    made, refused = dict(usual), []
    for name, value in values.items():
        tried = made | effect(question, name, value, made)
        broken = _broken(tried, usual, schemas, judge)
        refused += broken[:1]
        made = made if broken else tried
    return made, refused


def _broken(
    value: Mapping[str, Any], usual: Mapping[str, Any], schemas: FieldSchemas, judge: Callable[[Mapping[str, Any]], list[str]]
) -> list[str]:
    moved = [name for name in value if value[name] != usual.get(name)]
    if not moved:
        return []
    free = [f"`{name}` leaves nothing to choose here" for name in moved if name not in schemas]
    forms = {name: schemas[name] for name in moved if name in schemas}
    told = {name: spelled(value[name], schema) for name, schema in forms.items()}
    return free or [*faults(told, record(forms))] or judge(value)


def _unmet(question: Question, said: Sequence[str], made: Mapping[str, Any]) -> Iterator[str]:
    """What is sure in the wishes and not in the answer; of several values for one setting the last one counts."""
    topic = question.topic.name
    latest = {one.field: one for text in said for one in readings(about(text)[1])}
    for one in latest.values():
        wish = Wish(question.view.service, "", "", "", None, {topic: made}, 1)
        if one.field.startswith(f"{topic}.") and unheard(wish, one):
            yield f"the wish says “{one.said}”, and no setting has that value"


def _shown(said: Sequence[str]) -> str:
    return said[-1] if len(said) == 1 else "; ".join(said[-3:])

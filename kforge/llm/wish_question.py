"""The small question about an owner's wishes: what each value in them is for, and which of some phrases they ask for.

It shows the wishes and the settings that their words may mean, and nothing of the source: a model that is shown the usual
answer gives it back. What it says is worked into the usual decision by code (wish_effects.py) and held to the same limits
as every answer. A value that breaks one is left out and told, so a wish that cannot be met stops no build.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.model.answer_fields import choice, record
from kforge.domain.model.question import Rejected
from kforge.domain.wishes.heard import unheard
from kforge.domain.wishes.readings import Reading, readings
from kforge.llm.answer_schema import asked_fields
from kforge.llm.complete_answer import completed
from kforge.llm.conformance import faults
from kforge.llm.json_recovery import recover
from kforge.llm.prompt_context import wishes
from kforge.llm.reasons import NO_CHOICE, reason
from kforge.llm.small_answer import worked_in
from kforge.llm.wish_effects import effect
from kforge.llm.wish_settings import WishSetting, spoken
from kforge.llm.wish_values import Item, items

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

ELSE = "something else"
UNSAID = "not said"
_MANY = ("folders", "names", "options")  # kinds whose value is a list
_REPAIRED = 2  # refused answers after which a wish that is not met is told instead


@dataclass(frozen=True, slots=True)
class WishForm:
    """What is asked: values of the wishes with the settings that each may be for, and settings with phrases to choose from."""

    items: Mapping[Item, tuple[WishSetting, ...]]
    choices: tuple[WishSetting, ...]
    sure: frozenset[Item] = frozenset()  # values that a rule reads without doubt: nothing else can be said of them

    def __bool__(self) -> bool:
        return bool(self.items or self.choices)

    @property
    def settings(self) -> tuple[WishSetting, ...]:
        """The settings of the values, each once."""
        return tuple(dict.fromkeys(one for many in self.items.values() for one in many))

    def schema(self) -> dict[str, Any]:
        """Each value and each setting with what can be chosen for it."""
        return record(
            {
                item.key: choice(*(one.name for one in many), *(() if item in self.sure else (ELSE,)))
                for item, many in self.items.items()
            }
            | {one.name: choice(*one.choices, UNSAID) for one in self.choices}
        )


def wish_form(question: Question) -> WishForm:
    """The form about a question's wishes; empty where they are about nothing that this topic decides."""
    said = wishes(question)
    if not said:
        return WishForm({}, ())
    topic = question.topic.name
    own = question.view.told(topic)
    known = spoken(topic, said, own, asked_fields(question))
    fitting = {item: tuple(one for one in known if one.kind in item.kinds) for item in items(said)}
    routes = any("path" in item.kinds for item in fitting)  # who names a route wants it asked
    read = [one for wish in said for one in readings(wish) if one.topic == topic]
    sure = {item: found for item, many in fitting.items() if (found := _surely(item, many, read))}
    return WishForm(
        {item: sure.get(item, many) for item, many in fitting.items() if many},
        tuple(one for one in known if one.choices and not (one.kind == "check" and routes)),
        frozenset(sure),
    )


def _surely(item: Item, many: tuple[WishSetting, ...], read: Sequence[Reading]) -> tuple[WishSetting, ...]:
    """The one setting that a rule reads of the wish for a value without doubt; none where it reads nothing so surely."""
    for reading in read:
        value = str(reading.value).rpartition(" ")[2]  # `python 3.13`
        if str(item.value) == value:
            found = tuple(one for one in many if one.reading == reading.field.partition(".")[2])
            if found:
                return found[:1]
    return ()


def read_wish(completion: str, question: Question, form: WishForm) -> Answer:
    """The usual decision with what the wishes ask for. Raises Rejected for what is not the form, and twice where a wish
    that a rule can read surely is not met.
    """
    schema = form.schema()
    found = recover(completion, tuple(schema["properties"]))
    wrong = [*faults(found, schema)]
    if wrong:
        raise Rejected("\n".join(wrong[:12]))
    said, usual = wishes(question), completed(question, {})
    changes = [partial(effect, question, name, value) for name, value in _values(form, found).items()]
    made, refused = worked_in(question, changes, usual, asked_fields(question))
    unmet = [] if refused else [*_unmet(question, said, made)]
    if unmet and len(question.earlier) < _REPAIRED:
        raise Rejected("\n".join(unmet))
    why, usually = reason(f"the owner wishes: {_shown(said)}"), question.baseline.reasons
    reasons = {name: why if made[name] != usual.get(name) else usually.get(name, NO_CHOICE) for name in made}
    return Answer(made, reasons, tuple(_told(question, said, made != usual, refused)))


def _values(form: WishForm, found: Mapping[str, Any]) -> dict[str, Any]:
    """WishSetting → value. Of several values for one setting the last one counts, as of several wishes."""
    values: dict[str, Any] = {}
    known = {one.name: one for one in form.settings}
    for item in form.items:
        setting = known.get(found[item.key])
        if setting is not None:
            several = setting.kind in _MANY
            values[setting.name] = [*values.get(setting.name, ()), item.value] if several else item.value
    chosen = {one.name: one.choices[found[one.name]] for one in form.choices if found[one.name] != UNSAID}
    return values | chosen


def _unmet(question: Question, said: Sequence[str], made: Mapping[str, Any]) -> Iterator[str]:
    """What is sure in the last wish, which counts most, and not in the answer."""
    topic = question.topic.name
    for one in readings(said[-1]):
        if one.topic == topic and unheard(one, {topic: made}):
            yield f"the wish says “{one.said}”, and the answer does not give it that"


def _told(question: Question, said: Sequence[str], moved: bool, refused: Sequence[str]) -> Iterator[str]:
    """What a person should hear: limits that stood against a wish, and a wish to this topic alone that changed nothing."""
    yield from (f"{question.target}: the wish “{_shown(said)}” is not met: {fault}" for fault in refused)
    own = question.view.told(question.topic.name)
    if own and not moved and not refused:
        yield f"{question.target}: the wish “{own[-1]}” changed nothing"


def _shown(said: Sequence[str]) -> str:
    return "; ".join(said[-3:])

"""The small question about an owner's wishes: what each value in them is for, and which of some phrases they ask for.

It shows the wishes and the settings that their words may mean, and nothing of the source: a model that is shown the usual
answer gives it back. What it says is worked into the usual decision by code (wish_effects.py) and held to the same limits
as every answer. A value that breaks one is left out and told, so a wish that cannot be met stops no build.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.model.answer_fields import choice, record
from kforge.domain.model.question import Rejected
from kforge.domain.wishes.readings import Reading, readings
from kforge.llm.answer_schema import asked_fields
from kforge.llm.complete_answer import completed
from kforge.llm.prompt_context import own_wishes, wishes
from kforge.llm.reasons import NO_CHOICE, reason
from kforge.llm.remarks import said_now
from kforge.llm.small_answer import Change, worked_in
from kforge.llm.unheard_wishes import Unheard, asks, remedy, unheard_sentences
from kforge.llm.wish_effects import effect
from kforge.llm.wish_meanings import meant
from kforge.llm.wish_pins import way
from kforge.llm.wish_settings import WishSetting, chosen, settings, speaks_of
from kforge.llm.wish_values import Item

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

ELSE = "something else"
UNSAID = "not said"
MANY = ("folders", "names", "options")  # kinds whose value is a list
_REPAIRED = 1  # refused answers after which a wish that moves nothing is told instead
_MOST = 8  # values of one question


@dataclass(frozen=True, slots=True)
class WishForm:
    """What is asked: values of the wishes with the settings that each may be for, and settings with phrases to choose from."""

    items: Mapping[Item, tuple[WishSetting, ...]]
    choices: tuple[WishSetting, ...]
    sure: frozenset[Item] = frozenset()  # values that a rule reads without doubt: nothing else can be said of them
    # The settings that count; others are there so that a value which is theirs is not taken for one of these.
    own: frozenset[WishSetting] = frozenset()

    template, system = "wish", "wish_system"

    def __bool__(self) -> bool:
        return bool(self.items or self.choices)

    @property
    def settings(self) -> tuple[WishSetting, ...]:
        """The settings of the values, each once."""
        return tuple(dict.fromkeys(one for many in self.items.values() for one in many))

    def asks_about(self, sentence: str) -> bool:
        """Whether something is asked about a sentence of the wishes."""
        return any(item.words in sentence for item in self.items) or any(
            one.words.search(sentence.lower()) for one in self.choices
        )

    @property
    def open(self) -> bool:
        """Whether an answer has something to choose."""
        return bool(self.items.keys() - self.sure) or any(len(one.choices) > 1 for one in self.choices)

    def schema(self) -> dict[str, Any]:
        """Each value and each setting with what can be chosen for it."""
        return record(
            {
                item.key: choice(*(one.name for one in many), *(() if item in self.sure else (ELSE,)))
                for item, many in self.items.items()
            }
            | {one.name: choice(*one.choices, *((UNSAID,) if len(one.choices) > 1 else ())) for one in self.choices}
        )

    def shown(self, question: Question) -> dict[str, Any]:
        """The wishes, the settings that values may be for, the values, and settings with phrases to choose from."""
        return {
            "wishes": wishes(question),
            "settings": [{"name": one.name, "meaning": one.meaning} for one in self.settings],
            "items": [{"key": item.key, "words": item.words} for item in self.items],
            "choices": [{"name": one.name, "meaning": one.meaning, "choices": [*one.choices]} for one in self.choices],
        }

    def answer(self, said: Mapping[str, Any], question: Question) -> Answer:
        """The usual decision with what the wishes ask for. Raises Rejected once where a wish that this topic alone can
        hear names what could move something, and no setting gets it.
        """
        return _answer(said, question, self)


def wish_form(question: Question) -> WishForm:
    """The form about a question's wishes; empty where they are about nothing that this topic decides."""
    said = wishes(question)
    if not said:
        return WishForm({}, ())
    topic, fields = question.topic.name, asked_fields(question)
    read = [(at, one) for at, wish in enumerate(said) for one in readings(wish)]
    many = meant(question, said, fields)
    sure = {item: one for item, each in many.items() if (one := _surely(each, item, [told for _, told in read]))}
    # Setting → number of the last wish that surely gives it its value.
    taken = {one: max(at for at, each in read if _says(each, one)) for one in sure.values()}
    last = {item: max((at for at, wish in enumerate(said) if item.words in wish), default=0) for item in many}
    asked = {
        item: (sure[item],) if item in sure else tuple(one for one in each if taken.get(one, -1) < last[item])
        for item, each in many.items()
    }
    here = frozenset(one for one in settings(topic) if one.field in fields)
    own = {item: each for item, each in asked.items() if here.intersection(each)}
    routes = {one.field for one in taken if one.kind == "path"}  # who names a route wants it asked
    now = [said_now(wish) for wish in said]
    choices = chosen(topic, now, fields)
    if not (own or choices) and question.view.told(topic):
        choices = tuple(one for one in settings(topic) if one.choices and one.field in fields)
    narrowed = (
        _narrowed(one, [each for _, each in read if each.topic == topic], now)
        for one in choices
        if not (one.kind == "check" and one.field in routes)
    )
    return WishForm(
        dict(list(own.items())[:_MOST]),
        tuple(one for one in narrowed if not _settled(one, own)),
        frozenset(sure),
        here,
    )


def change(question: Question, item: Item, setting: WishSetting) -> Change:
    """What becomes of a decision where a setting gets a value."""
    value = item.of(setting.kind)
    return partial(effect, question, setting.name, [value] if setting.kind in MANY else value)


def moving(question: Question, form: WishForm) -> list[Item | WishSetting]:
    """Values and settings of which an answer can move something here, within the limits."""
    usual, schemas = completed(question, {}), asked_fields(question)

    def moves(made: Change) -> bool:
        return worked_in(question, [made], usual, schemas)[0] != usual

    found: list[Item | WishSetting] = [
        item
        for item, many in form.items.items()
        if any(moves(change(question, item, one)) for one in many if one in form.own)
    ]
    return found + [
        one
        for one in form.choices
        if any(moves(partial(effect, question, one.name, value)) for value in one.choices.values() if value is not None)
    ]


def _settled(setting: WishSetting, own: Mapping[Item, Sequence[WishSetting]]) -> bool:
    """Whether a value is for what a phrase would take away: how often a check asks, how many copies may be missing."""
    if len(setting.choices) == 1 and "none" not in setting.choices.values():
        return False
    timed = {one.field for many in own.values() for one in many if one.kind in ("time", "count", "share")}
    return (setting.kind == "check" and setting.field in timed) or (
        setting.field == "strategy" and not timed.isdisjoint(("surge", "unavailable"))
    )


def _says(reading: Reading, setting: WishSetting) -> bool:
    return reading.topic == setting.topic and reading.name == setting.reading


def _narrowed(setting: WishSetting, read: Sequence[Reading], said: Sequence[str]) -> WishSetting:
    """A setting with the one phrase that a rule reads of the last wish about it without doubt."""
    value = next((one.value for one in reversed(read) if one.name == setting.field), None)
    phrase = next((phrase for phrase, meant in setting.choices.items() if value is not None and meant == value), None)
    if phrase is None:
        last = next((wish for wish in reversed(said) if speaks_of(wish, setting)), "")
        phrase = setting.shown(last.lower())
    return replace(setting, choices={phrase: setting.choices[phrase]}) if phrase else setting


def _surely(many: Sequence[WishSetting], item: Item, read: Sequence[Reading]) -> WishSetting | None:
    """The setting that a rule reads of a wish for a value without doubt."""
    for one in read:
        for setting in many:
            if _says(one, setting) and str(item.value) == str(one.value).rpartition(" ")[2]:  # `python 3.13`
                return setting
    return None


def _answer(found: Mapping[str, Any], question: Question, form: WishForm) -> Answer:
    said, usual, values = wishes(question), completed(question, {}), _values(form, found)
    lost = _lost(question, form, found, said)
    names = ", ".join(one.named for one in lost if one.own)
    if names and len(question.earlier) < _REPAIRED:
        raise Rejected(
            f"the wish asks for something, and no setting gets what it names: {names}; where it is about something else, answer the same again"
        )
    changed = [partial(effect, question, name, value) for name, value in values.items()]
    made, refused = worked_in(question, changed, usual, asked_fields(question))
    why, usually = reason(f"the owner wishes: {_shown(said)}"), question.baseline.reasons
    reasons = {name: why if made[name] != usual.get(name) else usually.get(name, NO_CHOICE) for name in made}
    limits = [
        (_sentence(form, found, name, said), f"{fault}; {way(question, changed[at](usual), usual)}")
        for at, name in enumerate(values)
        if (fault := refused.get(at))
    ]
    told = tuple(_told(question, form, said, made != usual, limits, lost))
    silent = {one.sentence for one in lost if not one.own and asks(one.sentence)}
    return Answer(made, reasons, told, heard=tuple((one, one not in silent) for one in said if form.asks_about(one)))


def _lost(question: Question, form: WishForm, found: Mapping[str, Any], said: Sequence[str]) -> list[Unheard]:
    """The sentences of which an answer gives nothing to a setting, though that would move something."""
    able = moving(question, form)
    known = {one.name for one in form.settings}
    unset = {item: many for item, many in form.items.items() if found[item.key] not in known}
    unsaid = [one for one in form.choices if found[one.name] == UNSAID]
    heard = [item.words for item in form.items if item not in unset]
    chosen = [one for one in form.choices if one not in unsaid]
    heard += [sentence for sentence in said if any(one.words.search(sentence.lower()) for one in chosen)]
    return unheard_sentences(
        question,
        said,
        {item: many for item, many in unset.items() if item in able},
        [one for one in unsaid if one in able],
        heard,
    )


def _values(form: WishForm, found: Mapping[str, Any]) -> dict[str, Any]:
    """WishSetting → value. Of several values for one setting the last one counts, as of several wishes."""
    values: dict[str, Any] = {}
    known = {one.name: one for one in form.settings}
    for item in form.items:
        setting = known.get(found[item.key])
        if setting is not None and setting in form.own:
            several = setting.kind in MANY
            value = item.of(setting.kind)
            values[setting.name] = [*values.get(setting.name, ()), value] if several else value
    chosen = {one.name: one.choices[found[one.name]] for one in form.choices if found[one.name] != UNSAID}
    return values | {name: value for name, value in chosen.items() if value is not None}


def _told(
    question: Question,
    form: WishForm,
    said: Sequence[str],
    moved: bool,
    limits: Sequence[tuple[str, str]],
    lost: Sequence[Unheard],
) -> Iterator[str]:
    """What a person should hear: limits that stand against a wish, and a wish for this topic alone that changed nothing."""
    target, usual, own = question.target, completed(question, {}), own_wishes(question)
    if own and not (moved or limits or lost):
        limits = [(own[-1], fault) for fault in dict.fromkeys(_stands(question, form, usual, own[-1]))]
        if not limits:
            yield f"{target}: the wish “{own[-1]}” changed nothing: it is so already, or no setting fits it"
    yield from (f"{target}: the wish “{sentence}” is not met: {fault}" for sentence, fault in limits)
    for one in lost:
        if one.own:
            todo = remedy(question, one, usual, partial(change, question))
            yield f"{target}: the wish “{one.sentence}” changed nothing: the model takes {one.named} for something else; {todo}"


def _sentence(form: WishForm, found: Mapping[str, Any], name: str, said: Sequence[str]) -> str:
    """The last sentence that gives a setting its value."""
    words = [item.words for item in form.items if found[item.key] == name]
    of = [one for one in said if any(each in one for each in words)]
    return (of or [_shown(said)])[-1]


def _stands(question: Question, form: WishForm, usual: Mapping[str, Any], sentence: str) -> Iterator[str]:
    """The limits that stand against the values of a sentence, for each setting that they may be for."""
    for item, many in form.items.items():
        if item.words not in sentence:
            continue
        own = [one for one in many if one in form.own]
        for made in (change(question, item, one) for one in own):
            _, refused = worked_in(question, [made], usual, asked_fields(question))
            yield from (f"{fault}; {way(question, made(usual), usual)}" for fault in refused.values())


def _shown(said: Sequence[str]) -> str:
    return "; ".join(said[-3:])

"""Which sentences of an owner an answer leaves unheard, though they name what can be set; and what a person is told of them.

A sentence to one decision can be judged there, and so can one to the whole service that only this topic has words for.
Of the others each topic says whether it heard them; the session tells those that no topic heard (model_session.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.invisible_chars import line
from kforge.domain.secrets.redact import redact
from kforge.domain.topic_names import TOPIC_NAMES
from kforge.domain.wishes.heard import asked_for, unheard
from kforge.domain.wishes.readings import readings
from kforge.llm.prompt_context import own_wishes
from kforge.llm.small_answer import Change
from kforge.llm.wish_pins import commands
from kforge.llm.wish_settings import WishSetting, settings
from kforge.llm.wish_values import Item, items

if TYPE_CHECKING:
    from kforge.domain.model.pending_decision import PendingDecision
    from kforge.domain.model.question import Question

_NAMED, _SHOWN = 6, 200  # settings that a message names, and characters of a wish
# What asks for something: a need, or a verb that begins a clause. A remark has neither.
_ASKING = re.compile(
    r"\b(?:needs?|must|should|shall|has to|have to|wants?|would like|please|braucht|benötigt|gib ih[mrn]|bitte|soll|muss|"
    r"nimm|besoin|faut|donne[rz]?|doit|utilise[rz]?|necesita|dale|debe|hace falta|deve|precisa|nodig|moet|geef|"
    r"potrzebuje|musi|нужн\w*|должен|дай)\b|需要|必要|ください|필요|"
    r"(?:^|[.;:,!?]\s|\b(?:and|then|so) )(?:give|let|set|use|take|allow|reserve|wait|run|put|make|keep|install)\b"
)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A sentence of which nothing was heard, with those of its values and settings that could have moved something."""

    sentence: str
    own: bool  # to this topic, or for no other one to hear
    items: Mapping[Item, tuple[WishSetting, ...]]
    choices: tuple[WishSetting, ...]

    @property
    def named(self) -> str:
        """What it names, in its words."""
        return ", ".join((*(item.words for item in self.items), *(one.meaning for one in self.choices)))


def unheard_sentences(
    question: Question,
    said: Sequence[str],
    unset: Mapping[Item, tuple[WishSetting, ...]],
    unsaid: Sequence[WishSetting],
    heard: Sequence[str],
) -> list[Unheard]:
    """The sentences that `unset` values or `unsaid` settings are of, where nothing of them was `heard`, in words that the
    answer gave to a setting.
    """
    topic, own = question.topic.name, {*own_wishes(question)}
    found = []
    for sentence in dict.fromkeys(said):
        low = sentence.lower()
        if any(words.lower() in low for words in heard):
            continue
        values = {item: many for item, many in unset.items() if item.words in sentence}
        choices = tuple(one for one in unsaid if one.words.search(low))
        if values or choices:
            alone = sentence in own or (asks(sentence) and not _elsewhere(topic, sentence))
            found.append(Unheard(sentence, alone, values, choices))
    return found


def asks(sentence: str) -> bool:
    """Whether a sentence asks for something: one that does not may be a remark."""
    return bool(_ASKING.search(sentence.lower()))


def _elsewhere(topic: str, sentence: str) -> bool:
    """Whether a sentence has words and a value, or words with phrases, of a setting of another topic."""
    low, kinds = sentence.lower(), {kind for item in items([sentence]) for kind in item.kinds}
    return any(
        one.words.search(low) and (one.choices or one.kind in kinds)
        for other in TOPIC_NAMES
        if other != topic
        for one in settings(other)
    )


def remedy(
    question: Question, one: Unheard, usual: Mapping[str, Any], change: Callable[[Item, WishSetting], Change]
) -> str:
    """What a person can do: the pin that a rule reads of the sentence, the pins that its values may be, or what a wish to
    this topic can be about.
    """
    topic, service = question.topic.name, question.view.service
    read = (unheard(each, {topic: usual}) for each in readings(one.sentence) if each.topic == topic)
    sure = [each.command(service) or f"pin `services.{service}.{each.pin}`" for each in read if each]
    if sure:
        return f"pin it: {', '.join(f'`{each}`' for each in sure)}"
    maybe = list(_maybe(question, one, usual, change))
    if maybe:
        return f"{'; '.join(maybe[:3])}"
    return about(topic)


def _maybe(
    question: Question, one: Unheard, usual: Mapping[str, Any], change: Callable[[Item, WishSetting], Change]
) -> Iterator[str]:
    for item, many in one.items.items():
        for setting in (one for one in many if one in settings(question.topic.name)):
            made = change(item, setting)(usual)
            pin = commands(question, made, usual) if made else ""
            if pin:
                yield f"if “{item.words}” is the {setting.meaning}, pin it: {pin}"


def about(topic: str) -> str:
    """What a wish to a topic can be about."""
    return f"wishes to `{topic}` can be about: {', '.join(one.meaning for one in settings(topic)[:_NAMED])}"


def unasked(decisions: Iterable[PendingDecision], told: set[str]) -> Iterator[str]:
    """What a person should hear of wishes to decisions about which no model is asked: they name nothing that is open.
    Lines that were `told` are not told again: a run settles anew after a repair.
    """
    for one in decisions:
        for said in one.view.again().told(one.topic.name)[-1:]:
            shown = line(redact(said), _SHOWN)
            text = f"{one.target}: the wish “{shown}” changed nothing: it is not about a value that is open here; {about(one.topic.name)}"
            if text not in told:
                told.add(text)
                yield text


def unheard_by_all(heard: Mapping[tuple[str, str], Mapping[str, bool]]) -> Iterator[str]:
    """A line for each sentence that every decision which was asked about it took for something else."""
    for (service, sentence), by in sorted(heard.items()):
        if any(by.values()):
            continue
        read = filter(None, map(asked_for, readings(sentence)))
        pins = [f"`{each.command(service) or each.pin}`" for each in read]
        todo = (
            f"pin it: {', '.join(pins)}"
            if pins
            else f'give it to one decision: `kforge refine {service}/{min(by)} "…"`'
        )
        yield f"{service}: the wish “{sentence}” changed nothing: {' and '.join(sorted(by))} do not apply it; {todo}"

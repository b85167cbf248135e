"""What the values of an owner's wishes may be for: settings of the topic that is asked about, beside those of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.domain.kubernetes import names
from kforge.llm.prompt_context import own_wishes
from kforge.llm.remarks import against, bounded, said_now
from kforge.llm.wish_settings import WishSetting, chosen, fitting, had, settings
from kforge.llm.wish_values import Item, items

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_COMPILERS = frozenset({"gcc", "g++", "clang", "make", "cmake", "build-essential", "build-base"})
_BARE = frozenset({"count", "number", "share"})  # kinds of a number that may as well be a word of a sentence


def meant(question: Question, said: Sequence[str], fields: Collection[str]) -> dict[Item, tuple[WishSetting, ...]]:
    """The values of the wishes with the settings that each may be for, of every topic that its wish is to; without those
    for which none that is open here can be meant.
    """
    topic, wished = question.topic.name, own_wishes(question)
    own = tuple(one for one in settings(topic) if one.field in fields)
    closed = tuple(one for one in had(names.is_job(question.view)) if one not in own)  # of other topics, or pinned
    mine = tuple(one for one in closed if one.topic == topic)
    phrases = bool(chosen(topic, [said_now(wish) for wish in wished], fields))
    found: dict[Item, tuple[WishSetting, ...]] = {}
    for item in items(said):
        told = any(item.words in wish for wish in wished)
        bare = phrases and _BARE.issuperset(item.kinds)
        many = fitting(item, own, mine if told else closed, told and not bare)
        if many:
            found[item] = _of_packages(item, many) if "names" in item.kinds else many
    return _uncontrasted(_unmistaken(_possible(question, found)))


def _possible(question: Question, found: Mapping[Item, tuple[WishSetting, ...]]) -> dict[Item, tuple[WishSetting, ...]]:
    """Without versions that the language cannot have."""
    language, kept = question.view.language(), dict[Item, tuple[WishSetting, ...]]()
    for item, many in found.items():
        likely = language is None or language.image.near(str(item.value))
        fits = many if likely else tuple(one for one in many if one.kind != "version")
        if fits:
            kept[item] = fits
    return kept


def _unmistaken(found: Mapping[Item, tuple[WishSetting, ...]]) -> dict[Item, tuple[WishSetting, ...]]:
    """Without what a better value stands beside: a `no` that is no number where one is said, “no traffic after two misses”,
    and all but the one that goes `instead`: “ask /ready instead, /live is green too early”.
    """
    kept = dict(found)
    for item, many in found.items():
        rivals = [
            other
            for other, them in found.items()
            if other is not item and {*many} & {*them} and other.sentence == item.sentence
        ]
        single = [one for one in rivals if _denied(item, one)]
        if (item.worded and not single and any(not one.worded for one in rivals)) or any(
            one.instead or _denied(one, item) for one in rivals
        ):
            del kept[item]
    return kept


def _denied(never: Item, one: Item) -> bool:
    """Whether a `never` denies the one that it stands beside: “never start one on top”, but not “never more than one”."""
    return never.worded and one.value == 1 and one.scopes[0] == never.scopes[0] and not bounded(one.scopes[0])


def _uncontrasted(
    found: Mapping[Item, tuple[WishSetting, ...]],
) -> dict[Item, tuple[WishSetting, ...]]:
    """Without values that are named to be outdone: “below 700 MB it is killed, make it 1 GB”."""
    kept = dict(found)
    for item, many in found.items():
        if against(item.scopes[0]) and any(
            {*many} & {*them} and {*other.kinds} & {*item.kinds} and not against(other.scopes[0])
            for other, them in found.items()
            if other is not item
        ):
            del kept[item]
    return kept


def _of_packages(item: Item, found: Sequence[WishSetting]) -> tuple[WishSetting, ...]:
    """Headers and compilers serve a build alone."""
    builds = item.value in _COMPILERS or str(item.value).endswith("-dev")
    only = tuple(one for one in found if one.field == "buildPackages")
    return only if builds and only else tuple(found)

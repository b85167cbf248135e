"""The settings that wishes ask for, in plain words, and which of them a wish may be about: wish_settings.json.

A setting is what an owner speaks of (“time to start”), a field is what a decision holds (`startup`, a probe). For a value
a model chooses among settings whose words stand near it: in its part of the sentence, else in the sentence, else in any
wish, of any topic. Where no word is known it chooses among all that the value fits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from kforge.llm.wish_values import Item

_SHARED = re.compile(r"\{([a-z]+)\}")  # words that several settings have
# Kinds of values that stand in a wish for a reason, with any words around them.
_TELLING = frozenset({"size", "cpu", "time", "options", "path"})
_MEASURED = frozenset({"size", "cpu", "time"})
_DAY = 24 * 3600  # seconds; “every day” is no setting of a program
Kind = Literal[
    "size",
    "cpu",
    "time",
    "count",
    "share",
    "version",
    "path",
    "folders",
    "names",
    "options",
    "distribution",
    "choice",
    "check",
]


@dataclass(frozen=True, slots=True, eq=False)
class WishSetting:
    """`choices` are phrases, by which a small model chooses better than by words of the schema, and what they stand for,
    None for nothing that changes."""

    topic: str
    name: str
    field: str  # of the topic's decision
    kind: Kind
    meaning: str
    words: re.Pattern[str]
    choices: Mapping[str, Any]
    reading: str  # the field of a sure reading (domain.wishes) that gives this setting its value
    over: frozenset[str]  # settings that are not meant where this one's words are there
    always: bool  # whether every value of its kind may be for it, with any words near
    job: bool | None  # whether it is for jobs alone, for services alone, or for both
    signs: Mapping[str, re.Pattern[str]]  # phrase → words with which no other one of `choices` can be meant


def settings(topic: str) -> tuple[WishSetting, ...]:
    """Every setting of a topic."""
    return _table().get(topic, ())


def had(job: bool) -> tuple[WishSetting, ...]:
    """The settings of every topic that jobs, or services, have."""
    return tuple(one for many in _table().values() for one in many if one.job in (None, job))


def fitting(
    item: Item, own: Sequence[WishSetting], other: Sequence[WishSetting], told: bool
) -> tuple[WishSetting, ...]:
    """The settings that a value may be for, of one's own and of others; none where the words near it speak of others alone.

    `told`: its wish is to one topic, so that one of its own settings is meant where no word says which.
    """
    mine, near = _nearest(item, own, len(item.scopes))
    theirs, _ = _nearest(item, other, near + 1)
    if mine and item.alone and _MEASURED.issuperset(item.kinds):
        wide, _ = _nearest(replace(item, scopes=item.scopes[-1:] * 2), own, 1)
        mine = tuple(dict.fromkeys((*mine, *wide)))
    if mine or theirs:
        return (*mine, *theirs) if mine else ()
    fits = tuple(one for one in (*own, *other) if one.kind in item.kinds)
    asked = (
        told
        or item.telling
        or (_TELLING.intersection(item.kinds) and not ("time" in item.kinds and item.value >= _DAY))
    )
    return fits if asked and any(one in own for one in fits) else ()


def _nearest(item: Item, pool: Sequence[WishSetting], scopes: int) -> tuple[tuple[WishSetting, ...], int]:
    """The settings with a word in the nearest of so many scopes of a value, and which scope that is."""
    fits = [one for one in pool if one.kind in item.kinds]
    for near, scope in enumerate(item.scopes[:scopes]):
        found = [one for one in fits if _has(one, scope)]
        if found:
            there = {one.name for one in found}
            more = [one for one in fits if there & one.over and _has(one, item.scopes[min(near + 1, 1)])]
            found = list(dict.fromkeys((*found, *more)))
            lesser = {name for one in found for name in one.over}
            found = [one for one in fits if one.always and one not in found] + found
            return tuple(one for one in found if one.name not in lesser), near
    return tuple(one for one in fits if one.always), scopes


@lru_cache(maxsize=4096)  # of many values the sentence and the wishes are the same
def _has(setting: WishSetting, scope: str) -> bool:
    return bool(setting.words.search(scope))


def chosen(topic: str, wishes: Collection[str], fields: Collection[str]) -> tuple[WishSetting, ...]:
    """The settings with phrases to choose from that wishes have a word of, of those whose field is open."""
    known = (one for one in settings(topic) if one.choices and one.field in fields)
    return tuple(one for one in known if any(one.words.search(wish.lower()) for wish in wishes))


@cache
def _table() -> dict[str, tuple[WishSetting, ...]]:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    shared = data.pop("words")
    return {
        topic: tuple(
            WishSetting(
                topic,
                row["name"],
                row["field"],
                row["kind"],
                row["meaning"],
                _spelled(row["words"], shared),
                row.get("choices", {}),
                row.get("reading", row["field"]),
                frozenset(row.get("over", ())),
                row.get("always", False),
                row.get("job"),
                {phrase: _spelled(sign, shared) for phrase, sign in row.get("signs", {}).items()},
            )
            for row in rows
        )
        for topic, rows in data.items()
    }


def _spelled(words: str, shared: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern with the shared words in the place of their names."""
    return re.compile(_SHARED.sub(lambda found: shared[found[1]], words))

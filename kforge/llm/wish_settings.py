"""The settings that wishes ask for, in plain words, and which of them a wish may be about: wish_settings.json.

A setting is what an owner speaks of (“time to start”), a field is what a decision holds (`startup`, a probe). For a value
a model chooses among settings whose words stand near it: in its part of the sentence, else in the sentence, else in any
wish, of any topic. Where no word is known it chooses among those whose examples (wish_examples.json) are most alike.
"""

from __future__ import annotations

import json
import re
from bisect import bisect, bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from kforge.llm.likeness import Likeness, grams
from kforge.llm.remarks import SENTENCE, negated
from kforge.llm.wish_examples import REMARK, examples
from kforge.llm.wish_values import Item, items

_SHARED = re.compile(r"\{([a-z]+)\}")  # words that several settings have
# Kinds of values that stand in a wish for a reason, with any words around them.
_TELLING = frozenset({"size", "cpu", "time", "options", "path"})
_LEAST_LEAD = 500  # of nine in ten examples the first label leads one of the middle by so much a run
_WORDLESS = 20  # runs of letters of `x 90 s`, around which no word tells anything
_LONGEST = 1000  # characters around a value that say what it is for
_UNLIKE = -(10**9)  # of a setting without examples
# Settings that are shown for a value, and by how much a run of letters one may be less likely than the first.
_MOST, _NEAR = 4, 500
_MEASURED = frozenset({"size", "cpu", "time"})
_VALUED = frozenset({"size", "cpu", "time", "count", "share"})
_DAY = 24 * 3600  # seconds; “every day” is no setting of a program
_ENDS = re.compile(
    r"[,;:.!?](?=\s|$)|[，。、；：]| (?:and|but|und|aber|et|mais|y|pero|e|ma|mas|en|maar|i|ale|и|а|но) "
)  # of a part of a sentence
Kind = Literal[
    "size",
    "cpu",
    "time",
    "count",
    "number",
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

    @property
    def label(self) -> str:
        """Its name among the examples."""
        return f"{self.topic}.{self.name}"

    def shown(self, said: str) -> str | None:
        """The one phrase of which a sign stands in a wish in lower case; None where there are several, or none."""
        found = [phrase for phrase, sign in self.signs.items() if _shows(sign, said)]
        return found[0] if len(found) == 1 else None


def settings(topic: str) -> tuple[WishSetting, ...]:
    """Every setting of a topic."""
    return _table().get(topic, ())


def had(job: bool | None) -> tuple[WishSetting, ...]:
    """The settings of every topic that jobs, or services, have; None: that either has."""
    return tuple(one for many in _table().values() for one in many if job is None or one.job in (None, job))


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
    if not asked or not any(one in own for one in fits):
        return ()
    likeliest = _ranked(item, fits)
    if any(one in own for one in likeliest) or not told:
        return likeliest
    return (*likeliest, _ranked(item, [one for one in fits if one in own])[0])


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


def _ranked(item: Item, fits: Sequence[WishSetting]) -> tuple[WishSetting, ...]:
    """The likeliest of some settings, first the one whose examples are most like what stands around a value."""
    like, runs = _like(item.scopes)
    if runs < _WORDLESS:
        return tuple(fits)
    ranked = sorted(fits, key=lambda one: -like.get(one.label, _UNLIKE))
    best = like.get(ranked[0].label, _UNLIKE)
    return tuple(one for one in ranked[:_MOST] if (best - like.get(one.label, _UNLIKE)) // runs <= _NEAR)


@lru_cache(maxsize=512)
def _like(scopes: tuple[str, ...]) -> tuple[Mapping[str, int], int]:
    """How much what stands around a value is like the examples of each setting, the nearest counting most, and by how many
    runs of letters that is told.
    """
    every: Counter[str] = Counter()
    read = [scope for scope in scopes if len(scope) <= _LONGEST]
    for scope in read:
        every.update(_scores(scope))
    return every, sum(len(grams(scope)) for scope in read)


@lru_cache(maxsize=512)
def _scores(text: str) -> Mapping[str, int]:
    return likeness().scores(text)


@cache
def likeness() -> Likeness:
    """Learned from the examples of each setting."""
    return Likeness((text, label) for label, text in examples() if label != REMARK)


@lru_cache(maxsize=4096)  # of many values the sentence and the wishes are the same
def _has(setting: WishSetting, scope: str) -> bool:
    return bool(setting.words.search(scope))


def chosen(topic: str, wishes: Collection[str], fields: Collection[str]) -> tuple[WishSetting, ...]:
    """The settings with phrases to choose from that wishes speak of, of those whose field is open."""
    known = (one for one in settings(topic) if one.choices and one.field in fields)
    return tuple(one for one in known if any(speaks_of(wish, one) for wish in wishes))


def speaks_of(wish: str, setting: WishSetting) -> bool:
    """Whether a wish has a word of a setting with phrases, or a sentence without any value that is like its examples more
    than any other's.
    """
    return bool(setting.words.search(wish.lower())) or any(_alike(sentence, setting) for sentence in _parts(wish))


@lru_cache(maxsize=512)
def _rivals(sentence: str) -> Mapping[str, int]:
    """How much a sentence without any value is like the examples of each setting that it may be about; empty where it has
    one, or is like the examples of none.
    """
    scores = _scores(sentence)
    ranked = sorted(scores.values(), reverse=True)
    kinds = {kind for item in items([sentence]) for kind in item.kinds}
    clear = ranked[0] - ranked[len(ranked) // 4] >= _LEAST_LEAD * len(grams(sentence))
    if not clear or _VALUED & kinds:
        return {}
    without = {one.label for one in had(None) if not one.choices and one.kind not in kinds}
    return {label: score for label, score in scores.items() if label not in without}


def _alike(sentence: str, setting: WishSetting) -> bool:
    rivals = _rivals(sentence)
    own = max(rivals.get(f"{setting.label}: {phrase}", _UNLIKE) for phrase in setting.choices)
    return bool(rivals) and own >= max(rivals.values())


def _parts(wish: str) -> tuple[str, ...]:
    sentences = [found[0] for found in SENTENCE.finditer(wish) if found[0].strip()]
    return tuple(dict.fromkeys((*sentences, wish))) if 1 < len(sentences) < 4 else tuple(sentences)


def _shows(sign: re.Pattern[str], said: str) -> bool:
    """Whether a sign stands in a wish, and nothing beside it in its part of the sentence denies it: “never log at debug”."""
    ends = [0, *(end.end() for end in _ENDS.finditer(said)), len(said)]
    for found in sign.finditer(said):
        begin, end = ends[bisect(ends, found.start()) - 1], ends[bisect_left(ends, found.end())]
        if not negated(f"{said[begin : found.start()]} … {said[found.end() : end]}"):
            return True
    return False


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
